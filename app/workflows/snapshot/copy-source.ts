/** Copies a source into a vault as one snapshot: streams → writer → reconciled counts → commit. Either the snapshot exists in full, or it does not. */
import type { ResumeState, Source, SourceRun } from "#app/sources/port.ts";
import type { Gap, GapCode, RecordBatch, SnapshotSummary, SourceRecord, Vault } from "#app/vault/index.ts";
import { recordTerms } from "#app/terms/index.ts";
import type { RunProgress } from "../ports.ts";

export interface CopySource {
  readonly vault: Vault;
  readonly source: Source;
  /** The ledger's head before this snapshot. */
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
  readonly signal: AbortSignal;
  readonly resume?: ResumeState | null;
  /** Only what changed since: what is not seen is carried forward, and the snapshot says so. */
  readonly since?: SourceRun["since"] | null;
  /** Sees every batch before it is written; views of memory that is used again. */
  readonly onBatch?: (batch: readonly SourceRecord[] | RecordBatch) => void;
  readonly onProgress?: (progress: RunProgress) => void;
  readonly onResume?: (resume: ResumeState) => void;
  /** Called right before the commit; throwing here leaves no snapshot. */
  readonly beforeCommit?: () => Promise<void>;
}

/** Of a whole stream, and not by plan. */
const isCut = ({ code, reason }: Pick<Gap, "code" | "reason">): boolean => code.startsWith("stream.") && !(code === "stream.partial" && reason === "incremental");

export async function copySource(o: CopySource): Promise<SnapshotSummary> {
  const { source, signal } = o;
  const cut = new Map<string, GapCode>();
  const say = (progress: RunProgress): void => o.onProgress?.(cut.size === 0 ? progress : { ...progress, cut: [...cut].map(([stream, code]) => ({ stream, code })) });
  const writer = await o.vault.beginSnapshot({ source: source.description, orderedKinds: source.orderedKinds, checkpoint: o.checkpoint, terms: recordTerms });
  try {
    const streams = source.streams({
      signal,
      ...(o.resume === null || o.resume === undefined ? {} : { resume: o.resume }),
      ...(o.since === null || o.since === undefined ? {} : { since: o.since }),
      onProgress: ({ stream, phase, objects, failed, resume }) => {
        o.onResume?.(resume);
        // A type of a stream that is read in several operations fails the stream.
        if (failed !== undefined) cut.set(stream.replace(/\/.*$/, ""), failed);
        if (phase === "done") return;
        const { records, bytesRead } = writer.progress;
        say({ step: phase, stream, records, bytes: bytesRead, ...(phase === "running" && objects !== undefined ? { expected: objects } : {}) });
      },
    });
    for await (const stream of streams) {
      for await (const batch of stream.batches?.() ?? stream.records()) {
        signal.throwIfAborted();
        o.onBatch?.(batch);
        await writer.write(batch, stream.name);
        const { records, bytesRead } = writer.progress;
        say({ step: "downloading", stream: stream.name, records, bytes: bytesRead, ...(stream.share === undefined ? {} : { share: stream.share() }) });
      }
      const { gaps, counts } = await stream.finish();
      for (const gap of gaps) {
        writer.gap(gap);
        if (isCut(gap)) cut.set(gap.stream ?? stream.name, gap.code);
      }
      for (const [kind, { expected, at }] of Object.entries(counts)) writer.expect(kind, expected, at);
    }
    const { records, bytesRead } = writer.progress;
    say({ step: "committing", records, bytes: bytesRead });
    await o.beforeCommit?.();
    signal.throwIfAborted();
    return await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
