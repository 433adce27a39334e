/** A whole shop, sanitized: nobody can be recognised, and everything still belongs together. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { isSynthetic, residue, sanitizer, type PhiRecord } from "#app/phi/index.ts";
import { startSandbox } from "#app/sandbox/index.ts";
import { realSleep, ShopifySource } from "#app/sources/shopify/index.ts";

const KEY = new Uint8Array(32).fill(9);
const AS_OF = new Date("2026-11-22T00:00:00.000Z");
let families: PhiRecord[][];
let made: PhiRecord[][];

/** Root and what belongs to it, as a snapshot in key order gives them. */
async function shopRecords(): Promise<PhiRecord[][]> {
  const shop = await startSandbox({ rateLimit: "off", customers: 40, orders: 40 });
  const source = new ShopifySource({ shop: shop.shop, baseUrl: shop.url, accessToken: () => Promise.resolve(shop.accessToken), clock: { now: () => AS_OF }, sleep: (ms, signal) => realSleep(Math.min(ms, 5), signal) });
  const all: PhiRecord[] = [];
  for await (const stream of source.streams({ signal: new AbortController().signal })) {
    for await (const batch of stream.records()) for (const { kind, id, parentId, bytes } of batch) all.push({ kind, id, parentId, fields: JSON.parse(Buffer.from(bytes).toString("utf8")) as PhiRecord["fields"] });
    await stream.finish();
  }
  await shop.close();
  const parents = new Map(all.map((one) => [one.id, one.parentId]));
  const rootOf = (id: string): string => (parents.get(id) == null ? id : rootOf(parents.get(id)!));
  const byRoot = new Map<string, PhiRecord[]>();
  for (const one of all.filter(({ parentId }) => parentId === null)) byRoot.set(one.id, [one]);
  for (const one of all.filter(({ parentId }) => parentId !== null)) byRoot.get(rootOf(one.id))!.push(one);
  return [...byRoot.values()];
}

beforeAll(async () => {
  families = await shopRecords();
  const { family } = sanitizer({ key: KEY, asOf: AS_OF });
  made = families.map(family);
}, 60_000);

describe("a shop of every kind", () => {
  it("has no identifier left in any record of any kind", () => {
    const left = families.flatMap((family, n) => residue(family, made[n]!, { asOf: AS_OF }));
    const sums = new Map<string, number>();
    for (const { kind, path, identifier } of left) sums.set(`${kind}.${path} ${identifier}`, (sums.get(`${kind}.${path} ${identifier}`) ?? 0) + 1);
    expect([...sums]).toEqual([]);
  });

  it("says of every person's record that it is made up", () => {
    const people = made.filter(([root]) => root!.kind === "Customer");
    expect(people.length).toBe(40);
    for (const [root] of people) expect(isSynthetic(root!.fields)).toBe(true);
  });

  it("keeps relations: what referred to a record still does, and children have their parents", () => {
    const ids = new Set(made.flat().map(({ id }) => id));
    const references = (value: unknown): string[] => [...JSON.stringify(value).matchAll(/gid:\/\/shopify\/\w+\/[\w-]+/g)].map(([gid]) => gid);
    const known = new Set(families.flat().map(({ id }) => id));
    const map = new Map(families.flatMap((family, n) => (family.some(({ kind }) => kind === "FilePiece") ? [] : family.map((one, i) => [one.id, made[n]![i]!.id] as const))));
    let followed = 0;
    for (const [n, family] of families.entries()) {
      for (const [i, one] of family.entries()) {
        if (one.kind === "FilePiece" || one.kind === "FileContent") continue;
        const before = references(one.fields);
        const after = references(made[n]![i]!.fields);
        expect(after.length).toBe(before.length);
        for (const [at, gid] of before.entries()) {
          if (!known.has(gid) || !map.has(gid)) continue;
          expect(after[at]).toBe(map.get(gid));
          followed++;
        }
      }
    }
    expect(followed).toBeGreaterThan(500);
    for (const one of made.flat()) if (one.parentId !== null) expect(ids.has(one.parentId)).toBe(true);
// Pieces of blank files are equal, and so have one name.
    const named = made.flat().filter(({ kind }) => kind !== "FilePiece");
    expect(new Set(named.map(({ id }) => id)).size).toBe(named.length);
  });

  it("is the same again under the same key, and quite another under another", () => {
    expect(families.map(sanitizer({ key: KEY, asOf: AS_OF }).family)).toEqual(made);
    const other = families.map(sanitizer({ key: new Uint8Array(32).fill(8), asOf: AS_OF }).family);
    const customers = (all: PhiRecord[][]): unknown[] => all.flat().filter(({ kind }) => kind === "Customer").map(({ id }) => id);
    expect(customers(other).filter((id) => customers(made).includes(id))).toEqual([]);
  });

  it("moves all dates of one person, orders too, by the same time", () => {
    const at = (record: PhiRecord): number => Date.parse(String(record.fields["createdAt"]));
    const shiftBy = new Map<string, Set<number>>();
    for (const [n, [root]] of families.entries()) {
      const person = root!.kind === "Customer" ? root!.id : root!.kind === "Order" ? (root!.fields["customer"] as { id?: string } | null)?.id : undefined;
      if (person === undefined) continue;
      const days = Math.round((at(root!) - at(made[n]![0]!)) / 60_000);
      shiftBy.set(person, (shiftBy.get(person) ?? new Set()).add(days));
    }
    expect([...shiftBy.values()].every((shifts) => shifts.size === 1)).toBe(true);
    expect(new Set([...shiftBy.values()].map(([one]) => one)).size).toBeGreaterThan(20);
    for (const shifts of shiftBy.values()) for (const minutes of shifts) expect(minutes).toBeGreaterThan(0);
  });
});
