/** What belongs to a root record, as a shop's state has it, from the index alone: keys, digests and addresses, no content. */
import { fromByteString, nameBytes, partsOf, recordKeyOf, topKey } from "../format/sort-key.ts";
import type { Overlay } from "../journal/state.ts";
import type { ObjectStore } from "../object-store.ts";
import type { RecordKey } from "../record.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { Located } from "../tree/leaf.ts";
import type { SnapshotManifest, VaultDescription } from "../types.ts";

/** Of a shop's tree; deeper than any is. */
const MOST_STEPS = 32;

export interface FamilyEntry extends RecordKey {
  /** 32 hex digits: keyed digest of the record's bytes. */
  readonly digest: string;
  readonly place: number | null;
  readonly pack: string;
}

export interface FamilyIndex {
  /** A root and everything beneath it, parents before children. Empty: there is no such root. */
  family(kind: string, id: string): Promise<readonly FamilyEntry[]>;
  /** The root that a record belongs to, by its parent's id. Null: this state does not have it. */
  rootAbove(parentId: string): Promise<{ readonly kind: string; readonly id: string } | null>;
  /** Roots with this id, of whatever kind. */
  rootsWith(id: string): Promise<readonly { readonly kind: string; readonly id: string }[]>;
  /** Every root, in no promised order. */
  roots(): AsyncIterable<{ readonly kind: string; readonly id: string }>;
}

export interface StateOfIndex {
  readonly manifest: Pick<SnapshotManifest, "runs"> | null;
  /** What the journal says beyond it. */
  readonly overlay?: Overlay;
}

export function familyIndex(o: { readonly store: ObjectStore; readonly description: VaultDescription; readonly indexKey: Uint8Array }, { manifest, overlay }: StateOfIndex): FamilyIndex {
  const index = new IndexReader(o.store, { vaultId: Buffer.from(o.description.vaultId, "hex"), indexKey: o.indexKey }, manifest?.runs ?? []);
  const entryOf = (key: string, { digest, place, pack }: Located): FamilyEntry => ({ ...recordKeyOf(key), digest: Buffer.from(digest, "latin1").toString("hex"), place: place < 0 ? null : place, pack });
  const beneath = async (id: string, into: FamilyEntry[], seen: Set<string>): Promise<void> => {
    for await (const { key, located } of index.range(id + "\0\x01")) {
      if (seen.has(key)) continue;
      seen.add(key);
      into.push(entryOf(key, located));
      await beneath((partsOf(key) as { id: string }).id, into, seen);
    }
  };
  const kept = (id: string, kind: string): boolean | null => {
    const entry = overlay?.roots.get(topKey(id, kind));
    return entry === undefined ? null : entry.change === "upsert";
  };
  return {
    async family(kind, id) {
      const key = topKey(nameBytes(id, "id"), nameBytes(kind, "kind"));
      const entry = overlay?.roots.get(key);
      if (entry !== undefined) return entry.change === "tombstone" ? [] : entry.records.map(({ key: own, digest, place, pack }) => ({ ...own, digest: Buffer.from(digest).toString("hex"), place, pack }));
      const root = await index.find(key);
      if (root === null) return [];
      const family = [entryOf(key, root)];
      await beneath(nameBytes(id, "id"), family, new Set());
      return family;
    },
    async rootAbove(parentId) {
      let id = nameBytes(parentId, "id");
      for (let step = 0; step < MOST_STEPS; step++) {
        const found = await index.findById(id);
        const parts = found === null ? null : partsOf(found.key);
        if (parts === null) return null;
        if (parts.parentId === null) return { kind: fromByteString(parts.kind), id: fromByteString(parts.id) };
        id = parts.parentId;
      }
      return null;
    },
    async rootsWith(id) {
      const found = new Map<string, { kind: string; id: string }>();
      const bytes = nameBytes(id, "id");
      for await (const { key } of index.range(bytes + "\0\0")) {
        const kind = (partsOf(key) as { kind: string }).kind;
        if (kept(bytes, kind) !== false) found.set(kind, { kind: fromByteString(kind), id });
      }
      for (const entry of overlay?.roots.values() ?? []) if (entry.id === id && entry.change === "upsert") found.set(nameBytes(entry.kind, "kind"), { kind: entry.kind, id });
      return [...found.values()];
    },
    async *roots() {
      for await (const { key } of index.range("")) {
        const parts = partsOf(key);
        if (parts?.parentId !== null || kept(parts.id, parts.kind) !== null) continue;
        yield { kind: fromByteString(parts.kind), id: fromByteString(parts.id) };
      }
      for (const { kind, id, change } of overlay?.roots.values() ?? []) if (change === "upsert") yield { kind, id };
    },
  };
}

/** Whether two states of a family are the same, record by record. */
export function sameFamily(one: readonly FamilyEntry[], other: readonly FamilyEntry[]): boolean {
  if (one.length !== other.length) return false;
  const name = ({ kind, id, parentId }: RecordKey): string => `${parentId ?? ""}\0${kind}\0${id}`;
  const known = new Map(one.map((entry) => [name(entry), entry]));
  return other.every((entry) => {
    const was = known.get(name(entry));
    return was?.digest === entry.digest && was.place === entry.place;
  });
}
