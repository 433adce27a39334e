/**
 * A leaf opened into columns of numbers over its own bytes: for walks over millions of entries, where an object or a string per entry
 * is what costs. The same checks as `decodeLeaf`, the same refusals; one instance is filled again for every leaf.
 */
import { DIGEST_BYTES } from "../crypto/digest.ts";
import { ByteReader, compareRanges } from "../format/bytes.ts";
import { MAX_NAME_BYTES } from "../format/sort-key.ts";
import { MAX_KEY_BYTES } from "./leaf.ts";

const MAX_ENTRIES = 4096;
const REMOVAL = 1;
const PLACED = 2;

export class LeafColumns {
  count = 0;
  /** Number of its first entry within the run. */
  first = 0;
  /** Hex ids that `pack` counts into. */
  packs: string[] = [];
  /** Sort keys, whole, one after another: key i is [keyStart[i], keyStart[i + 1]). */
  keys: Buffer = Buffer.allocUnsafeSlow(32 * 1024);
  keyStart = new Uint32Array(256 + 1);
  /** Where the anchor of key i ends (its first NUL), counted from the start of the key. */
  anchorLength = new Uint16Array(256);
  /** Where the kind ends, counted from the start of the key; the key's length for a record without a parent. */
  kindEnd = new Uint16Array(256);
  /** 1: a removal, which has nothing of what follows. */
  flags = new Uint8Array(256);
  /** Digest i is the 16 bytes from digestAt[i] in `digests`. */
  digests: Buffer = Buffer.alloc(0);
  digestAt = new Uint32Array(256);
  pack = new Uint16Array(256);
  frame = new Uint32Array(256);
  ordinal = new Uint32Array(256);
  /** -1: none. */
  place = new Float64Array(256);

  isRemoval(i: number): boolean {
    return this.flags[i] === REMOVAL;
  }
  isTop(i: number): boolean {
    return this.keys[(this.keyStart[i] as number) + (this.anchorLength[i] as number) + 1] === 0;
  }
  /** The sort key as a byte string. */
  key(i: number): string {
    return this.keys.toString("latin1", this.keyStart[i], this.keyStart[i + 1]);
  }
  kind(i: number): string {
    const start = this.keyStart[i] as number;
    return this.keys.toString("latin1", start + (this.anchorLength[i] as number) + 2, start + (this.kindEnd[i] as number));
  }
  /** The record's own id, as a byte string. */
  ownId(i: number): string {
    const start = this.keyStart[i] as number;
    return this.isTop(i) ? this.keys.toString("latin1", start, start + (this.anchorLength[i] as number)) : this.keys.toString("latin1", start + (this.kindEnd[i] as number) + 1, this.keyStart[i + 1]);
  }
  digest(i: number): string {
    const at = this.digestAt[i] as number;
    return this.digests.toString("latin1", at, at + DIGEST_BYTES);
  }
  packId(i: number): string {
    return this.packs[this.pack[i] as number] as string;
  }

  /** Throws vault.damaged_object, said of `object`. `raw` is kept until the next load. */
  load(raw: Buffer, object: string): void {
    const reader = new ByteReader(raw, object);
    const count = reader.varint(MAX_ENTRIES);
    if (count === 0) reader.fail("a leaf is empty");
    this.count = count;
    this.first = reader.varint();
    this.room(count);
    const packCount = reader.varint(count);
    this.packs = [];
    for (let i = 0; i < packCount; i++) this.packs.push(reader.take(32).toString("hex"));
    this.loadKeys(reader, count);
    const { flags, digestAt, pack, frame, ordinal, place } = this;
    const flagBytes = reader.take(count);
    flags.set(flagBytes);
    let live = 0;
    for (let i = 0; i < count; i++) {
      const flag = flagBytes[i] as number;
      if (flag > PLACED) reader.fail("an entry has unknown flags");
      if ((flag & REMOVAL) === 0) digestAt[i] = reader.at + live++ * DIGEST_BYTES;
    }
    reader.take(live * DIGEST_BYTES);
    this.digests = raw;
    for (let i = 0; i < count; i++) {
      if (flags[i] === REMOVAL) continue;
      const number = reader.varint(MAX_ENTRIES);
      if (number >= packCount) reader.fail("an entry points at no pack");
      pack[i] = number;
    }
    this.loadDeltas(reader, frame, 0, 0);
    this.loadDeltas(reader, ordinal, -1, 1);
    for (let i = 0; i < count; i++) place[i] = flags[i] === PLACED ? reader.varint(0xffffffff) : -1;
    reader.finish();
  }

  private room(count: number): void {
    if (count <= this.flags.length) return;
    this.keyStart = new Uint32Array(MAX_ENTRIES + 1);
    this.anchorLength = new Uint16Array(MAX_ENTRIES);
    this.kindEnd = new Uint16Array(MAX_ENTRIES);
    this.flags = new Uint8Array(MAX_ENTRIES);
    this.digestAt = new Uint32Array(MAX_ENTRIES);
    this.pack = new Uint16Array(MAX_ENTRIES);
    this.frame = new Uint32Array(MAX_ENTRIES);
    this.ordinal = new Uint32Array(MAX_ENTRIES);
    this.place = new Float64Array(MAX_ENTRIES);
  }

  private loadKeys(reader: ByteReader, count: number): void {
    const { keyStart } = this;
    const source = reader.bytes;
    let at = 0;
    let before = 0;
    let beforeLength = 0;
    for (let i = 0; i < count; i++) {
      const shared = reader.varint(beforeLength);
      const length = reader.varint(MAX_KEY_BYTES - shared);
      const from = reader.at;
      if (from + length > reader.end) reader.fail("it ends too early");
      reader.at = from + length;
      const size = shared + length;
      if (at + size > this.keys.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(at + size, this.keys.length * 2));
        this.keys.copy(larger, 0, 0, at);
        this.keys = larger;
      }
      const keys = this.keys;
      for (let j = 0; j < shared; j++) keys[at + j] = keys[before + j] as number;
      for (let j = 0; j < length; j++) keys[at + shared + j] = source[from + j] as number;
      if (i > 0 && !ascends(keys, before, beforeLength, at, size, shared)) reader.fail("keys are out of order");
      if (!this.split(i, at, size)) reader.fail("a key is malformed");
      keyStart[i] = at;
      before = at;
      beforeLength = size;
      at += size;
    }
    keyStart[count] = at;
  }

  /** Finds the parts of a key; false when it is none (the rules of `partsOf`). */
  private split(i: number, start: number, size: number): boolean {
    const keys = this.keys;
    const end = start + size;
    let at = start;
    while (at < end && keys[at] !== 0) at++;
    const anchor = at - start;
    if (anchor < 1 || anchor > MAX_NAME_BYTES || at + 2 >= end) return false;
    const mark = keys[at + 1];
    if (mark !== 0 && mark !== 1) return false;
    this.anchorLength[i] = anchor;
    let zero = at + 2;
    while (zero < end && keys[zero] !== 0) zero++;
    this.kindEnd[i] = zero - start;
    if (mark === 0) return zero === end;
    if (zero === at + 2 || zero + 1 >= end) return false;
    for (let j = zero + 1; j < end; j++) if (keys[j] === 0) return false;
    return true;
  }

  private loadDeltas(reader: ByteReader, values: Uint32Array, before: number, step: number): void {
    const { flags, count } = this;
    let value = before;
    for (let i = 0; i < count; i++) {
      if (flags[i] === REMOVAL) continue;
      value += reader.zigzag() + step;
      if (value < 0 || value > 0xffffffff) reader.fail("a position is out of bounds");
      values[i] = value;
    }
  }
}

/** Whether the second key is above the first; the first `shared` bytes are known to be equal. */
function ascends(bytes: Uint8Array, a: number, aLength: number, b: number, bLength: number, shared: number): boolean {
  const limit = Math.min(aLength, bLength);
  for (let j = shared; j < limit; j++) {
    const difference = (bytes[b + j] as number) - (bytes[a + j] as number);
    if (difference !== 0) return difference > 0;
  }
  return bLength > aLength;
}

/** Byte order of key i of `a` and key j of `b`: negative, 0 or positive. */
export function compareKeys(a: LeafColumns, i: number, b: LeafColumns, j: number): number {
  return compareRanges(a.keys, a.keyStart[i] as number, a.keyStart[i + 1] as number, b.keys, b.keyStart[j] as number, b.keyStart[j + 1] as number);
}
