/**
 * Sorts rows (a key of bytes and a payload of fixed size) in bounded memory, without an object per row. Rows go into an arena; ascending
 * stretches are noticed as they arrive, because exports come nearly in order; a full arena is spilled as one sorted sealed file; files and arena are
 * merged when read. Rows with equal keys come out in the order in which they went in.
 */
import { compareRanges } from "../format/bytes.ts";
import type { Scratch, ScratchFile } from "./scratch.ts";

export interface RowSorterLimits {
  /** Of one arena. */
  readonly bytes: number;
  /** Files merged at once; more are first merged into one, so memory stays below so many chunks. */
  readonly ways: number;
}

const DEFAULT_LIMITS: RowSorterLimits = { bytes: 8 * 1024 * 1024, ways: 64 };
const CHUNK = 64 * 1024;
/** Ascending stretches kept apart; beyond, the arena is sorted the ordinary way. */
const STRETCHES = 6;
/** Before each key: its length. */
const HEAD = 2;

/** Rows in order, as ranges of `bytes`, which is reused from block to block. */
export interface RowBlock {
  count: number;
  bytes: Buffer;
  /** Where each key starts; its payload follows the key. */
  keyAt: Int32Array;
  keyEnd: Int32Array;
}

/** Linked rows of the arena, ascending. */
interface Stretch {
  readonly rows: number[];
  last: number;
}

export class RowSorter {
  count = 0;
  private readonly scratch: Scratch;
  private readonly width: number;
  private readonly limits: RowSorterLimits;
  private arena: Buffer;
  private used = 0;
  private stretches: Stretch[] = [];
  /** More stretches than are worth keeping apart: every row, in order of arrival. */
  private unordered: number[] | null = null;
  private rows = 0;
  private files: ScratchFile[] = [];
  constructor(scratch: Scratch, payloadBytes: number, limits: RowSorterLimits = DEFAULT_LIMITS) {
    this.scratch = scratch;
    this.width = payloadBytes;
    this.limits = limits;
    this.arena = Buffer.allocUnsafeSlow(Math.min(64 * 1024, limits.bytes));
  }

  /** Room for a row with a key of `keyBytes`; true when `spill` must be awaited first. */
  full(keyBytes: number): boolean {
    return this.rows > 0 && this.used + HEAD + keyBytes + this.width > this.limits.bytes;
  }

  /** Copies a row in. `full` must have been asked. */
  add(key: Uint8Array, keyBytes: number, payload: Uint8Array): void {
    const size = HEAD + keyBytes + this.width;
    if (this.used + size > this.arena.length) this.grow(size);
    const { arena, used } = this;
    arena[used] = keyBytes >>> 8;
    arena[used + 1] = keyBytes & 0xff;
    let at = used + HEAD;
    for (let i = 0; i < keyBytes; i++) arena[at++] = key[i] as number;
    for (let i = 0; i < this.width; i++) arena[at++] = payload[i] as number;
    this.used = used + size;
    this.rows++;
    this.count++;
    this.place(used);
  }

  private grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.used + size, Math.min(this.arena.length * 4, this.limits.bytes)));
    this.arena.copy(larger, 0, 0, this.used);
    this.arena = larger;
  }

  private keyEnd(row: number): number {
    return row + HEAD + (((this.arena[row] as number) << 8) | (this.arena[row + 1] as number));
  }

  private compare(a: number, b: number): number {
    return compareRanges(this.arena, a + HEAD, this.keyEnd(a), this.arena, b + HEAD, this.keyEnd(b));
  }

  /** Onto the first stretch that it continues. */
  private place(row: number): void {
    if (this.unordered !== null) {
      this.unordered.push(row);
      return;
    }
    const { stretches } = this;
    for (let i = 0; i < stretches.length; i++) {
      const stretch = stretches[i] as Stretch;
      if (this.compare(stretch.last, row) > 0) continue;
      stretch.rows.push(row);
      stretch.last = row;
      // The next row most likely continues the same stretch.
      if (i > 0) {
        stretches[i] = stretches[0] as Stretch;
        stretches[0] = stretch;
      }
      return;
    }
    if (stretches.length < STRETCHES) stretches.unshift({ rows: [row], last: row });
    else {
      this.unordered = stretches.flatMap((stretch) => stretch.rows);
      this.unordered.push(row);
      this.stretches = [];
    }
  }

  /** Rows of the arena in order. Arena offsets are order of arrival, which settles equal keys. */
  private order(): number[] {
    if (this.unordered !== null) return this.unordered.sort((a, b) => this.compare(a, b) || a - b);
    const parts = this.stretches.map((stretch) => stretch.rows);
    while (parts.length > 1) {
      parts.sort((a, b) => b.length - a.length);
      const b = parts.pop() as number[];
      const a = parts.pop() as number[];
      parts.push(this.mergeTwo(a, b));
    }
    return parts[0] ?? [];
  }

  private mergeTwo(a: readonly number[], b: readonly number[]): number[] {
    const out = new Array<number>(a.length + b.length);
    let i = 0;
    let j = 0;
    for (let k = 0; k < out.length; k++) {
      const left = a[i];
      const right = b[j];
      if (right === undefined || (left !== undefined && (this.compare(left, right) || left - right) < 0)) {
        out[k] = left as number;
        i++;
      } else {
        out[k] = right;
        j++;
      }
    }
    return out;
  }

  async spill(): Promise<void> {
    if (this.rows === 0) return;
    const file = await this.scratch.file();
    const out = Buffer.allocUnsafe(CHUNK + HEAD + 0xffff + this.width);
    let length = 0;
    for (const row of this.order()) {
      const end = this.keyEnd(row) + this.width;
      length += this.arena.copy(out, length, row, end);
      if (length >= CHUNK) {
        await file.append(out.subarray(0, length));
        length = 0;
      }
    }
    if (length > 0) await file.append(out.subarray(0, length));
    this.files.push(file);
    this.empty();
    if (this.files.length >= this.limits.ways) this.files = [await this.mergeFiles()];
  }

  private empty(): void {
    this.used = 0;
    this.rows = 0;
    this.stretches = [];
    this.unordered = null;
  }

  private async mergeFiles(): Promise<ScratchFile> {
    const file = await this.scratch.file();
    const out = Buffer.allocUnsafe(CHUNK + HEAD + 0xffff + this.width);
    let length = 0;
    for await (const block of this.merged(this.files)) {
      for (let i = 0; i < block.count; i++) {
        length += block.bytes.copy(out, length, (block.keyAt[i] as number) - HEAD, (block.keyEnd[i] as number) + this.width);
        if (length >= CHUNK) {
          await file.append(out.subarray(0, length));
          length = 0;
        }
      }
    }
    if (length > 0) await file.append(out.subarray(0, length));
    return file;
  }

  /** All rows in order, in blocks that are valid until the next is asked for. Call once; nothing may be added afterwards. */
  async *sorted(): AsyncGenerator<RowBlock> {
    if (this.files.length === 0) yield* this.fromArena();
    else {
      // What is in memory becomes one more file: the merge then holds one chunk of each, and no arena.
      await this.spill();
      this.arena = Buffer.alloc(0);
      yield* this.merged(this.files);
    }
  }

  private *fromArena(): Generator<RowBlock> {
    const order = this.order();
    const block = newBlock(this.arena);
    for (let start = 0; start < order.length; start += BLOCK_ROWS) {
      block.count = Math.min(BLOCK_ROWS, order.length - start);
      for (let i = 0; i < block.count; i++) {
        const row = order[start + i] as number;
        block.keyAt[i] = row + HEAD;
        block.keyEnd[i] = this.keyEnd(row);
      }
      yield block;
    }
  }

  private async *merged(files: readonly ScratchFile[]): AsyncGenerator<RowBlock> {
    const live: FileHead[] = [];
    for (const [source, file] of files.entries()) {
      const head = new FileHead(file, source, this.width);
      if (await head.load()) live.push(head);
    }
    live.sort((a, b) => order(a, b));
    const block = newBlock(Buffer.allocUnsafe(CHUNK + HEAD + 0xffff + this.width));
    let length = 0;
    while (live.length > 0) {
      const head = live[0] as FileHead;
      const size = head.end - head.at + this.width;
      if (block.count === BLOCK_ROWS || length + HEAD + size > block.bytes.length) {
        yield block;
        block.count = 0;
        length = 0;
      }
      block.keyAt[block.count] = length + HEAD;
      block.keyEnd[block.count] = length + HEAD + head.end - head.at;
      length += head.bytes.copy(block.bytes, length, head.at - HEAD, head.end + this.width);
      block.count++;
      if (!head.step() && !(await head.load())) {
        live.shift();
        continue;
      }
      // Neighbours in one file tend to stay neighbours, so moving the head back by comparing is short.
      let i = 0;
      while (i + 1 < live.length && order(live[i + 1] as FileHead, head) < 0) {
        live[i] = live[i + 1] as FileHead;
        i++;
      }
      live[i] = head;
    }
    if (block.count > 0) yield block;
  }

  async close(): Promise<void> {
    for (const file of this.files) await file.close();
  }
}

const BLOCK_ROWS = 1024;

function newBlock(bytes: Buffer): RowBlock {
  return { count: 0, bytes, keyAt: new Int32Array(BLOCK_ROWS), keyEnd: new Int32Array(BLOCK_ROWS) };
}

function order(a: FileHead, b: FileHead): number {
  return compareRanges(a.bytes, a.at, a.end, b.bytes, b.at, b.end) || a.source - b.source;
}

/** The next row of one spilled file: key at [at, end) of `bytes`, payload behind it. */
class FileHead {
  at = 0;
  end = 0;
  bytes: Buffer = Buffer.alloc(0);
  readonly source: number;
  private readonly file: ScratchFile;
  private readonly width: number;
  private chunk = 0;
  private next = 0;
  constructor(file: ScratchFile, source: number, width: number) {
    this.file = file;
    this.source = source;
    this.width = width;
  }
  /** False when the chunk is used up. */
  step(): boolean {
    if (this.next >= this.bytes.length) return false;
    this.at = this.next + HEAD;
    this.end = this.at + this.bytes.readUInt16BE(this.next);
    this.next = this.end + this.width;
    return true;
  }
  /** False, and the file closed, when there is nothing more. */
  async load(): Promise<boolean> {
    if (this.chunk >= this.file.chunkCount) {
      await this.file.close();
      return false;
    }
    this.bytes = await this.file.read(this.chunk++);
    this.next = 0;
    return this.step();
  }
}
