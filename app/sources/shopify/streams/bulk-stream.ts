/** A kind that one bulk query reads, with its children. */
import type { Gap, RecordBatch, SourceRecord } from "#app/vault/index.ts";
import type { SourceStream, StreamOutcome } from "../../port.ts";
import { countKind, readRecords, recordsOf } from "../../records/index.ts";
import type { BulkQuery } from "../bulk.ts";
import type { Kind } from "../catalogue/kind.ts";
import { countNow, expectation, unknownCount } from "../counts.ts";
import type { Reading } from "./reading.ts";

export function bulkStream(reading: Reading, kind: Kind, bulk: BulkQuery): SourceStream {
  const lines = readRecords(bulk.bytes(), { stream: kind.stream });
  let roots = 0;
  let records = 0;
  async function* batches(): AsyncGenerator<RecordBatch> {
    for await (const batch of lines.batches()) {
      records += batch.count;
      roots += countKind(batch, kind.kind);
      yield batch;
    }
  }
  return {
    name: kind.stream,
    batches,
    async *records(): AsyncGenerator<readonly SourceRecord[]> {
      for await (const batch of batches()) yield recordsOf(batch);
    },
    async finish(): Promise<StreamOutcome> {
      const gaps: Gap[] = [...lines.gaps, ...bulk.gaps];
      // The platform's own number of objects in the result: children are counted here too, which no count query does.
      if (bulk.objects !== null && records < bulk.objects) gaps.push({ code: "count.mismatch", stream: kind.stream, expected: bulk.objects, found: records });
      if (kind.count === null) return { gaps, counts: {}, bytesRead: lines.bytesRead };
      const after = await countNow(reading.client, kind.count, reading.signal);
      const at = reading.clock.now().toISOString();
      const said = expectation({ before: bulk.resume?.before ?? null, after, at }, roots);
      if (said.kind === "unknown") return { gaps: [...gaps, unknownCount(kind.stream, kind.kind)], counts: {}, bytesRead: lines.bytesRead };
      return { gaps, counts: { [kind.kind]: { expected: said.expected, at: said.at } }, bytesRead: lines.bytesRead };
    },
  };
}
