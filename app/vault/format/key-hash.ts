/**
 * A seeded 64-bit hash of a record's key, over bytes where they lie. It tells one record from another while an index is held against
 * packs; that bytes are unforged is what the keyed digest is for. Each check draws its own seed, so no collision can be prepared.
 */

export class KeyHash {
  low = 0;
  high = 0;
  private readonly seed: Uint32Array;
  /** Four random numbers of 32 bits. */
  constructor(seed: Uint32Array) {
    if (seed.length !== 4) throw new RangeError("a key hash takes four numbers");
    this.seed = seed;
  }

  /** A key whose anchor is [anchor, anchorEnd). Both kinds of key go anchor, kind, and for a child its own id. */
  begin(child: boolean): void {
    const seed = this.seed;
    this.low = ((seed[0] as number) + (child ? 1 : 0)) | 0;
    this.high = ((seed[1] as number) ^ (child ? 0x9e3779b9 : 0)) | 0;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const m1 = (this.seed[2] as number) | 1;
    const m2 = (this.seed[3] as number) | 1;
    let a = this.low;
    let b = this.high;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
      a = Math.imul(a ^ word, m1);
      a = (a << 13) | (a >>> 19);
      b = Math.imul(b + word, m2);
      b ^= b >>> 15;
    }
    let tail = end - start;
    for (; at < end; at++) tail = (tail << 8) ^ (bytes[at] as number) ^ (tail >>> 24);
    a = Math.imul(a ^ tail, m1);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b + tail, m2);
    b ^= b >>> 15;
    this.low = a;
    this.high = b;
  }

  end(): void {
    this.low = mix(this.low ^ (this.high >>> 7));
    this.high = mix(this.high + this.low);
  }
}

function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
