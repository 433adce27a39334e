/**
 * Which numbers of a row are where they belong, when the row should rise strictly: those that every longest strictly rising selection holds. In
 * 3 2 3 it is the first that is out of place; in 2 2 3 it is one of the first two, and nothing says which, so both are.
 */
export function rising(row: readonly number[]): boolean[] {
  const ending = longestEnding(row);
  const starting = longestEnding(row.map((value) => -value).reverse()).reverse();
  const longest = ending.reduce((most, length) => Math.max(most, length), 0);
  const candidates = row.map((_, n) => ending[n]! + starting[n]! - 1 === longest);
  const rivals = new Map<number, number>();
  candidates.forEach((is, n) => {
    if (is) rivals.set(ending[n]!, (rivals.get(ending[n]!) ?? 0) + 1);
  });
  return candidates.map((is, n) => is && rivals.get(ending[n]!) === 1);
}

/** For each place the length of the longest strictly rising selection that ends there. */
function longestEnding(row: readonly number[]): number[] {
  // tails[k]: the smallest last number of a rising selection of k + 1.
  const tails: number[] = [];
  return row.map((value) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (tails[middle]! < value) low = middle + 1;
      else high = middle;
    }
    tails[low] = value;
    return low + 1;
  });
}
