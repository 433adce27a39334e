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
import type { Redactions } from "../retention/redactions.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { Located } from "../tree/leaf.ts";
import type { FoundById, SnapshotManifest, SnapshotReader } from "../types.ts";
import { FrameCache } from "./frame-cache.ts";
import { inStoredOrder } from "./stored-order.ts";
import type { StoredOrder } from "./stored-order.ts";

const READ_AHEAD = 512 * 1024;
const KEY_BATCH = 512;

interface Entry {
  readonly key: string;
  readonly located: Located;
}

export function sortKeyOfFrameRecord(record: FrameRecord): string {
  return record.parentId === null ? topKey(record.id, record.kind) : childKey(record.parentId, record.kind, record.id);
}

export interface ReaderOptions {
  readonly redactions: () => Promise<Redactions>;
  readonly scratchDirectory: string;
  /** Default: as many as pay for themselves. 0: none. */
  readonly threads?: number;
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
  private readonly options: ReaderOptions;
  constructor(store: ObjectStore, indexKeys: IndexKeys, digest: KeyedDigest, manifest: SnapshotManifest, keys: ContentKeys, options: ReaderOptions) {
    this.store = store;
    this.indexKeys = indexKeys;
    this.digest = digest;
    this.manifest = manifest;
    this.keys = keys;
    this.options = options;
    this.index = new IndexReader(store, indexKeys, manifest.runs);
    this.packs = new PackReader(store, indexKeys.vaultId, keys);
    this.frames = new FrameCache(this.packs);
  }

  private get fetched(): number {
    return this.index.bytesFetched + this.packs.bytesFetched;
  }

  async get(id: string): Promise<FoundById | null> {
    const before = this.fetched;
    // With one content key there is no doubt which one it takes: it is unwrapped while the index is searched.
    const [only] = this.manifest.keyIds;
    if (only !== undefined && this.manifest.keyIds.length === 1) this.keys.get(only).catch(() => undefined);
    // The list of redactions is another object altogether: it is read while the index is.
    const [entry, redactions] = await Promise.all([this.index.findById(nameBytes(id, "id")), this.options.redactions()]);
    if (entry === null) return null;
    const record = await this.fetch(entry, redactions);
    const bytesFetched = this.fetched - before;
    return record === null ? { record: null, reason: "erased", bytesFetched } : { record, bytesFetched };
  }

  async tree(id: string): Promise<SourceRecord[]> {
    const [top, redactions] = await Promise.all([this.index.findById(nameBytes(id, "id")), this.options.redactions()]);
    if (top === null) return [];
    const found: SourceRecord[] = [];
    const visited = new Set<string>();
    const visit = async (entry: Entry): Promise<void> => {
      if (visited.has(entry.key)) return;
      visited.add(entry.key);
      const record = await this.fetch(entry, redactions);
      if (record !== null) found.push(record);
      const own = (partsOf(entry.key) as { id: string }).id;
      const children: Entry[] = [];
      for await (const child of this.index.range(own + "\0\x01")) children.push(child);
      for (const child of inPlace(children)) await visit(child);
    };
    await visit(top);
    return found;
  }

  /** The record an entry points at, checked to be the one the entry means. Null: erased on purpose. */
  private async fetch({ key, located }: Entry, redactions: Redactions): Promise<SourceRecord | null> {
    if (redactions.isErased(located.pack, located.frame, located.ordinal)) return null;
    const pack = redactions.packFor(located.pack);
    const frame = await this.frames.get(pack, located.frame);
    const record = located.ordinal < frame.count ? frame.record(located.ordinal) : undefined;
    if (record === undefined || record.kind === "" || sortKeyOfFrameRecord(record) !== key) throw damaged(packKey(pack), "it does not hold the record the index says");
    if (this.digest.short(record.bytes) !== located.digest) throw damaged(packKey(pack), "a record does not match its digest");
    return { ...recordKeyOf(key), bytes: record.bytes };
  }

  records(options: { order?: "stored" | "key" } = {}): AsyncIterable<readonly SourceRecord[]> {
    return options.order === "key" ? this.inKeyOrder() : this.recordsInStoredOrder();
  }

  async *lines(): AsyncGenerator<{ bytes: Uint8Array; records: number }> {
    for await (const { bytes, records } of inStoredOrder(await this.storedOrder("lines"))) yield { bytes, records };
  }

  private async storedOrder(wanted: StoredOrder["wanted"]): Promise<StoredOrder> {
    const { store, indexKeys, manifest, keys, options } = this;
    return { store, indexKeys, manifest, keys, wanted, redactions: await options.redactions(), scratchDirectory: options.scratchDirectory, ...(options.threads === undefined ? {} : { threads: options.threads }) };
  }

  private async *recordsInStoredOrder(): AsyncGenerator<SourceRecord[]> {
    for await (const { bytes, found } of inStoredOrder(await this.storedOrder("records"))) {
      yield found.map(({ kind, id, parentId, start, end }) => ({ kind: fromByteString(kind), id: fromByteString(id), parentId: parentId === null ? null : fromByteString(parentId), bytes: bytes.subarray(start, end) }));
    }
  }

  private async *inKeyOrder(): AsyncGenerator<SourceRecord[]> {
    const redactions = await this.options.redactions();
    const index = new IndexReader(this.store, this.indexKeys, this.manifest.runs, { readAhead: READ_AHEAD });
    const cursor = index.cursor();
    let more = await cursor.seek();
    let entries: Entry[] = [];
    let met = 0;
    while (more) {
      if (!cursor.removed) {
        // Siblings of an ordered kind must not be torn apart, or they could not be put in their order.
        if (entries.length >= KEY_BATCH && !sameSiblings(entries[entries.length - 1] as Entry, cursor.key)) {
          met += entries.length;
          yield await this.fetchAll(entries, redactions);
          entries = [];
        }
        entries.push({ key: cursor.key, located: cursor.located });
      }
      const next = cursor.next();
      more = typeof next === "boolean" ? next : await next;
    }
    met += entries.length;
    if (entries.length > 0) yield await this.fetchAll(entries, redactions);
    if (met !== this.manifest.records) throw damaged(this.manifest.objectKey, `${this.manifest.records} records were promised and ${met} found`);
  }

  /** All of them, or an error; only what was erased on purpose is left out. */
  private async fetchAll(entries: readonly Entry[], redactions: Redactions): Promise<SourceRecord[]> {
    const records: SourceRecord[] = [];
    for (const entry of inPlace(entries)) {
      const record = await this.fetch(entry, redactions);
      if (record !== null) records.push(record);
    }
    return records;
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
