/**
 * Lets one stream fail without the others: what the shop refuses for this kind (a scope is missing, a field is gone) is a named gap, and what was read before
 * it is kept. What concerns the whole shop (no access at all, out of reach, throttled for good, cancelled) ends the run.
 */
import type { Gap, RecordBatch, SourceRecord } from "#app/vault/index.ts";
import { SourceError, type SourceStream, type StreamOutcome } from "../../port.ts";
import { recordsOf } from "../../records/index.ts";

/** The gap's reason; null: not this stream's own affair. */
export function streamFailure(error: unknown): string | null {
  if (!(error instanceof SourceError)) return null;
  if (error.code === "source.schema_mismatch") return "SCHEMA_MISMATCH";
  if (error.code === "source.unauthorized") return error.reason;
  if (error.code === "source.failed") return error.reason ?? "FAILED";
  return null;
}

export interface Tolerance {
  /** Called with the error that became a gap. */
  readonly onFailure: (error: unknown) => void;
}

export function tolerant(inner: SourceStream, { onFailure }: Tolerance): SourceStream {
  let failure: Gap | null = null;
  const failed = (error: unknown): void => {
    const reason = streamFailure(error);
    if (reason === null) throw error;
    failure = { code: "stream.failed", stream: inner.name, reason };
    onFailure(error);
  };
  async function* batches(): AsyncGenerator<RecordBatch | readonly SourceRecord[]> {
    try {
      yield* inner.batches?.() ?? inner.records();
    } catch (error) {
      failed(error);
    }
  }
  return {
    name: inner.name,
    ...(inner.batches === undefined ? {} : { batches: batches as () => AsyncGenerator<RecordBatch> }),
    ...(inner.share === undefined ? {} : { share: inner.share.bind(inner) }),
    async *records(): AsyncGenerator<readonly SourceRecord[]> {
      for await (const batch of batches()) yield "rows" in batch ? recordsOf(batch) : batch;
    },
    finish: async (): Promise<StreamOutcome> => {
      let outcome: StreamOutcome = { gaps: [], counts: {}, bytesRead: 0 };
      try {
        outcome = await inner.finish();
      } catch (error) {
        // A second error of a stream that failed already says nothing new.
        if (failure === null) failed(error);
      }
      return failure === null ? outcome : { ...outcome, gaps: [failure, ...outcome.gaps] };
    },
  };
}
