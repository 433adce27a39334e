/**
 * Where batches wait for their digests: each is copied and handed to a thread that digests it while the batches before it are compared and the
 * ones after it are read. Batches come out in the order in which they went in.
 */
import { ThreadPool } from "../threads/pool.ts";
import type { RecordBatch } from "../record-batch.ts";
import { ROW_WIDTH } from "../record-batch.ts";
import { DIGEST_BYTES } from "../crypto/digest.ts";
import { buffersOf, digestBatch } from "./digest-batch.ts";
import type { DigestRoom, DigestTask } from "./digest-batch.ts";

/** A batch with its digests, valid until it is released. */
export interface Digested {
  readonly stream: string;
  readonly kinds: readonly string[];
  readonly count: number;
  /** What the rows point into, and no more. */
  readonly data: Uint8Array;
  readonly rows: Int32Array;
  readonly digests: Uint8Array;
  readonly marks: Uint8Array;
}

/** Batches under way: one being digested, one waiting for the thread, one being compared. */
const SLOTS = 3;
/** Bytes taken in before threads are started: a small snapshot is done before a thread is up. */
const THREADS_FROM = 8 * 1024 * 1024;
/** Room for more bytes than this is given back when the batch is done. */
const KEPT_ROOM = 8 * 1024 * 1024;

const NO_BYTES = new Uint8Array(0);
const NO_ROOM: DigestRoom = { data: NO_BYTES, rows: new Int32Array(0), digests: NO_BYTES, marks: NO_BYTES };

/** Room for the batch, the old one where it suffices. A quarter more than asked for: batches vary a little. */
function roomFor(batch: RecordBatch, old: DigestRoom): DigestRoom {
  // One byte at least: an empty buffer would be everybody's, and is gone from here once it is handed over.
  const size = Math.max(1, batch.bytes.length + batch.extra.length);
  const data = old.data.length >= size ? old.data : new Uint8Array(Math.ceil(size * 1.25));
  if (old.marks.length >= batch.count) return { ...old, data };
  const records = Math.ceil(batch.count * 1.25);
  return { data, rows: new Int32Array(records * ROW_WIDTH), digests: new Uint8Array(records * DIGEST_BYTES), marks: new Uint8Array(records) };
}

interface Waiting {
  readonly stream: string;
  readonly kinds: readonly string[];
  readonly count: number;
  /** Of the room's bytes, those that are the batch's. */
  readonly size: number;
  readonly room: Promise<DigestRoom>;
}

export class Intake {
  private readonly digestKey: Uint8Array;
  private readonly threads: number;
  private readonly idle: DigestRoom[] = Array.from({ length: SLOTS }, () => NO_ROOM);
  private readonly waiting: Waiting[] = [];
  private taken: DigestRoom | null = null;
  private pool: ThreadPool<DigestTask, DigestRoom> | null = null;
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
  put({ bytes, extra, rows, count, kinds }: RecordBatch, stream: string): void {
    const idle = this.idle.pop();
    if (idle === undefined) throw new RangeError("the intake is full");
    const taken = roomFor({ bytes, extra, rows, count, kinds }, idle);
    taken.data.set(bytes, 0);
    taken.data.set(extra, bytes.length);
    taken.rows.set(rows.subarray(0, count * ROW_WIDTH), 0);
    this.bytes += bytes.length;
    this.records += count;
    const room = this.run({ digestKey: this.digestKey, room: taken, count });
    // Whoever takes it meets the error; until then it must not count as unhandled.
    room.catch(() => undefined);
    this.waiting.push({ stream, kinds, count, size: bytes.length + extra.length, room });
  }

  private run(task: DigestTask): Promise<DigestRoom> {
    if (this.threads === 0 || this.bytes < THREADS_FROM) return Promise.resolve(digestBatch(task));
    this.pool ??= new ThreadPool({ worker: new URL("./digest-worker.ts", import.meta.url), inline: digestBatch, threads: this.threads });
    return this.pool.run(task, buffersOf(task.room));
  }

  /** The oldest batch, digested; null when there is none. To be followed by `release`. */
  async next(): Promise<Digested | null> {
    const waiting = this.waiting.shift();
    if (waiting === undefined) return null;
    this.records -= waiting.count;
    this.taken = await waiting.room;
    const { stream, kinds, count, size } = waiting;
    return { stream, kinds, count, ...this.taken, data: this.taken.data.subarray(0, size) };
  }

  /** The batch taken last is no longer needed. */
  release(): void {
    if (this.taken === null) return;
    this.idle.push(this.taken.data.length > KEPT_ROOM ? NO_ROOM : this.taken);
    this.taken = null;
  }

  async close(): Promise<void> {
    await this.pool?.close();
    this.pool = null;
  }
}
