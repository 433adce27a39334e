/** A service's or a network's refusal, in the store's words. Adapters bring the status and the service's own name for the error. */
import { StoreError } from "#app/vault/index.ts";

export type Doing = "write" | "read" | "list" | "remove";

export interface Refusal {
  readonly doing: Doing;
  /** Key, or prefix of a listing. */
  readonly key: string;
  /** HTTP status, when there was an answer. */
  readonly status?: number | undefined;
  /** "AccessDenied", "ECONNRESET" … */
  readonly name?: string | undefined;
  readonly cause: unknown;
}

/** Names of node and of the services' libraries for "nobody answered, or not to the end". */
const BROKEN = /^(?:ECONN(?:REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|ESOCKETTIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN|ERR_STREAM_PREMATURE_CLOSE|ERR_SOCKET_CLOSED|TimeoutError|RequestTimeout|RequestTimeoutException|NetworkingError|REQUEST_SEND_ERROR|PARSE_ERROR|UND_ERR_\w+|AbortError|ERR_BAD_RESPONSE|HPE_\w+)$/;
const NO_CREDENTIALS = /^(?:CredentialsProviderError|TokenProviderError|CredentialUnavailableError|AggregateAuthenticationError|AuthenticationRequiredError|ProviderError)$/;

export function storeErrorFor({ doing, key, status, name, cause }: Refusal): unknown {
  if (cause instanceof StoreError) return cause;
  const what = `Cannot ${doing} ${key === "" ? "the storage" : key}: `;
  const said = name === undefined ? "" : ` (${name})`;
  const later = (code: "store.unreachable" | "store.failed" | "store.no_space", why: string) => new StoreError(code, `${what}${why}${said}.`, { cause, retry: "later" });
  const never = (code: "store.refused" | "store.bad_address" | "store.failed", why: string) => new StoreError(code, `${what}${why}${said}.`, { cause });
  if (name !== undefined && NO_CREDENTIALS.test(name)) return never("store.refused", "there are no credentials for it");
  if (name !== undefined && /^(?:NoSuchBucket|ContainerNotFound|BucketNotFound)$/.test(name)) return never("store.bad_address", "the bucket or container does not exist");
  if (name !== undefined && /^(?:QuotaExceeded|ServerStorageFull|InsufficientStorage)/.test(name)) return later("store.no_space", "the storage is full");
  if (status === undefined) {
    if (name !== undefined && BROKEN.test(name)) return later("store.unreachable", "the connection broke or could not be made");
    if (name !== undefined && /^(?:CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/.test(name)) return never("store.refused", "the server's certificate cannot be trusted");
    return never("store.failed", "the storage's library failed");
  }
  if (status === 401 || status === 403) return never("store.refused", "these credentials may not");
  if (status === 301 || status === 307 || status === 308) return never("store.bad_address", "the bucket lies in another region");
  if (status === 507) return later("store.no_space", "the storage is full");
  if (status === 408 || status === 429 || status >= 500) return later("store.failed", `the storage is busy or broken, HTTP ${status}`);
  return never("store.failed", `the storage answered HTTP ${status}`);
}

/** The name by which a thrown thing says what it is: a system's code, a service's, or its class. */
export function nameOf(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; typeof at === "object" && at !== null && depth < 4; at = (at as { cause?: unknown }).cause, depth++) {
    const { code, name } = at as { code?: unknown; name?: unknown };
    if (typeof code === "string" && code !== "") return code;
    if (typeof name === "string" && name !== "Error" && name !== "TypeError") return name;
  }
  return undefined;
}
