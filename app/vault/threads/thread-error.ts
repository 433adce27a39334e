/** Errors across threads: a VaultError must arrive as one, with its code. */
import { VaultError } from "../errors.ts";
import type { VaultErrorCode } from "../errors.ts";

export interface DescribedError {
  readonly message: string;
  readonly stack?: string;
  readonly vault?: { readonly code: VaultErrorCode; readonly retry: "never" | "later"; readonly object?: string };
}

export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { message: String(error) };
  const stack = error.stack === undefined ? {} : { stack: error.stack };
  if (!(error instanceof VaultError)) return { message: error.message, ...stack };
  return { message: error.message, ...stack, vault: { code: error.code, retry: error.retry, ...(error.object === undefined ? {} : { object: error.object }) } };
}

export function rebuildError(described: DescribedError): Error {
  const { message, stack, vault } = described;
  const error = vault === undefined ? new Error(message) : new VaultError(vault.code, message, { retry: vault.retry, ...(vault.object === undefined ? {} : { object: vault.object }) });
  if (stack !== undefined) error.stack = stack;
  return error;
}
