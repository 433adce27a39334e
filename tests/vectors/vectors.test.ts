/** Frozen bytes of each format: what must be read from them, and what must be refused. */
import { createHash, createHmac, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { VaultError } from "#app/vault/index.ts";
import type { ContentKeys, RunDescription } from "#app/vault/index.ts";
import { KeyedDigest } from "#app/vault/crypto/digest.ts";
import { deriveKey } from "#app/vault/crypto/seal.ts";
import { packKey, packSecretKey, treeKey } from "#app/vault/format/names.ts";
import { fromByteString, partsOf, sortKeyOf } from "#app/vault/format/sort-key.ts";
import { PackReader } from "#app/vault/pack/pack-reader.ts";
import { IndexReader } from "#app/vault/tree/index-reader.ts";
import { RootBuilder } from "#app/vault/tree/root.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";

const load = (name: string, format = 1): unknown => JSON.parse(readFileSync(join(__dirname, `format-v${String(format)}`, `${name}.json`), "utf8"));
const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
const text = (hex: string): string => bytes(hex).toString("latin1");

describe("format 1", () => {
  const digests = load("digest") as { indexKey: string; cases: { record: string; digest: string }[] };
  it.each(digests.cases)("digest of record %# is the truncated HMAC under the derived key", ({ record, digest }) => {
    expect(Buffer.from(new KeyedDigest(deriveKey(bytes(digests.indexKey), null, "holdfast digest v1")).short(bytes(record)), "latin1").toString("hex")).toBe(digest);
    const key = Buffer.from(hkdfSync("sha256", bytes(digests.indexKey), "", "holdfast digest v1", 32));
    expect(createHmac("sha256", key).update(bytes(record)).digest("hex").slice(0, 32)).toBe(digest);
  });

  const sortKeys = load("sort-key") as { cases: { kind: string; id: string; parentId: string | null; sortKey: string }[]; malformed: string[] };
  it.each(sortKeys.cases)("sort key of $kind $id", ({ kind, id, parentId, sortKey }) => {
    expect(Buffer.from(sortKeyOf(kind, id, parentId), "latin1").toString("hex")).toBe(sortKey);
  });
  it.each(sortKeys.malformed)("%p is no sort key", (sortKey) => {
    expect(partsOf(text(sortKey))).toBeNull();
  });

  const roots = load("root") as { indexKey: string; cases: { entries: number; root: string }[] };
  it.each(roots.cases)("root over $entries entries", ({ entries, root }) => {
    const digest = new KeyedDigest(deriveKey(bytes(roots.indexKey), null, "holdfast digest v1"));
    const builder = new RootBuilder();
    for (let i = 0; i < entries; i++) builder.add(sortKeyOf("customers", `c${String(i).padStart(5, "0")}`, null), digest.short(Buffer.from(`SYNTHETIC ${i}`)), i % 7 === 0 ? i : -1);
    expect(builder.finish()).toBe(root);
  });

});

describe.each([1, 2])("format %i", (format) => {
  const packs = load("pack", format) as { vaultId: string; cases: { name: string; pack: string; secretObject: string; contentKey: string; outcome: string; firstFrame?: number }[]; records: { kind: string; id: string; parentId: string | null; bytes: string }[] };
  const packOf = async (one: (typeof packs.cases)[number]): Promise<{ reader: PackReader; id: string }> => {
    const store = new MemoryStore();
    const id = createHash("sha256").update(bytes(one.pack)).digest("hex");
    await store.putIfAbsent(packKey(id), bytes(one.pack));
    await store.putIfAbsent(packSecretKey(id), bytes(one.secretObject));
    const keys: ContentKeys = { get: () => Promise.resolve(bytes(one.contentKey)) };
    return { reader: new PackReader(store, bytes(packs.vaultId), keys), id };
  };
  it.each(packs.cases)("pack: $name gives $outcome, read whole and frame by frame", async (one) => {
    const whole = async (): Promise<unknown[]> => {
      const { reader, id } = await packOf(one);
      const all = [];
      for await (const { records } of reader.frames(id)) all.push(...records);
      return all.map((item) => ({ kind: fromByteString(item.kind), id: fromByteString(item.id), parentId: item.parentId, bytes: item.bytes.toString("hex") }));
    };
    const framewise = async (): Promise<number> => {
      const { reader, id } = await packOf(one);
      const first = one.firstFrame ?? 0;
      return (await reader.frame(id, first + 1)).length + (await reader.frame(id, first)).length;
    };
    if (one.outcome === "records") {
      expect(await whole()).toEqual(packs.records);
      expect(await framewise()).toBe(packs.records.length);
      return;
    }
    await expect(whole()).rejects.toMatchObject({ code: one.outcome });
    await expect(whole()).rejects.toBeInstanceOf(VaultError);
    // A frame alone does not see bytes after the last one; whoever reads the whole pack, or checks its name, does.
    if (one.name !== "a byte too long") await expect(framewise()).rejects.toMatchObject({ code: one.outcome });
  });

  const run = load("run", format) as { vaultId: string; indexKey: string; run: RunDescription; objects: { id: string; bytes: string }[]; entries: { sortKey: string; removal?: boolean; digest: string; place: number; pack: string; frame: number; ordinal: number }[] };
  it("run: entries, removals, places, and children by their own id", async () => {
    const store = new MemoryStore();
    for (const object of run.objects) {
      expect(createHash("sha256").update(bytes(object.bytes)).digest("hex")).toBe(object.id);
      await store.putIfAbsent(treeKey(object.id), bytes(object.bytes));
    }
    const index = new IndexReader(store, { vaultId: bytes(run.vaultId), indexKey: bytes(run.indexKey) }, [run.run]);
    for (const { sortKey, removal, ...located } of run.entries) {
      const found = await index.find(text(sortKey));
      const wanted = removal === true ? null : { ...located, digest: text(located.digest) };
      expect(found).toEqual(wanted);
      if (wanted !== null) expect((await index.findById(partsOf(text(sortKey))?.id ?? ""))?.located).toEqual(wanted);
    }
  });
});
