/** The catalog's row of a snapshot: all of it from the signed manifest. */
import type { SnapshotManifest } from "#app/vault/index.ts";
import type { CatalogSnapshot } from "../ports.ts";

export function snapshotRow(shop: string, manifest: SnapshotManifest): CatalogSnapshot {
  const kinds: Record<string, { records: number; expected?: number; at?: string }> = {};
  for (const [kind, { records, expected, at }] of Object.entries(manifest.kinds)) {
    kinds[kind] = { records, ...(expected === undefined ? {} : { expected }), ...(at === undefined ? {} : { at }) };
  }
  return {
    shop,
    vaultId: manifest.vaultId,
    snapshotId: manifest.snapshotId,
    takenAt: new Date(manifest.takenAt),
    startedAt: new Date(manifest.startedAt),
    root: manifest.root,
    manifestDigest: manifest.digest,
    complete: manifest.complete,
    records: manifest.records,
    added: manifest.added,
    changed: manifest.changed,
    removed: manifest.removed,
    unchanged: manifest.unchanged,
    bytesRead: manifest.bytesRead,
    bytesWritten: manifest.bytesWritten,
    kinds,
    gaps: manifest.gaps,
    gapCount: manifest.gapCount,
  };
}
