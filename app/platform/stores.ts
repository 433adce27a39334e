/** Stores by address, as this host allows them. */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { relative, isAbsolute } from "node:path";
import { judge, openStore, removeLeftovers, runChecks, type CheckOutcome } from "#app/stores/index.ts";
import { StoreError, type Random } from "#app/vault/index.ts";
import type { StorageTests, Stores } from "#app/workflows/ports.ts";

/**
 * The address comes from a merchant, the disk and the credentials of this machine are the host's: `file:` addresses must lie below `fileStores`, and
 * no other kind is opened, because it would be opened with the host's own cloud credentials, or make the host call where a stranger says.
 */
export function allowedStores(fileStores: string): Stores {
  return {
    open: async (url) => {
      if (/^(?:s3|az|gs|sftp|replicated):/i.test(url)) {
        throw new StoreError("store.bad_address", "The app keeps vaults in its host's folder only; other storage is for the command line.");
      }
      const store = await openStore(url);
      if (!isBelow(fileURLToPath(url), fileStores)) {
        throw new StoreError("store.bad_address", "This host keeps vaults in one folder only; the address lies outside of it.");
      }
      return store;
    },
  };
}

/** "Test this storage": the contract that adapters are held to, in words. */
export function storageTests(stores: Stores, random: Random): StorageTests {
  return {
    test: async (url) => {
      const store = await stores.open(url);
      const run = Buffer.from(random(8)).toString("hex");
      const outcomes: CheckOutcome[] = [];
      let leftBehind = 0;
      try {
        for await (const outcome of runChecks({ store, reopen: () => stores.open(url), run })) outcomes.push(outcome);
      } finally {
        if (outcomes.length > 0) leftBehind = (await removeLeftovers({ store, run }, async (ms) => { await sleep(ms); })).length;
      }
      const passed = outcomes.filter((outcome) => outcome.passed).length;
      return { store: store.traits.name, ...judge(outcomes, store.traits), passed, failed: outcomes.length - passed, leftBehind };
    },
  };
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
}
