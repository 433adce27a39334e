/** How the vault says that a promise cannot be kept. Codes are stable (docs/errors.md); messages never hold record contents. */

export type VaultErrorCode =
  /** createVault: there is a vault at this address already. */
  | "vault.exists"
  /** There is no vault.json at this address. */
  | "vault.not_found"
  /** The host keys (or the identity) belong to another vault. */
  | "vault.wrong_keys"
  /** None of the given identities opens the key that is needed. */
  | "vault.no_key"
  /** Written by a newer format than this program reads. */
  | "vault.unsupported_format"
  /** An object's bytes are not what they were when they were written. The message names the object. */
  | "vault.damaged_object"
  /** An object that a snapshot needs is not there. The message names the object. */
  | "vault.missing_object"
  /** No snapshot answers to this reference. */
  | "vault.no_such_snapshot"
  /** Several snapshots answer to this reference. */
  | "vault.ambiguous_snapshot"
  /** A recipient's key is of a kind, or too short, to seal to. */
  | "vault.bad_recipient"
  /** A rotation would leave nobody who can open the vault. */
  | "vault.last_recipient"
  /** The key that shall be removed never was a recipient's. */
  | "vault.not_a_recipient"
  /** The store serves an older list of recipients than the newest snapshot was sealed to: the newer one was withheld or removed. */
  | "vault.recipients_rolled_back"
  /** Another program changed the recipients at the same time. */
  | "vault.recipients_contended"
  /** A record whose kind, id or parent id the format cannot hold (empty, NUL inside, longer than 4096 bytes), or bytes beyond 64 MiB. */
  | "vault.bad_record"
  /** The snapshot writer was used after commit, abort or an earlier failure. */
  | "vault.writer_closed"
  /** A prune is about to remove what this run relies on: the run took longer than the prune's grace. */
  | "vault.overtaken"
  /** Another program wrote the journal's next segment: read it and go on behind it. */
  | "vault.journal_contended"
  /** The store lacks a segment of the journal that this host has written: the storage was set back, or somebody removed it. */
  | "vault.journal_rolled_back"
  /** The vault was opened without what writing takes. */
  | "vault.read_only"
  /** This machine's room for what does not fit in memory is full, or may not be written. Nothing stored is concerned. */
  | "vault.no_scratch";

export class VaultError extends Error {
  override readonly name = "VaultError";
  readonly code: VaultErrorCode;
  /** "later": the same call may succeed when tried again. */
  readonly retry: "never" | "later";
  /** The object concerned, when there is one. */
  readonly object: string | undefined;
  constructor(code: VaultErrorCode, message: string, options: { retry?: "never" | "later"; cause?: unknown; object?: string } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? "never";
    this.object = options.object;
  }
}

export function damaged(object: string, what: string, cause?: unknown): VaultError {
  return new VaultError("vault.damaged_object", `${object} is damaged: ${what}`, { object, cause });
}

export function missing(object: string): VaultError {
  return new VaultError("vault.missing_object", `${object} is missing from the store`, { object });
}
