/**
 * Which errors are an outcome and which are a broken promise. The families of the lower floors (VaultError, StoreError, SourceError,
 * LedgerError) carry a stable code and end a run with it; anything else is a fault of ours, recorded as "unexpected" and thrown on.
 */

export interface Failure {
  readonly code: string;
  /** "later": the same run may succeed when tried again. */
  readonly retry: "never" | "later";
  /** The stored object concerned, when one is. */
  readonly object?: string;
}

const FAMILIES = /^(vault|store|source|ledger|keys|drill|snapshot|access|custody|restore)\.[a-z_]+$/;

/** Null: not one of ours. */
export function failureOf(error: unknown): Failure | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string" || !FAMILIES.test(error.code)) return null;
  const retry = "retry" in error && error.retry === "later" ? "later" : "never";
  const object = "object" in error && typeof error.object === "string" ? error.object : undefined;
  return { code: error.code, retry, ...(object === undefined ? {} : { object }) };
}

/** A run that cannot go on, with its code. Thrown and caught inside a workflow; never leaves one. */
export class RunFailed extends Error {
  override readonly name = "RunFailed";
  readonly code: string;
  readonly retry: "never" | "later";
  constructor(code: string, message: string, retry: "never" | "later" = "never") {
    super(message);
    this.code = code;
    this.retry = retry;
  }
}
