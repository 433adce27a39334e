/** The index of a snapshot that shares nothing with an earlier one: rows in key order become the run, without an object or a string per row. */
import { compareRanges } from "../format/bytes.ts";
import { KeptKey } from "../tree/leaf-builder.ts";
import type { RunWriter } from "../tree/run-writer.ts";
import type { IndexTotals, KindTotal } from "./index-totals.ts";
import type { MergeInput } from "./merge.ts";
import { EntryRow } from "./new-entries.ts";

/** A row of an ordered kind, copied out of its block. */
interface Sibling {
  readonly bytes: Buffer;
  readonly keyEnd: number;
  readonly arrival: number;
}

export class FirstIndex {
  private readonly input: MergeInput;
  private readonly run: RunWriter;
  private readonly totals: IndexTotals;
  private readonly ordered: readonly boolean[];
  private readonly kinds: readonly KindTotal[];
  private readonly kindBytes: readonly number[];
  private readonly row = new EntryRow();
  private readonly last = new KeptKey();
  private frame = -1;
  private placed = { pack: "", frame: 0 };
  /** Siblings of one parent and one ordered kind: their places are known once all of them are there. */
  private siblings: Sibling[] = [];
  private siblingKind = -1;
  constructor(input: MergeInput, run: RunWriter, totals: IndexTotals) {
    this.input = input;
    this.run = run;
    this.totals = totals;
    this.ordered = input.kindNames.map((name) => input.orderedKinds.has(name));
    this.kinds = input.kindNames.map((name) => totals.kind(name));
    this.kindBytes = input.kindNames.map((name) => name.length);
  }

  async build(): Promise<void> {
    const { row, last } = this;
    for await (const block of this.input.entries.sorter.sorted()) {
      for (let i = 0; i < block.count; i++) {
        row.read(block, i);
        if (compareRanges(last.bytes, 0, last.length, row.bytes, row.keyAt, row.keyEnd) === 0) {
          this.input.onDuplicate(row.key, row.arrival);
          continue;
        }
        if (this.siblings.length > 0 && !this.continues()) {
          await this.placeSiblings();
          row.read(block, i);
        }
        last.set(row.bytes, row.keyAt, row.keyEnd);
        if (this.ordered[row.kind] === true && row.child) {
          this.siblings.push({ bytes: Buffer.from(row.bytes.subarray(row.keyAt, row.keyAt + row.size)), keyEnd: row.keyEnd - row.keyAt, arrival: row.arrival });
          this.siblingKind = row.kind;
        } else {
          const wait = this.emit(-1);
          if (wait !== null) await wait;
        }
      }
    }
    if (this.siblings.length > 0) await this.placeSiblings();
    // A kind whose every record was a duplicate is none.
    for (const [name, { records }] of [...this.totals.kinds]) if (records === 0) this.totals.kinds.delete(name);
  }

  /** Whether the row is a sibling of those gathered: same kind, and the same key up to the id. */
  private continues(): boolean {
    const { row } = this;
    if (row.kind !== this.siblingKind || !row.child) return false;
    const first = this.siblings[0] as Sibling;
    const prefix = row.anchorBytes + 2 + (this.kindBytes[row.kind] as number) + 1;
    return prefix <= first.keyEnd && compareRanges(first.bytes, 0, prefix, row.bytes, row.keyAt, row.keyAt + prefix) === 0;
  }

  private async placeSiblings(): Promise<void> {
    const group = this.siblings;
    this.siblings = [];
    const places = new Map([...group].sort((a, b) => a.arrival - b.arrival).map((sibling, place) => [sibling, place]));
    for (const sibling of group) {
      this.row.readAt(sibling.bytes, 0, sibling.keyEnd);
      const wait = this.emit(places.get(sibling) as number);
      if (wait !== null) await wait;
    }
  }

  /** The row, into everything. */
  private emit(place: number): Promise<void> | null {
    const { row, totals } = this;
    if (row.frame !== this.frame) {
      this.placed = this.input.place(row.frame);
      this.frame = row.frame;
    }
    const kind = this.kinds[row.kind] as KindTotal;
    kind.records++;
    kind.seen++;
    totals.added++;
    totals.use(this.placed.pack);
    totals.root.addBytes(row.bytes, row.keyAt, row.keyEnd, row.bytes, row.digestAt, place);
    const idAt = row.child ? row.keyAt + row.anchorBytes + 2 + (this.kindBytes[row.kind] as number) + 1 : -1;
    return this.run.addBytes(row.bytes, row.keyAt, row.keyEnd, idAt, row.bytes, row.digestAt, this.placed.pack, this.placed.frame, row.ordinal, place);
  }
}
