/** Which entries of the parent's runs this run has met: one bit each. */
import type { RunDescription } from "../types.ts";

export class Seen {
  private readonly bits: readonly Uint8Array[];
  constructor(runs: readonly RunDescription[]) {
    this.bits = runs.map((run) => new Uint8Array(Math.ceil(run.entries / 8)));
  }
  has(run: number, position: number): boolean {
    return (((this.bits[run] as Uint8Array)[position >>> 3] as number) & (1 << (position & 7))) !== 0;
  }
  /** False when it was met before. */
  mark(run: number, position: number): boolean {
    const bits = this.bits[run] as Uint8Array;
    const bit = 1 << (position & 7);
    const before = bits[position >>> 3] as number;
    if ((before & bit) !== 0) return false;
    bits[position >>> 3] = before | bit;
    return true;
  }
}
