/** The one source of every pseudonym: HMAC-SHA-256 under a key of the vault's. The same value always gives the same pseudonym; without the key nobody gets from one to the other. */
import { createHmac } from "node:crypto";

/** Bytes without end that follow from the key, a use and a value. */
export class Stream {
  readonly #key: Uint8Array;
  readonly #label: string;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;
  #counter = 0;

  constructor(key: Uint8Array, use: string, value: string) {
    this.#key = key;
    this.#label = `holdfast pseudonym v1\0${use}\0${value}\0`;
  }

  byte(): number {
    if (this.#at >= this.#block.length) {
      this.#block = createHmac("sha256", this.#key).update(`${this.#label}${this.#counter++}`).digest();
      this.#at = 0;
    }
    return this.#block[this.#at++]!;
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
