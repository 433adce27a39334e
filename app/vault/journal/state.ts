/**
 * The shop as of a moment: the newest snapshot before it, and over that what the journal has seen until then. What is read is checked as in a snapshot.
 */
import { KeyedDigest } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { nameBytes, partsOf, topKey } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import type { ContentKeys } from "../ports.ts";
import type { SourceRecord } from "../record.ts";
import { readManifests } from "../retention/needed.ts";
import { readRedactions } from "../retention/redactions.ts";
import { Reader } from "../snapshot/reader.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { FoundById, SnapshotManifest, SnapshotReader, VaultDescription } from "../types.ts";
import { sortKeyOfRecord } from "./entries.ts";
import { JournalLog } from "./log.ts";
import { EntryRecords } from "./records.ts";
import type { EntryRecord, JournalEntry, JournalHead } from "./types.ts";

export interface StateAtOptions {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKey: Uint8Array;
  readonly keys: ContentKeys;
  /** The last moment that counts: changes sealed after it do not. */
  readonly at: Date;
  readonly scratchDirectory: string;
  /** Start from this snapshot. Default: the newest that was committed by `at`. */
  readonly base?: SnapshotManifest;
  /** Hears of segments that are damaged or missing; without it they are errors. */
  readonly onFault?: (object: string, fault: "damaged" | "missing") => void;
}

/** What the journal says beyond a snapshot: per root its newest entry. Takes the index key only. */
export interface Overlay {
  readonly base: SnapshotManifest | null;
  /** By the root's sort key. */
  readonly roots: ReadonlyMap<string, JournalEntry>;
  /** The last segment that counted. */
  readonly through: JournalHead | null;
  readonly segments: number;
}

export async function journalOverlay(options: Pick<StateAtOptions, "store" | "description" | "indexKey" | "at" | "base" | "onFault">): Promise<Overlay> {
  const { store, description, indexKey, at } = options;
  const base = options.base ?? (await readManifests(store, description)).valid.find(({ takenAt }) => takenAt <= at.toISOString()) ?? null;
  const since = base === null ? new Date(0) : new Date(base.startedAt);
  const roots = new Map<string, JournalEntry>();
  const log = new JournalLog(store, description);
  let through: JournalHead | null = null;
  let segments = 0;
  for await (const segment of log.between(since, at, options.onFault)) {
    let entries: readonly JournalEntry[];
    try {
      entries = log.entries(segment, indexKey);
    } catch (error) {
      if (options.onFault === undefined) throw error;
      options.onFault(segment.objectKey, "damaged");
      continue;
    }
    for (const entry of entries) {
      // A state that was fetched before the snapshot began is older than what the snapshot read.
      if (entry.fetchedAt <= since) continue;
      const key = topKey(nameBytes(entry.id, "id"), nameBytes(entry.kind, "kind"));
      const known = roots.get(key);
      if (known === undefined || known.fetchedAt <= entry.fetchedAt) roots.set(key, entry);
    }
    through = { sequence: segment.sequence, digest: segment.digest };
    segments++;
  }
  return { base, roots, through, segments };
}

export interface StateAt extends SnapshotReader {
  readonly overlay: Overlay;
}

/** Throws vault.damaged_object, vault.missing_object (unless `onFault` takes them), vault.no_key when a record is asked for. */
export async function stateAt(options: StateAtOptions): Promise<StateAt> {
  const { store, description, indexKey, keys, scratchDirectory } = options;
  const overlay = await journalOverlay(options);
  const vaultId = Buffer.from(description.vaultId, "hex");
  const redactions = await readRedactions(store, description);
  const { base } = overlay;
  const reader = base === null ? null : new Reader(store, { vaultId, indexKey }, new KeyedDigest(deriveKey(indexKey, null, "holdfast digest v1")), base, keys, { redactions: () => Promise.resolve(redactions), scratchDirectory });
  const hidden = base === null ? new Set<string>() : await familyKeys(new IndexReader(store, { vaultId, indexKey }, base.runs), overlay.roots.keys());
  return new State(overlay, reader, hidden, new EntryRecords(store, vaultId, indexKey, keys, redactions));
}

/** Sort keys, in the index, of these roots and everything beneath them. */
export async function familyKeys(index: IndexReader, roots: Iterable<string>): Promise<Set<string>> {
  const found = new Set<string>();
  const beneath = async (id: string): Promise<void> => {
    for await (const { key } of index.range(id + "\0\x01")) {
      if (found.has(key)) continue;
      found.add(key);
      await beneath((partsOf(key) as { id: string }).id);
    }
  };
  for (const root of roots) {
    // Another kind's record may have the same id: only a root that the index has takes its children with it.
    if ((await index.find(root)) === null) continue;
    found.add(root);
    await beneath((partsOf(root) as { id: string }).id);
  }
  return found;
}

class State implements StateAt {
  readonly overlay: Overlay;
  private readonly base: Reader | null;
  private readonly hidden: ReadonlySet<string>;
  private readonly opened: EntryRecords;
  /** Records of the overlay by their own id; a root before a child. */
  private readonly byId = new Map<string, { readonly entry: JournalEntry; readonly record: EntryRecord }>();
  constructor(overlay: Overlay, base: Reader | null, hidden: ReadonlySet<string>, opened: EntryRecords) {
    this.overlay = overlay;
    this.base = base;
    this.hidden = hidden;
    this.opened = opened;
    for (const entry of overlay.roots.values()) {
      if (entry.change === "tombstone") continue;
      for (const record of entry.records) {
        const known = this.byId.get(record.key.id);
        if (known === undefined || (known.record.key.parentId !== null && record.key.parentId === null)) this.byId.set(record.key.id, { entry, record });
      }
    }
  }

  async get(id: string): Promise<FoundById | null> {
    const found = this.byId.get(id);
    if (found !== undefined) {
      const before = this.opened.bytesFetched;
      const record = await this.opened.open(found.record);
      const bytesFetched = this.opened.bytesFetched - before;
      return record === null ? { record: null, reason: "erased", bytesFetched } : { record, bytesFetched };
    }
    const there = (await this.base?.get(id)) ?? null;
    return there?.record != null && this.hidden.has(sortKeyOfRecord(there.record)) ? null : there;
  }

  async tree(id: string): Promise<SourceRecord[]> {
    const found = this.byId.get(id);
    if (found === undefined) return ((await this.base?.tree(id)) ?? []).filter((record) => !this.hidden.has(sortKeyOfRecord(record)));
    const wanted = new Set<string>();
    const records: SourceRecord[] = [];
    for (const record of found.entry.records) {
      const { id: own, parentId } = record.key;
      if (record !== found.record && (parentId === null || !wanted.has(parentId))) continue;
      wanted.add(own);
      const open = await this.opened.open(record);
      if (open !== null) records.push(open);
    }
    return records;
  }

  /** What the journal has comes after what the snapshot has, family by family. */
  async *records(options: { order?: "stored" | "key" } = {}): AsyncGenerator<readonly SourceRecord[]> {
    if (this.base !== null) {
      for await (const batch of this.base.records(options)) {
        const left = this.hidden.size === 0 ? batch : batch.filter((record) => !this.hidden.has(sortKeyOfRecord(record)));
        if (left.length > 0) yield left;
      }
    }
    const keys = [...this.overlay.roots.keys()].sort();
    for (const key of keys) {
      const entry = this.overlay.roots.get(key) as JournalEntry;
      if (entry.change === "tombstone") continue;
      const family: SourceRecord[] = [];
      for (const record of entry.records) {
        const open = await this.opened.open(record);
        if (open !== null) family.push(open);
      }
      if (family.length > 0) yield family;
    }
  }

  async *lines(): AsyncGenerator<{ bytes: Uint8Array; records: number }> {
    for await (const batch of this.records()) {
      yield { bytes: Buffer.concat(batch.flatMap(({ bytes }) => [bytes, Buffer.of(0x0a)])), records: batch.length };
    }
  }
}

