/** From the list on this host's own disk into the vault's ledger: what the viewer kept there while there was no database. */
import type { FileOutbox } from "#app/viewer/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import { directLedger } from "#app/workflows/shared/direct-ledger.ts";
import { failureOf } from "#app/workflows/shared/failure.ts";
import { enterAll } from "#app/workflows/shared/outbox.ts";
import { vaultIsThere } from "#app/workflows/shared/vault-is-there.ts";
import type { Ports, ViewerSettings } from "#app/workflows/ports.ts";

export async function enterKept(ports: Pick<Ports, "signer" | "clock">, own: FileOutbox, vaultId: string, store: ObjectStore): Promise<number> {
  if ((await own.waiting(vaultId)).length === 0 || (await ports.signer.signerFor(vaultId)) === null || !(await vaultIsThere(store, vaultId))) return 0;
  return (await enterAll(own, await directLedger(ports, vaultId, store), vaultId)).entered;
}

/** A chore: of every shop that has a viewer. */
export async function enterAllKept(ports: Pick<Ports, "signer" | "clock" | "links" | "stores">, settings: ViewerSettings, own: FileOutbox): Promise<number> {
  const vaults = new Set(await own.vaults());
  if (vaults.size === 0) return 0;
  let entered = 0;
  for (const shop of await settings.shops()) {
    const link = await ports.links.get(shop);
    if (link === null || !vaults.has(link.vaultId)) continue;
    try {
      entered += await enterKept(ports, own, link.vaultId, await ports.stores.open(link.storageUrl, { shop }));
    } catch (error) {
      // A storage that is away keeps nobody else's waiting.
      if (failureOf(error) === null) throw error;
    }
  }
  return entered;
}
