/** Stores by address, as this host allows them: for one shop, with what that shop entered, and never where it should not reach. */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { relative, isAbsolute } from "node:path";
import { judge, openStore, removeLeftovers, runChecks, type CheckOutcome, type OpenOptions } from "#app/stores/index.ts";
import { StoreError, type ObjectStore, type Random } from "#app/vault/index.ts";
import type { StorageCredential, StorageTests, StorageUser, Stores } from "#app/workflows/ports.ts";
import { checkReach, hostsOf, type Lookup } from "./stores/reach.ts";

export interface AllowedStores {
  /** `file:` addresses must lie below this folder. */
  readonly fileStores: string;
  /** What a shop entered for an address; null: nothing. */
  readonly credentials: (shop: string, url: string) => Promise<StorageCredential | null>;
  /** Whether storage inside this host's own networks may be used: a merchant who runs the app themselves may want that. */
  readonly privateNetworks: boolean;
  readonly lookup?: Lookup;
}

/**
 * The address comes from a merchant; the disk, the networks and the cloud credentials of this machine are the host's. So a folder must lie below
 * `fileStores`, other storage is opened with the merchant's own credentials or not at all, and a name that leads into this host's networks is refused.
 */
export function allowedStores({ fileStores, credentials, privateNetworks, lookup }: AllowedStores): Stores {
  const openOne = async (url: string, user: StorageUser): Promise<ObjectStore> => {
    if (/^file:/i.test(url)) {
      const store = await openStore(url);
      if (!isBelow(fileURLToPath(url), fileStores)) throw new StoreError("store.bad_address", "This host keeps vaults in one folder only; the address lies outside of it.");
      return store;
    }
    if (/^replicated:/i.test(url)) {
      // Both halves are opened as any address is; the pair is made of what passed.
      for (const half of halvesOf(url)) await openOne(half, user);
      return openStore(url, { credentials: (scheme) => forScheme(url, scheme, user) });
    }
    const credential = await given(url, user);
    for (const host of hostsOf(url)) await checkReach(host, { privateNetworks, ...(lookup === undefined ? {} : { lookup }) });
    return openStore(url, { credentials: () => credential });
  };
  const given = async (url: string, { shop, credential }: StorageUser): Promise<StorageCredential> => {
    // An address that nobody understands is said to be one, before anybody is sent looking for credentials.
    await openStore(url, { credentials: (scheme) => NOBODY[scheme] });
    const found = credential ?? (await credentials(shop, url));
    if (found === null) throw new StoreError("store.refused", "This shop has entered no credentials for this storage.");
    return found;
  };
  const forScheme = async (url: string, scheme: string, user: StorageUser): Promise<StorageCredential> => {
    const half = halvesOf(url).find((address) => address.toLowerCase().startsWith(`${scheme}:`));
    return given(half ?? url, user);
  };
  return { open: openOne };
}

/** Good for nothing: an address is looked at with these before it is opened with any. Opening sends nothing. */
const NOBODY: Readonly<Record<Parameters<Exclude<NonNullable<OpenOptions["credentials"]>, undefined>>[0], StorageCredential>> = {
  s3: { kind: "s3", accessKeyId: "none", secretAccessKey: "none" },
  az: { kind: "azure", sasToken: "sig=none" },
  gs: { kind: "gcs", serviceAccount: JSON.stringify({ type: "service_account", client_email: "none", private_key: "none" }) },
  sftp: { kind: "sftp", password: "none" },
};

function halvesOf(url: string): string[] {
  const address = new URL(url);
  return [address.searchParams.get("first"), address.searchParams.get("second")].filter((half) => half !== null);
}

/** "Test this storage": the contract that adapters are held to, in words. */
export function storageTests(stores: Stores, random: Random): StorageTests {
  return {
    test: async (url, user) => {
      const store = await stores.open(url, user);
      const run = Buffer.from(random(8)).toString("hex");
      const outcomes: CheckOutcome[] = [];
      let leftBehind = 0;
      try {
        for await (const outcome of runChecks({ store, reopen: () => stores.open(url, user), run })) outcomes.push(outcome);
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
