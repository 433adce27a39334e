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

  /** All rows in order, in batches. Call once; nothing may be added afterwards. */
  sorted(): AsyncIterable<Row[]> {
    return this.files.length === 0 ? this.buffered() : this.merged(this.files, true);
  }

  private async *merged(files: readonly ScratchFile[], withBuffer = false): AsyncGenerator<Row[]> {
    const heads: Head[] = files.map((file, source) => new FileHead(file, source, this.width));
    if (withBuffer) heads.push(new BufferHead(this.buffered(), files.length));
    const live: Head[] = [];
    for (const head of heads) if (head.step() || (await head.load())) live.push(head);
    // `live` stays sorted by (key, source): an insertion sort, because neighbours in one file tend to stay neighbours.
    live.sort((a, b) => (comesBefore(a, b) ? -1 : 1));
    let batch: Row[] = [];
    while (live.length > 0) {
      const head = live[0] as Head;
      batch.push(head.row());
      if (batch.length >= BATCH) {
        yield batch;
        batch = [];
      }
      if (!head.step() && !(await head.load())) {
        live.shift();
        continue;
      }
      let i = 0;
      while (i + 1 < live.length && comesBefore(live[i + 1] as Head, head)) {
        live[i] = live[i + 1] as Head;
        i++;
      }
      live[i] = head;
    }
    if (batch.length > 0) yield batch;
  }

  async close(): Promise<void> {
    for (const file of this.files) await file.close();
  }
}

/** The next row of one source. `step` is synchronous; when it answers false, `load` fetches more. */
interface Head {
  readonly source: number;
  readonly key: string;
  row(): Row;
  step(): boolean;
  load(): Promise<boolean>;
}

function comesBefore(a: Head, b: Head): boolean {
  return a.key < b.key || (a.key === b.key && a.source < b.source);
}

/** Decodes one row at a time, so that what is held per file is its chunk of bytes and one key. */
class FileHead implements Head {
  key = "";
  readonly source: number;
  private readonly file: ScratchFile;
  private readonly width: number;
  private chunk = 0;
  private payload = 0;
  private reader: ByteReader | null = null;
  constructor(file: ScratchFile, source: number, width: number) {
    this.file = file;
    this.source = source;
    this.width = width;
  }
  row(): Row {
    return { key: this.key, payload: (this.reader as ByteReader).bytes.subarray(this.payload, this.payload + this.width) };
  }
  step(): boolean {
    const { reader } = this;
    if (reader === null || reader.at >= reader.end) return false;
    this.key = reader.latin1(reader.varint());
    this.payload = reader.at;
    reader.at += this.width;
    return true;
  }
  async load(): Promise<boolean> {
    this.reader = null;
    if (this.chunk >= this.file.chunkCount) {
      await this.file.close();
      return false;
    }
    this.reader = new ByteReader(await this.file.read(this.chunk++), "scratch");
    return this.step();
  }
}

class BufferHead implements Head {
  readonly source: number;
  private readonly batches: AsyncIterator<Row[]>;
  private rows: Row[] = [];
  private at = -1;
  constructor(batches: AsyncIterable<Row[]>, source: number) {
    this.batches = batches[Symbol.asyncIterator]();
    this.source = source;
  }
  get key(): string {
    return (this.rows[this.at] as Row).key;
  }
  row(): Row {
    return this.rows[this.at] as Row;
  }
  step(): boolean {
    return ++this.at < this.rows.length;
  }
  async load(): Promise<boolean> {
    const next = await this.batches.next();
    if (next.done === true) return false;
    this.rows = next.value;
    this.at = 0;
    return this.rows.length > 0;
  }
}
