/**
 * Records that came in no order, held until there are enough of them to be looked up in the order of their keys: each part of the parent's index is then
 * opened once per gathering instead of once per record. They stay numbered in their order of arrival.
 */
import { DIGEST_BYTES } from "../crypto/digest.ts";
import { compareRanges } from "../format/bytes.ts";
import { ROW, ROW_WIDTH } from "../record-batch.ts";
import type { Digested } from "./intake.ts";

/** Bytes of records held. At a gigabyte of export some thirty passes over the index. */
const GATHERED_BYTES = 24 * 1024 * 1024;
/** Records held, whatever their size. */
const MOST_RECORDS = 64 * 1024;
/** Numbers of a row that are places in the batch's bytes. */
const PLACES = [ROW.start, ROW.end, ROW.idStart, ROW.idEnd, ROW.parentStart, ROW.parentEnd] as const;

export class Gathering {
  count = 0;
  private readonly limit: number;
  private stream = "";
  private readonly kinds: string[] = [];
  private readonly numbers = new Map<string, number>();
  private data: Uint8Array;
  private used = 0;
  private rows = new Int32Array(0);
  private digests = new Uint8Array(0);
  private marks = new Uint8Array(0);

  constructor(limit = GATHERED_BYTES) {
    this.limit = limit;
    this.data = new Uint8Array(0);
  }

  /** False: what is here must be taken first. */
  fits(batch: Digested): boolean {
    return this.count === 0 || (batch.stream === this.stream && this.count + batch.count <= MOST_RECORDS && this.used + batch.data.length <= this.limit);
  }

  /** Copies the batch. `fits` must have been asked. */
  add(batch: Digested): void {
    const size = batch.data.length;
    this.room(batch.count, size);
    this.stream = batch.stream;
    this.data.set(batch.data, this.used);
    const from = this.count * ROW_WIDTH;
    this.rows.set(batch.rows.subarray(0, batch.count * ROW_WIDTH), from);
    const kinds = batch.kinds.map((name) => this.kind(name));
    for (let row = from; row < from + batch.count * ROW_WIDTH; row += ROW_WIDTH) {
      this.rows[row + ROW.kind] = kinds[this.rows[row + ROW.kind] as number] ?? -1;
      const child = (this.rows[row + ROW.parentStart] as number) >= 0;
      for (const place of PLACES) if (child || place < ROW.parentStart) this.rows[row + place] = (this.rows[row + place] as number) + this.used;
    }
    this.digests.set(batch.digests.subarray(0, batch.count * DIGEST_BYTES), this.count * DIGEST_BYTES);
    this.marks.set(batch.marks.subarray(0, batch.count), this.count);
    this.count += batch.count;
    this.used += size;
  }

  private kind(name: string): number {
    let number = this.numbers.get(name);
    if (number === undefined) this.numbers.set(name, (number = this.kinds.push(name) - 1));
    return number;
  }

  private room(count: number, size: number): void {
    const records = this.count + count;
    if (records > this.marks.length) {
      const wanted = Math.max(records, this.marks.length * 2);
      this.rows = larger(this.rows, new Int32Array(wanted * ROW_WIDTH));
      this.digests = larger(this.digests, new Uint8Array(wanted * DIGEST_BYTES));
      this.marks = larger(this.marks, new Uint8Array(wanted));
    }
    // A single batch may be larger than a gathering.
    if (this.used + size > this.data.length) this.data = larger(this.data, new Uint8Array(Math.max(this.used + size, Math.min(this.limit, this.data.length * 2))));
  }

  /** All of it as one batch, valid until `clear`. */
  all(): Digested {
    const { stream, kinds, count, data, rows, digests, marks } = this;
    return { stream, kinds, count, data: data.subarray(0, this.used), rows, digests, marks };
  }

  clear(): void {
    this.count = 0;
    this.used = 0;
  }
}

function larger<T extends Int32Array | Uint8Array>(old: T, room: T): T {
  room.set(old);
  return room;
}

/** Keys one after another: key i is [starts[i], starts[i + 1]). */
export interface Keys {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly count: number;
}

/** Numbers of the keys in ascending order, equal ones in order of arrival; and how many stand below the one before them. */
export function orderOf({ bytes, starts, count }: Keys): { readonly order: Uint32Array; readonly descents: number } {
  const compare = (a: number, b: number): number => compareRanges(bytes, starts[a] as number, starts[a + 1] as number, bytes, starts[b] as number, starts[b + 1] as number);
  const order = new Uint32Array(count);
  let descents = 0;
  for (let i = 0; i < count; i++) {
    order[i] = i;
    if (i > 0 && compare(i - 1, i) > 0) descents++;
  }
  return { order: descents === 0 ? order : order.sort((a, b) => compare(a, b) || a - b), descents };
}
