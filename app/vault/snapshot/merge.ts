/**
 * Commit, first half: the parent's index and what this run saw become the new index, in one pass in key order: what is new, changed,
 * gone; the places of ordered children; the root; the run to write.
 */
import type { Row } from "../scratch/sorter.ts";
import type { Scratch } from "../scratch/scratch.ts";
import type { Random } from "../ports.ts";
import type { RunDescription } from "../types.ts";
import type { IndexKeys, PutObject } from "../tree/blocks.ts";
import type { IndexReader, MergedCursor } from "../tree/index-reader.ts";
import { MergedCursor as Cursor } from "../tree/index-reader.ts";
import type { Located } from "../tree/leaf.ts";
import { RootBuilder } from "../tree/root.ts";
import { RunWriter } from "../tree/run-writer.ts";
import { partsOf, siblingPrefix } from "../format/sort-key.ts";
import type { Seen } from "./seen.ts";
import { Delta, readNewEntry } from "./new-entries.ts";
import type { NewEntry } from "./new-entries.ts";

export interface MergeInput {
  readonly parent: IndexReader;
  readonly seen: Seen;
  readonly rows: AsyncIterable<Row[]>;
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
  readonly row: NewEntry | null;
  readonly before: Located | null;
  readonly seen: boolean;
}

export async function mergeIndex(input: MergeInput): Promise<MergeResult> {
  const merge = new Merge(input);
  await merge.run();
  const runs = await merge.writeRuns();
  return merge.result(runs);
}

class Merge {
  private readonly input: MergeInput;
  private readonly root = new RootBuilder();
  private readonly kinds = new Map<string, { records: number; seen: number }>();
  private readonly live = new Map<string, number>();
  private added = 0;
  private changed = 0;
  private removed = 0;
  private unchanged = 0;
  private carried = 0;
  /** Without a parent entries go straight into the run; otherwise they wait for its size to be known. */
  private readonly direct: RunWriter | null;
  private readonly delta: Delta;
  private group: Item[] = [];
  private groupPrefix = "";
  constructor(input: MergeInput) {
    this.input = input;
    this.delta = new Delta(input.scratch);
    this.direct = input.parent.readers.length === 0 ? this.newRun() : null;
  }

  private newRun(): RunWriter {
    const { keys, random, put, scratch } = this.input;
    return new RunWriter(keys, random, put, scratch);
  }

  async run(): Promise<void> {
    const { parent, rows } = this.input;
    const cursor = parent.cursor();
    let more = await cursor.seek();
    let last = "";
    for await (const batch of rows) {
      for (const { key, payload } of batch) {
        const entry = readNewEntry(payload);
        if (key === last) {
          this.input.onDuplicate(key, entry.arrival);
          continue;
        }
        last = key;
        while (more && cursor.key < key) {
          const wait = this.keep(cursor);
          if (wait !== null) await wait;
          const next = cursor.next();
          more = typeof next === "boolean" ? next : await next;
        }
        const match = more && cursor.key === key;
        const wait = this.take({ key, kind: kindOf(key), row: entry, before: match && !cursor.removed ? cursor.located : null, seen: true });
        if (wait !== null) await wait;
        if (match) {
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
  private keep(cursor: MergedCursor): Promise<void> | null {
    if (cursor.removed) return null;
    return this.take({ key: cursor.key, kind: kindOf(cursor.key), row: null, before: cursor.located, seen: this.input.seen.has(cursor.run, cursor.position) });
  }

  private take(item: Item): Promise<void> | null {
    const ordered = this.input.orderedKinds.size > 0 && this.input.orderedKinds.has(item.kind) ? siblingPrefix(item.key) : "";
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
    remaining.sort((a, b) => rank(a) - rank(b));
    const places = new Map(remaining.map((item, place) => [item.key, place]));
    return (async () => {
      for (const item of group) {
        const wait = this.settle(item, places.get(item.key) ?? -1);
        if (wait !== null) await wait;
      }
    })();
  }

  private settle({ key, kind, row, before, seen }: Item, place: number): Promise<void> | null {
    if (!seen && !this.input.keepUnseen) {
      this.removed++;
      return this.say(key, null);
    }
    let located: Located;
    if (row === null || row.same) located = place === (before as Located).place ? (before as Located) : { ...(before as Located), place };
    else {
      const at = this.input.place(row.frame);
      located = { digest: row.digest, place, pack: at.pack, frame: at.frame, ordinal: row.ordinal };
    }
    let count = this.kinds.get(kind);
    if (count === undefined) this.kinds.set(kind, (count = { records: 0, seen: 0 }));
    count.records++;
    if (seen) count.seen++;
    this.live.set(located.pack, (this.live.get(located.pack) ?? 0) + 1);
    this.root.add(key, located.digest, place);
    if (before === null) this.added++;
    else if (located === before || (located.digest === before.digest && place === before.place && located.pack === before.pack)) {
      if (seen) this.unchanged++;
      else this.carried++;
      return null;
    } else if (seen) this.changed++;
    else this.carried++;
    return this.say(key, located);
  }

  private say(key: string, located: Located | null): Promise<void> | null {
    if (this.direct !== null) return this.direct.add(key, located);
    return this.delta.add(key, located) ? this.delta.sorter.spill() : null;
  }

  /** A new run is merged with those below it while they are smaller than this many times itself. */
  private static readonly FACTOR = 4;

  async writeRuns(): Promise<RunDescription[]> {
    if (this.direct !== null) {
      const run = await this.direct.finish();
      return run === null ? [] : [run];
    }
    const readers = this.input.parent.readers;
    let size = this.delta.sorter.count;
    if (size === 0) return readers.map((reader) => reader.run);
    let merged = 0;
    while (merged < readers.length && (readers[merged] as (typeof readers)[number]).run.entries < Merge.FACTOR * size) {
      size += (readers[merged] as (typeof readers)[number]).run.entries;
      merged++;
    }
    const writer = this.newRun();
    const bottom = merged === readers.length;
    const cursor = new Cursor(readers.slice(0, merged));
    let more = merged > 0 && (await cursor.seek());
    const older = (): Promise<void> | null => (cursor.removed ? (bottom ? null : writer.add(cursor.key, null)) : writer.add(cursor.key, cursor.located));
    for await (const batch of this.delta.sorter.sorted()) {
      for (const { key, payload } of batch) {
        while (more && cursor.key <= key) {
          const wait = cursor.key === key ? null : older();
          if (wait !== null) await wait;
          const next = cursor.next();
          more = typeof next === "boolean" ? next : await next;
        }
        const located = this.delta.read(payload);
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

  result(runs: readonly RunDescription[]): MergeResult {
    const { added, changed, removed, unchanged, carried, kinds, live } = this;
    return { root: this.root.finish(), records: this.root.count, added, changed, removed, unchanged, carried, kinds, live, runs };
  }
}

function rank(item: Item): number {
  // Arrival numbers stay below 2^48; what was not seen comes after, in its old order.
  return item.row !== null ? item.row.arrival : 2 ** 48 + (item.before?.place ?? 0);
}

function kindOf(key: string): string {
  return (partsOf(key) as { kind: string }).kind;
}

