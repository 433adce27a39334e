/** Reading hostile bytes and writing our own: bounds checked, big-endian, LEB128 varints up to 2^53-1. */
import { damaged } from "../errors.ts";

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether `length` bytes from `at` and from `otherAt` on are the same. Both ranges are there. Without a view of either: it is asked for millions of times. */
export function sameRange(one: Uint8Array, at: number, other: Uint8Array, otherAt: number, length: number): boolean {
  for (let i = length - 1; i >= 0; i--) if (one[at + i] !== other[otherAt + i]) return false;
  return true;
}

/** A cursor over bytes that come from the store. Every read is checked; what is wrong is said of `object`. */
export class ByteReader {
  readonly bytes: Buffer;
  readonly object: string;
  at: number;
  readonly end: number;
  constructor(bytes: Uint8Array, object: string, at = 0, end = bytes.length) {
    this.bytes = asBuffer(bytes);
    this.object = object;
    this.at = at;
    this.end = end;
  }
  fail(what: string): never {
    throw damaged(this.object, what);
  }
  private need(length: number): number {
    const at = this.at;
    if (length < 0 || at + length > this.end) this.fail("it ends too early");
    this.at = at + length;
    return at;
  }
  u8(): number {
    return this.bytes[this.need(1)] as number;
  }
  u32(): number {
    return this.bytes.readUInt32BE(this.need(4));
  }
  take(length: number): Buffer {
    const at = this.need(length);
    return this.bytes.subarray(at, at + length);
  }
  latin1(length: number): string {
    const at = this.need(length);
    return this.bytes.toString("latin1", at, at + length);
  }
  varint(max: number = Number.MAX_SAFE_INTEGER): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 8; i++) {
      if (this.at >= this.end) this.fail("it ends too early");
      const byte = this.bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > max) this.fail("a number is out of bounds");
        return value;
      }
      factor *= 128;
    }
    this.fail("a number is out of bounds");
  }
  /** Signed, zigzag. */
  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  finish(): void {
    if (this.at !== this.end) this.fail("it has bytes beyond its end");
  }
}

/** A growing buffer. `view()` is valid until the next write or `reset()`. */
export class ByteWriter {
  bytes: Buffer;
  length = 0;
  constructor(capacity = 4096) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }
  private room(length: number): void {
    const needed = this.length + length;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
  u8(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }
  u32(value: number): void {
    this.room(4);
    this.bytes.writeUInt32BE(value, this.length);
    this.length += 4;
  }
  varint(value: number): void {
    this.room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }
  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }
  put(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }
  /** Bytes `start` up to `end` of `from`. */
  range(from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.room(length);
    if (length > 48) this.bytes.set(from.subarray(start, end), this.length);
    // Below that a call into the runtime costs more than the bytes do.
    else for (let i = 0; i < length; i++) this.bytes[this.length + i] = from[start + i] as number;
    this.length += length;
  }
  /** A string of bytes (each char below 256). */
  latin1(text: string): void {
    this.room(text.length);
    this.bytes.write(text, this.length, "latin1");
    this.length += text.length;
  }
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
  copy(): Buffer {
    return Buffer.from(this.view());
  }
  reset(): void {
    this.length = 0;
  }
}

/** Bytewise order of two ranges: negative, 0 or positive. */
export function compareRanges(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = (a[aStart + i] as number) - (b[bStart + i] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}
