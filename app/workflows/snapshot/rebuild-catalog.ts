/** Makes a shop's catalog anew from what is true: snapshots from the vault's manifests, drills from the ledger. */
import type { Ports } from "../ports.ts";
import { drillRow } from "../drill/drill-entry.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { withShopVault } from "../shared/with-shop-vault.ts";
import { snapshotRow } from "./catalog-row.ts";

export type RebuiltCatalog =
  | { readonly kind: "rebuilt"; readonly snapshots: number; readonly drills: number }
  | { readonly kind: "failed"; readonly code: string };

export async function rebuildCatalog(
  ports: Pick<Ports, "links" | "keyring" | "stores" | "signer" | "catalog" | "scratch" | "clock" | "random" | "log">,
  { shop }: { readonly shop: string },
): Promise<RebuiltCatalog> {
  return await withShopVault(ports, shop, async ({ vault, store }): Promise<RebuiltCatalog> => {
    const ledger = await vaultLedger(ports, vault.description.vaultId, store);
    // Everything is read before anything is dropped.
    const snapshots = (await vault.snapshots()).map((manifest) => snapshotRow(shop, manifest));
    const drills = [];
    for await (const entry of ledger.entries()) {
      const row = drillRow(shop, entry);
      if (row !== null) drills.push(row);
    }
    await ports.catalog.clear(shop);
    for (const row of snapshots) await ports.catalog.putSnapshot(row);
    for (const row of drills) await ports.catalog.putDrill(row);
    ports.log.info("catalog.rebuilt", { shop, snapshots: snapshots.length, drills: drills.length });
    return { kind: "rebuilt", snapshots: snapshots.length, drills: drills.length };
  });
}
