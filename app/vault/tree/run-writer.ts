/** Writes one run: entries in order go in, a static tree of sealed blocks and a locator of children come out, in constant memory. */
import { sha256 } from "../crypto/digest.ts";
import { ByteWriter } from "../format/bytes.ts";
import { partsOf } from "../format/sort-key.ts";
import type { Random } from "../ports.ts";
import type { Scratch } from "../scratch/scratch.ts";
import { NumberSorter } from "../scratch/number-sorter.ts";
import type { BlockRef, RunDescription } from "../types.ts";
import { BlockWriter, INNER, LEAF, LOCATOR_INNER, LOCATOR_LEAF } from "./blocks.ts";
import type { BlockType, IndexKeys, PutObject } from "./blocks.ts";
import { LocatorHash } from "./locator-hash.ts";
import { encodeInner, FAN_OUT, separator } from "./inner.ts";
import type { Child } from "./inner.ts";
import type { Located } from "./leaf.ts";
import { LEAF_ENTRIES, LeafBuilder } from "./leaf-builder.ts";

/** Per block of the locator: a point read opens one or two. */
const LOCATOR_ENTRIES = 512;
/** In vaults of format 1, and the most that a reader takes. */
export const MAX_LOCATOR_ENTRIES = 1024;

/** Inner levels over blocks that come in order. Holds at most FAN_OUT children per level. */
class Levels {
  private readonly levels: Child[][] = [];
  private readonly blocks: BlockWriter;
  private readonly type: BlockType;
  constructor(blocks: BlockWriter, type: BlockType) {
    this.blocks = blocks;
    this.type = type;
  }
  async add(child: Child, level = 0): Promise<void> {
    const children = (this.levels[level] ??= []);
    children.push(child);
    if (children.length === FAN_OUT) await this.flush(level);
  }
  private async flush(level: number): Promise<void> {
    const children = this.levels[level] as Child[];
    this.levels[level] = [];
    await this.add({ key: (children[0] as Child).key, ref: await this.blocks.append(this.type, encodeInner(children)) }, level + 1);
  }
  async root(): Promise<{ root: BlockRef; height: number }> {
    for (let level = 0; ; level++) {
      const children = this.levels[level] as Child[];
      const top = level === this.levels.length - 1;
      if (top && children.length === 1) return { root: (children[0] as Child).ref, height: level };
      if (children.length > 0) await this.flush(level);
    }
  }
}

/** A locator row as one number: hash, then leaf. 2^21 leaves are 268 million entries. */
const LEAF_BITS = 21;
const MAX_LEAVES = 2 ** LEAF_BITS;

export class RunWriter {
  entries = 0;
  removals = 0;
  private leaves = 0;
  private children = 0;
  private before = "";
  private readonly leaf = new LeafBuilder();
  private readonly leafEntries: number;
  private readonly blocks: BlockWriter;
  private readonly levels: Levels;
  private readonly locator: NumberSorter;
  private readonly hash: LocatorHash;
  constructor(keys: IndexKeys, random: Random, put: PutObject, scratch: Scratch, leafEntries = LEAF_ENTRIES) {
    this.blocks = new BlockWriter(keys, random, put);
    this.leafEntries = leafEntries;
    this.levels = new Levels(this.blocks, INNER);
    this.locator = new NumberSorter(scratch);
    this.hash = new LocatorHash(keys.indexKey, keys.format === 2 ? "half-siphash-2-4" : undefined);
  }

  /** Keys in strictly ascending order; `located` null is a removal. Answers a promise when it has to write. */
  add(key: string, located: Located | null): Promise<void> | null {
    this.leaf.add(key, located);
    let full = false;
    if (located === null) this.removals++;
    else {
      const parts = partsOf(key);
      if (parts !== null && parts.parentId !== null) {
        const id = Buffer.from(parts.id, "latin1");
        full = this.addChild(id, 0, id.length);
      }
    }
    return this.added(full);
  }

  /** The same from bytes, see LeafBuilder. `idAt`: where the id starts in a child's key; -1 for a record without parent. */
  addBytes(bytes: Uint8Array, start: number, end: number, idAt: number, digests: Uint8Array, digestAt: number, pack: string, frame: number, ordinal: number, place: number): Promise<void> | null {
    this.leaf.addBytes(bytes, start, end, digests, digestAt, pack, frame, ordinal, place);
    return this.added(idAt >= 0 && this.addChild(bytes, idAt, end));
  }

  private addChild(bytes: Uint8Array, idStart: number, idEnd: number): boolean {
    if (this.leaves >= MAX_LEAVES) throw new RangeError("a run of the index has too many entries");
    this.children++;
    return this.locator.add(this.hash.of(bytes, idStart, idEnd) * MAX_LEAVES + this.leaves);
  }

  private added(full: boolean): Promise<void> | null {
    this.entries++;
    return this.leaf.count >= this.leafEntries || full ? this.drain(full) : null;
  }

  private async drain(spill: boolean): Promise<void> {
    if (this.leaf.count >= this.leafEntries) await this.flushLeaf();
    if (spill) await this.locator.spill();
  }

  private async flushLeaf(): Promise<void> {
    const { count } = this.leaf;
    const key = this.leaves === 0 ? "" : separator(this.before, this.leaf.firstKey.text);
    this.before = this.leaf.lastKey.text;
    const ref = await this.blocks.append(LEAF, this.leaf.take(this.entries - count));
    this.leaves++;
    await this.levels.add({ key, ref });
  }

  /** Null when nothing was added. */
  async finish(): Promise<RunDescription | null> {
    if (this.entries === 0) return null;
    if (this.leaf.count > 0) await this.flushLeaf();
    const { root, height } = await this.levels.root();
    const locator = this.children === 0 ? null : await this.writeLocator();
    await this.blocks.finish();
    const objects = this.blocks.objects;
    const id = sha256(Buffer.from(JSON.stringify([objects.map((object) => object.id), root, locator]), "utf8"));
    return { id, entries: this.entries, removals: this.removals, leaves: this.leaves, height, objects, root, locator };
  }

  private async writeLocator(): Promise<NonNullable<RunDescription["locator"]>> {
    const levels = new Levels(this.blocks, LOCATOR_INNER);
    const out = new ByteWriter(8192);
    const limit = this.hash.scheme === undefined ? MAX_LOCATOR_ENTRIES : LOCATOR_ENTRIES;
    const rows = new Float64Array(limit);
    let count = 0;
    let leaves = 0;
    const flush = async (): Promise<void> => {
      out.reset();
      out.varint(count);
      let before = 0;
      for (let i = 0; i < count; i++) {
        const row = rows[i] as number;
        const hash = Math.floor(row / MAX_LEAVES);
        out.varint(hash - before);
        out.varint(row % MAX_LEAVES);
        before = hash;
      }
      // Separators must ascend strictly; a block that starts with its predecessor's last hash takes the next string above it.
      const first = fourBytes(Math.floor((rows[0] as number) / MAX_LEAVES));
      const ref = await this.blocks.append(LOCATOR_LEAF, out.view());
      await levels.add({ key: leaves === 0 ? "" : first + fourBytes(leaves), ref });
      leaves++;
      count = 0;
    };
    for await (const block of this.locator.sorted()) {
      for (const row of block) {
        rows[count++] = row;
        if (count === limit) await flush();
      }
    }
    if (count > 0) await flush();
    return { ...(await levels.root()), leaves, ...(this.hash.scheme === undefined ? {} : { hash: this.hash.scheme }) };
  }
}

/**
 * Four bytes as a byte string. After a locator block's first hash they hold its number, which makes the keys of blocks unique and ascending even where
 * equal hashes straddle them.
 */
function fourBytes(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes.toString("latin1");
}
