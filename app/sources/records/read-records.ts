/** Turns the bytes of a JSONL stream into batches of records. What cannot become a record is a named gap; the rest is kept. */
import { isAscii, isUtf8 } from "node:buffer";
import type { Gap, GapCode, SourceRecord } from "#app/vault/index.ts";
import { GapList } from "./gap-list.ts";
import { identify } from "./identify.ts";
import { splitLines, type LineBatch } from "./lines.ts";

export interface ReadRecordsOptions {
  /** Named in every gap: "customers", or the file's base name. */
  readonly stream: string;
  readonly maxLineBytes?: number;
  /** Records per batch at most. Default 4096 (a batch never spans two chunks). */
  readonly maxBatchRecords?: number;
}

/** One pass over one stream. `records()` may be called once; `gaps` and `bytesRead` are complete when it has ended. */
export interface RecordReading {
  /** Views of the source's bytes, valid only until the next batch is asked for. Blank lines are skipped. Never throws for bad data. */
  records(): AsyncIterable<readonly SourceRecord[]>;
  readonly gaps: readonly Gap[];
  readonly bytesRead: number;
}

export function readRecords(chunks: AsyncIterable<Uint8Array>, options: ReadRecordsOptions): RecordReading {
  const gaps = new GapList(options.stream);
  let bytesRead = 0;

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytesRead += chunk.byteLength;
      yield chunk;
    }
  }

  async function* records(): AsyncGenerator<readonly SourceRecord[]> {
    const split = options.maxLineBytes === undefined ? {} : { maxLineBytes: options.maxLineBytes };
    for await (const lines of splitLines(counted(), split)) {
      const batch = recordsOf(lines, gaps);
      if (batch.length === 0) continue;
      const most = options.maxBatchRecords ?? batch.length;
      if (batch.length <= most) yield batch;
      else for (let at = 0; at < batch.length; at += most) yield batch.slice(at, at + most);
    }
  }

  return {
    records,
    get gaps() {
      return gaps.all();
    },
    get bytesRead() {
      return bytesRead;
    },
  };
}

function recordsOf(lines: LineBatch, gaps: GapList): SourceRecord[] {
  const records: SourceRecord[] = [];
  if (lines.tooLarge) {
    gaps.add("record.too_large", lines.firstLine);
    return records;
  }
  const bytes = Buffer.from(lines.bytes.buffer, lines.bytes.byteOffset, lines.bytes.byteLength);
  // One look at the whole batch: a line break is never inside a UTF-8 sequence, so the batch is well-formed exactly when every line is.
  const ascii = isAscii(bytes);
  const utf8 = ascii || isUtf8(bytes);
  let start = 0;
  for (let n = 0; n < lines.ends.length; n++) {
    const end = lines.ends[n]!;
    const line = bytes.subarray(start, end);
    const number = lines.firstLine + n;
    start = end + 1;
    if (isBlank(line)) continue;
    const last = lines.unterminated && n === lines.ends.length - 1;
    if (!utf8 && !isUtf8(line)) {
      gaps.add(last ? "record.truncated" : "record.not_utf8", number);
      continue;
    }
    const found = identify(line.toString(ascii ? "latin1" : "utf8"));
    if (typeof found !== "string") records.push({ kind: found.kind, id: found.id, parentId: found.parentId, bytes: line });
    else gaps.add(gapCode(found, last), number);
  }
  return records;
}

/** Invalid JSON at the end of a stream without a last line break is what a cut transfer looks like. */
function gapCode(reason: "invalid_json" | "missing_id", last: boolean): GapCode {
  if (reason === "missing_id") return "record.missing_id";
  return last ? "record.truncated" : "record.invalid_json";
}

function isBlank(line: Uint8Array): boolean {
  for (let at = 0; at < line.length; at++) {
    const byte = line[at];
    if (byte !== SPACE && byte !== TAB && byte !== CARRIAGE_RETURN) return false;
  }
  return true;
}

const SPACE = 0x20;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
