/** Walks one run, or several as one, leaf by leaf in columns: no string and no object per entry. */
import { damaged } from "../errors.ts";
import { compareKeys, LeafColumns } from "./leaf-columns.ts";
import type { RunReader } from "./run-reader.ts";

/** Keys are ascending within a leaf; that they are across leaves is checked with this copy of the last one. */
export class ColumnRun {
  leaf = new LeafColumns();
  at = 0;
  /** Newest = 0. */
  readonly number: number;
  readonly reader: RunReader;
  private spare = new LeafColumns();
  private leaves = 0;
  constructor(reader: RunReader, number: number) {
    this.reader = reader;
    this.number = number;
  }

  /** The next leaf; false at the end of the run. */
  async load(): Promise<boolean> {
    const { run } = this.reader;
    const before = this.leaf;
    if (this.leaves >= run.leaves) {
      if (before.first + before.count !== run.entries) throw damaged("the index", "a run has fewer entries than it says");
      return false;
    }
    const next = this.spare;
    await this.reader.loadLeaf(this.leaves, next);
    if (this.leaves > 0 && (next.first !== before.first + before.count || compareKeys(before, before.count - 1, next, 0) >= 0)) throw damaged("the index", "leaves of a run do not follow one another");
    if (this.leaves === 0 && next.first !== 0) throw damaged("the index", "leaves of a run do not follow one another");
    this.leaves++;
    this.spare = before;
    this.leaf = next;
    this.at = 0;
    return true;
  }
}

/** For a key in several runs the newest decides. Removals are shown. */
export class ColumnCursor {
  /** Where the walk stands: entry `at` of `leaf`. */
  leaf: LeafColumns = new LeafColumns();
  at = 0;
  private winner: ColumnRun | null = null;
  private live: ColumnRun[];
  constructor(readers: readonly RunReader[]) {
    this.live = readers.map((reader, number) => new ColumnRun(reader, number));
  }

  /** To the first entry; false when there is none. */
  async start(): Promise<boolean> {
    const live: ColumnRun[] = [];
    for (const run of this.live) if (await run.load()) live.push(run);
    this.live = live;
    return this.choose();
  }

  /** To the next key. A promise only when a leaf has to be fetched. */
  next(): boolean | Promise<boolean> {
    const { live } = this;
    const winner = this.winner as ColumnRun;
    if (live.length === 1) {
      if (++winner.at < winner.leaf.count) {
        this.at = winner.at;
        return true;
      }
      return this.refill();
    }
    let spent = false;
    for (const run of live) {
      if (run !== winner && compareKeys(run.leaf, run.at, winner.leaf, winner.at) === 0) spent = ++run.at >= run.leaf.count || spent;
    }
    spent = ++winner.at >= winner.leaf.count || spent;
    return spent ? this.refill() : this.choose();
  }

  private async refill(): Promise<boolean> {
    const live: ColumnRun[] = [];
    for (const run of this.live) if (run.at < run.leaf.count || (await run.load())) live.push(run);
    this.live = live;
    return this.choose();
  }

  private choose(): boolean {
    let winner = this.live[0];
    if (winner === undefined) return false;
    for (let i = 1; i < this.live.length; i++) {
      const run = this.live[i] as ColumnRun;
      if (compareKeys(run.leaf, run.at, winner.leaf, winner.at) < 0) winner = run;
    }
    this.winner = winner;
    this.leaf = winner.leaf;
    this.at = winner.at;
    return true;
  }
}
