/** Where the last known state of a root lies: in the newest segment that has it, else in the newest snapshot. Takes the index key only. */
import { nameBytes, partsOf, recordKeyOf, topKey } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import { readPackList } from "../snapshot/pack-list.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { Located } from "../tree/leaf.ts";
import type { PackInfo, SnapshotManifest, VaultDescription } from "../types.ts";
import { JournalLog } from "./log.ts";
import type { KeptRecord } from "./types.ts";

export interface LastStates {
  /** `segment`: the number of the newest segment that has the root, when that is known. */
  find(kind: string, id: string, segment: number | null): Promise<KeptRecord[]>;
}

/** `snapshot`: the newest one; null: there is none. Its list of packs is read once, when it is first needed. */
export function lastStates(o: { readonly store: ObjectStore; readonly description: VaultDescription; readonly indexKey: Uint8Array; readonly snapshot: SnapshotManifest | null }): LastStates {
  const { store, description, indexKey, snapshot } = o;
  const log = new JournalLog(store, description);
  const index = snapshot === null ? null : new IndexReader(store, { vaultId: Buffer.from(description.vaultId, "hex"), indexKey }, snapshot.runs);
  let packs: Promise<Map<string, PackInfo>> | null = null;
  return {
    find: async (kind, id, sequence) => {
      const segment = sequence === null ? null : await log.segment(sequence);
      const entry = segment === null ? undefined : log.entries(segment, indexKey).findLast((found) => found.kind === kind && found.id === id);
      if (segment !== null && entry !== undefined) {
        const named = new Map([...(segment.pack === null ? [] : [segment.pack]), ...segment.kept].map((pack) => [pack.id, pack]));
        const digests = new Map(segment.keys.map(({ id: keyId, digest }) => [keyId, digest]));
        return entry.records.flatMap((record) => {
          const pack = named.get(record.pack);
          const keyDigest = pack === undefined ? undefined : digests.get(pack.keyId);
          return pack === undefined || keyDigest === undefined ? [] : [{ ...record, pack, keyDigest }];
        });
      }
      if (index === null || snapshot === null) return [];
      const root = topKey(nameBytes(id, "id"), nameBytes(kind, "kind"));
      const located = await index.find(root);
      if (located === null) return [];
      const listed = await (packs ??= readPackList(store, snapshot).then((list) => new Map(list.map((pack) => [pack.id, pack]))));
      const digests = new Map(snapshot.keys.map(({ id: keyId, digest }) => [keyId, digest]));
      const kept: KeptRecord[] = [];
      const add = async (key: string, at: Located): Promise<void> => {
        const pack = listed.get(at.pack);
        const keyDigest = pack === undefined ? undefined : digests.get(pack.keyId);
        if (pack !== undefined && keyDigest !== undefined) {
          kept.push({ key: recordKeyOf(key), digest: Buffer.from(at.digest, "latin1"), place: at.place < 0 ? null : at.place, pack, keyDigest, frame: at.frame, ordinal: at.ordinal });
        }
        const own = (partsOf(key) as { id: string }).id;
        for await (const child of index.range(own + "\0\x01")) await add(child.key, child.located);
      };
      await add(root, located);
      return kept;
    },
  };
}
