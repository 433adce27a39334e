/**
 * The keyed digest of records where they lie in a larger buffer, compared in place. Like KeyedDigest two one-shot hashes over reused
 * room; the views of that room are kept by length, because making one per record costs as much as a tenth of the hash.
 */
import { hash } from "node:crypto";

const BLOCK = 64;
/** Records up to this length share the kept room. */
const ROOM = 16 * 1024;

export class RangeDigest {
  private readonly inner: Buffer;
  private readonly outer: Buffer;
  private readonly views: (Buffer | undefined)[] = [];
  constructor(key: Uint8Array) {
    if (key.length > BLOCK) throw new RangeError("digest key longer than a block");
    this.inner = Buffer.alloc(BLOCK + ROOM);
    this.outer = Buffer.alloc(BLOCK + 32);
    for (let i = 0; i < BLOCK; i++) {
      const k = key[i] ?? 0;
      this.inner[i] = k ^ 0x36;
      this.outer[i] = k ^ 0x5c;
    }
  }

  /** HMAC-SHA-256 of [start, end), a byte string of 32 chars. */
  whole(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    let room: Buffer;
    if (length <= ROOM) {
      bytes.copy(this.inner, BLOCK, start, end);
      room = this.views[length] ??= this.inner.subarray(0, BLOCK + length);
    } else {
      room = Buffer.allocUnsafe(BLOCK + length);
      this.inner.copy(room, 0, 0, BLOCK);
      bytes.copy(room, BLOCK, start, end);
    }
    this.outer.write(hash("sha256", room, "latin1" as "hex"), BLOCK, "latin1");
    return hash("sha256", this.outer, "latin1" as "hex");
  }

  /** Whether the first 16 bytes of the digest of [start, end) are the four numbers (little-endian) from `at` on. */
  matches(bytes: Buffer, start: number, end: number, digests: Uint32Array, at: number): boolean {
    const found = this.whole(bytes, start, end);
    return word(found, 0) === digests[at] && word(found, 4) === digests[at + 1] && word(found, 8) === digests[at + 2] && word(found, 12) === digests[at + 3];
  }
}

function word(text: string, at: number): number {
  return (text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8) | (text.charCodeAt(at + 2) << 16) | (text.charCodeAt(at + 3) << 24)) >>> 0;
}
