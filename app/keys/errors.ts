/** What can be wrong with a key file or a wrapped key. Codes are stable (docs/errors.md); messages never hold key material. */
export type KeyErrorCode =
  /** The file is not there or may not be read. */
  | "keys.not_found"
  /** Something stands where a new key file should go. */
  | "keys.exists"
  /** The file could not be written. */
  | "keys.not_written"
  /** The file holds no key of any form this program knows. */
  | "keys.not_a_key"
  /** A public half was given where the private one is needed. */
  | "keys.recipient_not_identity"
  /** A private half was given where the public one belongs. */
  | "keys.identity_not_recipient"
  /** A key of a type, or a length, that nothing may be sealed to. */
  | "keys.unsupported"
  | "keys.passphrase_needed"
  | "keys.passphrase_empty"
  /** The passphrase does not open the file: it is another one, or the file is damaged. The two cannot be told apart. */
  | "keys.passphrase_wrong"
  /** The file or the wrapped key is not what it was when it was written. */
  | "keys.damaged";

export class KeyError extends Error {
  override readonly name = "KeyError";
  readonly code: KeyErrorCode;
  readonly retry = "never";
  constructor(code: KeyErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
  }
}
