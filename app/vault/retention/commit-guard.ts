/**
 * The last look before a commit: does it name anything that a prune is about to sweep? A run may outlast the prune's grace, and a run may
 * come to name an object again that a prune had doomed (a pack list with the same lines). Such a run must not commit: it would be a
 * snapshot with holes. Within the grace it may, because the sweep looks at all manifests again before it removes anything.
 */
import { VaultError } from "../errors.ts";
import { contentKeyObject, packKey, packSecretKey, treeKey } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Clock } from "../ports.ts";
import type { PackInfo, SnapshotManifest, VaultDescription } from "../types.ts";
import { openLists, readDoomed } from "./prunes.ts";
import { readRedactions } from "./redactions.ts";

/** Clocks of two hosts may differ by this much, and a commit's last write may take as long. */
const MARGIN_MS = 60 * 60 * 1000;

/** `packs`: the lines of the manifest's pack list. Throws vault.overtaken, which a rerun cures. */
export async function guardCommit(store: ObjectStore, description: VaultDescription, manifest: Pick<SnapshotManifest, "runs" | "packs">, packs: readonly Pick<PackInfo, "id" | "keyId">[], clock: Clock): Promise<void> {
  await guardNames(store, description, clock, async () => {
    const redactions = await readRedactions(store, description);
    const stand = packs.map((pack) => redactions.replacement(pack.id) ?? pack);
    return [
      treeKey(manifest.packs.object),
      ...manifest.runs.flatMap((run) => run.objects.map(({ id }) => treeKey(id))),
      ...stand.flatMap(({ id, keyId }) => [packKey(id), packSecretKey(id), contentKeyObject(keyId)]),
    ];
  });
}

/** The same for any set of objects; `names` is only asked when there is a list to compare with. */
export async function guardNames(store: ObjectStore, description: VaultDescription, clock: Clock, names: () => Promise<readonly string[]>): Promise<void> {
  const now = clock.now().getTime();
  const pressing = (await openLists(store, description)).filter(({ record, due }) => now >= due - Math.min(MARGIN_MS, record.graceMs / 2));
  if (pressing.length === 0) return;
  const named = new Set(await names());
  for (const list of pressing) {
    const hit = (await readDoomed(store, list)).find((key) => named.has(key));
    if (hit !== undefined) throw new VaultError("vault.overtaken", `a prune is about to remove ${hit}, which this run relies on`, { retry: "later", object: hit });
  }
}
