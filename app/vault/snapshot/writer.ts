/** Takes a snapshot: compares each record with the parent, seals what is new, and commits by writing the manifest last. */
import { sha256 } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { wrapKey } from "../crypto/wrapped-key.ts";
import { VaultError } from "../errors.ts";
import { contentKeyObject } from "../format/names.ts";
import { toByteString } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import { PackWriter } from "../pack/pack-writer.ts";
import type { Clock, Jwk, Random } from "../ports.ts";
import type { Gap, SourceRecord } from "../record.ts";
import { batchOf } from "../record-batch.ts";
import type { RecordBatch } from "../record-batch.ts";
import type { Redactions } from "../retention/redactions.ts";
import { Scratch, sweepScratch } from "../scratch/scratch.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { IndexReader } from "../tree/index-reader.ts";
import { NodeCache } from "../tree/node-cache.ts";
import type { BeginSnapshot, SnapshotManifest, SnapshotProgress, SnapshotSummary, SnapshotWriter, VaultDescription } from "../types.ts";
import { Comparison } from "./comparison.ts";
import { commitRun } from "./commit.ts";
import { Intake } from "./intake.ts";
import { NewEntries } from "./new-entries.ts";
import { CountingPut } from "./put-exact.ts";
import { RunGaps } from "./run-gaps.ts";
import { Seen } from "./seen.ts";

export interface WriterContext {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKeys: IndexKeys;
  readonly signingKey: Jwk;
  readonly redactions: Redactions;
  readonly clock: Clock;
  readonly random: Random;
  readonly scratchDirectory: string;
  readonly parent: SnapshotManifest | null;
  readonly tuning?: { readonly frameBytes?: number; readonly packBytes?: number; readonly gatherBytes?: number };
  /** For digests. 0: none but this one. */
  readonly threads: number;
  readonly onCommitted: (manifest: SnapshotManifest) => void;
}

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
  private readonly seen: Seen;
  private readonly gaps = new RunGaps();
  private readonly intake: Intake;
  private readonly comparison: Comparison;
  private readonly orderedKinds: ReadonlySet<string>;
  private state: "open" | "busy" | "closed" = "open";
  private wrapped: { id: string; key: Buffer; digest: string } | null = null;

  constructor(context: WriterContext, options: BeginSnapshot) {
    this.context = context;
    this.options = options;
    this.startedAt = context.clock.now().toISOString();
    this.scratch = new Scratch(context.scratchDirectory);
    this.counting = new CountingPut(context.store);
    const runs = options.compareWithPrevious === false ? [] : (context.parent?.runs ?? []);
    this.index = new IndexReader(context.store, context.indexKeys, runs, { cache: new NodeCache(CACHE_BYTES), readAhead: READ_AHEAD });
    this.seen = new Seen(runs);
    this.entries = new NewEntries(this.scratch);
    this.orderedKinds = new Set([...(options.orderedKinds ?? [])].map(toByteString));
    this.intake = new Intake(deriveKey(context.indexKeys.indexKey, null, "holdfast digest v1"), context.threads);
    this.packs = new PackWriter({
      version: context.description.format,
      vaultId: context.indexKeys.vaultId,
      nameOf: (kind) => this.comparison.kindName(kind),
      random: context.random,
      put: this.counting.put,
      contentKey: () => this.makeContentKey(),
      ...context.tuning,
      terms: options.terms,
    });
    this.comparison = new Comparison({ index: this.index, seen: this.seen, entries: this.entries, packs: this.packs, orderedKinds: this.orderedKinds, redactions: context.redactions, gaps: this.gaps, gatherBytes: context.tuning?.gatherBytes });
  }

  get progress(): SnapshotProgress {
    const { counters } = this.comparison;
    // What waits to be compared has been read: a count that lags behind the source would look like a loss.
    return { ...counters, records: counters.records + this.intake.records + this.comparison.heldBack, bytesWritten: this.counting.bytes };
  }

  private async makeContentKey(): Promise<{ id: string; key: Uint8Array }> {
    if (this.wrapped === null) {
      const { description, random } = this.context;
      const id = Buffer.from(random(16)).toString("hex");
      const key = Buffer.from(random(32));
      const wrapped = await wrapKey(key, { vault: description.vaultId, key: id, use: "content" }, description.recipients);
      await this.counting.put(contentKeyObject(id), wrapped);
      this.wrapped = { id, key, digest: sha256(wrapped) };
    }
    return this.wrapped;
  }

  private enter(): void {
    if (this.state === "busy") throw new VaultError("vault.writer_closed", "the snapshot writer was called while another call was under way");
    if (this.state === "closed") throw new VaultError("vault.writer_closed", "the snapshot was committed, dropped, or failed before");
    this.state = "busy";
  }

  async write(batch: readonly SourceRecord[] | RecordBatch, stream: string): Promise<readonly Gap[]> {
    this.enter();
    const met: Gap[] = [];
    try {
      const columns = "rows" in batch ? batch : batchOf(batch);
      if (this.intake.full) await this.compareNext(met);
      if (columns.count > 0) this.intake.put(columns, stream);
      if (this.state === "busy") this.state = "open";
    } catch (error) {
      await this.close();
      throw error;
    }
    return met;
  }

  /** Compares the oldest batch that waits; answers whether there was one. */
  private async compareNext(met: Gap[]): Promise<boolean> {
    const digested = await this.intake.next();
    if (digested === null) return false;
    await this.comparison.take(digested, met);
    this.intake.release();
    return true;
  }

  gap(gap: Gap): void {
    this.refuseClosed();
    this.gaps.note(gap);
  }

  expect(kind: string, expected: number, at: string): void {
    this.refuseClosed();
    this.gaps.expect(kind, expected, at);
  }

  private refuseClosed(): void {
    if (this.state === "closed") throw new VaultError("vault.writer_closed", "the snapshot was committed, dropped, or failed before");
  }

  async commit(): Promise<SnapshotSummary> {
    this.enter();
    try {
      while (await this.compareNext([]));
      await this.comparison.settle([]);
      await this.intake.close();
      const { context, options, startedAt, scratch, counting, packs, index, seen, entries, orderedKinds, gaps, comparison } = this;
      const summary = await commitRun({
        context,
        options,
        startedAt,
        scratch,
        counting,
        packs,
        index,
        seen,
        entries,
        orderedKinds,
        gaps,
        kindNames: comparison.kindNames,
        streamOf: (arrival) => comparison.streamOf(arrival),
        contentKey: () => this.wrapped,
        progress: this.progress,
      });
      context.onCommitted(summary.manifest);
      return summary;
    } finally {
      await this.close();
    }
  }

  async abort(): Promise<void> {
    await this.close();
  }

  /** Forgets the content key and everything on disk. Waits for no store: one that hangs must not hold us. */
  private async close(): Promise<void> {
    this.state = "closed";
    this.wrapped?.key.fill(0);
    this.packs.close();
    await this.intake.close();
    await this.entries.sorter.close();
    await this.scratch.remove();
  }
}
