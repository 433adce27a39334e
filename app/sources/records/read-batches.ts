/**
 * Turns bytes into batches of records in columns.
 *
 * Bytes are read into two windows of the scanner's memory in turn. The unfinished line at the end of one is copied to right before the other,
 * so that lines are whole where they are scanned. A line too long for that is gathered outside, and judged by the reference alone.
 */
import { isUtf8 } from "node:buffer";
import { ROW, ROW_WIDTH, type GapCode, type RecordBatch } from "#app/vault/index.ts";
import type { ByteSource } from "./byte-source.ts";
import type { GapList } from "./gap-list.ts";
import { identify } from "./identify.ts";
import { LongLine } from "./long-line.ts";
import { borrowScanner, giveBack } from "./scan/borrow.ts";
import { ASK, ASK_WIDTH, EXTRA_A_LINE, type LineScanner } from "./scan/line-scanner.ts";
import { isBlank } from "./scan/plain-scanner.ts";

/** Read at once. */
const PIECE = 1024 * 1024;
/** The longest beginning of a line that is carried over from window to window. */
const CARRY = 448 * 1024;
/** Vector loads may look this far beyond the last line. */
const BEYOND = 64;
const WINDOW = CARRY + PIECE + BEYOND;

const NEWLINE = 0x0a;
const NONE = new Uint8Array(0);

export interface ReadBatches {
  readonly source: ByteSource;
  readonly gaps: GapList;
  readonly maxLineBytes: number;
  /** Where the lines are found. Default: one that is borrowed for the time of the reading. */
  readonly scanner?: LineScanner;
  readonly onBytes: (count: number) => void;
}

/** Batches in the order of the stream, none of them empty, each valid until the next is asked for. Closes the source. */
export async function* readBatches(options: ReadBatches): AsyncGenerator<RecordBatch> {
  const { source, gaps, maxLineBytes } = options;
  const scanner = options.scanner ?? borrowScanner();
  const { memory } = scanner;
  const lines = new Lines(scanner, gaps, maxLineBytes);
  const starts = [scanner.free + CARRY, scanner.free + WINDOW + CARRY] as const;
  let now: 0 | 1 = 0;
  const read = (window: 0 | 1): Promise<number> => source.read(memory.subarray(starts[window], starts[window] + PIECE));

  let pending = read(now);
  /** Bytes of an unfinished line, right before the window. */
  let carried = 0;
  let long: LongLine | null = null;
  try {
    for (;;) {
      const count = await pending;
      if (count === 0) break;
      options.onBytes(count);
      const next = (1 - now) as 0 | 1;
      if (source.readsAhead) {
        pending = read(next);
        // It may fail while its reader is busy with this window; it is told when it is asked.
        pending.catch(() => undefined);
      }
      const end = starts[now] + count;
      let from = starts[now] - carried;
      if (long !== null) {
        const stop = memory.subarray(from, end).indexOf(NEWLINE);
        long.add(memory.subarray(from, stop === -1 ? end : from + stop));
        if (stop === -1) from = end;
        else {
          from += stop + 1;
          const batch = lines.judge(long, false);
          long = null;
          if (batch !== null) yield batch;
        }
      }
      const to = from + memory.subarray(from, end).lastIndexOf(NEWLINE) + 1;
      for (const batch of lines.scan(from, to, false)) yield batch;
      carried = end - to;
      if (carried > CARRY) {
        long = new LongLine(maxLineBytes);
        long.add(memory.subarray(to, end));
        carried = 0;
      } else if (carried > 0) memory.copy(memory, starts[next] - carried, to, end);
      now = next;
      if (!source.readsAhead) pending = read(now);
    }
    if (long !== null) {
      const batch = lines.judge(long, true);
      if (batch !== null) yield batch;
    } else if (carried > 0) {
      memory[starts[now]] = NEWLINE;
      for (const batch of lines.scan(starts[now] - carried, starts[now] + 1, true)) yield batch;
    }
  } finally {
    // The read under way must end before its memory goes to somebody else; its failure no longer matters to anybody.
    await pending.catch(() => undefined);
    await source.close();
    if (options.scanner === undefined) giveBack(scanner);
  }
}

/** Counts lines, and has those judged that the scanner is not sure of. */
class Lines {
  readonly #scanner: LineScanner;
  readonly #gaps: GapList;
  readonly #maxLineBytes: number;
  /** 1-based number of the next line. */
  #line = 1;

  constructor(scanner: LineScanner, gaps: GapList, maxLineBytes: number) {
    this.#scanner = scanner;
    this.#gaps = gaps;
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines in memory at [from, to), each with its "\n". `last`: the "\n" of the only line is ours, the stream ended without. */
  *scan(from: number, to: number, last: boolean): Generator<RecordBatch> {
    if (from === to) return;
    const scanner = this.#scanner;
    // One look at all lines: a line break is never inside a UTF-8 sequence, so together they are well-formed exactly when every one is.
    const utf8 = isUtf8(scanner.memory.subarray(from, to));
    for (let at = from; at < to; ) {
      const stopped = scanner.scan(at, to, this.#maxLineBytes, !utf8);
      const { asks, extra } = scanner.found;
      // Ranges in `extra` go on after what was to be scanned; they are to go on after what was.
      if (extra > 0 && stopped < to) this.#shift(to - at, to - stopped);
      const count = asks === 0 ? scanner.found.rows : this.#settle(at, stopped, last);
      this.#line += scanner.found.lines;
      if (count > 0) {
        yield { bytes: scanner.memory.subarray(at, stopped), extra: extra === 0 ? NONE : scanner.extra.subarray(0, extra), count, kinds: scanner.kinds, rows: scanner.rows };
      }
      at = stopped;
    }
  }

  #shift(beyond: number, by: number): void {
    const { rows, found } = this.#scanner;
    for (let row = 0; row < found.rows * ROW_WIDTH; row += ROW_WIDTH) {
      for (const place of [ROW.idStart, ROW.idEnd, ROW.parentStart, ROW.parentEnd]) if (rows[row + place]! >= beyond) rows[row + place]! -= by;
    }
  }

  /** Judges the lines asked about, and closes the gaps that refused ones leave among the rows. Returns how many rows there are then. */
  #settle(from: number, stopped: number, last: boolean): number {
    const { rows, asks, found, memory, extra } = this.#scanner;
    let refused = 0;
    for (let n = 0; n < found.asks; n++) {
      const row = asks[n * ASK_WIDTH + ASK.row]! * ROW_WIDTH;
      const line = memory.subarray(from + rows[row + ROW.start]!, from + rows[row + ROW.end]!);
      const gap = this.#identify(line, last, rows, row, extra, asks[n * ASK_WIDTH + ASK.extra]!, stopped - from);
      if (gap === null) continue;
      this.#gaps.add(gap, this.#line + asks[n * ASK_WIDTH + ASK.line]!);
      rows[row + ROW.start] = -1;
      refused++;
    }
    if (refused === 0) return found.rows;
    let kept = 0;
    for (let n = 0; n < found.rows; n++) {
      const row = n * ROW_WIDTH;
      if (rows[row + ROW.start] === -1) continue;
      if (kept !== n) rows.copyWithin(kept * ROW_WIDTH, row, row + ROW_WIDTH);
      kept++;
    }
    return kept;
  }

  /** Fills in the row of a line, its names written to `extra` at `place`, which goes on after `beyond`. Or says why it is no record. */
  #identify(line: Buffer, last: boolean, rows: Int32Array, row: number, extra: Buffer, place: number, beyond: number): GapCode | null {
    if (line.length > this.#maxLineBytes) return "record.too_large";
    if (!isUtf8(line)) return last ? "record.truncated" : "record.not_utf8";
    const found = identify(line.toString("utf8"));
    // Invalid JSON at the end of a stream without a last line break is what a cut transfer looks like.
    if (found === "invalid_json") return last ? "record.truncated" : "record.invalid_json";
    if (found === "missing_id") return "record.missing_id";
    rows[row + ROW.kind] = this.#scanner.kindNumber(found.kind);
    const idEnd = place + extra.write(found.id, place);
    rows[row + ROW.idStart] = beyond + place;
    rows[row + ROW.idEnd] = beyond + idEnd;
    rows[row + ROW.parentStart] = found.parentId === null ? -1 : beyond + idEnd;
    rows[row + ROW.parentEnd] = found.parentId === null ? -1 : beyond + idEnd + extra.write(found.parentId, idEnd);
    return null;
  }

  /** A line that did not fit into a window. Null: it is not a record. */
  judge(long: LongLine, last: boolean): RecordBatch | null {
    const line = this.#line++;
    const bytes = long.whole();
    if (bytes === null) {
      this.#gaps.add("record.too_large", line);
      return null;
    }
    if (isBlank(bytes, 0, bytes.length)) return null;
    const rows = new Int32Array(ROW_WIDTH);
    rows[ROW.end] = bytes.length;
    const extra = Buffer.alloc(Math.min(bytes.length, EXTRA_A_LINE));
    const gap = this.#identify(bytes, last, rows, 0, extra, 0, bytes.length);
    if (gap !== null) {
      this.#gaps.add(gap, line);
      return null;
    }
    return { bytes, extra, count: 1, kinds: this.#scanner.kinds, rows };
  }
}
