/** What differs between two snapshots, in time proportional to the runs they do not share. */
import { partsOf, fromByteString } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import type { IndexKeys } from "../tree/blocks.ts";
import { IndexReader, MergedCursor } from "../tree/index-reader.ts";
import { NodeCache } from "../tree/node-cache.ts";
import type { RunReader } from "../tree/run-reader.ts";
import type { SnapshotDiff, SnapshotManifest } from "../types.ts";

const READ_AHEAD = 256 * 1024;
const DEFAULT_ID_LIMIT = 1000;

interface Value {
  readonly digest: string;
  readonly place: number;
}

export async function diffSnapshots(store: ObjectStore, keys: IndexKeys, a: SnapshotManifest, b: SnapshotManifest, idLimit = DEFAULT_ID_LIMIT): Promise<SnapshotDiff> {
  const shared = sharedRuns(a, b);
  const cache = new NodeCache(16 * 1024 * 1024);
  const options = { cache, readAhead: READ_AHEAD };
  const common = new IndexReader(store, keys, a.runs.slice(a.runs.length - shared), options).lookup();
  const left = new Side(new IndexReader(store, keys, a.runs.slice(0, a.runs.length - shared), options).readers);
  const right = new Side(new IndexReader(store, keys, b.runs.slice(0, b.runs.length - shared), options).readers);
  await left.start();
  await right.start();
  const counts = { added: 0, changed: 0, removed: 0 };
  const byKind: Record<string, { added: number; changed: number; removed: number }> = Object.create(null) as Record<string, never>;
  const ids = { added: [] as string[], changed: [] as string[], removed: [] as string[] };
  while (left.more || right.more) {
    const key = !right.more || (left.more && left.cursor.key < right.cursor.key) ? left.cursor.key : right.cursor.key;
    let below: Value | null | undefined;
    const underneath = async (): Promise<Value | null> => {
      if (below === undefined) {
        const found = await common.find(key);
        below = found === null || found.leaf.isRemoval(found.at) ? null : { digest: found.leaf.digest(found.at), place: found.leaf.place(found.at) };
      }
      return below;
    };
    const before = left.has(key) ? left.value() : await underneath();
    const after = right.has(key) ? right.value() : await underneath();
    const change = before === null ? (after === null ? null : "added") : after === null ? "removed" : before.digest === after.digest && before.place === after.place ? null : "changed";
    if (change !== null) {
      const parts = partsOf(key) as { kind: string; id: string };
      counts[change]++;
      (byKind[fromByteString(parts.kind)] ??= { added: 0, changed: 0, removed: 0 })[change]++;
      if (ids[change].length < idLimit) ids[change].push(fromByteString(parts.id));
    }
    if (left.has(key)) await left.next();
    if (right.has(key)) await right.next();
  }
  return { ...counts, byKind: { ...byKind }, ids, capped: counts.added > idLimit || counts.changed > idLimit || counts.removed > idLimit };
}

/** Number of oldest runs that both have. */
function sharedRuns(a: SnapshotManifest, b: SnapshotManifest): number {
  let shared = 0;
  while (shared < a.runs.length && shared < b.runs.length && a.runs[a.runs.length - 1 - shared]?.id === b.runs[b.runs.length - 1 - shared]?.id) shared++;
  return shared;
}

class Side {
  more = false;
  readonly cursor: MergedCursor;
  constructor(readers: readonly RunReader[]) {
    this.cursor = new MergedCursor(readers);
  }
  async start(): Promise<void> {
    this.more = await this.cursor.seek();
  }
  has(key: string): boolean {
    return this.more && this.cursor.key === key;
  }
  value(): Value | null {
    return this.cursor.removed ? null : { digest: this.cursor.digest, place: this.cursor.place };
  }
  async next(): Promise<void> {
    const next = this.cursor.next();
    this.more = typeof next === "boolean" ? next : await next;
  }
}
