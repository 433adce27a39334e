/** A snapshot as a restore may see it: without whoever was erased, also where the shop sent them again after the erasure. */
import type { RecordKey, SnapshotReader, SourceRecord } from "#app/vault/index.ts";

const NEWLINE = Uint8Array.of(0x0a);

export function restorable(reader: SnapshotReader, isTombstoned: (key: RecordKey) => boolean): SnapshotReader {
  const records = async function* (options?: Parameters<SnapshotReader["records"]>[0]): AsyncGenerator<readonly SourceRecord[]> {
    for await (const batch of reader.records(options)) {
      const allowed = batch.filter((record) => !isTombstoned(record));
      if (allowed.length > 0) yield allowed;
    }
  };
  return {
    async get(id) {
      const found = await reader.get(id);
      return found?.record == null || !isTombstoned(found.record) ? found : { record: null, reason: "erased", bytesFetched: found.bytesFetched };
    },
    tree: async (id) => (await reader.tree(id)).filter((record) => !isTombstoned(record)),
    records,
    async *lines() {
      for await (const batch of records()) yield { bytes: Buffer.concat(batch.flatMap(({ bytes }) => [bytes, NEWLINE])), records: batch.length };
    },
  };
}
