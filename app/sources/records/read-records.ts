/** Turns the bytes of a JSONL stream into records, in columns or one by one. What cannot become a record is a named gap; the rest is kept. */
import { ROW, ROW_WIDTH, type Gap, type RecordBatch, type SourceRecord } from "#app/vault/index.ts";
import { fromChunks, type ByteSource } from "./byte-source.ts";
import { GapList } from "./gap-list.ts";
import { MAX_LINE_BYTES } from "./lines.ts";
import { readBatches } from "./read-batches.ts";
import type { LineScanner } from "./scan/line-scanner.ts";

export interface ReadRecordsOptions {
  /** Named in every gap: "customers", or the file's base name. */
  readonly stream: string;
  readonly maxLineBytes?: number;
  /** Records per batch of `records()` at most. Default 4096 (a batch never spans two pieces of a megabyte). */
  readonly maxBatchRecords?: number;
  /** For tests: what finds the lines. */
  readonly scanner?: LineScanner;
}

/** One pass over one stream: `batches()` or `records()` may be called, once. `gaps` and `bytesRead` are complete when it has ended. Never throws for bad data. */
export interface RecordReading {
  /** Views of memory that is used again: valid only until the next batch is asked for, and not to be handed to another thread. Blank lines are skipped. */
  batches(): AsyncIterable<RecordBatch>;
  /** The same, an object per record. */
  records(): AsyncIterable<readonly SourceRecord[]>;
  readonly gaps: readonly Gap[];
  readonly bytesRead: number;
}

/** `bytes` is either a stream of chunks, each of which is left alone once the next is asked for, or something that reads into memory it is given. */
export function readRecords(bytes: AsyncIterable<Uint8Array> | ByteSource, options: ReadRecordsOptions): RecordReading {
  const gaps = new GapList(options.stream);
  let bytesRead = 0;

  function batches(): AsyncGenerator<RecordBatch> {
    return readBatches({
      source: "read" in bytes ? bytes : fromChunks(bytes),
      gaps,
      maxLineBytes: options.maxLineBytes ?? MAX_LINE_BYTES,
      ...(options.scanner === undefined ? {} : { scanner: options.scanner }),
      onBytes: (count) => (bytesRead += count),
    });
  }

  async function* records(): AsyncGenerator<readonly SourceRecord[]> {
    for await (const batch of batches()) {
      const most = options.maxBatchRecords ?? batch.count;
      for (let at = 0; at < batch.count; at += most) yield recordsOf(batch, at, Math.min(batch.count, at + most));
    }
  }

  return {
    batches,
    records,
    get gaps() {
      return gaps.all();
    },
    get bytesRead() {
      return bytesRead;
    },
  };
}

/** Rows [from, to) of a batch as objects; their bytes are views of the batch. */
export function recordsOf(batch: RecordBatch, from = 0, to = batch.count): SourceRecord[] {
  const { rows, kinds } = batch;
  const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
  const extra = Buffer.from(batch.extra.buffer, batch.extra.byteOffset, batch.extra.byteLength);
  const text = (start: number, end: number): string =>
    start < bytes.length ? bytes.toString("utf8", start, end) : extra.toString("utf8", start - bytes.length, end - bytes.length);
  // A Buffer's slice() is a view, and who keeps a record past its batch expects a copy of it.
  const plain = new Uint8Array(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
  const records: SourceRecord[] = [];
  for (let n = from; n < to; n++) {
    const row = n * ROW_WIDTH;
    const parentStart = rows[row + ROW.parentStart]!;
    records.push({
      kind: kinds[rows[row + ROW.kind]!]!,
      id: text(rows[row + ROW.idStart]!, rows[row + ROW.idEnd]!),
      parentId: parentStart === -1 ? null : text(parentStart, rows[row + ROW.parentEnd]!),
      bytes: plain.subarray(rows[row + ROW.start], rows[row + ROW.end]),
    });
  }
  return records;
}

/** How many records of a batch are of a kind. */
export function countKind(batch: RecordBatch, kind: string): number {
  const number = batch.kinds.indexOf(kind);
  let count = 0;
  if (number !== -1) for (let n = 0; n < batch.count; n++) if (batch.rows[n * ROW_WIDTH + ROW.kind] === number) count++;
  return count;
}
