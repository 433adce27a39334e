/**
 * The one source of every pseudonym: HMAC-SHA-256 under a key of the vault's. The same value always gives the same pseudonym; without the key nobody gets from one to the other.
 * What needs more than 32 bytes, as a long text does, goes on with AES-256 in counter mode (NIST SP 800-38A) under a key that follows in the same way.
 */
import { createCipheriv, createHmac, type KeyObject } from "node:crypto";

const ZEROS = Buffer.alloc(1024);
const FIRST_COUNTER = Buffer.alloc(16);

/** Bytes without end that follow from the key, a use and a value. */
export class Stream {
  readonly #key: KeyObject;
  readonly #label: string;
  #block: Buffer;
  #at = 0;
  #rest: ReturnType<typeof createCipheriv> | null = null;

  /** `key`: made once; it is asked for a million times. */
  constructor(key: KeyObject, use: string, value: string) {
    this.#key = key;
    this.#label = `holdfast pseudonym v2\0${use}\0${value}\0`;
    this.#block = this.#mac("first");
  }

  byte(): number {
    if (this.#at >= this.#block.length) {
      this.#rest ??= createCipheriv("aes-256-ctr", this.#mac("rest"), FIRST_COUNTER);
      this.#block = this.#rest.update(ZEROS);
      this.#at = 0;
    }
    return this.#block[this.#at++]!;
  }

  #mac(part: string): Buffer {
    return createHmac("sha256", this.#key).update(this.#label + part).digest();
  }

  /** 0 to n-1, n at most 2^17; the bias is below 2^-15. */
  below(n: number): number {
    return (((this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()) >>> 0) % n;
  }

  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  digits(n: number): string {
    return this.#drawn(n, 10, 48);
  }

  /** Small letters. */
  letters(n: number): string {
    return this.#drawn(n, 26, 97);
  }

  #drawn(n: number, of: number, first: number): string {
    const even = 256 - (256 % of);
    let text = "";
    while (text.length < n) {
      const byte = this.byte();
      if (byte < even) text += String.fromCharCode(first + (byte % of));
    }
    return text;
  }
}
