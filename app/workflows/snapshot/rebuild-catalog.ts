/** Makes a shop's catalog anew from what is true: snapshots from the vault's manifests, drills from the ledger and the signed records it names. */
import type { Ports } from "../ports.ts";
import { drillRow } from "../drill/drill-entry.ts";
import { readSignedDrills } from "../drill/read-drills.ts";
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
    const signed = new Map((await readSignedDrills(store, vault.description)).map(({ row }) => [row.drillId, { ...row, shop }]));
    const drills = [];
    for await (const entry of ledger.entries()) {
      const row = drillRow(shop, entry);
      // The signed record says more than its entry; a drill of before there were records has none.
      if (row !== null) drills.push(signed.get(row.drillId) ?? row);
    }
    await ports.catalog.clear(shop);
    for (const row of snapshots) await ports.catalog.putSnapshot(row);
    for (const row of drills) await ports.catalog.putDrill(row);
    ports.log.info("catalog.rebuilt", { shop, snapshots: snapshots.length, drills: drills.length });
    return { kind: "rebuilt", snapshots: snapshots.length, drills: drills.length };
  });
}
