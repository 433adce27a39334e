/** Runs the list against one store and cleans up: what "Test this storage" shows, line by line. */
import { createHash } from "node:crypto";
import { StoreError, type ObjectStore } from "#app/vault/index.ts";
import { CHECKS, type Check, type PromiseId } from "./checks.ts";

export interface CheckOutcome {
  readonly promise: PromiseId;
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

/** Beneath it lies nothing but what a test left; readers of vaults ignore it. */
const folderOf = (run: string): string => `storage-test/${run}/`;

export async function runCheck(check: Check, { store, reopen, run }: CheckedStore): Promise<void> {
  const prefix = `${folderOf(run)}${CHECKS.indexOf(check)}/`;
  try {
    await check.run({ store, reopen, prefix, bytes: patternBytes });
  } finally {
    const left: string[] = [];
    for await (const { key } of store.list(prefix)) left.push(key);
    // A lock that outlives the check is the storage's right; it frees the object by itself.
    for (const key of left) if (!key.endsWith("/locked")) await store.remove(key);
  }
}

/** Every check, one after the other, whether or not an earlier one passed. Throws only StoreError, when the store cannot be reached or used at all. */
export async function* runChecks(checked: CheckedStore): AsyncGenerator<CheckOutcome> {
  // No answer at all is not a finding about promises.
  await checked.store.get(`${folderOf(checked.run)}nothing`);
  for (const check of CHECKS) {
    const { promise, name } = check;
    try {
      await runCheck(check, checked);
      yield { promise, name, passed: true };
    } catch (error) {
      yield { promise, name, passed: false, detail: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** How long the check of locks locks: its objects can be removed after that. */
const LOCK_MS = 7500;

/** Removes what checks left, waiting for locks to end. Answers the keys that stay: the bucket's own default lock, or no right to remove. */
export async function removeLeftovers({ store, run }: Pick<CheckedStore, "store" | "run">, sleep: (ms: number) => Promise<void>): Promise<string[]> {
  let left = await listed(store, folderOf(run));
  for (let round = 0; left.length > 0 && round < 2; round++) {
    if (round > 0) await sleep(LOCK_MS);
    for (const key of left) {
      await store.remove(key).catch((error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
      });
    }
    left = await listed(store, folderOf(run));
  }
  return left;
}

async function listed(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

/** Bytes that do not repeat within `length` and are the same for the same seed. */
function patternBytes(length: number, seed: number): Uint8Array {
  return new Uint8Array(createHash("shake256", { outputLength: length }).update(`storage test ${seed}`).digest());
}
