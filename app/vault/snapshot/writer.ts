/** Takes a snapshot: compares each record with the parent, seals what is new, and commits by writing the manifest last. */
import { sha256 } from "../crypto/digest.ts";
import type { KeyedDigest } from "../crypto/digest.ts";
import { wrapKey } from "../crypto/wrapped-key.ts";
import { damaged, VaultError } from "../errors.ts";
import { contentKeyObject } from "../format/names.ts";
import { childKey, fromByteString, nameBytes, partsOf, toByteString, topKey } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import { MAX_RECORD_BYTES } from "../pack/frame.ts";
import { PackWriter } from "../pack/pack-writer.ts";
import type { Clock, Jwk, Random } from "../ports.ts";
import type { Gap, SourceRecord } from "../record.ts";
import { Scratch, sweepScratch } from "../scratch/scratch.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { IndexReader } from "../tree/index-reader.ts";
import type { Found, Lookup } from "../tree/index-reader.ts";
import { NodeCache } from "../tree/node-cache.ts";
import type { BeginSnapshot, KindCount, PackInfo, SnapshotManifest, SnapshotProgress, SnapshotSummary, SnapshotWriter, VaultDescription } from "../types.ts";
import { parseManifest, signManifest } from "./manifest.ts";
import type { ManifestPayload } from "./manifest.ts";
import { mergeIndex } from "./merge.ts";
import type { MergeResult } from "./merge.ts";
import { NewEntries } from "./new-entries.ts";
import { readPackList, writePackList } from "./pack-list.ts";
import { CountingPut, putExact } from "./put-exact.ts";
import { Seen } from "./seen.ts";

export interface WriterContext {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKeys: IndexKeys;
  readonly signingKey: Jwk;
  readonly digest: KeyedDigest;
  readonly clock: Clock;
  readonly random: Random;
  readonly scratchDirectory: string;
  readonly parent: SnapshotManifest | null;
  readonly tuning?: { readonly frameBytes?: number; readonly packBytes?: number };
  readonly onCommitted: (manifest: SnapshotManifest) => void;
}

/** Gaps kept in the manifest; all are counted. */
const GAPS_KEPT = 1000;
/** Decoded index blocks held while comparing. */
const CACHE_BYTES = 8 * 1024 * 1024;
/** Fetched at once while the index is read in order. */
const READ_AHEAD = 512 * 1024;

export async function beginSnapshot(context: WriterContext, options: BeginSnapshot): Promise<SnapshotWriter> {
  await sweepScratch(context.scratchDirectory);
  return new Writer(context, options);
}

class Writer implements SnapshotWriter {
  private readonly context: WriterContext;
  private readonly options: BeginSnapshot;
  private readonly startedAt: string;
  private readonly scratch: Scratch;
  private readonly counting: CountingPut;
  private readonly packs: PackWriter;
  private readonly entries: NewEntries;
  private readonly index: IndexReader;
  private readonly lookup: Lookup;
  private readonly seen: Seen;
  private readonly orderedKinds: ReadonlySet<string>;
  private readonly kinds = new Map<string, string>();
  private state: "open" | "busy" | "closed" = "open";
  private contentKey: { id: string; key: Buffer; digest: string } | null = null;
  private readonly gaps: Gap[] = [];
  private gapCount = 0;
  private hidden = false;
  private readonly expected = new Map<string, { expected: number; at: string }>();
  /** Which stream each arrival number belongs to, as [first arrival, stream]. */
  private readonly streams: { from: number; stream: string }[] = [];
  private arrivals = 0;
  private counters = { records: 0, added: 0, changed: 0, unchanged: 0, bytesRead: 0 };

  constructor(context: WriterContext, options: BeginSnapshot) {
    this.context = context;
    this.options = options;
    this.startedAt = context.clock.now().toISOString();
    this.scratch = new Scratch(context.scratchDirectory);
    this.counting = new CountingPut(context.store);
    const runs = options.compareWithPrevious === false ? [] : (context.parent?.runs ?? []);
    const cache = new NodeCache(CACHE_BYTES);
    this.index = new IndexReader(context.store, context.indexKeys, runs, { cache, readAhead: READ_AHEAD });
    this.lookup = this.index.lookup();
    this.seen = new Seen(runs);
    this.entries = new NewEntries(this.scratch);
    this.orderedKinds = new Set([...(options.orderedKinds ?? [])].map(toByteString));
    this.packs = new PackWriter({ vaultId: context.indexKeys.vaultId, random: context.random, put: this.counting.put, contentKey: () => this.makeContentKey(), ...context.tuning });
  }

  get progress(): SnapshotProgress {
    return { ...this.counters, bytesWritten: this.counting.bytes };
  }

  private async makeContentKey(): Promise<{ id: string; key: Uint8Array }> {
    if (this.contentKey === null) {
      const { description, random } = this.context;
      const id = Buffer.from(random(16)).toString("hex");
      const key = Buffer.from(random(32));
      const wrapped = await wrapKey(key, { vault: description.vaultId, key: id, use: "content" }, description.recipients);
      await this.counting.put(contentKeyObject(id), wrapped);
      this.contentKey = { id, key, digest: sha256(wrapped) };
    }
    return this.contentKey;
  }

  private enter(): void {
    if (this.state === "busy") throw new VaultError("vault.writer_closed", "the snapshot writer was called while another call was under way");
    if (this.state === "closed") throw new VaultError("vault.writer_closed", "the snapshot was committed, dropped, or failed before");
    this.state = "busy";
  }

  async write(batch: readonly SourceRecord[], stream: string): Promise<readonly Gap[]> {
    this.enter();
    const met: Gap[] = [];
    try {
      if (this.streams.at(-1)?.stream !== stream) this.streams.push({ from: this.arrivals, stream });
      for (const record of batch) {
        const gap = await this.accept(record, stream);
        if (gap !== null) met.push(gap);
      }
      if (this.state === "busy") this.state = "open";
    } catch (error) {
      await this.close();
      throw error;
    }
    return met;
  }

  private kindBytes(kind: string): string {
    let bytes = this.kinds.get(kind);
    if (bytes === undefined) this.kinds.set(kind, (bytes = nameBytes(kind, "kind")));
    return bytes;
  }

  /** Null, or the gap this record turned out to be. */
  private async accept(record: SourceRecord, stream: string): Promise<Gap | null> {
    const { bytes } = record;
    this.counters.bytesRead += bytes.length;
    if (bytes.length > MAX_RECORD_BYTES) return this.met({ code: "record.too_large", stream, kind: record.kind, id: record.id });
    let kind: string, id: string, parentId: string | null;
    try {
      kind = this.kindBytes(record.kind);
      id = nameBytes(record.id, "id");
      parentId = record.parentId === null ? null : nameBytes(record.parentId, "parent id");
    } catch (error) {
      // A name the format cannot hold is the source's gap, not a reason to lose the other records.
      if (error instanceof VaultError && error.code === "vault.bad_record") return this.met({ code: "record.missing_id", stream });
      throw error;
    }
    const key = parentId === null ? topKey(id, kind) : childKey(parentId, kind, id);
    const digest = this.context.digest.short(bytes);
    const arrival = this.arrivals++;
    const ordered = parentId !== null && this.orderedKinds.size > 0 && this.orderedKinds.has(kind);
    const looked = this.lookup.find(key);
    const found: Found | null = looked instanceof Promise ? await looked : looked;
    const known = found !== null && !found.leaf.isRemoval(found.at);
    if (known) {
      if (!this.seen.mark(found.run, found.leaf.first + found.at)) return this.met({ code: "record.duplicate", stream, kind: record.kind, id: record.id });
      if (found.leaf.digest(found.at) === digest) {
        this.counters.records++;
        this.counters.unchanged++;
        if (ordered && this.entries.add(key, digest, 0, 0, arrival, true)) await this.entries.sorter.spill();
        return null;
      }
    }
    this.counters.records++;
    if (known) this.counters.changed++;
    else this.counters.added++;
    if (this.packs.full(bytes.length)) await this.packs.relieve();
    const frame = this.packs.frame;
    const ordinal = this.packs.add(kind, id, parentId, bytes);
    if (this.entries.add(key, digest, frame, ordinal, arrival, false)) await this.entries.sorter.spill();
    return null;
  }

  private met(gap: Gap): Gap {
    this.note(gap);
    return gap;
  }

  private note(gap: Gap): void {
    this.gapCount++;
    if (this.gaps.length < GAPS_KEPT) this.gaps.push(gap);
    if (gap.code !== "record.duplicate" && gap.code !== "count.mismatch" && gap.code !== "count.unknown") this.hidden = true;
  }

  gap(gap: Gap): void {
    if (this.state === "closed") throw new VaultError("vault.writer_closed", "the snapshot was committed, dropped, or failed before");
    this.note(gap);
  }

  expect(kind: string, expected: number, at: string): void {
    if (this.state === "closed") throw new VaultError("vault.writer_closed", "the snapshot was committed, dropped, or failed before");
    const before = this.expected.get(kind);
    // Two streams may each count their part of a kind.
    this.expected.set(kind, { expected: expected + (before?.expected ?? 0), at: before === undefined || at > before.at ? at : before.at });
  }

  async commit(): Promise<SnapshotSummary> {
    this.enter();
    try {
      const summary = await this.commitAll();
      this.context.onCommitted(summary.manifest);
      return summary;
    } finally {
      await this.close();
    }
  }

  private streamOf(arrival: number): string {
    let low = 0;
    let high = this.streams.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.streams[middle] as { from: number }).from <= arrival) low = middle;
      else high = middle - 1;
    }
    return this.streams[low]?.stream ?? "";
  }

  private async commitAll(): Promise<SnapshotSummary> {
    const { context, packs, counting } = this;
    await packs.finish();
    const merged = await mergeIndex({
      parent: this.index,
      seen: this.seen,
      rows: this.entries.sorter.sorted(),
      orderedKinds: this.orderedKinds,
      keepUnseen: this.hidden,
      place: (frame) => packs.place(frame),
      onDuplicate: (key, arrival) => {
        const parts = partsOf(key);
        this.note({ code: "record.duplicate", stream: this.streamOf(arrival), kind: fromByteString(parts?.kind ?? ""), id: fromByteString(parts?.id ?? "") });
      },
      keys: context.indexKeys,
      random: context.random,
      put: counting.put,
      scratch: this.scratch,
    });
    const needed = await this.neededPacks(merged);
    const packList = await writePackList(needed, context.description.vaultId, counting.put);
    const kinds = this.reconcile(merged);
    const payload = this.payload(merged, needed, packList, kinds);
    const { manifest, bytes } = await signManifest(payload, context.signingKey);
    // A manifest that we could not read back would be a snapshot that nobody has.
    await parseManifest(bytes, manifest.objectKey, context.description);
    await putExact(context.store, manifest.objectKey, bytes);
    const { root, snapshotId, complete, records, added, changed, removed, unchanged, carried, bytesRead, gaps, gapCount } = manifest;
    return { manifest, manifestDigest: manifest.digest, snapshotId, root, complete, records, added, changed, removed, unchanged, carried, bytesRead, bytesWritten: manifest.bytesWritten + bytes.length, gaps, gapCount, kinds };
  }

  /** The parent's packs that are still used, then this run's. */
  private async neededPacks(merged: MergeResult): Promise<PackInfo[]> {
    const parent = this.context.parent;
    const inherited = parent === null || this.index.readers.length === 0 ? [] : await readPackList(this.context.store, parent);
    const needed: PackInfo[] = [];
    for (const pack of [...inherited, ...this.packs.packs]) {
      const live = merged.live.get(pack.id);
      if (live !== undefined) needed.push({ ...pack, live });
    }
    if (needed.length !== merged.live.size) throw damaged(parent?.objectKey ?? "the index", "the parent's index needs a pack that its pack list lacks");
    return needed;
  }

  private reconcile(merged: MergeResult): Record<string, KindCount> {
    const counted = new Map<string, { records: number; seen: number }>();
    for (const [kind, count] of merged.kinds) counted.set(fromByteString(kind), count);
    const kinds: Record<string, KindCount> = {};
    for (const kind of [...new Set([...counted.keys(), ...this.expected.keys()])].sort()) {
      const { records, seen } = counted.get(kind) ?? { records: 0, seen: 0 };
      const expectation = this.expected.get(kind);
      // defineProperty, not assignment: a kind may be called "__proto__".
      Object.defineProperty(kinds, kind, { value: { records, ...expectation }, enumerable: true, configurable: true, writable: true });
      if (expectation !== undefined && expectation.expected !== seen) this.note({ code: "count.mismatch", stream: kind, kind, expected: expectation.expected, found: seen });
    }
    return kinds;
  }

  private payload(merged: MergeResult, packs: readonly PackInfo[], packList: SnapshotManifest["packs"], kinds: Record<string, KindCount>): ManifestPayload {
    const { context, options } = this;
    const { parent, description } = context;
    const now = context.clock.now().getTime();
    const takenAt = new Date(parent === null ? now : Math.max(now, Date.parse(parent.takenAt) + 1)).toISOString();
    const digests = new Map((parent?.keys ?? []).map((key) => [key.id, key.digest]));
    if (this.contentKey !== null) digests.set(this.contentKey.id, this.contentKey.digest);
    const keyIds = [...new Set(packs.map((pack) => pack.keyId))];
    const { root, records, added, changed, removed, unchanged, carried, runs } = merged;
    const { type, name, apiVersion } = options.source;
    return {
      format: 1,
      vaultId: description.vaultId,
      snapshotId: Buffer.from(context.random(8)).toString("hex"),
      sequence: (parent?.sequence ?? 0) + 1,
      takenAt,
      startedAt: this.startedAt,
      source: { type, name, ...(apiVersion === undefined ? {} : { apiVersion }) },
      root,
      records,
      complete: this.gapCount === 0,
      kinds,
      gaps: this.gaps,
      gapCount: this.gapCount,
      added,
      changed,
      removed,
      unchanged,
      carried,
      bytesRead: this.counters.bytesRead,
      bytesWritten: this.counting.bytes,
      parent: parent === null ? null : { snapshotId: parent.snapshotId, digest: parent.digest },
      checkpoint: options.checkpoint ?? null,
      ...(description.recipientsAt === undefined ? {} : { recipients: description.recipientsAt }),
      keys: keyIds.map((id) => ({ id, digest: digests.get(id) ?? "" })),
      runs,
      packs: packList,
      orderedKinds: [...(options.orderedKinds ?? [])].sort(),
    };
  }

  async abort(): Promise<void> {
    await this.close();
  }

  /** Forgets the content key and everything on disk. Waits for no store: one that hangs must not hold us. */
  private async close(): Promise<void> {
    this.state = "closed";
    this.contentKey?.key.fill(0);
    await this.entries.sorter.close();
    await this.scratch.remove();
  }
}
