/** What can go wrong with a ledger while it is used. Verification does not throw: it answers findings with the same codes. */
export type LedgerErrorCode =
  /** A tile, bundle or checkpoint is missing or is not what it was when it was written. */
  | "ledger.damaged"
  /** A checkpoint's signature is not by the vault's key. */
  | "ledger.bad_signature"
  /** The ledger is shorter than a checkpoint that was seen before. */
  | "ledger.rolled_back"
  /** The ledger's history is not the one a checkpoint was signed over. */
  | "ledger.forked"
  /** An entry that the format cannot hold. */
  | "ledger.bad_entry"
  /** The ledger was opened without a signing key. */
  | "ledger.no_signer"
  /** Other writers were faster too many times in a row. */
  | "ledger.contended";

export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: LedgerErrorCode;
  readonly retry: "never" | "later";
  constructor(code: LedgerErrorCode, message: string, options: { cause?: unknown; retry?: "never" | "later" } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? "never";
  }
}
