/** Hostile bytes: made from good ones, seeded, so that a failure can be had again. */
import { seededNumbers } from "#tests/support/vault-kit.ts";

/** Bytes that decoders trip over: ends of ranges of varints and of fixed numbers. */
const NASTY: readonly (readonly number[])[] = [[0], [0x7f], [0x80], [0xff], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], [0xff, 0x7f], [0x81, 0x80, 0x80, 0x80, 0x10]];

export class Mutator {
  private readonly number: () => number;
  constructor(seed: number) {
    this.number = seededNumbers(seed);
  }
  private below(n: number): number {
    return Math.floor(this.number() * n);
  }

  /** One to four changes to a sample; `others` lend pieces. */
  mutate(sample: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
    let bytes: Buffer = Buffer.from(sample);
    for (let i = 1 + this.below(4); i > 0; i--) bytes = this.once(bytes, others);
    return bytes;
  }

  private once(bytes: Buffer, others: readonly Uint8Array[]): Buffer {
    const at = this.below(bytes.length + 1);
    const nasty = Buffer.from(NASTY[this.below(NASTY.length)] as number[]);
    switch (this.below(9)) {
      case 0: {
        if (bytes.length > 0) bytes[this.below(bytes.length)] = (bytes[this.below(bytes.length)] as number) ^ (1 << this.below(8));
        return bytes;
      }
      case 1: {
        if (bytes.length > 0) bytes[this.below(bytes.length)] = this.below(256);
        return bytes;
      }
      case 2:
        return bytes.subarray(0, at);
      case 3:
        return Buffer.concat([bytes.subarray(0, at), nasty, bytes.subarray(at)]);
      case 4:
        return Buffer.concat([bytes.subarray(0, at), nasty, bytes.subarray(Math.min(bytes.length, at + nasty.length))]);
      case 5: {
        const to = Math.min(bytes.length, at + this.below(16));
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
      }
      case 6: {
        const to = Math.min(bytes.length, at + this.below(32));
        return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
      }
      case 7: {
        const other = others[this.below(others.length)] ?? bytes;
        const from = this.below(other.length + 1);
        return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + this.below(64)), bytes.subarray(at)]);
      }
      default: {
        // Numbers tend to stand early: change what is near the start more often.
        const near = this.below(Math.min(bytes.length, 96) + 1);
        return Buffer.concat([bytes.subarray(0, near), nasty, bytes.subarray(Math.min(bytes.length, near + nasty.length))]);
      }
    }
  }

  noise(most: number): Uint8Array {
    return Uint8Array.from({ length: this.below(most) }, () => this.below(256));
  }
}
