/** Leaves of a run: up to 128 entries, column by column (docs/design.md 2.5). */
import { ByteReader } from "../format/bytes.ts";
import { partsOf } from "../format/sort-key.ts";
import { DIGEST_BYTES } from "../crypto/digest.ts";

const MAX_ENTRIES = 4096;
export const RESTART = 16;
export const REMOVAL = 1;
export const PLACED = 2;
export const MAX_KEY_BYTES = 3 * 4096 + 8;

/** Where a record lies, and what its bytes must hash to. Digest: a byte string of 16 chars. */
export interface Located {
  readonly digest: string;
  /** -1: none. */
  readonly place: number;
  /** Hex id. */
  readonly pack: string;
  readonly frame: number;
  readonly ordinal: number;
}

export interface Leaf {
  readonly count: number;
  /** Number of its first entry within the run. */
  readonly first: number;
  readonly keys: readonly string[];
  /** Per entry; null is a removal. Decoded on demand. */
  isRemoval(i: number): boolean;
  digest(i: number): string;
  /** -1: none. */
  place(i: number): number;
  pack(i: number): string;
  frame(i: number): number;
  ordinal(i: number): number;
  /** Roughly what it holds in memory. */
  readonly weight: number;
}

export function sharedPrefix(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let i = 0;
  while (i < limit && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

const keyRoom = Buffer.alloc(MAX_KEY_BYTES);

/** Front-coded strings, in strictly ascending order. */
export function readKeys(reader: ByteReader, count: number): string[] {
  const keys = new Array<string>(count);
  // Put together as bytes: strings made of pieces would each hold on to the pieces, and keys are what a decoded block weighs.
  const room = keyRoom;
  let before = "";
  for (let i = 0; i < count; i++) {
    const shared = reader.varint(before.length);
    const length = reader.varint(MAX_KEY_BYTES - shared);
    room.set(reader.take(length), shared);
    const key = room.toString("latin1", 0, shared + length);
    if (i > 0 && key <= before) reader.fail("keys are out of order");
    keys[i] = key;
    before = key;
  }
  return keys;
}

export function decodeLeaf(bytes: Uint8Array, object: string): Leaf {
  const reader = new ByteReader(bytes, object);
  const count = reader.varint(MAX_ENTRIES);
  if (count === 0) reader.fail("a leaf is empty");
  const first = reader.varint();
  const packCount = reader.varint(count);
  const packs: string[] = [];
  for (let i = 0; i < packCount; i++) packs.push(reader.take(32).toString("hex"));
  const keys = readKeys(reader, count);
  if (keys.some((key) => partsOf(key) === null)) reader.fail("a key is malformed");
  const flags = Buffer.from(reader.take(count));
  let live = 0;
  for (const flag of flags) {
    if (flag > PLACED) reader.fail("an entry has unknown flags");
    if ((flag & REMOVAL) === 0) live++;
  }
  const packed = reader.take(live * DIGEST_BYTES);
  const slot = new Uint16Array(count);
  let next = 0;
  for (let i = 0; i < count; i++) if (flags[i] !== REMOVAL) slot[i] = next++;
  const digests = Buffer.from(packed);
  const packColumn = new Uint16Array(live);
  for (let i = 0; i < live; i++) {
    packColumn[i] = reader.varint(MAX_ENTRIES);
    if ((packColumn[i] as number) >= packCount) reader.fail("an entry points at no pack");
  }
  const frames = readDeltas(reader, live, 0, 0);
  const ordinals = readDeltas(reader, live, -1, 1);
  const places = new Map<number, number>();
  for (let i = 0; i < count; i++) if (flags[i] === PLACED) places.set(i, reader.varint(0xffffffff));
  reader.finish();
  return {
    count,
    first,
    keys,
    isRemoval: (i) => flags[i] === REMOVAL,
    digest: (i) => digests.toString("latin1", (slot[i] as number) * DIGEST_BYTES, ((slot[i] as number) + 1) * DIGEST_BYTES),
    place: (i) => places.get(i) ?? -1,
    pack: (i) => packs[packColumn[slot[i] as number] as number] as string,
    frame: (i) => frames[slot[i] as number] as number,
    ordinal: (i) => ordinals[slot[i] as number] as number,
    weight: 1024 + bytes.length + count * 48 + keys.reduce((sum, key) => sum + key.length, 0),
  };
}

function readDeltas(reader: ByteReader, count: number, before: number, step: number): Uint32Array {
  const values = new Uint32Array(count);
  let value = before;
  for (let i = 0; i < count; i++) {
    value += reader.zigzag() + step;
    if (value < 0 || value > 0xffffffff) reader.fail("a position is out of bounds");
    values[i] = value;
  }
  return values;
}
