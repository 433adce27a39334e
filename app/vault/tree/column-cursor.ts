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

/** Walks runs at once in key order. For a key in several runs the newest decides. Removals are shown. */
export class ColumnCursor {
  /** Where the walk stands: entry `at` of `leaf`, of the newest run that has the key. */
  leaf: LeafColumns = new LeafColumns();
  at = 0;
  /** How many of `heads`, the first ones, have this key, the newest first. */
  holders = 0;
  /** In order of their keys. */
  heads: ColumnRun[];
  constructor(readers: readonly RunReader[]) {
    this.heads = readers.map((reader, number) => new ColumnRun(reader, number));
  }

  /** To the first entry; false when there is none. */
  async start(): Promise<boolean> {
    const runs = this.heads;
    this.heads = [];
    for (const run of runs) if (await run.load()) this.insert(run, 0);
    return this.choose();
  }

  /** To the next key. A promise only when a leaf has to be fetched. */
  next(): boolean | Promise<boolean> {
    const { heads } = this;
    if (this.holders === 1) {
      const head = heads[0] as ColumnRun;
      if (++head.at >= head.leaf.count) return this.refill();
      if (heads.length > 1) this.settle();
      return this.choose();
    }
    let spent = false;
    for (let i = 0; i < this.holders; i++) {
      const head = heads[i] as ColumnRun;
      spent = ++head.at >= head.leaf.count || spent;
    }
    if (spent) return this.refill();
    const moved = heads.splice(0, this.holders);
    for (const head of moved) this.insert(head, 0);
    return this.choose();
  }

  /** Puts the first head where it belongs; it mostly stays. */
  private settle(): void {
    const { heads } = this;
    const head = heads[0] as ColumnRun;
    let i = 0;
    while (i + 1 < heads.length && comesBefore(heads[i + 1] as ColumnRun, head)) {
      heads[i] = heads[i + 1] as ColumnRun;
      i++;
    }
    heads[i] = head;
  }

  private insert(run: ColumnRun, from: number): void {
    let i = from;
    while (i < this.heads.length && comesBefore(this.heads[i] as ColumnRun, run)) i++;
    this.heads.splice(i, 0, run);
  }

  private async refill(): Promise<boolean> {
    const moved = this.heads.splice(0, this.holders);
    for (const run of moved) if (run.at < run.leaf.count || (await run.load())) this.insert(run, 0);
    return this.choose();
  }

  private choose(): boolean {
    const { heads } = this;
    const first = heads[0];
    if (first === undefined) return false;
    let holders = 1;
    while (holders < heads.length && compareKeys((heads[holders] as ColumnRun).leaf, (heads[holders] as ColumnRun).at, first.leaf, first.at) === 0) holders++;
    this.holders = holders;
    this.leaf = first.leaf;
    this.at = first.at;
    return true;
  }
}

/** By key, then the newer first: so the first of several with one key is the one that decides. */
function comesBefore(a: ColumnRun, b: ColumnRun): boolean {
  const order = compareKeys(a.leaf, a.at, b.leaf, b.at);
  return order < 0 || (order === 0 && a.number < b.number);
}
