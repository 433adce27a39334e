/** Which content keys a reader of a snapshot needs: those its manifest names, and those of packs that redactions put in place of others. */
import type { ObjectStore } from "../object-store.ts";
import { readPackList } from "../snapshot/pack-list.ts";
import type { SnapshotManifest, VaultDescription } from "../types.ts";
import { readRedactions } from "./redactions.ts";

export async function neededKeyIds(store: ObjectStore, description: VaultDescription, manifest: SnapshotManifest): Promise<readonly string[]> {
  const redactions = await readRedactions(store, description);
  if (redactions.size === 0) return manifest.keyIds;
  const packs = await readPackList(store, manifest);
  return [...new Set(packs.map(({ id, keyId }) => redactions.replacement(id)?.keyId ?? keyId))];
}
