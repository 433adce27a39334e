/** Files entries of an index under the place they point at, straight from the columns of its leaves. */
import { randomBytes } from "node:crypto";
import { KeyHash } from "../format/key-hash.ts";
import type { Redactions } from "../retention/redactions.ts";
import type { LeafColumns } from "../tree/leaf-columns.ts";
import type { AddressRows } from "./address-rows.ts";

/** A seed that nobody outside this process can know. */
export function newSeed(): Uint32Array {
  const bytes = randomBytes(16);
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 16));
}

export type Filed = "filed" | "full" | "erased" | "unknown";

export class RowFiler {
  private readonly rows: AddressRows;
  private readonly hash: KeyHash;
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly redactions: Redactions;
  /** Pack numbers of the leaf at hand, by its own numbering; -1: not in the list. */
  private packs: readonly string[] = [];
  private packNumbers: number[] = [];
  constructor(rows: AddressRows, seed: Uint32Array, numbers: ReadonlyMap<string, number>, redactions: Redactions) {
    this.rows = rows;
    this.hash = new KeyHash(seed);
    this.numbers = numbers;
    this.redactions = redactions;
  }

  /** "full": filed, and `rows.spill()` must be awaited. "unknown": it points at a pack that is not in the list. */
  file(leaf: LeafColumns, i: number): Filed {
    if (leaf.packs !== this.packs) {
      this.packs = leaf.packs;
      this.packNumbers = leaf.packs.map((id) => this.numbers.get(id) ?? -1);
    }
    const pack = this.packNumbers[leaf.pack[i] as number] as number;
    if (pack < 0) return "unknown";
    const frame = leaf.frame[i] as number;
    const ordinal = leaf.ordinal[i] as number;
    if (this.redactions.size > 0 && this.redactions.isErased(leaf.packId(i), frame, ordinal)) return "erased";
    const { hash } = this;
    const { keys } = leaf;
    const start = leaf.keyStart[i] as number;
    const end = leaf.keyStart[i + 1] as number;
    const anchor = start + (leaf.anchorLength[i] as number);
    const kindEnd = start + (leaf.kindEnd[i] as number);
    const child = keys[anchor + 1] === 1;
    hash.begin(child);
    hash.add(keys, start, anchor);
    hash.add(keys, anchor + 2, kindEnd);
    if (child) hash.add(keys, kindEnd + 1, end);
    hash.end();
    return this.rows.add(pack, frame, ordinal, leaf.digests, leaf.digestAt[i] as number, hash.low, hash.high) ? "full" : "filed";
  }
}
