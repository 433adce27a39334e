/** Stores by address, with this machine's credentials. Commands open stores through here. */
import { homedir } from "node:os";
import { openStore as open } from "#app/stores/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import { storeCredentials } from "./store-credentials.ts";

/** Throws StoreError store.bad_address; nothing is read or written yet. */
export function openStore(address: string): Promise<ObjectStore> {
  return open(address, { credentials: (scheme) => storeCredentials(scheme, process.env, homedir()) });
}
