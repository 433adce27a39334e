/**
 * Counter-based randomness: the numbers for record i come from (seed, stream, i) alone, so any record can be made at any
 * time, in any order, at the price of four integer operations to reseed. Not for anything secret.
 */

/** Two 32-bit words from any seed (cyrb53's mixing). */
export function seedWords(seed: string | number): readonly [number, number] {
  const text = String(seed);
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [a >>> 0, b >>> 0];
}

/** A stream of draws for one purpose; `at(i)` moves it to record i. */
export class Draw {
  readonly #a: number;
  readonly #b: number;
  #state = 0;

  constructor(seed: string | number, stream: string) {
    [this.#a, this.#b] = seedWords(`${seed}/${stream}`);
  }

  at(index: number): this {
    let h = Math.imul(index ^ this.#a, 0x85ebca6b) ^ Math.imul(Math.floor(index / 4294967296), 0xc2b2ae35);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ this.#b;
    this.#state = (h ^ (h >>> 13)) | 0;
    return this;
  }

  /** 0 to 2^32 - 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 to n - 1. */
  below(n: number): number {
    return Math.floor((this.next() / 4294967296) * n);
  }

  /** `low` to `high`, both possible. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability * 4294967296;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** A string of `n` decimal digits, n up to 9. */
  digits(n: number): string {
    return String(this.below(10 ** n)).padStart(n, "0");
  }
}
