/** The one place where an error's stable code becomes an HTTP status. A code that is missing here does not compile. */
import type { AccessRefusal } from "#app/access/index.ts";
import type { KeyErrorCode } from "#app/keys/index.ts";
import type { LedgerErrorCode } from "#app/ledger/index.ts";
import type { SourceErrorCode } from "#app/sources/port.ts";
import type { StoreErrorCode, VaultErrorCode } from "#app/vault/index.ts";
import type { DatabaseErrorCode } from "./database/database-error.ts";
import type { RequestErrorCode } from "./request-error.ts";
import type { ShopifyErrorCode } from "./shopify/shopify-error.ts";

export type KnownErrorCode =
  | RequestErrorCode
  | AccessRefusal
  | VaultErrorCode
  | StoreErrorCode
  | SourceErrorCode
  | LedgerErrorCode
  | KeyErrorCode
  | ShopifyErrorCode
  | DatabaseErrorCode
  | "seal.cannot_open";

/** The status for a code; 500 for anything that is not ours. */
export function statusOf(code: KnownErrorCode): number {
  switch (code) {
    // What was asked for cannot be done as asked: say it differently.
    case "request.invalid":
    case "store.bad_key":
    case "store.bad_address":
    case "store.diverged":
    case "store.lock_unsupported":
    case "store.read_only":
    case "source.bad_address":
    case "source.schema_mismatch":
    case "vault.bad_recipient":
    case "vault.last_recipient":
    case "vault.not_a_recipient":
    case "vault.bad_record":
    case "vault.unsupported_format":
    case "vault.read_only":
    case "vault.ambiguous_snapshot":
    case "vault.no_key":
    case "keys.not_a_key":
    case "keys.recipient_not_identity":
    case "keys.identity_not_recipient":
    case "keys.unsupported":
    case "keys.passphrase_wrong":
    case "keys.passphrase_empty":
    case "keys.passphrase_needed":
    case "keys.bad_address":
    case "keys.bad_split":
    case "keys.share_damaged":
    case "keys.share_foreign":
    case "keys.shares_too_few":
    case "ledger.bad_entry":
      return 422;
    case "request.unauthenticated":
    case "shop.not_connected":
      return 401;
    case "request.refused":
    case "access.other_shop":
    case "access.not_for_you":
    case "access.not_a_responder":
    case "access.not_an_approver":
    case "access.same_person":
    case "access.no_app_there":
    case "access.not_invited":
    case "access.invitation_over":
    case "store.refused":
    case "source.unauthorized":
    case "keys.denied":
    case "keys.disabled":
    case "keys.no_credentials":
      return 403;
    case "request.not_found":
    case "source.not_found":
    case "vault.not_found":
    case "vault.no_such_snapshot":
    case "keys.not_found":
      return 404;
    case "request.wrong_method":
      return 405;
    // Something else is in the way, or was here first.
    case "request.conflict":
    case "store.locked":
    case "source.cancelled":
    case "vault.exists":
    case "vault.wrong_keys":
    case "vault.overtaken":
    case "vault.writer_closed":
    case "keys.exists":
    case "ledger.contended":
    case "vault.recipients_contended":
    case "vault.journal_contended":
    case "vault.journal_rolled_back":
      return 409;
    case "request.too_large":
      return 413;
    case "source.throttled":
    case "keys.throttled":
      return 429;
    // Somebody else's machine did not do its part.
    case "source.unreachable":
    case "store.unreachable":
    case "source.failed":
    case "store.failed":
    case "keys.unreachable":
      return 502;
    case "store.no_space":
    case "vault.no_scratch":
      return 507;
    // What is kept is not what it was, or this host is not in order.
    case "vault.damaged_object":
    case "vault.missing_object":
    case "vault.recipients_rolled_back":
    case "ledger.damaged":
    case "ledger.bad_signature":
    case "ledger.rolled_back":
    case "ledger.forked":
    case "ledger.no_signer":
    case "keys.damaged":
    case "keys.not_written":
    case "seal.cannot_open":
    case "database.no_binaries":
    case "database.not_started":
    case "database.other_version":
    case "database.busy":
    case "database.migration_changed":
    case "database.migration_failed":
    case "database.newer_schema":
    case "request.failed":
      return 500;
    default:
      code satisfies never;
      return 500;
  }
}

const CODE = /^[a-z][a-z-]*(?:\.[a-z][a-z_]*)+$/;

/** The stable dotted code an error carries, or null when it carries none. */
export function codeOf(error: unknown): KnownErrorCode | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  const { code } = error;
  return typeof code === "string" && CODE.test(code) ? (code as KnownErrorCode) : null;
}
