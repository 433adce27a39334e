/** A snapshot's whole index: several runs, newest first, seen as one. */
import type { ObjectStore } from "../object-store.ts";
import type { RunDescription } from "../types.ts";
import type { IndexKeys } from "./blocks.ts";
import { ColumnCursor } from "./column-cursor.ts";
import type { Leaf, Located } from "./leaf.ts";
import { KeyLookup } from "./key-lookup.ts";
import { NodeCache } from "./node-cache.ts";
import { lowerBound, RunCursor, RunReader } from "./run-reader.ts";
import { LocatorHash } from "./locator-hash.ts";

export function locatedAt(leaf: Leaf, i: number): Located {
  return { digest: leaf.digest(i), place: leaf.place(i), pack: leaf.pack(i), frame: leaf.frame(i), ordinal: leaf.ordinal(i) };
}

export class IndexReader {
  readonly readers: readonly RunReader[];
  private readonly indexKey: Uint8Array;
  constructor(store: ObjectStore, keys: IndexKeys, runs: readonly RunDescription[], options: { cache?: NodeCache; readAhead?: number } = {}) {
    const cache = options.cache ?? new NodeCache(16 * 1024 * 1024);
    this.readers = runs.map((run) => new RunReader(store, keys, run, cache, options.readAhead ?? 0));
    this.indexKey = keys.indexKey;
  }

  get bytesFetched(): number {
    return this.readers.reduce((sum, reader) => sum + reader.blocks.bytesFetched, 0);
  }

  async find(key: string): Promise<Located | null> {
    for (const reader of this.readers) {
      const { leaf } = await reader.leafFor(key);
      const i = lowerBound(leaf.keys, key);
      if (leaf.keys[i] === key) return leaf.isRemoval(i) ? null : locatedAt(leaf, i);
    }
    return null;
  }

  /** The same as `find`, with all runs asked at once: on a storage that is far away that is one wait, where `find` waits for each run in turn. */
  async findAtOnce(key: string): Promise<Located | null> {
    const leaves = await Promise.all(this.readers.map((reader) => reader.leafFor(key)));
    for (const { leaf } of leaves) {
      const i = lowerBound(leaf.keys, key);
      if (leaf.keys[i] === key) return leaf.isRemoval(i) ? null : locatedAt(leaf, i);
    }
    return null;
  }

  /** The record with this id (a byte string), a record without a parent before any child. */
  async findById(id: string): Promise<{ key: string; located: Located } | null> {
    for await (const found of this.range(id + "\0\0")) return found;
    const bytes = Buffer.from(id, "latin1");
    for (const reader of this.readers) {
      if (reader.run.locator === null) continue;
      const hash = new LocatorHash(this.indexKey, reader.run.locator.hash).of(bytes);
      for (const key of await reader.children(id, hash)) {
        const located = await this.find(key);
        if (located !== null) return { key, located };
      }
    }
    return null;
  }

  /** Live entries whose key starts with `prefix`, in order. */
  async *range(prefix: string): AsyncGenerator<{ key: string; located: Located }> {
    const cursor = this.cursor();
    let more = await cursor.seek(prefix);
    while (more && cursor.key.startsWith(prefix)) {
      if (!cursor.removed) yield { key: cursor.key, located: cursor.located };
      const next = cursor.next();
      more = typeof next === "boolean" ? next : await next;
    }
  }

  /** The whole index in key order, in columns. */
  columns(): ColumnCursor {
    return new ColumnCursor(this.readers);
  }

  cursor(): MergedCursor {
    return new MergedCursor(this.readers);
  }

  lookup(): KeyLookup {
    return new KeyLookup(this.readers);
  }
}

/** Walks all runs at once in key order; for a key in several runs the newest decides. Removals are shown. */
export class MergedCursor {
  key = "";
  private winner: RunCursor | null = null;
  /** Number of the winning run, newest = 0. */
  run = 0;
  private live: { cursor: RunCursor; run: number }[] = [];
  private readonly readers: readonly RunReader[];
  constructor(readers: readonly RunReader[]) {
    this.readers = readers;
  }

  /** To the first entry not below `from`; false when there is none. */
  async seek(from = ""): Promise<boolean> {
    // Each run is another place of the store: they are asked at once.
    const cursors = this.readers.map((reader, run) => ({ cursor: new RunCursor(reader), run }));
    const found = await Promise.all(cursors.map(({ cursor }) => cursor.seek(from)));
    this.live = cursors.filter((_, run) => found[run]);
    return this.choose();
  }

  private choose(): boolean {
    this.winner = null;
    for (const { cursor, run } of this.live) {
      const key = cursor.key;
      if (this.winner === null || key < this.key) {
        this.winner = cursor;
        this.key = key;
        this.run = run;
      }
    }
    return this.winner !== null;
  }

  /** To the next key. Answers a promise only when a leaf has to be fetched. */
  next(): boolean | Promise<boolean> {
    const { live, key } = this;
    for (let i = 0; i < live.length; i++) {
      const { cursor } = live[i] as { cursor: RunCursor };
      if (cursor.key === key && !cursor.step()) return this.loadFrom(i, key);
    }
    return this.choose();
  }

  private async loadFrom(start: number, key: string): Promise<boolean> {
    const kept = this.live.slice(0, start);
    for (let i = start; i < this.live.length; i++) {
      const entry = this.live[i] as { cursor: RunCursor; run: number };
      const { cursor } = entry;
      const exhausted = cursor.at >= (cursor.leaf as Leaf).count;
      const moved = exhausted ? await cursor.load() : cursor.key !== key || cursor.step() || (await cursor.load());
      if (moved) kept.push(entry);
    }
    this.live = kept;
    return this.choose();
  }

  get removed(): boolean {
    const winner = this.winner as RunCursor;
    return (winner.leaf as Leaf).isRemoval(winner.at);
  }
  get digest(): string {
    const winner = this.winner as RunCursor;
    return (winner.leaf as Leaf).digest(winner.at);
  }
  get place(): number {
    const winner = this.winner as RunCursor;
    return (winner.leaf as Leaf).place(winner.at);
  }
  /** Hex id. Not for a removal. */
  get pack(): string {
    const winner = this.winner as RunCursor;
    return (winner.leaf as Leaf).pack(winner.at);
  }
  get located(): Located {
    const winner = this.winner as RunCursor;
    return locatedAt(winner.leaf as Leaf, winner.at);
  }
  /** Number of the entry within its run. */
  get position(): number {
    const winner = this.winner as RunCursor;
    return (winner.leaf as Leaf).first + winner.at;
  }
}
