/** Reads one run: by key, by leaf number, by a child's own id, or from a key onwards. */
import { damaged } from "../errors.ts";
import { ByteReader } from "../format/bytes.ts";
import { treeKey } from "../format/names.ts";
import { partsOf } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import type { BlockRef, RunDescription } from "../types.ts";
import { BlockReader, INNER, LEAF, LOCATOR_INNER, LOCATOR_LEAF } from "./blocks.ts";
import type { BlockType, IndexKeys } from "./blocks.ts";
import { childFor, decodeInner, FAN_OUT } from "./inner.ts";
import type { Inner } from "./inner.ts";
import { decodeLeaf } from "./leaf.ts";
import type { Leaf } from "./leaf.ts";
import type { LeafColumns } from "./leaf-columns.ts";
import type { NodeCache } from "./node-cache.ts";
import { MAX_LOCATOR_ENTRIES } from "./run-writer.ts";

/** The way to a leaf. Its keys are >= low and < high (null: no bound). */
interface LeafPlace {
  readonly ref: BlockRef;
  readonly number: number;
  readonly low: string;
  readonly high: string | null;
}

/** Higher than any run can be: 64^6 leaves. */
const MAX_HEIGHT = 6;

export class RunReader {
  readonly run: RunDescription;
  readonly blocks: BlockReader;
  private readonly cache: NodeCache;
  private readonly underWay = new Map<string, Promise<Inner | Leaf>>();
  constructor(store: ObjectStore, keys: IndexKeys, run: RunDescription, cache: NodeCache, readAhead: number) {
    if (run.height > MAX_HEIGHT || (run.locator?.height ?? 0) > MAX_HEIGHT) throw damaged("the index", "a run is too high");
    this.run = run;
    this.cache = cache;
    this.blocks = new BlockReader(store, keys, run.objects, readAhead);
  }

  private async inner(ref: BlockRef, type: BlockType): Promise<Inner> {
    const name = `${this.run.id}/${ref.object}/${ref.block}`;
    const known = this.cache.get(name) as Inner | undefined;
    return known ?? this.once(name, async () => {
      const { raw, object } = await this.blocks.read(ref, type);
      return decodeInner(raw, object);
    });
  }

  private async leaf(ref: BlockRef): Promise<Leaf> {
    const name = `${this.run.id}/${ref.object}/${ref.block}`;
    const known = this.cache.get(name) as Leaf | undefined;
    return known ?? this.once(name, async () => {
      const { raw, object } = await this.blocks.read(ref, LEAF);
      const node = decodeLeaf(raw, object);
      if (node.first + node.count > this.run.entries) throw damaged(object, "a leaf counts beyond its run");
      return node;
    });
  }

  /** Many look-ups at once begin at the same nodes: each is read by one of them. */
  private once<T extends Inner | Leaf>(name: string, read: () => Promise<T>): Promise<T> {
    const underWay = this.underWay.get(name) as Promise<T> | undefined;
    if (underWay !== undefined) return underWay;
    const node = read()
      .then((decoded) => {
        this.cache.set(name, decoded);
        return decoded;
      })
      .finally(() => this.underWay.delete(name));
    this.underWay.set(name, node);
    return node;
  }

  /** Opens leaf `number` into `into`, past the cache: whoever walks a whole run meets each leaf once. */
  async loadLeaf(number: number, into: LeafColumns): Promise<void> {
    const { raw, object } = await this.blocks.read(await this.descend(this.run.root, this.run.height, number, INNER), LEAF);
    into.load(raw, object);
    if (into.first + into.count > this.run.entries) throw damaged(object, "a leaf counts beyond its run");
  }

  /** Where the only leaf lies that can hold `key`. */
  private async placeOf(key: string): Promise<LeafPlace> {
    let ref = this.run.root;
    let number = 0;
    let low = "";
    let high: string | null = null;
    for (let level = this.run.height; level > 0; level--) {
      const node: Inner = await this.inner(ref, INNER);
      const i = childFor(node.keys, key);
      low = node.keys[i] as string;
      high = node.keys[i + 1] ?? high;
      ref = node.refs[i] as BlockRef;
      number = number * FAN_OUT + i;
    }
    return { ref, number, low, high };
  }

  /** The only leaf that can hold `key`, and its number. */
  async leafFor(key: string): Promise<{ readonly leaf: Leaf; readonly number: number }> {
    const { ref, number } = await this.placeOf(key);
    return { leaf: await this.leaf(ref), number };
  }

  /** Opens the only leaf that can hold `key` into `into`; answers the bounds of what it can hold, `low` included, `high` not (null: none). */
  async seekLeaf(key: string, into: LeafColumns): Promise<Pick<LeafPlace, "low" | "high">> {
    const { ref, low, high } = await this.placeOf(key);
    const { raw, object } = await this.blocks.read(ref, LEAF);
    into.load(raw, object);
    if (into.first + into.count > this.run.entries) throw damaged(object, "a leaf counts beyond its run");
    return { low, high };
  }

  async leafAt(number: number): Promise<Leaf> {
    return this.leaf(await this.descend(this.run.root, this.run.height, number, INNER));
  }

  private async descend(root: BlockRef, height: number, number: number, type: BlockType): Promise<BlockRef> {
    let ref = root;
    for (let level = height; level > 0; level--) {
      const node = await this.inner(ref, type);
      const next = node.refs[Math.floor(number / FAN_OUT ** (level - 1)) % FAN_OUT];
      if (next === undefined) throw damaged(treeKey(this.run.objects[ref.object]?.id ?? ""), "an inner block lacks a child");
      ref = next;
    }
    return ref;
  }

  /** Sort keys of children with this id, as the locator finds them (each compared with `id`). Byte strings. */
  async children(id: string, hash: number): Promise<string[]> {
    const locator = this.run.locator;
    if (locator === null) return [];
    let ref = locator.root;
    let number = 0;
    const text = String.fromCharCode(hash >>> 24, (hash >>> 16) & 0xff, (hash >>> 8) & 0xff, hash & 0xff);
    for (let level = locator.height; level > 0; level--) {
      const node = await this.inner(ref, LOCATOR_INNER);
      const i = childFor(node.keys, text);
      ref = node.refs[i] as BlockRef;
      number = number * FAN_OUT + i;
    }
    const leaves = new Set<number>();
    for (;;) {
      const { raw, object } = await this.blocks.read(ref, LOCATOR_LEAF);
      const last = readLocatorLeaf(raw, object, hash, leaves);
      number++;
      if (last > hash || number >= locator.leaves) break;
      ref = await this.descend(locator.root, locator.height, number, LOCATOR_INNER);
    }
    const keys: string[] = [];
    for (const leafNumber of leaves) {
      if (leafNumber >= this.run.leaves) throw damaged("the index", "a locator points beyond its run");
      const leaf = await this.leafAt(leafNumber);
      leaf.keys.forEach((key, i) => {
        if (leaf.isRemoval(i)) return;
        const parts = partsOf(key);
        if (parts !== null && parts.parentId !== null && parts.id === id) keys.push(key);
      });
    }
    return keys;
  }
}

/** Adds the leaves filed under `wanted`; answers the last hash of the block. */
function readLocatorLeaf(raw: Buffer, object: string, wanted: number, leaves: Set<number>): number {
  const reader = new ByteReader(raw, object);
  const count = reader.varint(MAX_LOCATOR_ENTRIES);
  let hash = 0;
  for (let i = 0; i < count; i++) {
    hash += reader.varint(0xffffffff);
    if (hash > 0xffffffff) reader.fail("a hash is out of bounds");
    const leaf = reader.varint(0xffffffff);
    if (hash === wanted) leaves.add(leaf);
  }
  reader.finish();
  return hash;
}

/** Walks one run in key order. `step` is synchronous within a leaf; when it answers false, `load` fetches the next leaf. */
export class RunCursor {
  leaf: Leaf | null = null;
  at = 0;
  private number = 0;
  readonly reader: RunReader;
  constructor(reader: RunReader) {
    this.reader = reader;
  }
  get key(): string {
    return (this.leaf as Leaf).keys[this.at] as string;
  }
  /** To the first entry not below `key`; false when there is none. */
  async seek(key: string): Promise<boolean> {
    if (key === "") {
      this.number = 0;
      this.leaf = await this.reader.leafAt(0);
      if (this.leaf.first !== 0) throw damaged("the index", "leaves of a run do not follow one another");
      this.at = 0;
      return true;
    }
    const { leaf, number } = await this.reader.leafFor(key);
    this.leaf = leaf;
    this.number = number;
    this.at = lowerBound(leaf.keys, key);
    return this.at < leaf.count ? true : this.load();
  }
  step(): boolean {
    return ++this.at < (this.leaf as Leaf).count;
  }
  async load(): Promise<boolean> {
    const before = this.leaf as Leaf;
    if (++this.number >= this.reader.run.leaves) {
      if (before.first + before.count !== this.reader.run.entries) throw damaged("the index", "a run has fewer entries than it says");
      this.leaf = null;
      return false;
    }
    this.leaf = await this.reader.leafAt(this.number);
    this.at = 0;
    if (this.leaf.first !== before.first + before.count || (this.leaf.keys[0] as string) <= (before.keys[before.count - 1] as string)) throw damaged("the index", "leaves of a run do not follow one another");
    return true;
  }
}

export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
