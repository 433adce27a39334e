/** A record fetched by its id must have the bytes it has in an export: otherwise every webhook would look like a change. */
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { identify } from "#app/sources/records/index.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import { completed, currentRecords, objectRecords } from "#app/sources/shopify/catalogue/current.ts";
import { detailRecord, detailRecords, type DetailPart } from "#app/sources/shopify/catalogue/details.ts";
import type { Kind } from "#app/sources/shopify/catalogue/kind.ts";
import { lineOf, recordsOfNode } from "#app/sources/shopify/catalogue/nodes.ts";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { data, settled, startBulk, startShop } from "#tests/sandbox/support.ts";

const kindOf = (name: string): Kind => CATALOGUE.find(({ kind }) => kind === name)!;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

/** The lines of a bulk export, by id. */
async function exported(shop: SandboxShop, query: string): Promise<Map<string, string>> {
  const { id, userErrors } = await startBulk(shop, query);
  expect(userErrors).toEqual([]);
  const { url } = await settled(shop, id!);
  if (url === null) return new Map();
  const lines = (await (await fetch(url as string)).text()).split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const found = identify(line);
      if (typeof found === "string") throw new Error(found);
      return [found.id, line];
    }),
  );
}

describe("a record fetched by its id", () => {
  it("has the bytes it has in a bulk export, with all its children, whatever the shop holds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
        const shop = await startShop({ seed, customers: 6, orders: 6, metaobjects: 3 });
        for (const kind of CATALOGUE) {
          if (kind.read.how !== "bulk" || kind.one === null) continue;
          const lines = await exported(shop, kind.read.query);
          for (const part of kind.parts) if (part.how === "bulk") for (const [id, line] of await exported(shop, part.query)) if (!lines.has(id)) lines.set(id, line);
          const fetched = new Map<string, string>();
          const details = new Set(kind.parts.flatMap((part) => (part.how === "details" ? [part.kind] : [])));
          for (const [id, line] of lines) {
            if (line.includes('"__parentId"')) continue;
            for (const record of (await currentRecords(kind, id, (query, variables) => data(shop, query, variables)))!) if (!details.has(record.kind)) fetched.set(record.id, text(record.bytes));
          }
          expect([...fetched].sort()).toEqual([...lines].sort());
        }
      }),
      { numRuns: 5 },
    );
  }, 120_000);

  it("has the bytes it has on a page, where a kind is read by pages", async () => {
    const shop = await startShop({ seed: 11, customers: 30, orders: 5, metaobjects: 3 });
    const ask = (query: string, variables: object): Promise<never> => data(shop, query, variables) as Promise<never>;
    const compared: string[] = [];
    for (const kind of CATALOGUE) {
      const { read } = kind;
      if (kind.one === null || (read.how !== "pages" && read.how !== "by-type")) continue;
      const variables = read.how === "pages" ? { ...read.variables[0], search: read.window?.base ?? null } : { type: "care_plan" };
      const page = (await data(shop, read.query, variables))[read.connection].nodes as Record<string, unknown>[];
      for (const node of page.slice(0, 5)) {
        const one = await currentRecords(kind, String(node["id"]), ask);
        expect(one!.map(({ bytes }) => text(bytes))).toEqual(recordsOfNode(kind, (await completed(kind, node, ask))!).map(({ bytes }) => text(bytes)));
        compared.push(kind.kind);
      }
    }
    expect([...new Set(compared)].sort()).toEqual(["Event", "File", "MetafieldDefinition", "Metaobject", "MetaobjectDefinition"]);
  }, 60_000);

  it("is the shop itself, where there is one only", async () => {
    const shop = await startShop({ customers: 1, orders: 1 });
    const ask = (query: string, variables: object): Promise<never> => data(shop, query, variables) as Promise<never>;
    const all = await objectRecords(kindOf("Shop"), ask);
    expect(all[0]).toMatchObject({ kind: "Shop", parentId: null });
    expect((await currentRecords(kindOf("Shop"), all[0]!.id, ask))!.map(({ bytes }) => text(bytes))).toEqual(all.map(({ bytes }) => text(bytes)));
  });

  it("is null when the shop has none, or the id is of another kind", async () => {
    const shop = await startShop({ customers: 1, orders: 1 });
    const ask = (query: string, variables: object): Promise<never> => data(shop, query, variables) as Promise<never>;
    expect(await currentRecords(kindOf("Customer"), "gid://shopify/Customer/1", ask)).toBeNull();
    const { orders } = await data(shop, "{ orders(first: 1) { nodes { id } } }");
    expect(await currentRecords(kindOf("Customer"), orders.nodes[0].id as string, ask)).toBeNull();
  });

  it("is found by the name that messages have for it, and has the name and the details that a snapshot reads", async () => {
    const shop = await startShop({ customers: 30, orders: 1 });
    const ask = (query: string, variables: object): Promise<never> => data(shop, query, variables) as Promise<never>;
    const { discountNodes } = await data(shop, "{ discountNodes(first: 1) { nodes { id } } }");
    const listed = discountNodes.nodes[0].id as string;
    const told = listed.replace("/DiscountNode/", "/DiscountCodeNode/");
    expect(told).not.toBe(listed);
    const lines = (records: Awaited<ReturnType<typeof currentRecords>>): string[] => records!.map(({ kind, id, bytes }) => `${kind} ${id} ${text(bytes)}`);
    const found = lines(await currentRecords(kindOf("DiscountNode"), told, ask));
    expect(found).toEqual(lines(await currentRecords(kindOf("DiscountNode"), listed, ask)));
    expect(found[0]).toContain(`DiscountNode ${listed} `);
    expect(found.some((line) => line.startsWith("DiscountNodeDetail "))).toBe(true);
    expect(await currentRecords(kindOf("DiscountNode"), "gid://shopify/DiscountCodeNode/1", ask)).toBeNull();
  });

  it("holds the children of every page, in order", async () => {
    const asked: unknown[] = [];
    const pages: Record<string, unknown>[] = [
      { id: "gid://shopify/Customer/1", note: "SYNTHETIC <b>", addressesV2: page(["gid://shopify/MailingAddress/1"], "a1"), metafields: page(["gid://shopify/Metafield/1"], "m1", false) },
      { id: "gid://shopify/Customer/1", note: "SYNTHETIC <b>", addressesV2: page(["gid://shopify/MailingAddress/2"], "a2"), metafields: page([], null, false) },
      { id: "gid://shopify/Customer/1", note: "SYNTHETIC <b>", addressesV2: page(["gid://shopify/MailingAddress/3"], "a3", false), metafields: page([], null, false) },
    ];
    const records = await currentRecords({ ...kindOf("Customer"), parts: [] }, "gid://shopify/Customer/1", (_, variables) => {
      asked.push(variables);
      return Promise.resolve({ node: pages[asked.length - 1] });
    });
    expect(records!.map(({ bytes }) => text(bytes))).toEqual([
      '{"id":"gid://shopify/Customer/1","note":"SYNTHETIC \\u003cb\\u003e"}',
      '{"id":"gid://shopify/MailingAddress/1","__parentId":"gid://shopify/Customer/1"}',
      '{"id":"gid://shopify/MailingAddress/2","__parentId":"gid://shopify/Customer/1"}',
      '{"id":"gid://shopify/MailingAddress/3","__parentId":"gid://shopify/Customer/1"}',
      '{"id":"gid://shopify/Metafield/1","__parentId":"gid://shopify/Customer/1"}',
    ]);
    expect(asked).toEqual([{ id: "gid://shopify/Customer/1" }, { id: "gid://shopify/Customer/1", addressesV2After: "a1", metafieldsAfter: "m1" }, { id: "gid://shopify/Customer/1", addressesV2After: "a2", metafieldsAfter: "m1" }]);
  });

  it("is refused when the shop answers something else than was asked for", () => {
    expect(() => recordsOfNode(kindOf("Customer"), { id: "gid://shopify/Order/1" })).toThrow("another kind than Customer");
    expect(() => recordsOfNode(kindOf("Customer"), { note: "SYNTHETIC" })).toThrow("without an id");
  });

  it("spells a line as the platform's exports do", () => {
    expect(lineOf({ id: "1", a: "<&>\u2028" })).toBe('{"id":"1","a":"\\u003c\\u0026\\u003e\\u2028"}');
  });
});

describe("details", () => {
  const part: DetailPart = { how: "details", stream: "order-details", scopes: [], kind: "OrderDetail", query: "", batch: 10, size: 2, most: 4 };
  const nodes = (count: number, more: boolean) => ({ nodes: Array.from({ length: count }, (_, n) => ({ title: `SYNTHETIC ${n}` })), pageInfo: { hasNextPage: more, endCursor: "x" } });

  it("become one record of the root, with connections as lists", () => {
    const { record, truncated } = detailRecord(part, { id: "gid://shopify/Order/7", shippingLines: nodes(1, false), refunds: [{ id: "r", refundLineItems: nodes(1, false) }] });
    expect(record).toMatchObject({ kind: "OrderDetail", id: "gid://holdfast/OrderDetail/7", parentId: "gid://shopify/Order/7" });
    expect(text(record!.bytes)).toBe(
      '{"id":"gid://holdfast/OrderDetail/7","shippingLines":[{"title":"SYNTHETIC 0"}],"refunds":[{"id":"r","refundLineItems":[{"title":"SYNTHETIC 0"}]}],"__parentId":"gid://shopify/Order/7"}',
    );
    expect(truncated).toBe(false);
  });

  it("are no record where there are none", () => {
    expect(detailRecord(part, { id: "gid://shopify/Order/7", shippingLines: nodes(0, false), refunds: [], customer: null })).toEqual({ record: null, truncated: false });
  });

  it("are asked for again where the first answer was cut short, and named where that is not enough either", async () => {
    const asked: unknown[] = [];
    const found = await detailRecords(part, ["gid://shopify/Order/1", "gid://shopify/Order/2", "gid://shopify/Order/3", "gid://shopify/Order/4"], (_, variables) => {
      asked.push(variables);
      const { ids, size } = variables as { ids: string[]; size: number };
      const lines: Record<string, number> = { "gid://shopify/Order/1": 1, "gid://shopify/Order/2": 3, "gid://shopify/Order/3": 9 };
      return Promise.resolve({ nodes: ids.map((id) => (lines[id] === undefined ? null : { id, shippingLines: nodes(Math.min(size, lines[id]), lines[id] > size) })) });
    });
    expect(found.records.map(({ bytes }) => (JSON.parse(text(bytes)) as { shippingLines: unknown[] }).shippingLines.length)).toEqual([1, 3, 4]);
    expect(found.truncated).toEqual(["gid://shopify/Order/3"]);
    expect(asked).toEqual([
      { ids: ["gid://shopify/Order/1", "gid://shopify/Order/2", "gid://shopify/Order/3", "gid://shopify/Order/4"], size: 2 },
      { ids: ["gid://shopify/Order/2"], size: 4 },
      { ids: ["gid://shopify/Order/3"], size: 4 },
    ]);
  });
});

function page(ids: readonly string[], endCursor: string | null, hasNextPage = true): Record<string, unknown> {
  return { nodes: ids.map((id) => ({ id })), pageInfo: { hasNextPage, endCursor } };
}
