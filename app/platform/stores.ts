/** Stores by address, as this host allows them. */
import { fileURLToPath } from "node:url";
import { relative, isAbsolute } from "node:path";
import { openStore } from "#app/stores/index.ts";
import { StoreError } from "#app/vault/index.ts";
import type { Stores } from "#app/workflows/ports.ts";

/** `file:` addresses must lie below `fileStores`: the address comes from a merchant, the disk is the host's. */
export function allowedStores(fileStores: string): Stores {
  return {
    open: async (url) => {
      const store = await openStore(url);
      if (/^file:/i.test(url) && !isBelow(fileURLToPath(url), fileStores)) {
        throw new StoreError("store.bad_address", "This host keeps vaults in one folder only; the address lies outside of it.");
      }
      return store;
    },
  };
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
}
