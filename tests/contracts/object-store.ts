/** The contract of app/vault/object-store.ts, for any adapter or wrapper. Call it inside a describe block of the adapter's own test file. */
import { test } from "@jest/globals";
import { CHECKS, runCheck } from "#app/stores/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";

export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** The same storage through a new connection. */
  reopen(): Promise<ObjectStore>;
}

/** `skip`: names of checks this store cannot be asked for, each with its reason. */
export function objectStoreContract(open: () => Promise<StoreUnderTest>, skip: Readonly<Record<string, string>> = {}): void {
  for (const name of Object.keys(skip)) {
    if (!CHECKS.some((check) => check.name === name)) throw new Error(`No such check to skip: ${name}`);
  }
  for (const check of CHECKS) {
    if (skip[check.name] !== undefined) continue;
    test(check.name, async () => {
      const { store, reopen } = await open();
      await runCheck(check, { store, reopen, run: "contract" });
    });
  }
}
