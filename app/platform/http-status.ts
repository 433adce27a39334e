/** The one place where an error's stable code becomes an HTTP status. A code that is missing here does not compile. */
import type { SourceErrorCode } from "#app/sources/port.ts";
import type { StoreErrorCode } from "#app/vault/object-store.ts";
import type { RequestErrorCode } from "./request-error.ts";

export type KnownErrorCode = StoreErrorCode | SourceErrorCode | RequestErrorCode;

/** The status for a code; 500 for anything that is not ours. */
export function statusOf(code: KnownErrorCode): number {
  switch (code) {
    case "request.invalid":
    case "store.bad_key":
    case "store.bad_address":
    case "source.bad_address":
      return 422;
    case "request.unauthenticated":
      return 401;
    case "request.refused":
    case "store.refused":
    case "source.unauthorized":
      return 403;
    case "request.not_found":
    case "source.not_found":
      return 404;
    case "request.wrong_method":
      return 405;
    case "request.conflict":
    case "store.locked":
    case "source.cancelled":
      return 409;
    case "request.too_large":
      return 413;
    case "source.throttled":
      return 429;
    case "store.lock_unsupported":
    case "store.read_only":
    case "source.schema_mismatch":
      return 422;
    case "source.unreachable":
    case "store.unreachable":
    case "source.failed":
    case "store.failed":
      return 502;
    case "store.no_space":
      return 507;
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
