/** What differs between two snapshots, in time proportional to the runs they do not share, and without an object per entry that is equal. */
import { DIGEST_BYTES } from "../crypto/digest.ts";
import { fromByteString } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import type { ColumnCursor } from "../tree/column-cursor.ts";
import { IndexReader } from "../tree/index-reader.ts";
import { KeyLookup } from "../tree/key-lookup.ts";
import { compareKeys } from "../tree/leaf-columns.ts";
import type { LeafColumns } from "../tree/leaf-columns.ts";
import { NodeCache } from "../tree/node-cache.ts";
import type { SnapshotDiff, SnapshotManifest } from "../types.ts";

const READ_AHEAD = 256 * 1024;
const CACHE_BYTES = 8 * 1024 * 1024;
const DEFAULT_ID_LIMIT = 1000;

type Change = "added" | "changed" | "removed" | "moved";

/** An entry where it lies: valid until the next is told. */
export interface DiffEntry {
  readonly leaf: LeafColumns;
  readonly at: number;
}

export async function diffSnapshots(store: ObjectStore, keys: IndexKeys, a: SnapshotManifest, b: SnapshotManifest, idLimit = DEFAULT_ID_LIMIT): Promise<SnapshotDiff> {
  const changes = new Changes(idLimit);
  await differences(store, keys, a, b, (key, before, after) => changes.note(key, before, after));
  return changes.result();
}

/** Hears of every key of which the two do not say the same object; the two may still be equal. Is awaited when it answers a promise. */
export type DiffSink = (key: DiffEntry, before: DiffEntry | null, after: DiffEntry | null) => void | Promise<void>;

export async function differences(store: ObjectStore, keys: IndexKeys, a: Pick<SnapshotManifest, "runs">, b: Pick<SnapshotManifest, "runs">, note: DiffSink): Promise<void> {
  const shared = sharedRuns(a, b);
  const options = { cache: new NodeCache(CACHE_BYTES), readAhead: READ_AHEAD };
  const common = new KeyLookup(new IndexReader(store, keys, a.runs.slice(a.runs.length - shared), options).readers);
  const left = new IndexReader(store, keys, a.runs.slice(0, a.runs.length - shared), options).columns();
  const right = new IndexReader(store, keys, b.runs.slice(0, b.runs.length - shared), options).columns();
  let inLeft = await left.start();
  let inRight = await right.start();
  while (inLeft || inRight) {
    const order = !inRight ? -1 : !inLeft ? 1 : compareKeys(left.leaf, left.at, right.leaf, right.at);
    let noted: void | Promise<void>;
    if (order === 0) noted = note(left, live(left), live(right));
    else {
      // Only one of them says something of this key; the other has what the runs they share say.
      const says = order < 0 ? left : right;
      const key = says.leaf.keys.subarray(says.leaf.keyStart[says.at], says.leaf.keyStart[says.at + 1]);
      const looked = common.find(key, key.length);
      const found = looked instanceof Promise ? await looked : looked;
      const below = found === null || found.leaf.isRemoval(found.at) ? null : found;
      noted = order < 0 ? note(says, live(says), below) : note(says, below, live(says));
    }
    if (noted instanceof Promise) await noted;
    if (order <= 0) {
      const next = left.next();
      inLeft = typeof next === "boolean" ? next : await next;
    }
    if (order >= 0) {
      const next = right.next();
      inRight = typeof next === "boolean" ? next : await next;
    }
  }
}

/** Number of oldest runs that both have. */
function sharedRuns(a: Pick<SnapshotManifest, "runs">, b: Pick<SnapshotManifest, "runs">): number {
  let shared = 0;
  while (shared < a.runs.length && shared < b.runs.length && a.runs[a.runs.length - 1 - shared]?.id === b.runs[b.runs.length - 1 - shared]?.id) shared++;
  return shared;
}

/** Null: the key was removed. */
function live(cursor: ColumnCursor): DiffEntry | null {
  return cursor.leaf.isRemoval(cursor.at) ? null : cursor;
}

export function sameBytes(one: DiffEntry, other: DiffEntry): boolean {
  const from = one.leaf.digestAt[one.at] as number;
  const to = other.leaf.digestAt[other.at] as number;
  for (let i = 0; i < DIGEST_BYTES; i++) if (one.leaf.digests[from + i] !== other.leaf.digests[to + i]) return false;
  return true;
}

class Changes {
  private readonly counts = { added: 0, changed: 0, removed: 0, moved: 0 };
  private readonly byKind = new Map<string, Record<Change, number>>();
  private readonly ids = { added: [] as string[], changed: [] as string[], removed: [] as string[], moved: [] as string[] };
  private readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }

  /** `key`: an entry with the key, whatever else it says. */
  note(key: DiffEntry, before: DiffEntry | null, after: DiffEntry | null): void {
    if (before === null) {
      if (after !== null) this.count("added", key);
    } else if (after === null) this.count("removed", key);
    else if (!sameBytes(before, after)) this.count("changed", key);
    else if (before.leaf.place[before.at] !== after.leaf.place[after.at]) this.count("moved", key);
  }

  private count(change: Change, { leaf, at }: DiffEntry): void {
    this.counts[change]++;
    const name = leaf.kind(at);
    let kind = this.byKind.get(name);
    if (kind === undefined) this.byKind.set(name, (kind = { added: 0, changed: 0, removed: 0, moved: 0 }));
    kind[change]++;
    if (this.ids[change].length < this.limit) this.ids[change].push(fromByteString(leaf.ownId(at)));
  }

  result(): SnapshotDiff {
    const { counts, ids, limit } = this;
    const byKind: Record<string, Record<Change, number>> = {};
    // defineProperty, not assignment: a kind may be called "__proto__".
    for (const [kind, count] of this.byKind) Object.defineProperty(byKind, fromByteString(kind), { value: count, enumerable: true, configurable: true, writable: true });
    return { ...counts, byKind, ids, capped: Object.values(counts).some((count) => count > limit) };
  }
}
