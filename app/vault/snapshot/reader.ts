/** Reads a snapshot back with content keys: one record, a record and its descendants, or all of it. Every digest is checked. */
import type { KeyedDigest } from "../crypto/digest.ts";
import { damaged } from "../errors.ts";
import { packKey } from "../format/names.ts";
import { childKey, fromByteString, nameBytes, partsOf, recordKeyOf, siblingPrefix, topKey } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import type { FrameRecord } from "../pack/frame.ts";
import { PackReader } from "../pack/pack-reader.ts";
import type { ContentKeys } from "../ports.ts";
import type { SourceRecord } from "../record.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { Located } from "../tree/leaf.ts";
import type { SnapshotManifest, SnapshotReader } from "../types.ts";
import { FrameCache } from "./frame-cache.ts";
import { readPackList } from "./pack-list.ts";

const READ_AHEAD = 512 * 1024;
const KEY_BATCH = 512;

interface Entry {
  readonly key: string;
  readonly located: Located;
}

export function sortKeyOfFrameRecord(record: FrameRecord): string {
  return record.parentId === null ? topKey(record.id, record.kind) : childKey(record.parentId, record.kind, record.id);
}

export class Reader implements SnapshotReader {
  private readonly store: ObjectStore;
  private readonly indexKeys: IndexKeys;
  private readonly digest: KeyedDigest;
  private readonly manifest: SnapshotManifest;
  private readonly index: IndexReader;
  private readonly packs: PackReader;
  private readonly frames: FrameCache;
  private readonly keys: ContentKeys;
  constructor(store: ObjectStore, indexKeys: IndexKeys, digest: KeyedDigest, manifest: SnapshotManifest, keys: ContentKeys) {
    this.store = store;
    this.indexKeys = indexKeys;
    this.digest = digest;
    this.manifest = manifest;
    this.keys = keys;
    this.index = new IndexReader(store, indexKeys, manifest.runs);
    this.packs = new PackReader(store, indexKeys.vaultId, keys);
    this.frames = new FrameCache(this.packs);
  }

  private get fetched(): number {
    return this.index.bytesFetched + this.packs.bytesFetched;
  }

  async get(id: string): Promise<{ record: SourceRecord; bytesFetched: number } | null> {
    const before = this.fetched;
    const entry = await this.index.findById(nameBytes(id, "id"));
    if (entry === null) return null;
    return { record: await this.fetch(entry), bytesFetched: this.fetched - before };
  }

  async tree(id: string): Promise<SourceRecord[]> {
    const top = await this.index.findById(nameBytes(id, "id"));
    if (top === null) return [];
    const found: SourceRecord[] = [];
    const visited = new Set<string>();
    const visit = async (entry: Entry): Promise<void> => {
      if (visited.has(entry.key)) return;
      visited.add(entry.key);
      found.push(await this.fetch(entry));
      const own = (partsOf(entry.key) as { id: string }).id;
      const children: Entry[] = [];
      for await (const child of this.index.range(own + "\0\x01")) children.push(child);
      for (const child of inPlace(children)) await visit(child);
    };
    await visit(top);
    return found;
  }

  /** The record an entry points at, checked to be the one the entry means. */
  private async fetch({ key, located }: Entry): Promise<SourceRecord> {
    const record = (await this.frames.get(located.pack, located.frame))[located.ordinal];
    if (record === undefined || record.kind === "" || sortKeyOfFrameRecord(record) !== key) throw damaged(packKey(located.pack), "it does not hold the record the index says");
    if (this.digest.short(record.bytes) !== located.digest) throw damaged(packKey(located.pack), "a record does not match its digest");
    return { ...recordKeyOf(key), bytes: record.bytes };
  }

  records(options: { order?: "stored" | "key" } = {}): AsyncIterable<readonly SourceRecord[]> {
    return options.order === "key" ? this.inKeyOrder() : this.inStoredOrder();
  }

  private async *inStoredOrder(): AsyncGenerator<SourceRecord[]> {
    const list = await readPackList(this.store, this.manifest);
    const index = new IndexReader(this.store, this.indexKeys, this.manifest.runs, { readAhead: READ_AHEAD });
    const lookup = index.lookup();
    const kinds = new Map<string, string>();
    const packs = new PackReader(this.store, this.indexKeys.vaultId, this.keys);
    let given = 0;
    for (const { id } of list) {
      for await (const { frame, records } of packs.frames(id)) {
        const batch: SourceRecord[] = [];
        for (let ordinal = 0; ordinal < records.length; ordinal++) {
          const record = records[ordinal] as FrameRecord;
          if (record.kind === "") continue;
          const looked = lookup.find(sortKeyOfFrameRecord(record));
          const found = looked instanceof Promise ? await looked : looked;
          // What the index no longer points at was replaced or removed since.
          if (found === null || found.leaf.isRemoval(found.at)) continue;
          const { leaf, at } = found;
          if (leaf.ordinal(at) !== ordinal || leaf.frame(at) !== frame || leaf.pack(at) !== id) continue;
          if (this.digest.short(record.bytes) !== leaf.digest(at)) throw damaged(packKey(id), "a record does not match its digest");
          let kind = kinds.get(record.kind);
          if (kind === undefined) kinds.set(record.kind, (kind = fromByteString(record.kind)));
          batch.push({ kind, id: fromByteString(record.id), parentId: record.parentId === null ? null : fromByteString(record.parentId), bytes: record.bytes });
        }
        given += batch.length;
        if (batch.length > 0) yield batch;
      }
    }
    this.checkCount(given);
  }

  private async *inKeyOrder(): AsyncGenerator<SourceRecord[]> {
    const index = new IndexReader(this.store, this.indexKeys, this.manifest.runs, { readAhead: READ_AHEAD });
    const cursor = index.cursor();
    let more = await cursor.seek();
    let entries: Entry[] = [];
    let given = 0;
    while (more) {
      if (!cursor.removed) {
        // Siblings of an ordered kind must not be torn apart, or they could not be put in their order.
        if (entries.length >= KEY_BATCH && !sameSiblings(entries[entries.length - 1] as Entry, cursor.key)) {
          const batch = await this.fetchAll(entries);
          given += batch.length;
          yield batch;
          entries = [];
        }
        entries.push({ key: cursor.key, located: cursor.located });
      }
      const next = cursor.next();
      more = typeof next === "boolean" ? next : await next;
    }
    const batch = await this.fetchAll(entries);
    given += batch.length;
    if (batch.length > 0) yield batch;
    this.checkCount(given);
  }

  private async fetchAll(entries: readonly Entry[]): Promise<SourceRecord[]> {
    const records: SourceRecord[] = [];
    for (const entry of inPlace(entries)) records.push(await this.fetch(entry));
    return records;
  }

  private checkCount(given: number): void {
    if (given !== this.manifest.records) throw damaged(this.manifest.objectKey, `${this.manifest.records} records were promised and ${given} found`);
  }
}

function sameSiblings(entry: Entry, key: string): boolean {
  return entry.located.place >= 0 && siblingPrefix(entry.key) === siblingPrefix(key);
}

/** Entries in key order, but siblings of ordered kinds by their place. */
function inPlace(entries: readonly Entry[]): Entry[] {
  const out: Entry[] = [];
  let start = 0;
  for (let i = 1; i <= entries.length; i++) {
    const last = entries[i - 1] as Entry;
    const next = entries[i];
    if (next !== undefined && sameSiblings(last, next.key)) continue;
    const group = entries.slice(start, i);
    if (last.located.place >= 0) group.sort((a, b) => a.located.place - b.located.place);
    out.push(...group);
    start = i;
  }
  return out;
}
