/** Walks the indexes of many snapshots at once, each block once, and answers for each what its manifest should have said. */
import type { IndexKeys } from "../tree/blocks.ts";
import { ColumnCursor } from "../tree/column-cursor.ts";
import type { ColumnRun } from "../tree/column-cursor.ts";
import type { LeafColumns } from "../tree/leaf-columns.ts";
import { NodeCache } from "../tree/node-cache.ts";
import { RunReader } from "../tree/run-reader.ts";
import type { RunDescription, SnapshotManifest } from "../types.ts";
import type { ObjectStore } from "../object-store.ts";
import { SharedRoots } from "./shared-roots.ts";

const READ_AHEAD = 512 * 1024;
/** Inner blocks only: leaves are met once. */
const CACHE_BYTES = 8 * 1024 * 1024;

export interface Counted {
  readonly root: string;
  readonly records: number;
  /** By byte string. */
  readonly kinds: ReadonlyMap<string, number>;
  /** Entries by the pack they point at. */
  readonly live: ReadonlyMap<string, number>;
}

/** Told every live entry of every run, whether a newer run hides it or not. */
export type OnEntry = (leaf: LeafColumns, i: number) => Promise<void> | null;

/** Counts of entries by kind and by pack, without a string per entry. */
class Tally {
  readonly kinds: { readonly name: Buffer; count: number }[] = [];
  readonly packs = new Map<string, { count: number }>();
  private leafPacks: readonly string[] = [];
  private slots: { count: number }[] = [];

  add(leaf: LeafColumns, i: number): void {
    const start = leaf.keyStart[i] as number;
    const from = start + (leaf.anchorLength[i] as number) + 2;
    const length = start + (leaf.kindEnd[i] as number) - from;
    this.kind(leaf.keys, from, length).count++;
    if (leaf.packs !== this.leafPacks) {
      this.leafPacks = leaf.packs;
      this.slots = leaf.packs.map((id) => {
        let slot = this.packs.get(id);
        if (slot === undefined) this.packs.set(id, (slot = { count: 0 }));
        return slot;
      });
    }
    (this.slots[leaf.pack[i] as number] as { count: number }).count++;
  }

  private kind(keys: Buffer, from: number, length: number): { count: number } {
    const { kinds } = this;
    search: for (let k = 0; k < kinds.length; k++) {
      const { name } = kinds[k] as (typeof kinds)[number];
      if (name.length !== length) continue;
      for (let j = 0; j < length; j++) if (name[j] !== keys[from + j]) continue search;
      const found = kinds[k] as (typeof kinds)[number];
      // Few kinds make up most records: those met last are looked at first.
      if (k > 0) {
        kinds[k] = kinds[k - 1] as (typeof kinds)[number];
        kinds[k - 1] = found;
      }
      return found;
    }
    const added = { name: Buffer.from(keys.subarray(from, from + length)), count: 0 };
    kinds.push(added);
    return added;
  }
}

/** Throws what reading throws: then nothing is known of any of them. */
export async function countIndexes(store: ObjectStore, keys: IndexKeys, manifests: readonly SnapshotManifest[], fetched: (bytes: number) => void, onEntry: OnEntry | null): Promise<Counted[]> {
  const runs = new Map<string, RunDescription>();
  for (const manifest of manifests) for (const run of manifest.runs) runs.set(run.id, run);
  const cache = new NodeCache(CACHE_BYTES);
  const readers = [...runs.values()].map((run) => new RunReader(store, keys, run, cache, READ_AHEAD));
  const numbers = new Map([...runs.keys()].map((id, number) => [id, number]));
  /** By snapshot: its runs' numbers, newest first. By run: the snapshots it belongs to. */
  const layers = manifests.map((manifest) => manifest.runs.map((run) => numbers.get(run.id) as number));
  const owners = readers.map((_, number) => layers.flatMap((layer, snapshot) => (layer.includes(number) ? [snapshot] : [])));
  const roots = new SharedRoots(manifests.length);
  const ofRun = readers.map(() => new Tally());
  const ofSnapshot = manifests.map(() => new Tally());
  const cursor = new ColumnCursor(readers);

  const conflict = (heads: readonly ColumnRun[]): void => {
    const shares = new Map<ColumnRun, number[]>();
    for (const [snapshot, layer] of layers.entries()) {
      for (const number of layer) {
        const head = heads.find((each) => each.number === number);
        if (head === undefined) continue;
        if (!head.leaf.isRemoval(head.at)) shares.set(head, [...(shares.get(head) ?? []), snapshot]);
        break;
      }
    }
    for (const [head, snapshots] of shares) {
      roots.add(head.leaf, head.at, snapshots);
      for (const snapshot of snapshots) (ofSnapshot[snapshot] as Tally).add(head.leaf, head.at);
    }
  };

  let more = await cursor.start();
  while (more) {
    if (cursor.holders === 1) {
      const { number } = cursor.heads[0] as ColumnRun;
      const { leaf, at } = cursor;
      if (!leaf.isRemoval(at)) {
        roots.add(leaf, at, owners[number] as number[]);
        (ofRun[number] as Tally).add(leaf, at);
        const wait = onEntry?.(leaf, at) ?? null;
        if (wait !== null) await wait;
      }
    } else {
      const heads = cursor.heads.slice(0, cursor.holders);
      conflict(heads);
      for (const head of heads) {
        if (head.leaf.isRemoval(head.at)) continue;
        const wait = onEntry?.(head.leaf, head.at) ?? null;
        if (wait !== null) await wait;
      }
    }
    const next = cursor.next();
    more = typeof next === "boolean" ? next : await next;
  }
  for (const reader of readers) fetched(reader.blocks.bytesFetched);

  return manifests.map((_, snapshot) => {
    const kinds = new Map<string, number>();
    const live = new Map<string, number>();
    for (const tally of [ofSnapshot[snapshot] as Tally, ...(layers[snapshot] as number[]).map((number) => ofRun[number] as Tally)]) {
      for (const { name, count } of tally.kinds) kinds.set(name.toString("latin1"), (kinds.get(name.toString("latin1")) ?? 0) + count);
      for (const [id, { count }] of tally.packs) live.set(id, (live.get(id) ?? 0) + count);
    }
    return { root: roots.finish(snapshot), records: roots.count(snapshot), kinds, live };
  });
}
