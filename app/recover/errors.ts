/** What stops a recovery before it has begun, or where its results should go. Damage in the vault is never an error here: it is reported. */
export type RecoverErrorCode =
  /** Wrong arguments. */
  | "recover.usage"
  /** Results of an earlier recovery stand where the new ones should go. */
  | "recover.out_exists"
  | "recover.out_failed"
  /** A passphrase is needed, and there is no terminal to ask at. */
  | "recover.no_terminal"
  | "recover.interrupted";

export class RecoverError extends Error {
  override readonly name = "RecoverError";
  readonly code: RecoverErrorCode;
  constructor(code: RecoverErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
  }
}
