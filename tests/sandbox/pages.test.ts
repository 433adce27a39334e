import { describe, expect, test } from "@jest/globals";
import { allPages, ask, data, startShop } from "./support.ts";
import type { Json } from "./support.ts";

const gidNumber = (id: string): number => Number(/\d+/.exec(id)?.[0]);

describe("pages", () => {
  test("hold every record once, in order, and as many as the counts say", async () => {
    const shop = await startShop({ customers: 53, orders: 71 });
    const customers = await allPages(shop, "customers", "id");
    const orders = await allPages(shop, "orders", "id");
    const counts = await data(shop, "{ customersCount { count precision } ordersCount { count precision } }");
    expect(counts).toEqual({ customersCount: { count: 53, precision: "EXACT" }, ordersCount: { count: 71, precision: "EXACT" } });
    expect(new Set(customers.map((one) => one.id)).size).toBe(53);
    expect(new Set(orders.map((one) => one.id)).size).toBe(71);
    const numbers = customers.map((one) => gidNumber(one.id));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(String(numbers[0])).toHaveLength(13);
  });

  test("still hold every record once after records were edited, made and deleted, by id and by the time of change", async () => {
    const shop = await startShop({ customers: 120, orders: 40 });
    const { added, deleted } = await shop.changeFraction(0.3, 5);
    expect(added.length).toBeGreaterThan(0);
    expect(deleted.length).toBeGreaterThan(0);
    for (const sort of ["", ", sortKey: UPDATED_AT", ", sortKey: UPDATED_AT, reverse: true"]) {
      const nodes = await allPages(shop, "customers", "id updatedAt", sort);
      expect(nodes).toHaveLength(shop.counts().customers);
      expect(new Set(nodes.map((one) => one.id)).size).toBe(nodes.length);
      for (const gone of deleted) expect(nodes.map((one) => one.id)).not.toContain(gone);
      if (sort === "") continue;
      const times = nodes.map((one) => Date.parse(one.updatedAt));
      expect(times).toEqual([...times].sort((a, b) => (sort.includes("reverse") ? b - a : a - b)));
    }
  });

  test("read backwards give the same records in the same order", async () => {
    const shop = await startShop({ customers: 23 });
    const forwards = (await allPages(shop, "customers", "id")).map((one) => one.id);
    const backwards: string[] = [];
    let before: string | null = null;
    do {
      const page: Json = (await data(shop, "query ($before: String) { customers(last: 5, before: $before) { edges { cursor node { id } } pageInfo { hasPreviousPage startCursor } } }", { before })).customers;
      backwards.unshift(...page.edges.map((edge: Json) => edge.node.id));
      before = page.pageInfo.hasPreviousPage ? page.pageInfo.startCursor : null;
    } while (before !== null);
    expect(backwards).toEqual(forwards);
  });

  test("of children are pages too", async () => {
    const shop = await startShop({ customers: 3, orders: 3 });
    const [customer] = await allPages(shop, "customers", "id");
    const all = (await data(shop, "query ($id: ID!) { customer(id: $id) { metafields(first: 20) { nodes { id } } } }", { id: customer.id })).customer.metafields.nodes;
    const first = (await data(shop, "query ($id: ID!) { customer(id: $id) { metafields(first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } } }", { id: customer.id })).customer.metafields;
    const rest = (await data(shop, "query ($id: ID!, $after: String) { customer(id: $id) { metafields(first: 20, after: $after) { nodes { id } } } }", { id: customer.id, after: first.pageInfo.endCursor })).customer.metafields.nodes;
    expect([...first.nodes, ...rest]).toEqual(all);
  });

  test.each([
    ["neither first nor last", "{ customers { nodes { id } } }", "BAD_REQUEST"],
    ["both first and last", "{ customers(first: 1, last: 1) { nodes { id } } }", "BAD_REQUEST"],
    ["more than 250", "{ customers(first: 251) { nodes { id } } }", "BAD_REQUEST"],
    ["a cursor of somebody else", '{ customers(first: 1, after: "abc") { nodes { id } } }', "BAD_REQUEST"],
  ])("with %s are refused", async (_name, query, code) => {
    const shop = await startShop({ customers: 1 });
    expect((await ask(shop, query)).errors?.[0]?.extensions.code).toBe(code);
  });

  test("end at 25,000 objects", async () => {
    const shop = await startShop({ customers: 26_000 });
    let after: string | null = null;
    let seen = 0;
    let refused: Json;
    while (refused === undefined) {
      const { data, errors } = await ask(shop, "query ($after: String) { customers(first: 250, after: $after) { nodes { id } pageInfo { endCursor } } }", { after });
      refused = errors?.[0];
      if (refused === undefined) {
        seen += data.customers.nodes.length;
        after = data.customers.pageInfo.endCursor;
      }
    }
    expect(seen).toBe(25_000);
    expect(refused.extensions.code).toBe("PAGINATION_LIMIT_EXCEEDED");
  });
});

describe("searches", () => {
  test("find what changed since an instant", async () => {
    const shop = await startShop({ customers: 60, orders: 20 });
    const since = (await allPages(shop, "customers", "updatedAt", ", sortKey: UPDATED_AT")).at(-1).updatedAt;
    const report = await shop.changeFraction(0.1, 1);
    const found = await allPages(shop, "customers", "id", `, sortKey: UPDATED_AT, query: "updated_at:>'${since}'"`);
    const expected = [...report.changed, ...report.added].filter((id) => id.includes("/Customer/"));
    expect(new Set(found.map((one) => one.id))).toEqual(new Set(expected));
    expect((await data(shop, "query ($q: String) { customersCount(query: $q) { count } }", { q: `updated_at:>'${since}'` })).customersCount.count).toBe(expected.length);
  });

  test("compare ids, addresses and tags, and combine with AND, OR, NOT and parentheses", async () => {
    const shop = await startShop({ customers: 40 });
    const all = await allPages(shop, "customers", "id email tags");
    const ids = async (query: string): Promise<string[]> => (await data(shop, "query ($q: String) { customers(first: 250, query: $q) { nodes { id } } }", { q: query })).customers.nodes.map((one: Json) => one.id);
    expect(await ids(`id:>${gidNumber(all[9].id)}`)).toEqual(all.slice(10).map((one) => one.id));
    expect(await ids(`email:${all[3].email}`)).toEqual([all[3].id]);
    expect(await ids(`email:"${all[3].email}" OR email:${all[5].email}`)).toEqual([all[3].id, all[5].id]);
    expect(await ids("tag:patient -tag:refill-due")).toEqual(all.filter((one) => one.tags.includes("patient") && !one.tags.includes("refill-due")).map((one) => one.id));
    expect(await ids(`(tag:patient OR tag:caregiver) AND NOT id:<=${gidNumber(all[19].id)}`)).toEqual(all.slice(20).map((one) => one.id));
  });

  test("compare ids from both sides, in both directions, in pages, and counted, those that were made and deleted since included", async () => {
    const shop = await startShop({ customers: 40 });
    await shop.changeFraction(0.3, 1);
    const all: string[] = (await allPages(shop, "customers", "id", ", sortKey: ID")).map((one) => one.id);
    const numbers = all.map(gidNumber);
    for (const [above, upTo] of [[-1, numbers.length - 1], [9, 29], [9, 9], [0, numbers.length - 2], [numbers.length - 2, numbers.length - 1], [29, 9]] as const) {
      const q = `id:>${numbers[above] ?? 0} AND (email:* OR tag:* OR id:>0) AND id:<=${numbers[upTo]}`;
      const expected = all.slice(above + 1, Math.max(above, upTo) + 1);
      const pages = await allPages(shop, "customers", "id", `, sortKey: ID, query: "${q}"`);
      expect(pages.map((one) => one.id)).toEqual(expected);
      const found = await data(shop, "query ($q: String) { back: customers(first: 250, query: $q, sortKey: ID, reverse: true) { nodes { id } } customersCount(query: $q) { count } }", { q });
      expect(found.back.nodes.map((one: Json) => one.id)).toEqual([...expected].reverse());
      expect(found.customersCount.count).toBe(expected.length);
    }
    const either = `id:<=${numbers[2]} OR id:>${numbers[37]}`;
    expect((await allPages(shop, "customers", "id", `, sortKey: ID, query: "${either}"`)).map((one) => one.id)).toEqual([...all.slice(0, 3), ...all.slice(38)]);
  });

  test("warn of a field that cannot be searched, as the platform does", async () => {
    const shop = await startShop({ customers: 2 });
    const { data, extensions } = await ask(shop, '{ customers(first: 5, query: "diagnosis:flu") { nodes { id } } }');
    expect(data.customers.nodes).toHaveLength(2);
    expect(extensions.search[0].warnings[0]).toMatchObject({ field: "diagnosis", code: "invalid_field" });
  });
});

describe("counts", () => {
  test("stop at the limit and say so", async () => {
    const shop = await startShop({ customers: 10_001 });
    const counts = await data(shop, "{ byDefault: customersCount { count precision } all: customersCount(limit: null) { count precision } five: customersCount(limit: 5) { count precision } }");
    expect(counts).toEqual({ byDefault: { count: 10_000, precision: "AT_LEAST" }, all: { count: 10_001, precision: "EXACT" }, five: { count: 5, precision: "AT_LEAST" } });
  });
});

test("every kind of object is found again by its own id", async () => {
  const shop = await startShop({ customers: 4, orders: 4 });
  const { customers, orders, metaobjects, metafieldDefinitions, metaobjectDefinitions } = await data(
    shop,
    '{ customers(first: 1, reverse: true) { nodes { id metafields(first: 1) { nodes { id } } addressesV2(first: 1) { nodes { id } } } } orders(first: 1, reverse: true) { nodes { id lineItems(first: 1) { nodes { id } } metafields(first: 1) { nodes { id } } } } metaobjects(first: 1, type: "care_plan") { nodes { id } } metafieldDefinitions(first: 1, ownerType: ORDER) { nodes { id } } metaobjectDefinitions(first: 1) { nodes { id } } }',
  );
  const [customer, order] = [customers.nodes[0], orders.nodes[0]];
  const ids = [customer.id, customer.metafields.nodes[0].id, customer.addressesV2.nodes[0].id, order.id, order.lineItems.nodes[0].id, order.metafields.nodes[0].id, metaobjects.nodes[0].id, metafieldDefinitions.nodes[0].id, metaobjectDefinitions.nodes[0].id];
  const { nodes } = await data(shop, "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", { ids: [...ids, "gid://shopify/Customer/1"] });
  expect(nodes.slice(0, -1).map((one: Json) => one.id)).toEqual(ids);
  expect(nodes.map((one: Json) => one?.__typename ?? null)).toEqual(["Customer", "Metafield", "MailingAddress", "Order", "LineItem", "Metafield", "Metaobject", "MetafieldDefinition", "MetaobjectDefinition", null]);
});

test("lists longer than 250 are not taken", async () => {
  const shop = await startShop();
  const { errors } = await ask(shop, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids: Array.from({ length: 251 }, (_, i) => `gid://shopify/Customer/${i}`) });
  expect(errors?.[0]?.extensions.code).toBe("MAX_INPUT_SIZE_EXCEEDED");
});
