/**
 * HalfSipHash-2-4 with 32 bits out (Aumasson and Bernstein, github.com/veorq/SipHash): a keyed hash for tables, not for secrets. The locator's hashes
 * are hints that are always checked, keyed so that a source cannot crowd one bucket; an HMAC of each id would be a tenth of a first snapshot.
 */
export class HalfSipHash {
  private readonly k0: number;
  private readonly k1: number;
  /** 8 bytes. */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, 8);
    this.k0 = view.getInt32(0, true);
    this.k1 = view.getInt32(4, true);
  }

  /** Unsigned; the published output read as a little-endian number. */
  of(bytes: Uint8Array, start = 0, end = bytes.length): number {
    let v0 = this.k0;
    let v1 = this.k1;
    let v2 = 0x6c796765 ^ this.k0;
    let v3 = 0x74656462 ^ this.k1;
    const length = end - start;
    const whole = start + (length & ~3);
    let m = 0;
    for (let at = start; ; at += 4) {
      if (at < whole) m = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
      else if (at === whole) {
        m = length << 24;
        for (let i = at; i < end; i++) m |= (bytes[i] as number) << ((i - at) << 3);
      } else if (at === whole + 4) {
        // Two turns without a word end it: four rounds.
        v2 ^= 0xff;
        m = 0;
      } else if (at > whole + 8) return (v1 ^ v3) >>> 0;
      v3 ^= m;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= m;
    }
  }
}
