/**
 * Commit, first half: the parent's index and what this run saw become the new index, in one pass in key order: what is new, changed,
 * gone; the places of ordered children; the root; the run to write.
 */
import type { Scratch } from "../scratch/scratch.ts";
import type { Random } from "../ports.ts";
import type { RunDescription } from "../types.ts";
import type { IndexKeys, PutObject } from "../tree/blocks.ts";
import { compareRanges } from "../format/bytes.ts";
import { ColumnCursor } from "../tree/column-cursor.ts";
import type { ColumnRun } from "../tree/column-cursor.ts";
import type { IndexReader } from "../tree/index-reader.ts";
import { MergedCursor } from "../tree/index-reader.ts";
import type { Located } from "../tree/leaf.ts";
import { KeptKey, UPPER_LEAF_ENTRIES } from "../tree/leaf-builder.ts";
import type { LeafColumns } from "../tree/leaf-columns.ts";
import { RunWriter } from "../tree/run-writer.ts";
import { siblingPrefix } from "../format/sort-key.ts";
import type { Seen } from "./seen.ts";
import { FirstIndex } from "./first-index.ts";
import { IndexTotals } from "./index-totals.ts";
import type { KindTotal } from "./index-totals.ts";
import { Delta, EntryRow } from "./new-entries.ts";
import type { NewEntries } from "./new-entries.ts";

export interface MergeInput {
  readonly parent: IndexReader;
  readonly seen: Seen;
  readonly entries: NewEntries;
  /** Names of kinds, as byte strings, by the number in a row. */
  readonly kindNames: readonly string[];
  /** Byte strings. */
  readonly orderedKinds: ReadonlySet<string>;
  /** Something may have hidden records: keep what was not seen. */
  readonly keepUnseen: boolean;
  /** Where a run-wide frame number came to lie. */
  readonly place: (frame: number) => { pack: string; frame: number };
  readonly onDuplicate: (key: string, arrival: number) => void;
  readonly keys: IndexKeys;
  readonly random: Random;
  readonly put: PutObject;
  readonly scratch: Scratch;
}

export interface MergeResult {
  readonly root: string;
  readonly records: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Of the unchanged and carried ones: those that stand elsewhere among their siblings. */
  readonly moved: number;
  readonly carried: number;
  /** By kind (byte string): records in the snapshot, and those of them that were seen. */
  readonly kinds: ReadonlyMap<string, { records: number; seen: number }>;
  /** Records used, by pack. */
  readonly live: ReadonlyMap<string, number>;
  readonly runs: readonly RunDescription[];
}

interface Item {
  readonly key: string;
  readonly kind: string;
  readonly row: NewRow | null;
  readonly before: Located | null;
  readonly seen: boolean;
}

interface LastKind {
  readonly name: string;
  readonly bytes: Buffer;
  readonly ordered: boolean;
}

/** What an item keeps of its row, whose memory is used again. */
interface NewRow {
  readonly digest: string;
  readonly same: boolean;
  readonly frame: number;
  readonly ordinal: number;
  readonly arrival: number;
}

export async function mergeIndex(input: MergeInput): Promise<MergeResult> {
  const totals = new IndexTotals();
  if (input.parent.readers.length === 0) {
    const writer = newRun(input);
    await new FirstIndex(input, writer, totals).build();
    const run = await writer.finish();
    return resultOf(totals, run === null ? [] : [run]);
  }
  const merge = new Merge(input, totals);
  await merge.run();
  return resultOf(totals, await merge.writeRuns());
}

function newRun({ keys, random, put, scratch }: MergeInput, leafEntries?: number): RunWriter {
  return new RunWriter(keys, random, put, scratch, leafEntries);
}

function resultOf(totals: IndexTotals, runs: readonly RunDescription[]): MergeResult {
  const { added, changed, removed, unchanged, moved, carried, kinds, root } = totals;
  return { root: root.finish(), records: root.count, added, changed, removed, unchanged, moved, carried, kinds, live: totals.live(), runs };
}

class Merge {
  private readonly input: MergeInput;
  private readonly totals: IndexTotals;
  /** Entries wait here until the size of the new run is known. */
  private readonly delta: Delta;
  private readonly anyOrdered: boolean;
  private group: Item[] = [];
  private groupPrefix = "";
  private kind = { name: "", total: { records: 0, seen: 0 } };
  /** Kinds met, and the one met last. There are few. */
  private readonly lastKinds: LastKind[] = [];
  private lastKind: LastKind = { name: "", bytes: Buffer.alloc(0), ordered: false };
  constructor(input: MergeInput, totals: IndexTotals) {
    this.input = input;
    this.totals = totals;
    this.delta = new Delta(input.scratch);
    this.anyOrdered = input.orderedKinds.size > 0;
  }

  async run(): Promise<void> {
    const { parent, entries } = this.input;
    const cursor = new ColumnCursor(parent.readers);
    let more = await cursor.start();
    const last = new KeptKey();
    const row = new EntryRow();
    for await (const block of entries.sorter.sorted()) {
      for (let i = 0; i < block.count; i++) {
        row.read(block, i);
        if (compareRanges(last.bytes, 0, last.length, row.bytes, row.keyAt, row.keyEnd) === 0) {
          this.input.onDuplicate(row.key, row.arrival);
          continue;
        }
        last.set(row.bytes, row.keyAt, row.keyEnd);
        let order = more ? orderOf(cursor, row) : 1;
        while (order < 0) {
          const wait = this.keep(cursor);
          if (wait !== null) await wait;
          const next = cursor.next();
          more = typeof next === "boolean" ? next : await next;
          order = more ? orderOf(cursor, row) : 1;
        }
        const { key, digest, same, frame, ordinal, arrival } = row;
        const before = order === 0 && !cursor.leaf.isRemoval(cursor.at) ? locatedOf(cursor.leaf, cursor.at) : null;
        const wait = this.take({ key, kind: this.input.kindNames[row.kind] as string, row: { digest, same, frame, ordinal, arrival }, before, seen: true });
        if (wait !== null) await wait;
        if (order === 0) {
          const next = cursor.next();
          more = typeof next === "boolean" ? next : await next;
        }
      }
    }
    while (more) {
      const wait = this.keep(cursor);
      if (wait !== null) await wait;
      const next = cursor.next();
      more = typeof next === "boolean" ? next : await next;
    }
    const wait = this.flushGroup();
    if (wait !== null) await wait;
  }

  /** An entry of the parent of which this run has no row. */
  private keep(cursor: ColumnCursor): Promise<void> | null {
    const { leaf, at } = cursor;
    if (leaf.isRemoval(at)) return null;
    const seen = this.input.seen.has((cursor.heads[0] as ColumnRun).number, leaf.first + at);
    const kind = this.kindOf(leaf, at);
    if (kind.ordered || (!seen && !this.input.keepUnseen)) return this.take({ key: leaf.key(at), kind: kind.name, row: null, before: locatedOf(leaf, at), seen });
    // Nearly every entry ends here: it stays where and what it was.
    const wait = this.flushGroup();
    if (wait !== null) return wait.then(() => this.stay(leaf, at, seen));
    this.stay(leaf, at, seen);
    return null;
  }

  /** Of the entry; neighbours are mostly of the same kind, which is then found without making its name. */
  private kindOf(leaf: LeafColumns, at: number): LastKind {
    const start = (leaf.keyStart[at] as number) + (leaf.anchorLength[at] as number) + 2;
    const end = (leaf.keyStart[at] as number) + (leaf.kindEnd[at] as number);
    for (const kind of this.lastKinds) if (compareRanges(leaf.keys, start, end, kind.bytes, 0, kind.bytes.length) === 0) return (this.lastKind = kind);
    const name = leaf.kind(at);
    this.lastKind = { name, bytes: Buffer.from(name, "latin1"), ordered: this.input.orderedKinds.has(name) };
    this.lastKinds.push(this.lastKind);
    return this.lastKind;
  }

  private stay(leaf: LeafColumns, at: number, seen: boolean): void {
    const { totals } = this;
    const total = this.kindTotal(this.lastKind.name);
    total.records++;
    if (seen) {
      total.seen++;
      totals.unchanged++;
    } else totals.carried++;
    totals.use(leaf.packId(at));
    totals.root.addBytes(leaf.keys, leaf.keyStart[at] as number, leaf.keyStart[at + 1] as number, leaf.digests, leaf.digestAt[at] as number, leaf.place[at] as number);
  }

  private kindTotal(name: string): KindTotal {
    if (this.kind.name !== name) this.kind = { name, total: this.totals.kind(name) };
    return this.kind.total;
  }

  private take(item: Item): Promise<void> | null {
    const ordered = this.anyOrdered && this.input.orderedKinds.has(item.kind) ? siblingPrefix(item.key) : "";
    let wait: Promise<void> | null = null;
    if (this.group.length > 0 && ordered !== this.groupPrefix) wait = this.flushGroup();
    if (ordered !== "") {
      this.groupPrefix = ordered;
      this.group.push(item);
      return wait;
    }
    if (wait !== null) return wait.then(() => this.settle(item, -1) ?? undefined);
    return this.settle(item, -1);
  }

  /** Siblings of an ordered kind: places by arrival; those not seen keep their order, after the seen ones. */
  private flushGroup(): Promise<void> | null {
    const { group } = this;
    if (group.length === 0) return null;
    this.group = [];
    const remaining = group.filter((item) => item.seen || this.input.keepUnseen);
    if (remaining.length > 1) remaining.sort((a, b) => rank(a) - rank(b));
    let after: Promise<void> | null = null;
    for (const item of group) {
      const place = remaining.indexOf(item);
      if (after === null) after = this.settle(item, place);
      else after = after.then(() => this.settle(item, place) ?? undefined);
    }
    return after;
  }

  private settle({ key, kind, row, before, seen }: Item, place: number): Promise<void> | null {
    const { totals } = this;
    if (!seen && !this.input.keepUnseen) {
      totals.removed++;
      return this.delta.add(key, null);
    }
    let located: Located;
    if (row === null || row.same) located = place === (before as Located).place ? (before as Located) : { ...(before as Located), place };
    else {
      const at = this.input.place(row.frame);
      located = { digest: row.digest, place, pack: at.pack, frame: at.frame, ordinal: row.ordinal };
    }
    const total = this.kindTotal(kind);
    total.records++;
    if (seen) total.seen++;
    totals.use(located.pack);
    totals.root.add(key, located.digest, place);
    if (before === null) totals.added++;
    else if (located.digest !== before.digest || located.pack !== before.pack) {
      if (seen) totals.changed++;
      else totals.carried++;
    } else {
      if (seen) totals.unchanged++;
      else totals.carried++;
      if (place === before.place) return null;
      // The same bytes among its siblings in another order: news for the index, not a changed record.
      totals.moved++;
    }
    return this.delta.add(key, located);
  }

  /** A new run is merged with those below it while they are smaller than this many times itself. */
  private static readonly FACTOR = 4;

  async writeRuns(): Promise<RunDescription[]> {
    const readers = this.input.parent.readers;
    let size = this.delta.sorter.count;
    if (size === 0) return readers.map((reader) => reader.run);
    let merged = 0;
    while (merged < readers.length && (readers[merged] as (typeof readers)[number]).run.entries < Merge.FACTOR * size) {
      size += (readers[merged] as (typeof readers)[number]).run.entries;
      merged++;
    }
    const bottom = merged === readers.length;
    const writer = newRun(this.input, bottom ? undefined : UPPER_LEAF_ENTRIES);
    const cursor = new MergedCursor(readers.slice(0, merged));
    let more = merged > 0 && (await cursor.seek());
    const older = (): Promise<void> | null => (cursor.removed ? (bottom ? null : writer.add(cursor.key, null)) : writer.add(cursor.key, cursor.located));
    for await (const block of this.delta.sorter.sorted()) {
      for (let i = 0; i < block.count; i++) {
        const key = block.bytes.toString("latin1", block.keyAt[i], block.keyEnd[i]);
        while (more && cursor.key <= key) {
          const wait = cursor.key === key ? null : older();
          if (wait !== null) await wait;
          const next = cursor.next();
          more = typeof next === "boolean" ? next : await next;
        }
        const located = this.delta.read(block, i);
        const wait = located === null && bottom ? null : writer.add(key, located);
        if (wait !== null) await wait;
      }
    }
    while (more) {
      const wait = older();
      if (wait !== null) await wait;
      const next = cursor.next();
      more = typeof next === "boolean" ? next : await next;
    }
    const run = await writer.finish();
    return [...(run === null ? [] : [run]), ...readers.slice(merged).map((reader) => reader.run)];
  }
}

function rank(item: Item): number {
  // Arrival numbers stay below 2^48; what was not seen comes after, in its old order.
  return item.row !== null ? item.row.arrival : 2 ** 48 + (item.before?.place ?? 0);
}

/** Where the cursor stands against the row: before it, at it, behind it. */
function orderOf({ leaf, at }: ColumnCursor, row: EntryRow): number {
  return compareRanges(leaf.keys, leaf.keyStart[at] as number, leaf.keyStart[at + 1] as number, row.bytes, row.keyAt, row.keyEnd);
}

function locatedOf(leaf: LeafColumns, at: number): Located {
  return { digest: leaf.digest(at), place: leaf.place[at] as number, pack: leaf.packId(at), frame: leaf.frame[at] as number, ordinal: leaf.ordinal[at] as number };
}
