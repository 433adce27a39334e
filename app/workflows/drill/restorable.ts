/** A snapshot as a restore may see it: without whoever was erased, also where the shop sent them again after the erasure. */
import type { RecordKey, SnapshotReader, SourceRecord } from "#app/vault/index.ts";

export function restorable(reader: SnapshotReader, isTombstoned: (key: RecordKey) => boolean): SnapshotReader {
  return {
    async get(id) {
      const found = await reader.get(id);
      return found?.record == null || !isTombstoned(found.record) ? found : { record: null, reason: "erased", bytesFetched: found.bytesFetched };
    },
    tree: async (id) => (await reader.tree(id)).filter((record) => !isTombstoned(record)),
    async *records(options): AsyncGenerator<readonly SourceRecord[]> {
      for await (const batch of reader.records(options)) {
        const allowed = batch.filter((record) => !isTombstoned(record));
        if (allowed.length > 0) yield allowed;
      }
    },
  };
}
