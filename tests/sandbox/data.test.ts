import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isSynthetic, SYNTHETIC_MARK } from "#app/phi/index.ts";
import { Collection } from "#app/sandbox/data/collection.ts";
import type { Stored } from "#app/sandbox/data/records.ts";
import { allPages, bulkLines, data, startShop } from "./support.ts";

const EVERYTHING = [
  "{ customers { nodes { id firstName lastName email phone note tags addressesV2 { nodes { id firstName lastName address1 address2 phone } } metafields { nodes { id key value } } } } }",
  "{ orders { nodes { id email note tags customAttributes { value } shippingAddress { lastName phone } lineItems { nodes { id title customAttributes { key value } } } metafields { nodes { id value } } } } }",
  '{ metaobjects(type: "care_plan") { nodes { id displayName fields { key value } } } }',
  "{ metafieldDefinitions(ownerType: CUSTOMER) { nodes { id name description } } }",
];

describe("synthetic records", () => {
  test("carry the mark, each of them and each of their children", async () => {
    const shop = await startShop({ customers: 300, orders: 300 });
    await shop.changeFraction(0.3, 1);
    for (const query of EVERYTHING) {
      const lines = await bulkLines(shop, query);
      expect(lines.length).toBeGreaterThan(5);
      for (const line of lines) {
        const { __parentId: _parent, id: _id, ...values } = line;
        expect({ marked: isSynthetic(values), line }).toMatchObject({ marked: true });
      }
    }
    expect(isSynthetic((await data(shop, "{ shop { metafields(first: 1) { nodes { value } } } }")).shop)).toBe(true);
  });

  test("use addresses and telephones that belong to nobody", async () => {
    const shop = await startShop({ customers: 500, orders: 300 });
    for (const query of EVERYTHING.slice(0, 2)) {
      const text = JSON.stringify(await bulkLines(shop, query));
      for (const [email] of text.matchAll(/[\w.]+@[\w.]+/g)) expect(email).toMatch(/@example\.com$/);
      for (const [phone] of text.matchAll(/\+\d{7,}/g)) expect(phone).toMatch(/^\+1\d{3}55501\d\d$/);
    }
  });

  test("have e-mail addresses and telephones of their own", async () => {
    const shop = await startShop({ customers: 3000 });
    const lines = await bulkLines(shop, "{ customers { nodes { id email phone } } }");
    const phones = lines.map((line) => line.phone).filter((phone) => phone !== null);
    expect(new Set(lines.map((line) => line.email)).size).toBe(3000);
    expect(new Set(phones).size).toBe(phones.length);
    expect(phones.length).toBeGreaterThan(1000);
  });
});

describe("isSynthetic", () => {
  test("looks at values, not at keys, at any depth, and in a line of JSON", () => {
    expect(isSynthetic({ a: [{ b: `x ${SYNTHETIC_MARK}` }] })).toBe(true);
    expect(isSynthetic({ [SYNTHETIC_MARK]: "x" })).toBe(false);
    expect(isSynthetic(`{"note":"${SYNTHETIC_MARK}"}`)).toBe(true);
    expect(isSynthetic(`{"${SYNTHETIC_MARK}":"x"}`)).toBe(false);
    expect(isSynthetic("{broken SYNTHETIC")).toBe(false);
    expect(isSynthetic({ note: "synthetic" })).toBe(false);
    expect(isSynthetic(null)).toBe(false);
  });
});

describe("a seed", () => {
  const read = async (seed: string, customers = 40): Promise<string> => {
    const shop = await startShop({ customers, orders: 30, seed });
    await shop.changeFraction(0.2, 7);
    return JSON.stringify([shop.shop, shop.apiKey, shop.accessToken, await bulkLines(shop, "{ customers { nodes { id firstName lastName email note tags createdAt metafields { nodes { id key value } } } } }"), await bulkLines(shop, "{ orders { nodes { id name note lineItems { nodes { id title } } } } }")]);
  };
  test("gives the same shop and the same changes every time, and another seed another shop", async () => {
    const [once, again, other] = [await read("a"), await read("a"), await read("b")];
    expect(again).toBe(once);
    expect(other).not.toBe(once);
  });

  test("gives the same records whatever the size of the shop", async () => {
    const query = "{ customers { nodes { id email note metafields { nodes { id value } } } } }";
    const small = await bulkLines(await startShop({ customers: 10, seed: "s" }), query, true);
    const large = await bulkLines(await startShop({ customers: 50, seed: "s" }), query, true);
    expect(large.slice(0, small.length)).toEqual(small);
  });
});

test("a canary stands in the places that are named, and nowhere else", async () => {
  const canary = "CANARY-5f1c";
  const shop = await startShop({ customers: 10, orders: 10, canary });
  expect(shop.canaryPlaces).toHaveLength(6);
  let found = 0;
  for (const query of EVERYTHING.slice(0, 3)) for (const line of await bulkLines(shop, query)) if (JSON.stringify(line).includes(canary)) found++;
  expect(found).toBe(6);
  expect((await startShop({ customers: 1, canary })).canaryPlaces).toEqual(["customer 0 note", "metaobject 0 field instructions"]);
});

describe("changeFraction", () => {
  test("touches that fraction, moves updatedAt, and says what it did", async () => {
    const shop = await startShop({ customers: 400, orders: 200 });
    const read = async (): Promise<Map<string, string>> => new Map((await allPages(shop, "customers", "id updatedAt note metafields(first: 10) { nodes { value } }", "", 70)).map((one) => [one.id, JSON.stringify(one)]));
    const before = await read();
    const { changed, added, deleted } = await shop.changeFraction(0.1, 11);
    const after = await read();
    const ofCustomers = (ids: readonly string[]): string[] => ids.filter((id) => id.includes("/Customer/")).sort();
    expect(changed.length + added.length + deleted.length).toBe(60);
    expect([...after.keys()].filter((id) => !before.has(id)).sort()).toEqual(ofCustomers(added));
    expect([...before.keys()].filter((id) => !after.has(id)).sort()).toEqual(ofCustomers(deleted));
    expect([...after].filter(([id, one]) => before.has(id) && before.get(id) !== one).map(([id]) => id).sort()).toEqual(ofCustomers(changed));
    expect(shop.counts()).toMatchObject({ customers: 400 + ofCustomers(added).length - ofCustomers(deleted).length });
  });
});

describe("a collection", () => {
  interface Plain extends Stored {
    readonly text: string;
  }
  const STEP = 32768;
  const make = (i: number): Plain => ({ id: 1000 * STEP + i * STEP, createdAt: i, updatedAt: i, text: `computed ${i}` });

  test("reads like the plain list it stands for, in both orders and directions, from and to any place, whatever was changed", () => {
    const change = fc.record({ what: fc.constantFrom("edit" as const, "remove" as const, "add" as const), at: fc.nat(30) });
    fc.assert(
      fc.property(fc.nat(20), fc.array(change, { maxLength: 20 }), fc.constantFrom("id" as const, "updated" as const), fc.boolean(), fc.option(fc.nat(25)), fc.option(fc.nat(25)), (base, changes, sort, reverse, afterAt, beforeAt) => {
        const collection = new Collection<Plain>({ base, firstId: 1000 * STEP, make });
        const model = new Map(Array.from({ length: base }, (_, i) => [make(i).id, make(i)]));
        let time = 100;
        for (const { what, at } of changes) {
          const id = [...model.keys()][at % Math.max(1, model.size)];
          time += at % 2;
          if (what === "add") {
            const added = { id: 5000 * STEP + time * 100 + model.size + changes.length * at, createdAt: time, updatedAt: time, text: "added" };
            if (model.has(added.id)) continue;
            model.set(added.id, added);
            collection.put(added);
          } else if (id !== undefined && what === "edit") {
            const edited = { ...(model.get(id) as Plain), updatedAt: time, text: `edited ${at}` };
            model.set(id, edited);
            collection.put(edited);
          } else if (id !== undefined) {
            model.delete(id);
            expect(collection.remove(id)).toBe(true);
          }
        }
        const frozen = collection.freeze();
        const value = (one: Plain): number => (sort === "id" ? one.id : one.updatedAt);
        const all = [...model.values()].sort((a, b) => value(a) - value(b) || a.id - b.id);
        if (reverse) all.reverse();
        const place = (at: number | null): { value: number; id: number } | undefined => {
          const one = at === null ? undefined : all[at % Math.max(1, all.length)];
          return one === undefined ? undefined : { value: value(one), id: one.id };
        };
        const [after, before] = [place(afterAt), place(beforeAt)];
        const index = (p: { id: number } | undefined): number => all.findIndex((one) => one.id === p?.id);
        const expected = all.slice(after === undefined ? 0 : index(after) + 1, before === undefined ? all.length : Math.max(0, index(before)));
        const scan = { sort, reverse, ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) };
        expect([...collection.scan(scan)]).toEqual(after !== undefined && before !== undefined && index(before) <= index(after) ? [] : expected);
        expect(collection.size).toBe(model.size);
        for (const one of model.values()) expect(collection.get(one.id)).toEqual(one);
        for (const id of [...model.keys()].slice(0, 3)) collection.remove(id);
        expect(frozen.size).toBe(model.size);
        expect([...frozen.scan({ sort: "id" })].length).toBe(model.size);
      }),
      { numRuns: process.env["SLOW"] === "1" ? 2000 : 150 },
    );
  });
});
