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
  | "keys.damaged"
  /** An address that names no key of a service this program knows. */
  | "keys.bad_address"
  /** This host has no credentials for the key service, or the service does not accept them. */
  | "keys.no_credentials"
  /** The service knows who asks and does not allow it. */
  | "keys.denied"
  /** The key is disabled, pending deletion, expired or not yet valid. */
  | "keys.disabled"
  /** The service asks to be asked more slowly. */
  | "keys.throttled"
  /** The service cannot be reached or fails. */
  | "keys.unreachable"
  /** A split that no person could use: fewer than two shares, a threshold above the number of shares. */
  | "keys.bad_split"
  /** A share was mistyped or altered. */
  | "keys.share_damaged"
  /** Shares that were not made together. */
  | "keys.share_foreign"
  | "keys.shares_too_few";

export class KeyError extends Error {
  override readonly name = "KeyError";
  readonly code: KeyErrorCode;
  /** "later": the same call may succeed when tried again. */
  readonly retry: "never" | "later";
  constructor(code: KeyErrorCode, message: string, options: { cause?: unknown; retry?: "never" | "later" } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? (code === "keys.throttled" || code === "keys.unreachable" ? "later" : "never");
  }
}
