/** Snapshots of one sort, newest first, read from the catalog batch by batch: a thousand rows are five batches. */
import type { Catalog, CatalogSnapshot } from "#app/workflows/ports.ts";

const BATCH = 200;

export async function pickSnapshots(
  catalog: Pick<Catalog, "snapshots">,
  shop: string,
  wanted: (snapshot: CatalogSnapshot) => boolean,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<readonly CatalogSnapshot[]> {
  const picked: CatalogSnapshot[] = [];
  let passed = 0;
  for (let at = 0; picked.length < limit; at += BATCH) {
    const batch = await catalog.snapshots(shop, { limit: BATCH, offset: at });
    for (const row of batch) {
      if (!wanted(row)) continue;
      if (passed < offset) passed += 1;
      else if (picked.length < limit) picked.push(row);
    }
    if (batch.length < BATCH) break;
  }
  return picked;
}
