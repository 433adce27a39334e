/**
 * Where batches wait for their digests: each is copied into shared memory and digested by a thread while the batches before it are compared and the
 * ones after it are read. Batches come out in the order in which they went in.
 */
import { ThreadPool } from "../threads/pool.ts";
import type { RecordBatch } from "../record-batch.ts";
import { ROW_WIDTH } from "../record-batch.ts";
import { DIGEST_BYTES } from "../crypto/digest.ts";
import { digestBatch } from "./digest-batch.ts";
import type { DigestTask } from "./digest-batch.ts";

/** A batch with its digests, valid until it is released. */
export interface Digested {
  readonly stream: string;
  readonly kinds: readonly string[];
  readonly count: number;
  readonly data: Uint8Array;
  readonly rows: Int32Array;
  readonly digests: Uint8Array;
  readonly marks: Uint8Array;
}

/** Batches under way: one being digested, one waiting for the thread, one being compared. */
const SLOTS = 3;
/** Bytes taken in before threads are started: a small snapshot is done before a thread is up. */
const THREADS_FROM = 8 * 1024 * 1024;
/** A slot's memory beyond this is given back when the batch is done. */
const KEPT_ROOM = 8 * 1024 * 1024;

class Slot {
  data: Uint8Array = new Uint8Array(0);
  rows: Int32Array = new Int32Array(0);
  digests: Uint8Array = new Uint8Array(0);
  marks: Uint8Array = new Uint8Array(0);

  take(batch: RecordBatch): void {
    const size = batch.bytes.length + batch.extra.length;
    // A quarter more than asked for: batches vary a little, and shared memory is not given back at once.
    if (this.data.length < size) this.data = new Uint8Array(new SharedArrayBuffer(Math.ceil(size * 1.25)));
    if (this.marks.length < batch.count) {
      const room = Math.ceil(batch.count * 1.25);
      this.rows = new Int32Array(new SharedArrayBuffer(room * ROW_WIDTH * 4));
      this.digests = new Uint8Array(new SharedArrayBuffer(room * DIGEST_BYTES));
      this.marks = new Uint8Array(new SharedArrayBuffer(room));
    }
    this.data.set(batch.bytes, 0);
    this.data.set(batch.extra, batch.bytes.length);
    this.rows.set(batch.rows.subarray(0, batch.count * ROW_WIDTH), 0);
  }

  release(): void {
    if (this.data.length > KEPT_ROOM) this.data = new Uint8Array(0);
  }
}

interface Waiting {
  readonly slot: Slot;
  readonly done: Promise<unknown>;
  readonly digested: Digested;
}

export class Intake {
  private readonly digestKey: Uint8Array;
  private readonly threads: number;
  private readonly idle: Slot[] = Array.from({ length: SLOTS }, () => new Slot());
  private readonly waiting: Waiting[] = [];
  private taken: Slot | null = null;
  private pool: ThreadPool<DigestTask, null> | null = null;
  private bytes = 0;
  /** Records that wait. */
  records = 0;

  /** `threads`: 0 does everything in this thread. */
  constructor(digestKey: Uint8Array, threads: number) {
    this.digestKey = digestKey;
    this.threads = threads;
  }

  /** Whether `next` must be taken before anything can be put in. */
  get full(): boolean {
    return this.idle.length === 0;
  }

  get empty(): boolean {
    return this.waiting.length === 0;
  }

  /** Copies the batch: its memory is free when this returns. */
  put(batch: RecordBatch, stream: string): void {
    const slot = this.idle.pop();
    if (slot === undefined) throw new RangeError("the intake is full");
    slot.take(batch);
    this.bytes += batch.bytes.length;
    this.records += batch.count;
    const { data, rows, digests, marks } = slot;
    const task = { digestKey: this.digestKey, data, rows, count: batch.count, digests, marks };
    const done = this.run(task);
    // Whoever takes it meets the error; until then it must not count as unhandled.
    done.catch(() => undefined);
    this.waiting.push({ slot, done, digested: { stream, kinds: batch.kinds, count: batch.count, data, rows, digests, marks } });
  }

  private run(task: DigestTask): Promise<null> {
    if (this.threads === 0 || this.bytes < THREADS_FROM) return Promise.resolve(digestBatch(task));
    this.pool ??= new ThreadPool({ worker: new URL("./digest-worker.ts", import.meta.url), inline: digestBatch, threads: this.threads });
    return this.pool.run(task);
  }

  /** The oldest batch, digested; null when there is none. To be followed by `release`. */
  async next(): Promise<Digested | null> {
    const waiting = this.waiting.shift();
    if (waiting === undefined) return null;
    this.taken = waiting.slot;
    this.records -= waiting.digested.count;
    await waiting.done;
    return waiting.digested;
  }

  /** The batch taken last is no longer needed. */
  release(): void {
    if (this.taken === null) return;
    this.taken.release();
    this.idle.push(this.taken);
    this.taken = null;
  }

  async close(): Promise<void> {
    await this.pool?.close();
    this.pool = null;
  }
}
