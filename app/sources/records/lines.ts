/**
 * Splits a stream of bytes into lines, with bounded memory.
 *
 * A line ends at "\n"; a "\r" before it belongs to the line. Lines are views of the chunk they arrived in, so they are valid only until
 * the next batch is asked for; the one line that crosses from chunk to chunk is copied. A line longer than `maxLineBytes` is announced
 * as too large and skipped without being held.
 */

/** 64 MiB: four times what one Shopify bulk line could reach with every field at its limit; larger than that is a file of another kind. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Lines per batch at most, so that a chunk of tiny lines does not become an array of a million views. */
const MAX_BATCH_LINES = 4096;

const NEWLINE = 10;

export interface LineBatch {
  /** The lines that follow each other, each with its terminating "\n", except the last line of a stream that does not end in one. */
  readonly bytes: Uint8Array;
  /** End of each line within `bytes`, exclusive, terminator not included. Line n starts one byte after the end of line n - 1. */
  readonly ends: readonly number[];
  /** 1-based number, in the stream, of the first line. */
  readonly firstLine: number;
  /** The last line of this batch is the stream's last and has no terminator. */
  readonly unterminated: boolean;
  /** The one line of this batch was longer than allowed; `bytes` is empty and `ends` holds 0. */
  readonly tooLarge: boolean;
}

export interface SplitOptions {
  readonly maxLineBytes?: number;
}

/** Batches of lines in the order of the stream. Every line is in exactly one batch; an empty stream yields none. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, options: SplitOptions = {}): AsyncGenerator<LineBatch> {
  const maxLineBytes = options.maxLineBytes ?? MAX_LINE_BYTES;
  /** Copies of the beginning of a line whose end has not arrived yet. */
  let carried: Uint8Array[] = [];
  let carriedBytes = 0;
  let skipping = false;
  let line = 1;

  const oversized = (): LineBatch => ({ bytes: new Uint8Array(0), ends: [0], firstLine: line++, unterminated: false, tooLarge: true });

  for await (const chunk of chunks) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;

    if (skipping || carriedBytes > 0) {
      const end = buffer.indexOf(NEWLINE);
      const found = end !== -1;
      const more = found ? end : buffer.length;
      if (skipping) {
        if (!found) continue;
        skipping = false;
        yield oversized();
      } else if (carriedBytes + more > maxLineBytes) {
        carried = [];
        carriedBytes = 0;
        if (!found) {
          skipping = true;
          continue;
        }
        yield oversized();
      } else if (!found) {
        carried.push(Uint8Array.prototype.slice.call(buffer));
        carriedBytes += buffer.length;
        continue;
      } else {
        carried.push(buffer.subarray(0, end + 1));
        const whole = Buffer.concat(carried, carriedBytes + end + 1);
        carried = [];
        carriedBytes = 0;
        yield { bytes: whole, ends: [whole.length - 1], firstLine: line++, unterminated: false, tooLarge: false };
      }
      start = end + 1;
    }

    let from = start;
    let ends: number[] = [];
    for (;;) {
      const end = buffer.indexOf(NEWLINE, start);
      if (end === -1) break;
      if (end - start > maxLineBytes) {
        if (ends.length > 0) yield batch(buffer.subarray(from, start), ends, (line += ends.length) - ends.length);
        yield oversized();
        ends = [];
        from = end + 1;
      } else {
        ends.push(end - from);
        if (ends.length === MAX_BATCH_LINES) {
          yield batch(buffer.subarray(from, end + 1), ends, (line += ends.length) - ends.length);
          ends = [];
          from = end + 1;
        }
      }
      start = end + 1;
    }
    // What is left over is copied before the batch is handed out: the source may reuse its buffer once it is asked for more.
    const rest = buffer.length - start;
    if (rest > maxLineBytes) skipping = true;
    else if (rest > 0) {
      carried.push(Uint8Array.prototype.slice.call(buffer, start));
      carriedBytes = rest;
    }
    if (ends.length > 0) yield batch(buffer.subarray(from, start), ends, (line += ends.length) - ends.length);
  }

  if (skipping) yield oversized();
  else if (carriedBytes > 0) {
    const whole = Buffer.concat(carried, carriedBytes);
    yield { bytes: whole, ends: [whole.length], firstLine: line, unterminated: true, tooLarge: false };
  }
}

function batch(bytes: Uint8Array, ends: number[], firstLine: number): LineBatch {
  return { bytes, ends, firstLine, unterminated: false, tooLarge: false };
}
