/** The Merkle root over content (docs/design.md 2.5): streamed, in memory that depends on the height only. */
import { DIGEST_BYTES, sha256, sha256Bytes } from "../crypto/digest.ts";
import { ByteWriter } from "../format/bytes.ts";

export const MAX_CHUNK = 2048;
const MAX_GROUP = 512;

export class RootBuilder {
  count = 0;
  private readonly chunk = new ByteWriter(64 * 1024);
  private inChunk = 0;
  private readonly levels = new RootLevels();
  constructor() {
    this.chunk.latin1("holdfast leaf v1\0");
  }

  /** Keys in strictly ascending order. `digest`: a byte string of 16 chars. `place` -1: none. */
  add(key: string, digest: string, place: number): void {
    const chunk = this.chunk;
    chunk.varint(key.length);
    chunk.latin1(key);
    if (place < 0) chunk.u8(0);
    else {
      chunk.u8(1);
      chunk.varint(place);
    }
    chunk.latin1(digest);
    this.count++;
    if (++this.inChunk >= MAX_CHUNK || digest.charCodeAt(0) === 0) this.endChunk();
  }

  /** The same from bytes: the key is `bytes` from `start` up to `end`, the digest 16 bytes of `digests` at `digestAt`. */
  addBytes(bytes: Uint8Array, start: number, end: number, digests: Uint8Array, digestAt: number, place: number): void {
    const chunk = this.chunk;
    chunk.varint(end - start);
    chunk.range(bytes, start, end);
    if (place < 0) chunk.u8(0);
    else {
      chunk.u8(1);
      chunk.varint(place);
    }
    chunk.range(digests, digestAt, digestAt + DIGEST_BYTES);
    this.count++;
    if (++this.inChunk >= MAX_CHUNK || digests[digestAt] === 0) this.endChunk();
  }

  private endChunk(): void {
    const hash = sha256Bytes(this.chunk.view());
    this.chunk.reset();
    this.chunk.latin1("holdfast leaf v1\0");
    this.inChunk = 0;
    this.levels.push(hash);
  }

  /** Hex. */
  finish(): string {
    if (this.inChunk > 0) this.endChunk();
    return this.levels.finish(this.count);
  }
}

/** What is above the chunks: hashes of level 0 go in, the root comes out. */
export class RootLevels {
  private readonly levels: { group: ByteWriter; size: number; made: number; last: string }[] = [];

  /** The hash of the next chunk, a byte string of 32 chars. */
  push(hash: string): void {
    this.pushTo(0, hash);
  }

  /** Adds a hash to level `level`'s open group. */
  private pushTo(level: number, hash: string): void {
    let at = this.levels[level];
    if (at === undefined) {
      at = { group: new ByteWriter(2048), size: 0, made: 0, last: "" };
      at.group.latin1("holdfast node v1\0");
      this.levels[level] = at;
    }
    at.group.latin1(hash);
    at.size++;
    at.made++;
    at.last = hash;
    if (at.size >= MAX_GROUP || (hash.charCodeAt(31) & 0x3f) === 0) this.endGroup(level);
  }

  private endGroup(level: number): void {
    const at = this.levels[level] as (typeof this.levels)[number];
    const hash = sha256Bytes(at.group.view());
    at.group.reset();
    at.group.latin1("holdfast node v1\0");
    at.size = 0;
    this.pushTo(level + 1, hash);
  }

  /** Hex. `count`: entries in all. */
  finish(count: number): string {
    let top = "";
    for (let level = 0; level < this.levels.length; level++) {
      const at = this.levels[level] as (typeof this.levels)[number];
      if (at.made === 1) {
        top = at.last;
        break;
      }
      if (at.size > 0) this.endGroup(level);
    }
    const head = Buffer.alloc(8);
    head.writeBigUInt64BE(BigInt(count));
    return sha256(Buffer.concat([Buffer.from("holdfast root v1\0", "latin1"), head, Buffer.from(top, "latin1")]));
  }
}
