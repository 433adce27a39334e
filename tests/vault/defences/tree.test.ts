/** Index objects forged by somebody who has the index key and lies about one thing. Each test stands for one check. */
import { describe, expect, it } from "@jest/globals";
import { zstdCompressSync } from "node:zlib";
import { treeKey } from "#app/vault/format/names.ts";
import { ColumnRun } from "#app/vault/tree/column-cursor.ts";
import type { RunReader } from "#app/vault/tree/run-reader.ts";
import { IndexReader } from "#app/vault/tree/index-reader.ts";
import type { BlockRef, RunDescription } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { forgeInner, forgeLeaf, forgeTree, sha256, u32 } from "./forge.ts";
import type { ForgedBlock, ForgedEntry } from "./forge.ts";

const vaultId = Buffer.alloc(16, 1);
const indexKey = Buffer.alloc(32, 2);
const DAMAGED = { code: "vault.damaged_object" };
const pack = "ab".repeat(32);
const entry = (id: string, more: Partial<ForgedEntry> = {}): ForgedEntry => ({ key: `${id}\0\0customers`, ...more });
const THREE = [entry("a"), entry("b"), entry("c")];

interface Forged {
  readonly blocks: readonly ForgedBlock[];
  readonly root?: Partial<BlockRef> & { readonly at?: number };
  readonly run?: Partial<RunDescription>;
  readonly magic?: string;
  readonly patch?: (bytes: Buffer) => Buffer;
}

function open({ blocks, root, run, magic, patch }: Forged): IndexReader {
  const store = new MemoryStore();
  const made = forgeTree({ vaultId, indexKey, blocks, ...(magic === undefined ? {} : { magic }) });
  const bytes = patch === undefined ? made.bytes : patch(made.bytes);
  const id = sha256(bytes);
  store.objects.set(treeKey(id), bytes);
  const { at, ...changed } = root ?? {};
  const ref = { ...(made.refs[at ?? made.refs.length - 1] as BlockRef), ...changed };
  const description: RunDescription = { id, entries: 3, removals: 0, leaves: 1, height: 0, objects: [{ id, size: bytes.length }], root: ref, locator: null, ...run };
  return new IndexReader(store, { vaultId, indexKey }, [description]);
}

/** By entries and by columns: two decoders, which must agree on what they refuse. */
async function walk(forged: Forged): Promise<string[]> {
  const [entries, columns] = await Promise.allSettled([byEntries(forged), byColumns(forged)]);
  if (entries.status !== columns.status) throw new Error(`entries ${entries.status}, columns ${columns.status}: ${String(entries.status === "rejected" ? entries.reason : columns.status === "rejected" ? columns.reason : "")}`);
  if (entries.status === "rejected" && columns.status === "rejected") {
    expect(columns.reason).toMatchObject(DAMAGED);
    throw entries.reason;
  }
  expect((columns as PromiseFulfilledResult<string[]>).value).toEqual((entries as PromiseFulfilledResult<string[]>).value);
  return (entries as PromiseFulfilledResult<string[]>).value;
}

async function byColumns(forged: Forged): Promise<string[]> {
  const run = new ColumnRun((open(forged).readers as readonly RunReader[])[0] as RunReader, 0);
  const keys: string[] = [];
  while (await run.load()) for (let i = 0; i < run.leaf.count; i++) keys.push(run.leaf.key(i).split("\0")[0] as string);
  return keys;
}

async function byEntries(forged: Forged): Promise<string[]> {
  const cursor = open(forged).cursor();
  const keys: string[] = [];
  let more = await cursor.seek();
  while (more) {
    keys.push(cursor.key.split("\0")[0] as string);
    if (!cursor.removed) expect(cursor.located.pack).toBe(pack);
    const next = cursor.next();
    more = typeof next === "boolean" ? next : await next;
  }
  return keys;
}

const leaf = (more: Partial<Parameters<typeof forgeLeaf>[0]> = {}): Buffer => forgeLeaf({ first: 0, packs: [pack], entries: THREE, ...more });
const one = (raw: Buffer): Forged => ({ blocks: [{ type: 1, raw }] });

describe("a leaf", () => {
  it("written by hand is read, which makes the refusals below mean something", async () => expect(await walk(one(leaf()))).toEqual(["a", "b", "c"]));
  it("is refused with keys out of order", () => expect(walk(one(leaf({ entries: [entry("b"), entry("a"), entry("c")] })))).rejects.toMatchObject(DAMAGED));
  it("is refused with a key twice", () => expect(walk(one(leaf({ entries: [entry("a"), entry("a"), entry("c")] })))).rejects.toMatchObject(DAMAGED));
  it("is refused when it is empty", () => expect(walk({ ...one(forgeLeaf({ first: 0, packs: [], entries: [] })), run: { entries: 1 } })).rejects.toMatchObject(DAMAGED));
  it.each([["without a kind", "a\0\0"], ["without an anchor", "\0\0customers"], ["without a mark", "a\0\x02customers"], ["of a child without an id", "a\0\x01customers\0"], ["that is just text", "abc"]])("is refused with a sort key %s", (_, key) => expect(walk({ ...one(leaf({ entries: [{ key }] })), run: { entries: 1 } })).rejects.toMatchObject(DAMAGED));
  it("is refused with flags nobody knows", () => expect(walk(one(leaf({ entries: [entry("a", { flags: 4 }), entry("b"), entry("c")] })))).rejects.toMatchObject(DAMAGED));
  it("is refused when a removal has a place", () => expect(walk(one(leaf({ entries: [entry("a", { flags: 3 }), entry("b"), entry("c")] })))).rejects.toMatchObject(DAMAGED));
  it("is refused when an entry points at no pack", () => expect(walk(one(leaf({ entries: [entry("a"), entry("b", { pack: 1 }), entry("c")] })))).rejects.toMatchObject(DAMAGED));
  it("is refused when a frame or an ordinal is below zero or beyond 32 bits", async () => {
    await expect(walk(one(leaf({ entries: [entry("a", { frame: -1 }), entry("b"), entry("c")] })))).rejects.toMatchObject(DAMAGED);
    await expect(walk(one(leaf({ entries: [entry("a", { ordinal: -1 }), entry("b"), entry("c")] })))).rejects.toMatchObject(DAMAGED);
    await expect(walk(one(leaf({ entries: [entry("a", { frame: 2 ** 32 }), entry("b"), entry("c")] })))).rejects.toMatchObject(DAMAGED);
  });
  it("is refused with bytes beyond its end", () => expect(walk(one(leaf({ tail: Buffer.of(0) })))).rejects.toMatchObject(DAMAGED));
  it("is refused when it claims more entries than a leaf may have, before room is made for them", () => expect(walk(one(leaf({ count: 5000 })))).rejects.toMatchObject(DAMAGED));
  it("is refused when it counts beyond its run", () => expect(walk({ ...one(leaf()), run: { entries: 2 } })).rejects.toMatchObject(DAMAGED));
  it("is refused when it starts in the middle of the run", () => expect(byColumns({ ...one(leaf({ first: 1 })), run: { entries: 4 } })).rejects.toMatchObject(DAMAGED));
  it("is refused when its run promises more", () => expect(walk({ ...one(leaf()), run: { entries: 4 } })).rejects.toMatchObject(DAMAGED));
});

describe("leaves one after another", () => {
  const two = (first: Buffer, next: Buffer, entries = 4): Forged => {
    const made = forgeTree({ vaultId, indexKey, blocks: [{ type: 1, raw: first }, { type: 1, raw: next }] });
    const children = [{ key: "", ref: made.refs[0] as BlockRef }, { key: "c", ref: made.refs[1] as BlockRef }];
    return { blocks: [{ type: 1, raw: first }, { type: 1, raw: next }, { type: 2, raw: forgeInner(children) }], run: { entries, leaves: 2, height: 1 } };
  };
  const start = forgeLeaf({ first: 0, packs: [pack], entries: [entry("a"), entry("b")] });
  it("are walked in order", async () => expect(await walk(two(start, forgeLeaf({ first: 2, packs: [pack], entries: [entry("c"), entry("d")] })))).toEqual(["a", "b", "c", "d"]));
  it("are refused when the second begins before the first ends", () => expect(walk(two(start, forgeLeaf({ first: 2, packs: [pack], entries: [entry("b"), entry("d")] })))).rejects.toMatchObject(DAMAGED));
  it("are refused when one is left out", () => expect(walk(two(start, forgeLeaf({ first: 3, packs: [pack], entries: [entry("c"), entry("d")] }), 5))).rejects.toMatchObject(DAMAGED));
  it("are refused when the run promises another leaf than its tree has", () => {
    const forged = two(start, forgeLeaf({ first: 2, packs: [pack], entries: [entry("c"), entry("d")] }), 6);
    return expect(walk({ ...forged, run: { ...forged.run, leaves: 3 } })).rejects.toMatchObject(DAMAGED);
  });
});

describe("an inner block", () => {
  const made = forgeTree({ vaultId, indexKey, blocks: [{ type: 1, raw: leaf() }] });
  const child = { key: "", ref: made.refs[0] as BlockRef };
  const under = (raw: Buffer): Forged => ({ blocks: [{ type: 1, raw: leaf() }, { type: 2, raw }], run: { height: 1 } });
  it("is read", async () => expect(await walk(under(forgeInner([child])))).toEqual(["a", "b", "c"]));
  it("is refused when it is empty", () => expect(walk(under(forgeInner([])))).rejects.toMatchObject(DAMAGED));
  it("is refused with keys out of order", () => expect(walk(under(forgeInner([{ ...child, key: "b" }, { ...child, key: "a" }])))).rejects.toMatchObject(DAMAGED));
  it("is refused when a child is told in an unknown way", () => expect(walk(under(forgeInner([child], 2)))).rejects.toMatchObject(DAMAGED));
  it("is refused when its first child follows nothing", () => expect(walk(under(forgeInner([child], 1)))).rejects.toMatchObject(DAMAGED));
  it("is refused with bytes beyond its end", () => expect(walk(under(forgeInner([child], 0, Buffer.of(1))))).rejects.toMatchObject(DAMAGED));
  it("is refused when a child lies in no object, before the first block or beyond the last", async () => {
    for (const ref of [{ ...child.ref, object: 1 }, { ...child.ref, offset: 0 }, { ...child.ref, offset: 1 << 20 }, { ...child.ref, length: 1 << 20 }]) await expect(walk(under(forgeInner([{ key: "", ref }])))).rejects.toMatchObject(DAMAGED);
  });
  it("is refused when a run is higher than any can be", () => expect(() => open({ ...under(forgeInner([child])), run: { height: 7 } })).toThrow(expect.objectContaining(DAMAGED)));
  it("is refused when a run's locator is higher than any can be", () => expect(() => open({ ...under(forgeInner([child])), run: { locator: { root: child.ref, height: 7, leaves: 1 } } })).toThrow(expect.objectContaining(DAMAGED)));
});

describe("a block", () => {
  it("sealed as one type is not read as another", () => expect(walk({ blocks: [{ type: 3, raw: leaf() }] })).rejects.toMatchObject(DAMAGED));
  it("is not read at another place", () => expect(walk({ blocks: [{ type: 1, raw: leaf() }, { type: 1, raw: leaf() }], root: { at: 0, block: 1 } })).rejects.toMatchObject(DAMAGED));
  it("is not read for another vault", async () => {
    const store = new MemoryStore();
    const made = forgeTree({ vaultId: Buffer.alloc(16, 9), indexKey, blocks: [{ type: 1, raw: leaf() }] });
    const id = sha256(made.bytes);
    store.objects.set(treeKey(id), made.bytes);
    const index = new IndexReader(store, { vaultId, indexKey }, [{ id, entries: 3, removals: 0, leaves: 1, height: 0, objects: [{ id, size: made.bytes.length }], root: made.refs[0] as BlockRef, locator: null }]);
    await expect(index.cursor().seek()).rejects.toMatchObject(DAMAGED);
  });
  it("of an object that starts otherwise is refused", () => expect(walk({ ...one(leaf()), magic: "HFTREF" })).rejects.toMatchObject(DAMAGED));
  it("packed in an unknown way is refused, though it would open as if packed in a known one", () => expect(walk({ blocks: [{ type: 1, raw: leaf(), text: Buffer.concat([Buffer.of(2), u32(leaf().length), zstdCompressSync(leaf())]) }] })).rejects.toMatchObject(DAMAGED));
  it("packed in an unknown way is refused", () => expect(walk({ blocks: [{ type: 1, raw: leaf(), text: Buffer.concat([Buffer.of(2), leaf()]) }] })).rejects.toMatchObject(DAMAGED));
  it("of nothing but its first byte is refused", () => expect(walk({ blocks: [{ type: 1, raw: leaf(), text: Buffer.of(1) }] })).rejects.toMatchObject(DAMAGED));
  it("of an object that is gone is missing, not damaged", async () => {
    const id = "cd".repeat(32);
    const index = new IndexReader(new MemoryStore(), { vaultId, indexKey }, [{ id, entries: 3, removals: 0, leaves: 1, height: 0, objects: [{ id, size: 1000 }], root: { object: 0, block: 0, offset: 40, length: 100 }, locator: null }]);
    await expect(index.cursor().seek()).rejects.toMatchObject({ code: "vault.missing_object" });
  });
  const zipped = (claimed: number): Buffer => Buffer.concat([Buffer.of(1), u32(claimed), zstdCompressSync(leaf())]);
  it("that is compressed is read", async () => expect(await walk({ blocks: [{ type: 1, raw: leaf(), text: zipped(leaf().length) }] })).toEqual(["a", "b", "c"]));
  it("is refused when it inflates to more or less than it says, or is no zstd", async () => {
    for (const claimed of [leaf().length - 1, leaf().length + 1, 0]) await expect(walk({ blocks: [{ type: 1, raw: leaf(), text: zipped(claimed) }] })).rejects.toMatchObject(DAMAGED);
    await expect(walk({ blocks: [{ type: 1, raw: leaf(), text: Buffer.concat([Buffer.of(1), u32(10), Buffer.alloc(20)]) }] })).rejects.toMatchObject(DAMAGED);
  });
  it("that claims more than may be inflated is refused before room is made", () => expect(walk({ blocks: [{ type: 1, raw: leaf(), text: zipped(65 * 1024 * 1024) }] })).rejects.toMatchObject({ ...DAMAGED, message: expect.stringContaining("too large") as unknown }));
  it("of an object that ends too early is refused", () => expect(walk({ ...one(leaf()), patch: (bytes) => bytes.subarray(0, bytes.length - 1), run: {} })).rejects.toMatchObject(DAMAGED));
});
