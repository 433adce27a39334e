/** Sorts numbers (whole, below 2^53) in bounded memory: a buffer, spilled as sorted sealed files, merged when read. */
import type { Scratch, ScratchFile } from "./scratch.ts";

const DEFAULT_LIMIT = 256 * 1024;
/** Numbers per chunk of a file, and per block given out. */
const CHUNK = 8192;

export class NumberSorter {
  count = 0;
  private readonly scratch: Scratch;
  private readonly limit: number;
  private buffer: Float64Array;
  private used = 0;
  private readonly files: ScratchFile[] = [];
  /** `limit`: numbers held in memory. */
  constructor(scratch: Scratch, limit = DEFAULT_LIMIT) {
    this.scratch = scratch;
    this.limit = limit;
    this.buffer = new Float64Array(Math.min(1024, limit));
  }

  /** True when `spill` must be awaited before the next. */
  add(value: number): boolean {
    if (this.used === this.buffer.length) {
      const larger = new Float64Array(Math.min(this.limit, this.buffer.length * 4));
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer[this.used++] = value;
    this.count++;
    return this.used >= this.limit;
  }

  async spill(): Promise<void> {
    if (this.used === 0) return;
    const sorted = this.buffer.subarray(0, this.used).sort();
    const file = await this.scratch.file();
    for (let at = 0; at < sorted.length; at += CHUNK) {
      const part = sorted.subarray(at, at + CHUNK);
      await file.append(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
    this.files.push(file);
    this.used = 0;
  }

  /** All numbers in ascending order, in blocks that are valid until the next is asked for. Call once; nothing may be added afterwards. */
  async *sorted(): AsyncGenerator<Float64Array> {
    if (this.files.length === 0) {
      const sorted = this.buffer.subarray(0, this.used).sort();
      for (let at = 0; at < sorted.length; at += CHUNK) yield sorted.subarray(at, at + CHUNK);
      return;
    }
    await this.spill();
    this.buffer = new Float64Array(0);
    const live: Head[] = [];
    for (const file of this.files) {
      const head = new Head(file);
      if (await head.load()) live.push(head);
    }
    const block = new Float64Array(CHUNK);
    let filled = 0;
    // A heap by each file's next number.
    for (let i = (live.length >> 1) - 1; i >= 0; i--) sink(live, i);
    while (live.length > 0) {
      const head = live[0] as Head;
      block[filled++] = head.value;
      if (filled === CHUNK) {
        yield block;
        filled = 0;
      }
      if (!head.step() && !(await head.load())) {
        const last = live.pop() as Head;
        if (live.length === 0) break;
        live[0] = last;
      }
      sink(live, 0);
    }
    if (filled > 0) yield block.subarray(0, filled);
  }
}

function sink(heap: Head[], from: number): void {
  const head = heap[from] as Head;
  let at = from;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as Head).value < (heap[child] as Head).value) child++;
    if ((heap[child] as Head).value >= head.value) break;
    heap[at] = heap[child] as Head;
    at = child;
  }
  heap[at] = head;
}

/** The next number of one spilled file. */
class Head {
  value = 0;
  private readonly file: ScratchFile;
  private values = new Float64Array(0);
  private chunk = 0;
  private at = 0;
  constructor(file: ScratchFile) {
    this.file = file;
  }
  step(): boolean {
    if (this.at >= this.values.length) return false;
    this.value = this.values[this.at++] as number;
    return true;
  }
  async load(): Promise<boolean> {
    if (this.chunk >= this.file.chunkCount) {
      await this.file.close();
      return false;
    }
    // Copied, because what is read need not lie on a multiple of eight.
    const bytes = await this.file.read(this.chunk++);
    this.values = new Float64Array(bytes.length / 8);
    new Uint8Array(this.values.buffer).set(bytes);
    this.at = 0;
    return this.step();
  }
}
