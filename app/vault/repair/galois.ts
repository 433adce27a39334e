/**
 * The field GF(2^8) with the polynomial x^8+x^4+x^3+x^2+1 (0x11d), which Reed-Solomon codes of storage use, and the Cauchy matrix of our code.
 * Every square part of a Cauchy matrix can be inverted (Blömer et al., ICSI TR-95-048), so any loss of up to PARITY_ROWS shards of a group can be undone.
 */

/** Parity shards of a group. Four, so that one look-up of a 32-bit word advances all of them. */
export const PARITY_ROWS = 4;
/** Data shards of a group, at most: 4 of 128 are 3.1 %. */
export const GROUP_SHARDS = 128;

const POLYNOMIAL = 0x11d;
const exp = new Uint8Array(510);
const log = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; i++) {
  exp[i] = value;
  exp[i + 255] = value;
  log[value] = i;
  value <<= 1;
  if (value > 255) value ^= POLYNOMIAL;
}

export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : (exp[(log[a] as number) + (log[b] as number)] as number);
}

/** Throws RangeError for 0. */
export function inverse(a: number): number {
  if (a === 0) throw new RangeError("0 has no inverse");
  return exp[255 - (log[a] as number)] as number;
}

/** What data shard `shard` of a group counts for in its parity shard `row`: 1 / (x + y), all x (255 - row) different from all y (shard). */
export function coefficient(row: number, shard: number): number {
  return inverse((255 - row) ^ shard);
}

const words: Uint32Array[] = [];

/** By byte: that byte times the coefficients of all four rows, row 0 in the lowest byte. */
export function wordsOf(shard: number): Uint32Array {
  return (words[shard] ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let word = 0;
    for (let row = 0; row < PARITY_ROWS; row++) word |= multiply(coefficient(row, shard), byte) << (row * 8);
    return word >>> 0;
  }));
}

/** The inverse of a small square matrix. Throws RangeError when it has none, which no part of a Cauchy matrix does. */
export function invert(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: size }, (_, j) => (i === j ? 1 : 0))]);
  for (let at = 0; at < size; at++) {
    const pivot = rows.findIndex((row, i) => i >= at && row[at] !== 0);
    if (pivot < 0) throw new RangeError("a matrix without an inverse");
    [rows[at], rows[pivot]] = [rows[pivot] as number[], rows[at] as number[]];
    const scale = inverse((rows[at] as number[])[at] as number);
    const top = (rows[at] as number[]).map((value) => multiply(value, scale));
    rows[at] = top;
    for (let i = 0; i < size; i++) {
      const factor = i === at ? 0 : ((rows[i] as number[])[at] as number);
      if (factor !== 0) rows[i] = (rows[i] as number[]).map((value, j) => value ^ multiply(factor, top[j] as number));
    }
  }
  return rows.map((row) => row.slice(size));
}
