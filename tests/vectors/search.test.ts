/** Frozen search tokens and a frozen part: what must be read from them, computed again with node's own functions, and what must be refused. */
import { createHmac, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { PartReader } from "#app/vault/search/lookup.ts";
import { blocksKeyOf, labelOf, searchKeyOf, termKeyOf, tokenOf } from "#app/vault/search/tokens.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";

interface Vectors {
  vaultId: string; packSecret: string; searchKey: string; termKey: string; blocksKey: string;
  tokens: { type: number; term: string; token: string; labels: string[] }[];
  part: { name: string; bytes: string; answers: { type: number; term: string; ids: string[] }[] };
  refused: { name: string; bytes: string }[];
}
const vectors = JSON.parse(readFileSync(join(__dirname, "format-v2", "search.json"), "utf8")) as Vectors;
const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
const hkdf = (key: Buffer, label: string): string => Buffer.from(hkdfSync("sha256", key, "", label, 32)).toString("hex");
/** The first 46 bits, in their place above the record's number. */
const label = (mac: Buffer, at: number): string => ((mac.readBigUInt64BE(at) >> 18n) << 18n).toString(16).padStart(16, "0");

async function ask(part: string, type: number, term: string): Promise<string[]> {
  const store = new MemoryStore();
  const object = "search/ab/part";
  await store.putIfAbsent(object, bytes(part));
  const reader = await PartReader.open({ store, vaultId: bytes(vectors.vaultId), blocksKey: bytes(vectors.blocksKey), object });
  const numbers = await reader.numbers(tokenOf(bytes(vectors.termKey), { type, term }));
  return (await reader.names([...numbers].sort((a, b) => a - b))).map(({ id }) => id);
}

describe("search keys", () => {
  it("come from the pack's secret as the page says", () => {
    const { packSecret, searchKey, termKey, blocksKey } = vectors;
    expect(searchKeyOf(bytes(packSecret)).toString("hex")).toBe(searchKey);
    expect(hkdf(bytes(packSecret), "holdfast search v1")).toBe(searchKey);
    expect([termKeyOf(bytes(searchKey)).toString("hex"), hkdf(bytes(searchKey), "holdfast search terms v1")]).toEqual([termKey, termKey]);
    expect([blocksKeyOf(bytes(searchKey)).toString("hex"), hkdf(bytes(searchKey), "holdfast search blocks v1")]).toEqual([blocksKey, blocksKey]);
  });
  it.each(vectors.tokens)("token and labels of $term", ({ type, term, token, labels }) => {
    expect(tokenOf(bytes(vectors.termKey), { type, term }).toString("hex")).toBe(token);
    expect(createHmac("sha256", bytes(vectors.termKey)).update(Buffer.from([type])).update(term, "utf8").digest("hex")).toBe(token);
    for (const [c, expected] of labels.entries()) {
      const { high, low } = labelOf(bytes(token), 0, c);
      expect(high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0")).toBe(expected);
      const j = Buffer.alloc(4);
      j.writeUInt32BE(Math.floor(Math.max(0, c - 1) / 5));
      const padded = Buffer.concat([createHmac("sha256", bytes(token).subarray(16)).update(j).digest(), Buffer.alloc(2)]);
      expect(c === 0 ? label(bytes(token), 0) : label(padded, ((c - 1) % 5) * 6)).toBe(expected);
    }
  });
});

describe("a part", () => {
  it.each(vectors.part.answers)("answers $term of type $type", async ({ type, term, ids }) => {
    expect(await ask(vectors.part.bytes, type, term)).toEqual(ids);
  });
  it.each(vectors.refused)("with $name is refused, naming the object", async ({ bytes: spoiled }) => {
    await expect(ask(spoiled, 3, "synthetic")).rejects.toMatchObject({ code: "vault.damaged_object", object: "search/ab/part" });
  });
});
