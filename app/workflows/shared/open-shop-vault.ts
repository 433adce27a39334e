/** Opens the vault a shop is linked to, as the host: it can write and compare, and open no record. */
import { openVault, type HostKeys, type ObjectStore, type Vault } from "#app/vault/index.ts";
import type { Ports, VaultLink } from "../ports.ts";
import { RunFailed } from "./failure.ts";

export interface ShopVault {
  readonly link: VaultLink;
  readonly store: ObjectStore;
  readonly hostKeys: HostKeys;
  readonly vault: Vault;
}

export type VaultProblem =
  /** No storage was ever linked. */
  | "vault.not_linked"
  /** The host's half of the keys is gone; it can be put back with an identity. */
  | "vault.no_host_keys";

/** Throws RunFailed with a VaultProblem, or what opening store and vault throws. */
export async function openShopVault(ports: Pick<Ports, "links" | "keyring" | "stores" | "clock" | "random">, shop: string, scratchDirectory: string): Promise<ShopVault> {
  const link = await ports.links.get(shop);
  if (link === null) throw problem("vault.not_linked", "no storage is linked to this shop");
  const hostKeys = await ports.keyring.get(link.vaultId);
  if (hostKeys === null) throw problem("vault.no_host_keys", "this host has no keys of the shop's vault");
  const store = await ports.stores.open(link.storageUrl, { shop });
  const vault = await openVault({ store, hostKeys, clock: ports.clock, random: ports.random, scratchDirectory });
  return { link, store, hostKeys, vault };
}

function problem(code: VaultProblem, message: string): RunFailed {
  return new RunFailed(code, message);
}
