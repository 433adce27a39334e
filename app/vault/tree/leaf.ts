/** Leaves of a run: up to 128 entries, column by column (docs/design.md 2.5). */
import { ByteReader, ByteWriter } from "../format/bytes.ts";
import { partsOf } from "../format/sort-key.ts";
import { DIGEST_BYTES } from "../crypto/digest.ts";

export const LEAF_ENTRIES = 128;
const MAX_ENTRIES = 4096;
const RESTART = 16;
const REMOVAL = 1;
const PLACED = 2;
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

export class LeafBuilder {
  count = 0;
  firstKey = "";
  lastKey = "";
  private readonly keys = new ByteWriter();
  private readonly flags = new ByteWriter(LEAF_ENTRIES);
  private readonly digests = new ByteWriter(LEAF_ENTRIES * DIGEST_BYTES);
  private readonly packs = new Map<string, number>();
  private readonly packColumn = new ByteWriter(512);
  private readonly frameColumn = new ByteWriter(512);
  private readonly ordinalColumn = new ByteWriter(512);
  private readonly placeColumn = new ByteWriter(512);
  private frameBefore = 0;
  private ordinalBefore = -1;

  /** `located` null: a removal. Keys must come in order. */
  add(key: string, located: Located | null): void {
    if (this.count === 0) this.firstKey = key;
    const shared = this.count % RESTART === 0 ? 0 : sharedPrefix(this.lastKey, key);
    this.keys.varint(shared);
    this.keys.varint(key.length - shared);
    this.keys.latin1(shared === 0 ? key : key.slice(shared));
    this.lastKey = key;
    this.count++;
    if (located === null) {
      this.flags.u8(REMOVAL);
      return;
    }
    this.flags.u8(located.place >= 0 ? PLACED : 0);
    this.digests.latin1(located.digest);
    let pack = this.packs.get(located.pack);
    if (pack === undefined) this.packs.set(located.pack, (pack = this.packs.size));
    this.packColumn.varint(pack);
    this.frameColumn.zigzag(located.frame - this.frameBefore);
    this.frameBefore = located.frame;
    this.ordinalColumn.zigzag(located.ordinal - (this.ordinalBefore + 1));
    this.ordinalBefore = located.ordinal;
    if (located.place >= 0) this.placeColumn.varint(located.place);
  }

  /** The leaf's bytes; the builder is empty again afterwards. */
  take(first: number): Buffer {
    const out = new ByteWriter(8192);
    out.varint(this.count);
    out.varint(first);
    out.varint(this.packs.size);
    for (const pack of this.packs.keys()) out.put(Buffer.from(pack, "hex"));
    for (const column of [this.keys, this.flags, this.digests, this.packColumn, this.frameColumn, this.ordinalColumn, this.placeColumn]) {
      out.put(column.view());
      column.reset();
    }
    this.packs.clear();
    this.count = 0;
    this.frameBefore = 0;
    this.ordinalBefore = -1;
    return out.view();
  }
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
