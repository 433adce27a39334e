/**
 * Look-ups of many keys, as bytes, cheap when they come nearly in order: an export walks through a few places of the index at once (customers here, their
 * orders there), so a few leaves are kept per run, and the entry after the last one found is tried first.
 */
import { compareRanges } from "../format/bytes.ts";
import { LeafColumns } from "./leaf-columns.ts";
import type { RunReader } from "./run-reader.ts";

/** Leaves kept per run. */
const SPOTS = 6;

/** What a look-up found. One object, overwritten by the next look-up. */
export interface FoundEntry {
  /** Newest = 0. */
  run: number;
  leaf: LeafColumns;
  at: number;
}

interface Spot {
  readonly leaf: LeafColumns;
  low: Buffer;
  /** Null: nothing bounds it. */
  high: Buffer | null;
  /** The entry that is most likely asked for next. */
  at: number;
}

export class KeyLookup {
  /** Leaves that had to be opened. */
  fetched = 0;
  private readonly readers: readonly RunReader[];
  /** Per run, the one used last first. */
  private readonly spots: Spot[][];
  private readonly found: FoundEntry = { run: 0, leaf: new LeafColumns(), at: 0 };
  constructor(readers: readonly RunReader[]) {
    this.readers = readers;
    this.spots = readers.map(() => []);
  }

  /** The newest entry with the key in `bytes` up to `length` (a removal too), null for none; a promise when a leaf has to be fetched. */
  find(bytes: Buffer, length: number, from = 0): FoundEntry | null | Promise<FoundEntry | null> {
    for (let run = from; run < this.readers.length; run++) {
      const spot = this.spotFor(run, bytes, length);
      if (spot === null) return this.fetch(run, bytes, length);
      if (spot.at >= spot.leaf.count || !equals(spot.leaf, spot.at, bytes, length)) {
        spot.at = lowerBound(spot.leaf, bytes, length);
        if (spot.at >= spot.leaf.count || !equals(spot.leaf, spot.at, bytes, length)) continue;
      }
      this.found.run = run;
      this.found.leaf = spot.leaf;
      this.found.at = spot.at++;
      return this.found;
    }
    return null;
  }

  private spotFor(run: number, bytes: Buffer, length: number): Spot | null {
    const spots = this.spots[run] as Spot[];
    for (let i = 0; i < spots.length; i++) {
      const spot = spots[i] as Spot;
      const hit = spot.at < spot.leaf.count && equals(spot.leaf, spot.at, bytes, length);
      if (!hit && (compareRanges(bytes, 0, length, spot.low, 0, spot.low.length) < 0 || (spot.high !== null && compareRanges(bytes, 0, length, spot.high, 0, spot.high.length) >= 0))) continue;
      if (i > 0) {
        spots.copyWithin(1, 0, i);
        spots[0] = spot;
      }
      return spot;
    }
    return null;
  }

  private async fetch(run: number, bytes: Buffer, length: number): Promise<FoundEntry | null> {
    this.fetched++;
    const spots = this.spots[run] as Spot[];
    const spot = spots.length < SPOTS ? { leaf: new LeafColumns(), low: NONE, high: null, at: 0 } : (spots.pop() as Spot);
    const { low, high } = await (this.readers[run] as RunReader).seekLeaf(bytes.toString("latin1", 0, length), spot.leaf);
    spot.low = Buffer.from(low, "latin1");
    spot.high = high === null ? null : Buffer.from(high, "latin1");
    spot.at = 0;
    spots.unshift(spot);
    return this.find(bytes, length, run);
  }
}

const NONE = Buffer.alloc(0);

/** Compared from the end, where keys of neighbours differ. */
function equals(leaf: LeafColumns, i: number, bytes: Uint8Array, length: number): boolean {
  const { keys } = leaf;
  const start = leaf.keyStart[i] as number;
  if ((leaf.keyStart[i + 1] as number) - start !== length) return false;
  for (let j = length - 1; j >= 0; j--) if (keys[start + j] !== bytes[j]) return false;
  return true;
}

/** Number of entries below the key. */
function lowerBound(leaf: LeafColumns, bytes: Uint8Array, length: number): number {
  let low = 0;
  let high = leaf.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareRanges(leaf.keys, leaf.keyStart[middle] as number, leaf.keyStart[middle + 1] as number, bytes, 0, length) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
