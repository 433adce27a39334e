/** Passes over a snapshot for a restore: families of the kinds that are asked for, each root followed by its descendants. */
import type { RecordsOf } from "#app/sources/port.ts";
import type { SnapshotManifest, SnapshotReader, SourceRecord } from "#app/vault/index.ts";

export function recordsOf(reader: SnapshotReader, manifest: SnapshotManifest): RecordsOf {
  return async function* (rootKinds) {
    if (![...rootKinds].some((kind) => (manifest.kinds[kind]?.records ?? 0) > 0)) return;
    // In key order a root is directly followed by what belongs to it.
    let wanted = false;
    for await (const batch of reader.records({ order: "key" })) {
      const chosen: SourceRecord[] = [];
      for (const record of batch) {
        if (record.parentId === null) wanted = rootKinds.has(record.kind);
        if (wanted) chosen.push(record);
      }
      if (chosen.length > 0) yield chosen;
    }
  };
}
