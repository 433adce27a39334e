/** S3's refusals, in the store's words. */
import { nameOf, storeErrorFor, type Doing } from "../shared/http-error.ts";

export function translate(cause: unknown, doing: Doing, key: string): unknown {
  const { name, $metadata } = cause as { name?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  // Without an answer the class is a stand-in ("Error"); the system's own code lies beneath it.
  return storeErrorFor({ doing, key, status, name: status === undefined ? nameOf(cause) : name, cause });
}

export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}

export function isAbsent(error: unknown): boolean {
  const { name } = error as { name?: string };
  return statusOf(error) === 404 && name !== "NoSuchBucket";
}
