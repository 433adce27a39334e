/** Runs the list against one store and cleans up: what "Test this storage" shows, line by line. */
import { createHash } from "node:crypto";
import type { ObjectStore } from "#app/vault/index.ts";
import { CHECKS, CheckFailed, type Check } from "./checks.ts";

export interface CheckOutcome {
  readonly name: string;
  readonly passed: boolean;
  /** What was expected and what was found, or the store's own error. */
  readonly detail?: string;
}

export interface CheckedStore {
  readonly store: ObjectStore;
  /** A second connection to the same storage. */
  reopen(): Promise<ObjectStore>;
  /** Unique to this run, of the alphabet of keys, without "/" at its end. */
  readonly run: string;
}

export async function runCheck(check: Check, { store, reopen, run }: CheckedStore): Promise<void> {
  const prefix = `storage-test/${run}/${CHECKS.indexOf(check)}/`;
  try {
    await check.run({ store, reopen, prefix, bytes: patternBytes });
  } finally {
    const left: string[] = [];
    for await (const { key } of store.list(prefix)) left.push(key);
    // A lock that outlives the check is the storage's right; it frees the object by itself.
    for (const key of left) if (!key.endsWith("/locked")) await store.remove(key);
  }
}

/** Every check, one after the other, whether or not an earlier one passed. */
export async function* runChecks(checked: CheckedStore): AsyncGenerator<CheckOutcome> {
  for (const check of CHECKS) {
    try {
      await runCheck(check, checked);
      yield { name: check.name, passed: true };
    } catch (error) {
      const detail = error instanceof CheckFailed || error instanceof Error ? error.message : String(error);
      yield { name: check.name, passed: false, detail };
    }
  }
}

/** Bytes that do not repeat within `length` and are the same for the same seed. */
function patternBytes(length: number, seed: number): Uint8Array {
  return new Uint8Array(createHash("shake256", { outputLength: length }).update(`storage test ${seed}`).digest());
}
