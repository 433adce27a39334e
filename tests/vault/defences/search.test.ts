/** A search part that is sealed as it should be and says what it may not: whoever holds a pack's secret can write one. Each is refused by the one check it is made for. */
import { createCipheriv, hkdfSync, createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { ByteWriter } from "#app/vault/format/bytes.ts";
import { FoundTerms } from "#app/vault/search/found-terms.ts";
import { PartReader } from "#app/vault/search/lookup.ts";
import type { SealedPart } from "#app/vault/search/part.ts";
import { PartBuilder } from "#app/vault/search/part-builder.ts";
import { blocksKeyOf, labelOf, searchKeyOf, termKeyOf, tokenOf } from "#app/vault/search/tokens.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";

const vaultId = Buffer.alloc(16, 1);
const searchKey = searchKeyOf(Buffer.alloc(32, 2));
const blocksKey = blocksKeyOf(searchKey);
const salt = Buffer.alloc(32, 3);
const key = Buffer.from(hkdfSync("sha256", blocksKey, salt, "holdfast search part v1", 32));
const token = tokenOf(termKeyOf(searchKey), { type: 3, term: "synthetic" });

interface Forged {
  readonly version?: number;
  readonly bits?: number;
  readonly part?: number;
  readonly parts?: number;
  readonly rowsPerBucket?: number;
  /** Said to be there. */
  readonly blocks?: number;
  readonly lengths?: readonly number[];
  readonly number?: number;
  readonly table?: (out: ByteWriter) => void;
}

const name = (out: ByteWriter, text: string): void => {
  out.varint(text.length);
  out.latin1(text);
};
/** One record: its kind anew, its id, no parent. */
const one = (out: ByteWriter): void => {
  out.varint(1);
  out.varint(0);
  name(out, "Customer");
  out.varint(0);
  name(out, "id1");
  out.u8(0);
};

function forge(o: Forged): Buffer {
  const table = new ByteWriter(64);
  (o.table ?? one)(table);
  const rows = o.rowsPerBucket ?? 32;
  const head = new ByteWriter(64);
  head.put(Buffer.from("HFSRCH\x00\x01", "latin1"));
  head.put(salt);
  for (const byte of [o.version ?? 1, o.bits ?? 0, o.part ?? 0, o.parts ?? 1]) head.u8(byte);
  head.u32(rows);
  const lengths = o.lengths ?? [table.length + 16];
  head.u32(o.blocks ?? lengths.length);
  for (const length of lengths) head.u32(length);
  const aad = Buffer.concat([Buffer.from("holdfast search v1\0"), vaultId, createHash("sha256").update(head.view()).digest()]);
  const seal = (block: number, text: Uint8Array): Buffer => {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(block, 8);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(aad);
    return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  };
  const bucket = Buffer.alloc(Math.min(rows, 64) * 8, 0xff);
  const { high, low } = labelOf(token, 0, 0);
  if (bucket.length > 0) {
    bucket.writeUInt32BE(high, 0);
    bucket.writeUInt32BE((low | (o.number ?? 0)) >>> 0, 4);
  }
  return Buffer.concat([head.view(), seal(0, bucket), seal(1, table.view())]);
}

async function ask(part: Buffer, vault: Buffer = vaultId): Promise<unknown> {
  const store = new MemoryStore();
  await store.putIfAbsent("search/part", part);
  const reader = await PartReader.open({ store, vaultId: vault, blocksKey, object: "search/part" });
  return reader.names([...(await reader.numbers(token))]);
}
const refused = (o: Forged, words: RegExp): Promise<void> => expect(ask(forge(o))).rejects.toMatchObject({ code: "vault.damaged_object", object: "search/part", message: expect.stringMatching(words) });

describe("a forged part", () => {
  it("answers when nothing is wrong with it", async () => {
    expect(await ask(forge({}))).toEqual([{ kind: "Customer", id: "id1", parentId: null }]);
  });
  it("of another vault is refused", async () => {
    await expect(ask(forge({}), Buffer.alloc(16, 9))).rejects.toMatchObject({ code: "vault.damaged_object" });
  });
  it("opens with a key that makes no tokens", () => {
    expect(blocksKey.equals(termKeyOf(searchKey))).toBe(false);
  });
  it.each([
    ["no version", { version: 0 }],
    ["more buckets than labels tell apart", { bits: 9 }],
    ["no parts", { parts: 0 }],
    ["a part beyond its parts", { part: 1 }],
    ["no rows", { rowsPerBucket: 0 }],
    ["more rows than a part has", { rowsPerBucket: 2 ** 18 + 32 }],
    ["more table blocks than records", { blocks: 1025 }],
    ["a table block that is only a tag", { lengths: [16] }],
    ["a table block of many megabytes", { lengths: [5 * 1024 * 1024] }],
  ] as const)("with a head that says %s is refused", (_, o) => refused(o, /its head is out of bounds/));
  it("with fewer lengths than it says is refused", () => refused({ blocks: 400 }, /ends too early|out of bounds/));
  it("whose row points behind the table's last record is refused", () => refused({ number: 1 }, /beyond its table/));
  it("whose row points behind the table's last block is refused", () => refused({ number: 256 }, /beyond its table/));

  const table = (write: (out: ByteWriter) => void): Forged => ({ table: write });
  it.each<[string, RegExp, (out: ByteWriter) => void]>([
    ["more records than a block may", /out of bounds/, (out) => { out.varint(257); }],
    ["a kind that was not named before", /out of bounds/, (out) => { out.varint(1); out.varint(1); }],
    ["an empty kind", /name is out of bounds/, (out) => { out.varint(1); out.varint(0); out.varint(0); }],
    ["an empty id", /name is out of bounds/, (out) => { out.varint(1); out.varint(0); name(out, "k"); out.varint(0); out.varint(0); out.u8(0); }],
    ["an id with a NUL", /NUL/, (out) => { out.varint(1); out.varint(0); name(out, "k"); out.varint(0); name(out, "a\0b"); out.u8(0); }],
    ["an id longer than any", /name is out of bounds/, (out) => { out.varint(1); out.varint(0); name(out, "k"); out.varint(0); name(out, "x".repeat(4097)); out.u8(0); }],
    ["more shared with the id before than it has", /out of bounds/, (out) => { out.varint(1); out.varint(0); name(out, "k"); out.varint(1); name(out, "a"); out.u8(0); }],
    ["a parent of no sort", /parent is out of bounds/, (out) => { out.varint(1); out.varint(0); name(out, "k"); out.varint(0); name(out, "a"); out.u8(3); }],
    ["the parent before, where there is none", /parent is out of bounds/, (out) => { out.varint(1); out.varint(0); name(out, "k"); out.varint(0); name(out, "a"); out.u8(1); }],
    ["bytes behind its end", /beyond its end/, (out) => { one(out); out.u8(0); }],
  ])("whose table holds %s is refused", (_, words, write) => refused(table(write), words));
});

describe("a large part", () => {
  const words = new FoundTerms();
  for (let i = 0; i < 6000; i++) words.look({ version: 1, kinds: new Set(["Customer"]), read: (_k, _b, _s, _e, found) => { found(3, "synthetic"); found(1, `${i}`); } }, "Customer", () => ({ kind: "Customer", id: `id${i}`, parentId: null }), new Uint8Array(0), 0, 0);
  const builder = new PartBuilder(Buffer.alloc(32, 2), vaultId, 1, (bytes) => Buffer.alloc(bytes, 4));
  builder.add(words);
  const [part] = builder.seal() as [SealedPart];
  const stored = async (bytes: Buffer): Promise<{ store: MemoryStore; open: () => Promise<PartReader> }> => {
    const store = new MemoryStore();
    await store.putIfAbsent("search/part", bytes);
    return { store, open: () => PartReader.open({ store, vaultId, blocksKey, object: "search/part" }) };
  };
  const rare = tokenOf(termKeyOf(searchKey), { type: 1, term: "5999" });

  it("is read where it has to be, and no more of it", async () => {
    const { open } = await stored(part.bytes);
    const reader = await open();
    expect(await reader.names([...(await reader.numbers(rare))])).toEqual([{ kind: "Customer", id: "id5999", parentId: null }]);
    expect(reader.bytesFetched).toBeLessThan(part.bytes.length / 2);
    expect((await reader.numbers(token)).size).toBe(6000);
  });
  it("that is gone is missing, at once and between two reads", async () => {
    const { store, open } = await stored(part.bytes);
    const reader = await open();
    store.objects.clear();
    await expect(reader.numbers(token)).rejects.toMatchObject({ code: "vault.missing_object", object: "search/part" });
    await expect(open()).rejects.toMatchObject({ code: "vault.missing_object", object: "search/part" });
  });
  it("that was cut is damaged, wherever it was cut", async () => {
    for (const length of [20 * 1024, part.bytes.length - 1]) {
      const { open } = await stored(part.bytes.subarray(0, length));
      const reader = await open();
      await expect((async () => reader.names([...(await reader.numbers(token))]))()).rejects.toMatchObject({ code: "vault.damaged_object", object: "search/part", message: expect.stringMatching(/ends too early/) });
    }
  });
  it("takes tokens of 32 bytes only", async () => {
    const { open } = await stored(part.bytes);
    await expect((await open()).numbers(rare.subarray(0, 31))).rejects.toBeInstanceOf(RangeError);
  });
});
