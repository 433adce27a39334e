/** Writes leaves of a run, column by column (docs/design.md 2.5). */
import { DIGEST_BYTES } from "../crypto/digest.ts";
import { ByteWriter } from "../format/bytes.ts";
import { PLACED, REMOVAL, RESTART } from "./leaf.ts";
import type { Located } from "./leaf.ts";

/** Every block costs a fixed sum to compress and to open (60 µs here, a tenth of a check of all stored bytes at half this size), and a point read a few kilobytes more the larger it is. */
export const LEAF_ENTRIES = 256;
/** In runs that lie upon others: a point read opens two of each run's leaves, and these runs are small. */
export const UPPER_LEAF_ENTRIES = 64;

/** A key as bytes, kept from entry to entry. */
export class KeptKey {
  bytes = Buffer.alloc(256);
  length = 0;
  set(from: Uint8Array, start: number, end: number): void {
    this.length = end - start;
    if (this.length > this.bytes.length) this.bytes = Buffer.alloc(this.length * 2);
    const { bytes } = this;
    for (let i = start, at = 0; i < end; i++) bytes[at++] = from[i] as number;
  }
  /** From a byte string. */
  setText(text: string): void {
    if (text.length > this.bytes.length) this.bytes = Buffer.alloc(text.length * 2);
    this.length = this.bytes.write(text, 0, "latin1");
  }
  /** Length of the prefix that both have. */
  shared(from: Uint8Array, start: number, end: number): number {
    const limit = Math.min(this.length, end - start);
    const { bytes } = this;
    let i = 0;
    while (i < limit && bytes[i] === from[start + i]) i++;
    return i;
  }
  /** As a byte string. */
  get text(): string {
    return this.bytes.toString("latin1", 0, this.length);
  }
}

export class LeafBuilder {
  count = 0;
  readonly firstKey = new KeptKey();
  readonly lastKey = new KeptKey();
  private readonly keys = new ByteWriter();
  private readonly flags = new ByteWriter(LEAF_ENTRIES);
  private readonly digests = new ByteWriter(LEAF_ENTRIES * DIGEST_BYTES);
  private readonly packs = new Map<string, number>();
  private packBefore = "";
  private packNumber = 0;
  private readonly packColumn = new ByteWriter(512);
  private readonly frameColumn = new ByteWriter(512);
  private readonly ordinalColumn = new ByteWriter(512);
  private readonly placeColumn = new ByteWriter(512);
  private readonly out = new ByteWriter(16 * 1024);
  private frameBefore = 0;
  private ordinalBefore = -1;
  private readonly room = new KeptKey();
  private readonly digest = Buffer.alloc(DIGEST_BYTES);

  /** `located` null: a removal. Keys, byte strings, must come in order. */
  add(key: string, located: Located | null): void {
    const { room, digest } = this;
    room.setText(key);
    this.addKey(room.bytes, 0, room.length);
    if (located === null) {
      this.flags.u8(REMOVAL);
      return;
    }
    digest.write(located.digest, 0, "latin1");
    this.addPlace(digest, 0, located.pack, located.frame, located.ordinal, located.place);
  }

  /** The same from bytes: the key is `bytes` from `start` up to `end`, the digest 16 bytes of `digests` at `digestAt`. `place` -1: none. */
  addBytes(bytes: Uint8Array, start: number, end: number, digests: Uint8Array, digestAt: number, pack: string, frame: number, ordinal: number, place: number): void {
    this.addKey(bytes, start, end);
    this.addPlace(digests, digestAt, pack, frame, ordinal, place);
  }

  private addKey(bytes: Uint8Array, start: number, end: number): void {
    if (this.count === 0) this.firstKey.set(bytes, start, end);
    const shared = this.count % RESTART === 0 ? 0 : this.lastKey.shared(bytes, start, end);
    this.keys.varint(shared);
    this.keys.varint(end - start - shared);
    this.keys.range(bytes, start + shared, end);
    this.lastKey.set(bytes, start, end);
    this.count++;
  }

  private addPlace(digests: Uint8Array, digestAt: number, packId: string, frame: number, ordinal: number, place: number): void {
    this.flags.u8(place >= 0 ? PLACED : 0);
    this.digests.range(digests, digestAt, digestAt + DIGEST_BYTES);
    if (packId !== this.packBefore) {
      let number = this.packs.get(packId);
      if (number === undefined) this.packs.set(packId, (number = this.packs.size));
      this.packBefore = packId;
      this.packNumber = number;
    }
    this.packColumn.varint(this.packNumber);
    this.frameColumn.zigzag(frame - this.frameBefore);
    this.frameBefore = frame;
    this.ordinalColumn.zigzag(ordinal - (this.ordinalBefore + 1));
    this.ordinalBefore = ordinal;
    if (place >= 0) this.placeColumn.varint(place);
  }

  /** The leaf's bytes, valid until the next `take`; the builder is empty again. `first`: number of its first entry within the run. */
  take(first: number): Buffer {
    const { out } = this;
    out.reset();
    out.varint(this.count);
    out.varint(first);
    out.varint(this.packs.size);
    for (const pack of this.packs.keys()) out.put(Buffer.from(pack, "hex"));
    for (const column of [this.keys, this.flags, this.digests, this.packColumn, this.frameColumn, this.ordinalColumn, this.placeColumn]) {
      out.put(column.view());
      column.reset();
    }
    this.packs.clear();
    this.packBefore = "";
    this.count = 0;
    this.frameBefore = 0;
    this.ordinalBefore = -1;
    return out.view();
  }
}
