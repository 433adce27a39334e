/** A kind, or a further part of one, that a bulk query reads, with its children. */
import { ROW, ROW_WIDTH, type Gap, type RecordBatch, type SourceRecord } from "#app/vault/index.ts";
import type { SourceStream, StreamOutcome } from "../../port.ts";
import { countKind, readRecords, recordsOf } from "../../records/index.ts";
import type { BulkQuery } from "../bulk.ts";
import type { Kind } from "../catalogue/kind.ts";
import { countNow, expectation, reconciled } from "../counts.ts";
import type { Reading } from "./reading.ts";

export interface BulkStream {
  readonly kind: Kind;
  /** The kind's own, or a part's. */
  readonly stream: string;
  readonly bulk: BulkQuery;
  /** Its root lines only carry ids, which the kind's own stream has: leave them out. */
  readonly childrenOnly?: boolean;
  /** Only what changed is read: the shop's count is no measure. */
  readonly partial: boolean;
  /** Told of every batch. */
  readonly onBatch?: (batch: RecordBatch) => void;
}

export function bulkStream(reading: Reading, { kind, stream, bulk, childrenOnly = false, partial, onBatch }: BulkStream): SourceStream {
  const lines = readRecords(bulk.bytes(), { stream });
  let roots = 0;
  let records = 0;
  async function* batches(): AsyncGenerator<RecordBatch> {
    for await (const batch of lines.batches()) {
      records += batch.count;
      for (const type of kind.types) roots += countKind(batch, type);
      onBatch?.(batch);
      yield childrenOnly ? children(batch) : batch;
    }
  }
  return {
    name: stream,
    batches,
    async *records(): AsyncGenerator<readonly SourceRecord[]> {
      for await (const batch of batches()) yield recordsOf(batch);
    },
    async finish(): Promise<StreamOutcome> {
      const gaps: Gap[] = [...lines.gaps, ...bulk.gaps];
      const { bytesRead } = lines;
      // The platform's own number of objects in the result: children are counted here too, which no count query does.
      if (bulk.objects !== null && records < bulk.objects) gaps.push({ code: "count.mismatch", stream, expected: bulk.objects, found: records });
      if (partial) gaps.push(incremental(stream));
      if (kind.count === null || childrenOnly || partial) return { gaps, counts: {}, bytesRead };
      const after = await countNow(reading.client, kind.count, reading.signal);
      const at = reading.clock.now().toISOString();
      const drift = await reading.drift(kind.kind, bulk.resume?.at, at);
      const said = expectation({ before: bulk.resume?.before ?? null, after, at, drift }, roots);
      const { gaps: more, counts } = reconciled(kind, said, roots);
      return { gaps: [...gaps, ...more], counts, bytesRead };
    },
  };
}

/** A stream of which only changes were asked for is no whole stream, and says so. */
export function incremental(stream: string): Gap {
  return { code: "stream.partial", stream, reason: "incremental" };
}

/** The rows that have a parent; the same memory. */
function children(batch: RecordBatch): RecordBatch {
  const { rows } = batch;
  const kept = new (rows.constructor as { new (length: number): typeof rows })(batch.count * ROW_WIDTH);
  let count = 0;
  for (let n = 0; n < batch.count; n++) {
    const row = n * ROW_WIDTH;
    if (rows[row + ROW.parentStart] === -1) continue;
    kept.set(rows.subarray(row, row + ROW_WIDTH), count++ * ROW_WIDTH);
  }
  return { ...batch, rows: kept, count };
}
