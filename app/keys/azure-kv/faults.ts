/** What Azure Key Vault and its SDK call their errors, as ours. Their messages name tenants and keys, so they stay in the cause. */
import { KeyError } from "../errors.ts";

interface Answered {
  readonly statusCode: number | undefined;
  readonly name: string;
  /** error.code and error.innererror.code of the answer. */
  readonly codes: readonly string[];
  readonly outOfDate: boolean;
}

function answered(cause: unknown): Answered {
  const error = cause as { name?: unknown; statusCode?: unknown; code?: unknown; message?: unknown; details?: { error?: { code?: unknown; innerError?: { code?: unknown } } } } | null;
  const inner = error?.details?.error;
  return {
    statusCode: typeof error?.statusCode === "number" ? error.statusCode : undefined,
    name: typeof error?.name === "string" ? error.name : "",
    codes: [error?.code, inner?.code, inner?.innerError?.code].filter((code) => typeof code === "string"),
    // The SDK looks at the key's dates by itself, before it asks, and throws a plain error.
    outOfDate: typeof error?.message === "string" && /^Key \S+ (?:expired at|can't be used before) /.test(error.message),
  };
}

/** A ciphertext that the key does not open is answered with 400 and BadParameter. */
export function isBadCiphertext(cause: unknown): boolean {
  const { statusCode, codes } = answered(cause);
  return statusCode === 400 && codes.includes("BadParameter");
}

export function azureFault(cause: unknown): KeyError {
  const { statusCode, name, codes, outOfDate } = answered(cause);
  const fault = (code: ConstructorParameters<typeof KeyError>[0], message: string) => new KeyError(code, message, { cause });
  if (/Authentication|Credential/.test(name) || statusCode === 401) return fault("keys.no_credentials", "There are no Azure credentials on this host that Key Vault accepts.");
  if (outOfDate) return fault("keys.disabled", "The key in Key Vault is expired or not yet valid.");
  if (statusCode === 403 && codes.some((code) => /^Key(Disabled|Expired|NotYetValid)$/.test(code))) return fault("keys.disabled", "The key in Key Vault is disabled, expired or not yet valid.");
  if (statusCode === 403) return fault("keys.denied", "Key Vault does not allow this use of the key.");
  if (statusCode === 404) return fault("keys.not_found", "Key Vault knows no such key.");
  if (statusCode === 409) return fault("keys.disabled", "The key in Key Vault is deleted or about to be.");
  if (statusCode === 429) return fault("keys.throttled", "Key Vault asks to be asked more slowly.");
  if (statusCode === 400) return fault("keys.unsupported", "Key Vault does not take that request.");
  return fault("keys.unreachable", "Key Vault cannot be reached, or fails.");
}
