/** Commit: the index is merged and written, counts are reconciled, and the manifest, written last, makes the snapshot exist. */
import { damaged } from "../errors.ts";
import { fromByteString, partsOf } from "../format/sort-key.ts";
import type { PackWriter } from "../pack/pack-writer.ts";
import type { Gap } from "../record.ts";
import { extendLocks } from "../locks/extend.ts";
import { guardCommit } from "../retention/commit-guard.ts";
import type { Scratch } from "../scratch/scratch.ts";
import type { IndexReader } from "../tree/index-reader.ts";
import type { BeginSnapshot, KindCount, PackInfo, SnapshotManifest, SnapshotProgress, SnapshotSummary } from "../types.ts";
import { parseManifest, signManifest } from "./manifest.ts";
import type { ManifestPayload } from "./manifest.ts";
import { mergeIndex } from "./merge.ts";
import type { MergeResult } from "./merge.ts";
import type { NewEntries } from "./new-entries.ts";
import { readPackList, writePackList } from "./pack-list.ts";
import { putExact } from "./put-exact.ts";
import type { CountingPut } from "./put-exact.ts";
import type { RunGaps } from "./run-gaps.ts";
import type { Seen } from "./seen.ts";
import type { WriterContext } from "./writer.ts";

/** All that a run has gathered. */
export interface Run {
  readonly context: WriterContext;
  readonly options: BeginSnapshot;
  readonly startedAt: string;
  readonly scratch: Scratch;
  readonly counting: CountingPut;
  readonly packs: PackWriter;
  readonly index: IndexReader;
  readonly seen: Seen;
  readonly entries: NewEntries;
  /** Names of kinds, as byte strings, by the run's own numbers. */
  readonly kindNames: readonly string[];
  /** Byte strings. */
  readonly orderedKinds: ReadonlySet<string>;
  readonly gaps: RunGaps;
  readonly streamOf: (arrival: number) => string;
  readonly contentKey: () => { readonly id: string; readonly digest: string } | null;
  readonly progress: SnapshotProgress;
}

export async function commitRun(run: Run): Promise<SnapshotSummary> {
  const { context, packs, counting, gaps } = run;
  await packs.finish();
  const merged = await mergeIndex({
    parent: run.index,
    seen: run.seen,
    entries: run.entries,
    kindNames: run.kindNames,
    orderedKinds: run.orderedKinds,
    keepUnseen: gaps.hidden,
    place: (frame) => packs.place(frame),
    onDuplicate: (key, arrival) => {
      gaps.note(duplicateOf(key, run.streamOf(arrival)));
    },
    keys: context.indexKeys,
    random: context.random,
    put: counting.put,
    scratch: run.scratch,
  });
  const needed = await neededPacks(run, merged);
  const packList = await writePackList(needed, context.description.vaultId, counting.put);
  const kinds = reconcile(run, merged);
  const payload = payloadOf(run, merged, needed, packList, kinds);
  const { manifest, bytes } = await signManifest(payload, context.signingKey);
  // A manifest that we could not read back would be a snapshot that nobody has.
  await parseManifest(bytes, manifest.objectKey, context.description);
  // What this snapshot shares with older ones was written, and locked, when they were.
  await extendLocks(context);
  await guardCommit(context.store, context.description, manifest, needed, context.clock);
  await putExact(context.store, manifest.objectKey, bytes);
  const { root, snapshotId, complete, records, added, changed, removed, unchanged, carried, bytesRead, gapCount } = manifest;
  const moved = merged.moved;
  return { manifest, manifestDigest: manifest.digest, snapshotId, root, complete, records, added, changed, removed, unchanged, moved, carried, bytesRead, bytesWritten: manifest.bytesWritten + bytes.length, gaps: manifest.gaps, gapCount, kinds };
}

function duplicateOf(key: string, stream: string): Gap {
  const parts = partsOf(key);
  return { code: "record.duplicate", stream, kind: fromByteString(parts?.kind ?? ""), id: fromByteString(parts?.id ?? "") };
}

/** The parent's packs that are still used, then this run's. */
async function neededPacks({ context, index, packs }: Run, merged: MergeResult): Promise<PackInfo[]> {
  const { parent } = context;
  const inherited = parent === null || index.readers.length === 0 ? [] : await readPackList(context.store, parent);
  const needed: PackInfo[] = [];
  for (const pack of [...inherited, ...packs.packs]) {
    const live = merged.live.get(pack.id);
    if (live !== undefined) needed.push({ ...pack, live });
  }
  if (needed.length !== merged.live.size) throw damaged(parent?.objectKey ?? "the index", "the parent's index needs a pack that its pack list lacks");
  return needed;
}

function reconcile({ gaps }: Run, merged: MergeResult): Record<string, KindCount> {
  const counted = new Map<string, { records: number; seen: number }>();
  for (const [kind, count] of merged.kinds) counted.set(fromByteString(kind), count);
  const kinds: Record<string, KindCount> = {};
  for (const kind of [...new Set([...counted.keys(), ...gaps.expected.keys()])].sort()) {
    const { records, seen } = counted.get(kind) ?? { records: 0, seen: 0 };
    const expectation = gaps.expected.get(kind);
    // defineProperty, not assignment: a kind may be called "__proto__".
    Object.defineProperty(kinds, kind, { value: { records, ...expectation }, enumerable: true, configurable: true, writable: true });
    if (expectation !== undefined && expectation.expected !== seen) gaps.note({ code: "count.mismatch", stream: kind, kind, expected: expectation.expected, found: seen });
  }
  return kinds;
}

function payloadOf(run: Run, merged: MergeResult, packs: readonly PackInfo[], packList: SnapshotManifest["packs"], kinds: Record<string, KindCount>): ManifestPayload {
  const { context, options, gaps } = run;
  const { parent, description } = context;
  const now = context.clock.now().getTime();
  const takenAt = new Date(parent === null ? now : Math.max(now, Date.parse(parent.takenAt) + 1)).toISOString();
  const digests = new Map((parent?.keys ?? []).map((key) => [key.id, key.digest]));
  const contentKey = run.contentKey();
  if (contentKey !== null) digests.set(contentKey.id, contentKey.digest);
  const keyIds = [...new Set(packs.map((pack) => pack.keyId))];
  const { root, records, added, changed, removed, unchanged, moved, carried, runs } = merged;
  const { type, name, apiVersion } = options.source;
  return {
    format: 1,
    vaultId: description.vaultId,
    snapshotId: Buffer.from(context.random(8)).toString("hex"),
    sequence: (parent?.sequence ?? 0) + 1,
    takenAt,
    startedAt: run.startedAt,
    source: { type, name, ...(apiVersion === undefined ? {} : { apiVersion }) },
    root,
    records,
    complete: gaps.count === 0,
    kinds,
    gaps: gaps.kept,
    gapCount: gaps.count,
    added,
    changed,
    removed,
    unchanged,
    ...(moved === 0 ? {} : { moved }),
    carried,
    bytesRead: run.progress.bytesRead,
    bytesWritten: run.counting.bytes,
    parent: parent === null ? null : { snapshotId: parent.snapshotId, digest: parent.digest },
    checkpoint: options.checkpoint ?? null,
    ...(description.recipientsAt === undefined ? {} : { recipients: description.recipientsAt }),
    keys: keyIds.map((id) => ({ id, digest: digests.get(id) ?? "" })),
    runs,
    packs: packList,
    orderedKinds: [...(options.orderedKinds ?? [])].sort(),
  };
}
