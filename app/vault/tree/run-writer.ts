/** Writes one run: entries in order go in, a static tree of sealed blocks and a locator of children come out, in constant memory. */
import { KeyedDigest, sha256 } from "../crypto/digest.ts";
import { deriveKey } from "../crypto/seal.ts";
import { ByteWriter } from "../format/bytes.ts";
import { partsOf } from "../format/sort-key.ts";
import type { Random } from "../ports.ts";
import type { Scratch } from "../scratch/scratch.ts";
import { Sorter } from "../scratch/sorter.ts";
import type { BlockRef, RunDescription } from "../types.ts";
import { BlockWriter, INNER, LEAF, LOCATOR_INNER, LOCATOR_LEAF } from "./blocks.ts";
import type { BlockType, IndexKeys, PutObject } from "./blocks.ts";
import { encodeInner, FAN_OUT, separator } from "./inner.ts";
import type { Child } from "./inner.ts";
import { LEAF_ENTRIES, LeafBuilder } from "./leaf.ts";
import type { Located } from "./leaf.ts";

export const LOCATOR_ENTRIES = 1024;

/** Keyed hash of a child's id, 4 bytes as a byte string. */
export class LocatorHash {
  private readonly digest: KeyedDigest;
  constructor(indexKey: Uint8Array) {
    this.digest = new KeyedDigest(deriveKey(indexKey, null, "holdfast locator v1"));
  }
  of(id: string): string {
    return this.digest.whole(Buffer.from(id, "latin1")).slice(0, 4);
  }
}

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

export class RunWriter {
  entries = 0;
  removals = 0;
  private leaves = 0;
  private children = 0;
  private before = "";
  private readonly leaf = new LeafBuilder();
  private readonly blocks: BlockWriter;
  private readonly levels: Levels;
  private readonly locator: Sorter;
  private readonly hash: LocatorHash;
  private readonly leafNumber = Buffer.alloc(4);
  constructor(keys: IndexKeys, random: Random, put: PutObject, scratch: Scratch) {
    this.blocks = new BlockWriter(keys, random, put);
    this.levels = new Levels(this.blocks, INNER);
    this.locator = new Sorter(scratch, 4);
    this.hash = new LocatorHash(keys.indexKey);
  }

  /** Keys in strictly ascending order; `located` null is a removal. Answers a promise when it has to write. */
  add(key: string, located: Located | null): Promise<void> | null {
    this.leaf.add(key, located);
    this.entries++;
    let full = false;
    if (located === null) this.removals++;
    else {
      const parts = partsOf(key);
      if (parts !== null && parts.parentId !== null) {
        this.leafNumber.writeUInt32BE(this.leaves, 0);
        full = this.locator.add(this.hash.of(parts.id), this.leafNumber);
        this.children++;
      }
    }
    return this.leaf.count >= LEAF_ENTRIES || full ? this.drain(full) : null;
  }

  private async drain(spill: boolean): Promise<void> {
    if (this.leaf.count >= LEAF_ENTRIES) await this.flushLeaf();
    if (spill) await this.locator.spill();
  }

  private async flushLeaf(): Promise<void> {
    const { count, firstKey, lastKey } = this.leaf;
    const key = this.leaves === 0 ? "" : separator(this.before, firstKey);
    const ref = await this.blocks.append(LEAF, this.leaf.take(this.entries - count));
    this.before = lastKey;
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
    let leaves = 0;
    let rows: { hash: string; leaf: number }[] = [];
    const flush = async (): Promise<void> => {
      out.reset();
      out.varint(rows.length);
      let before = 0;
      for (const row of rows) {
        const hash = Buffer.from(row.hash, "latin1").readUInt32BE(0);
        out.varint(hash - before);
        out.varint(row.leaf);
        before = hash;
      }
      // Separators must ascend strictly; a block that starts with its predecessor's last hash takes the next string above it.
      const first = (rows[0] as { hash: string }).hash;
      const ref = await this.blocks.append(LOCATOR_LEAF, out.view());
      await levels.add({ key: leaves === 0 ? "" : first + numberSuffix(leaves), ref });
      leaves++;
      rows = [];
    };
    for await (const batch of this.locator.sorted()) {
      for (const row of batch) {
        rows.push({ hash: row.key, leaf: row.payload.readUInt32BE(0) });
        if (rows.length === LOCATOR_ENTRIES) await flush();
      }
    }
    if (rows.length > 0) await flush();
    return { ...(await levels.root()), leaves };
  }
}

/** Four bytes that make the keys of locator blocks unique and ascending even where equal hashes straddle blocks. */
function numberSuffix(block: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(block, 0);
  return bytes.toString("latin1");
}
