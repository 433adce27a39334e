/**
 * Sorts rows (a key and a fixed-size payload) in bounded memory: a buffer, spilled as sorted sealed files, merged when read.
 * Rows with equal keys come out in the order in which they went in.
 */
import { ByteReader, ByteWriter } from "../format/bytes.ts";
import type { Scratch, ScratchFile } from "./scratch.ts";

export interface Row {
  /** A byte string. */
  readonly key: string;
  readonly payload: Buffer;
}

export interface SorterLimits {
  readonly rows: number;
  /** Of keys, in bytes. */
  readonly keyBytes: number;
}

const DEFAULT_LIMITS: SorterLimits = { rows: 64_000, keyBytes: 8 * 1024 * 1024 };
const CHUNK = 64 * 1024;
const BATCH = 1024;
/** Files merged at once; more are first merged into one, so memory stays below MERGE_WAYS chunks. */
const MERGE_WAYS = 128;

export class Sorter {
  count = 0;
  private readonly scratch: Scratch;
  private readonly width: number;
  private readonly limits: SorterLimits;
  private keys: string[] = [];
  private keyBytes = 0;
  private payloads: Buffer;
  private files: ScratchFile[] = [];
  constructor(scratch: Scratch, payloadBytes: number, limits: SorterLimits = DEFAULT_LIMITS) {
    this.scratch = scratch;
    this.width = payloadBytes;
    this.limits = limits;
    this.payloads = Buffer.allocUnsafe(1024 * payloadBytes);
  }

  /** Adds a row; true when the caller must await `spill` before the next. `payload` is copied. */
  add(key: string, payload: Uint8Array): boolean {
    const at = this.keys.length * this.width;
    if (at + this.width > this.payloads.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.payloads.length * 2, Math.max(this.limits.rows, this.keys.length + 1) * this.width));
      this.payloads.copy(larger, 0, 0, at);
      this.payloads = larger;
    }
    this.payloads.set(payload, at);
    this.keys.push(key);
    this.keyBytes += key.length;
    this.count++;
    return this.keys.length >= this.limits.rows || this.keyBytes >= this.limits.keyBytes;
  }

  async spill(): Promise<void> {
    if (this.keys.length === 0) return;
    this.files.push(await this.write(this.buffered()));
    this.keys = [];
    this.keyBytes = 0;
    if (this.files.length >= MERGE_WAYS) this.files = [await this.write(this.merged(this.files))];
  }

  private order(): Uint32Array {
    const keys = this.keys;
    const order = new Uint32Array(keys.length);
    let sorted = true;
    for (let i = 0; i < order.length; i++) {
      order[i] = i;
      if (i > 0 && (keys[i - 1] as string) > (keys[i] as string)) sorted = false;
    }
    if (sorted) return order;
    return order.sort((a, b) => {
      const x = keys[a] as string;
      const y = keys[b] as string;
      return x < y ? -1 : x > y ? 1 : a - b;
    });
  }

  private async *buffered(): AsyncGenerator<Row[]> {
    const { keys, payloads, width } = this;
    const order = this.order();
    for (let start = 0; start < order.length; start += BATCH) {
      const batch: Row[] = [];
      for (let i = start; i < Math.min(order.length, start + BATCH); i++) {
        const row = order[i] as number;
        batch.push({ key: keys[row] as string, payload: payloads.subarray(row * width, (row + 1) * width) });
      }
      yield batch;
    }
  }

  private async write(rows: AsyncIterable<Row[]>): Promise<ScratchFile> {
    const file = await this.scratch.file();
    const out = new ByteWriter(CHUNK * 2);
    for await (const batch of rows) {
      for (const row of batch) {
        out.varint(row.key.length);
        out.latin1(row.key);
        out.put(row.payload);
        if (out.length >= CHUNK) {
          await file.append(out.view());
          out.reset();
        }
      }
    }
    if (out.length > 0) await file.append(out.view());
    return file;
  }

  private async *fromFile(file: ScratchFile): AsyncGenerator<Row[]> {
    for (let chunk = 0; chunk < file.chunkCount; chunk++) {
      const reader = new ByteReader(await file.read(chunk), "scratch");
      const batch: Row[] = [];
      while (reader.at < reader.end) {
        const key = reader.latin1(reader.varint());
        batch.push({ key, payload: reader.take(this.width) });
      }
      yield batch;
    }
    await file.close();
  }

  /** All rows in order, in batches. Call once; nothing may be added afterwards. */
  sorted(): AsyncIterable<Row[]> {
    return this.files.length === 0 ? this.buffered() : this.merged(this.files, true);
  }

  private async *merged(files: readonly ScratchFile[], withBuffer = false): AsyncGenerator<Row[]> {
    const sources: AsyncIterator<Row[]>[] = files.map((file) => this.fromFile(file));
    if (withBuffer) sources.push(this.buffered());
    const heads: { rows: Row[]; at: number; source: number }[] = [];
    for (const [source, iterator] of sources.entries()) {
      const first = await iterator.next();
      if (first.done !== true && first.value.length > 0) heads.push({ rows: first.value, at: 0, source });
    }
    // `heads` stays sorted by (key, source): an insertion sort, because neighbours in one file tend to stay neighbours.
    const before = (a: (typeof heads)[number], b: (typeof heads)[number]): boolean => {
      const x = (a.rows[a.at] as Row).key;
      const y = (b.rows[b.at] as Row).key;
      return x < y || (x === y && a.source < b.source);
    };
    heads.sort((a, b) => (before(a, b) ? -1 : 1));
    let batch: Row[] = [];
    while (heads.length > 0) {
      const head = heads[0] as (typeof heads)[number];
      batch.push(head.rows[head.at] as Row);
      if (batch.length >= BATCH) {
        yield batch;
        batch = [];
      }
      head.at++;
      if (head.at >= head.rows.length) {
        const next = await (sources[head.source] as AsyncIterator<Row[]>).next();
        if (next.done === true) {
          heads.shift();
          continue;
        }
        head.rows = next.value;
        head.at = 0;
      }
      let i = 0;
      while (i + 1 < heads.length && before(heads[i + 1] as (typeof heads)[number], head)) {
        heads[i] = heads[i + 1] as (typeof heads)[number];
        i++;
      }
      heads[i] = head;
    }
    if (batch.length > 0) yield batch;
  }

  async close(): Promise<void> {
    for (const file of this.files) await file.close();
  }
}
