import { describe, expect, test } from "@jest/globals";
import { FixedClock } from "#tests/support/clock.ts";
import { allPages, bulkLines, data, operation, parseLines, settled, startBulk, startShop } from "./support.ts";
import type { Json } from "./support.ts";

const CUSTOMER = "id createdAt updatedAt firstName lastName email phone note tags locale taxExempt defaultEmailAddress { emailAddress marketingState } defaultAddress { id city }";
const ADDRESS = "id address1 address2 city provinceCode countryCodeV2 zip phone";
const METAFIELD = "id namespace key type value updatedAt compareDigest";
const CUSTOMERS = `{ customers { edges { node { ${CUSTOMER} addressesV2 { edges { node { ${ADDRESS} } } } metafields { edges { node { ${METAFIELD} } } } } } } }`;
const ORDERS = `{ orders { nodes { id name note total: totalPriceSet { shopMoney { amount } } customAttributes { key value } customer { id } shippingAddress { id city } lineItems { nodes { id title quantity customAttributes { key value } } } metafields { nodes { ${METAFIELD} } } } } }`;

function without(line: Json): Json {
  const { __parentId: _parent, ...rest } = line;
  return rest;
}

describe("a bulk query's lines", () => {
  test.each([true, false])("say the same as pages do (groupObjects %s)", async (grouped) => {
    const shop = await startShop({ customers: 37, orders: 60, seed: "same" });
    await shop.changeFraction(0.2, 3);
    const lines = await bulkLines(shop, CUSTOMERS, grouped);
    const paged = await allPages(shop, "customers", `${CUSTOMER} addressesV2(first: 5) { nodes { ${ADDRESS} } } metafields(first: 10) { nodes { ${METAFIELD} } }`);
    const roots = lines.filter((line) => line.__parentId === undefined);
    expect(roots).toEqual(paged.map(({ addressesV2: _a, metafields: _m, ...rest }) => rest));
    for (const one of paged) {
      const children = lines.filter((line) => line.__parentId === one.id).map(without);
      expect(children).toEqual([...one.addressesV2.nodes, ...one.metafields.nodes]);
    }
    const { children } = shop.counts({ children: true });
    expect(lines).toHaveLength(roots.length + children.addresses + children.customerMetafields);
  });

  test.each([true, false])("hold orders with line items, aliases and plain objects inside (groupObjects %s)", async (grouped) => {
    const shop = await startShop({ customers: 5, orders: 23 });
    const lines = await bulkLines(shop, ORDERS, grouped);
    const { children, orders } = shop.counts({ children: true });
    expect(lines.filter((line) => line.__parentId === undefined)).toHaveLength(orders);
    expect(lines.filter((line) => line.id.includes("/LineItem/"))).toHaveLength(children.lineItems);
    expect(lines.filter((line) => line.id.includes("/Metafield/"))).toHaveLength(children.orderMetafields);
    expect(lines[0]).toMatchObject({ name: "#1001", total: { shopMoney: { amount: expect.stringMatching(/^\d+\.\d+$/) } }, customer: { id: expect.stringContaining("/Customer/") }, customAttributes: [{ key: "prescriber" }] });
  });

  test("are the same with and without grouping, in another order: children after their parents, next to them only when grouped", async () => {
    const shop = await startShop({ customers: 20, orders: 20 });
    const [grouped, loose] = [await bulkLines(shop, CUSTOMERS, true), await bulkLines(shop, CUSTOMERS, false)];
    const sorted = (lines: Json[]): string[] => lines.map((line) => JSON.stringify(line)).sort();
    expect(sorted(loose)).toEqual(sorted(grouped));
    for (const lines of [grouped, loose]) {
      const at = new Map(lines.map((line, n) => [line.id, n]));
      for (const [n, line] of lines.entries()) if (line.__parentId !== undefined) expect(at.get(line.__parentId)).toBeLessThan(n);
    }
    expect(grouped[1].__parentId).toBe(grouped[0].id);
    expect(loose[1].__parentId).toBeUndefined();
    const kinds = loose.map((line) => /shopify\/(\w+)/.exec(line.id)?.[1]);
    expect(kinds.filter((kind, n) => kind !== kinds[n - 1])).toEqual(["Customer", "MailingAddress", "Metafield"]);
  });

  test("reach two levels below the first connection", async () => {
    const shop = await startShop({ customers: 4, orders: 9 });
    const lines = await bulkLines(shop, "{ customers { edges { node { id orders { edges { node { id lineItems { edges { node { id } } } } } } } } } }", false);
    expect(lines.filter((line) => line.id.includes("/Order/"))).toHaveLength(9);
    for (const line of lines.filter((one) => one.id.includes("/LineItem/"))) expect(line.__parentId).toContain("/Order/");
  });

  test("take fragments, and leave out what is skipped", async () => {
    const shop = await startShop({ customers: 2 });
    const lines = await bulkLines(shop, "{ customers { nodes { ...Part note @skip(if: true) ... on Node { id } } } } fragment Part on Customer { __typename first: firstName }");
    expect(Object.keys(lines[0])).toEqual(["__typename", "first", "id"]);
  });

  test("narrowed by a search hold only what matches", async () => {
    const shop = await startShop({ customers: 30 });
    const since = (await allPages(shop, "customers", "updatedAt", ", sortKey: UPDATED_AT")).at(-1).updatedAt;
    const { changed, added } = await shop.changeFraction(0.2, 9);
    const lines = await bulkLines(shop, `{ customers(query: "updated_at:>'${since}'", sortKey: UPDATED_AT) { nodes { id } } }`);
    expect(new Set(lines.map((line) => line.id))).toEqual(new Set([...changed, ...added]));
  });

  test("read other kinds", async () => {
    const shop = await startShop({ customers: 1, metaobjects: 12 });
    expect(await bulkLines(shop, '{ metaobjects(type: "care_plan") { nodes { id handle fields { key value } } } }')).toHaveLength(12);
    expect(await bulkLines(shop, "{ metafieldDefinitions(ownerType: CUSTOMER) { nodes { id key } } }")).toHaveLength(6);
    expect(await bulkLines(shop, "{ collections { nodes { id } } }")).toEqual([]);
  });

  test("show the shop as it was when the operation began", async () => {
    const shop = await startShop({ customers: 30 });
    const { id } = await startBulk(shop, CUSTOMERS);
    const before = await allPages(shop, "customers", "id updatedAt", "", 250);
    await shop.changeFraction(0.5, 2);
    const lines = parseLines(await (await fetch((await settled(shop, id ?? "")).url)).text());
    expect(lines.filter((line) => line.__parentId === undefined).map(({ id: gid, updatedAt }) => ({ id: gid, updatedAt }))).toEqual(before);
  });
});

describe("a bulk operation", () => {
  test("is CREATED, then RUNNING with growing counts, then COMPLETED with its size", async () => {
    const shop = await startShop({ customers: 3000 });
    const { id, status } = await startBulk(shop, CUSTOMERS);
    expect(status).toBe("CREATED");
    const seen: Json[] = [];
    do seen.push(await operation(shop, id ?? ""));
    while (seen.at(-1).status !== "COMPLETED");
    expect(seen.some((one) => one.status === "RUNNING")).toBe(true);
    const objects = seen.map((one) => Number(one.objectCount));
    expect(objects).toEqual([...objects].sort((a, b) => a - b));
    expect(new Set(objects).size).toBeGreaterThan(2);
    const { children } = shop.counts({ children: true });
    expect(seen.at(-1)).toMatchObject({ rootObjectCount: "3000", objectCount: String(3000 + children.addresses + children.customerMetafields), errorCode: null, partialDataUrl: null });
    const text = await (await fetch(seen.at(-1).url)).arrayBuffer();
    expect(String(text.byteLength)).toBe(seen.at(-1).fileSize);
  });

  test("that finds nothing has no url", async () => {
    const shop = await startShop({ empty: true });
    const { id } = await startBulk(shop, "{ customers { nodes { id } } }");
    expect(await settled(shop, id ?? "")).toMatchObject({ status: "COMPLETED", url: null, objectCount: "0" });
  });

  test("is canceled when asked, and can then be canceled no more", async () => {
    const shop = await startShop({ customers: 20_000 });
    const { id } = await startBulk(shop, CUSTOMERS);
    const cancel = async (): Promise<Json> => (await data(shop, "mutation ($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }", { id })).bulkOperationCancel;
    expect(await cancel()).toEqual({ bulkOperation: { status: "CANCELING" }, userErrors: [] });
    expect(await settled(shop, id ?? "")).toMatchObject({ status: "CANCELED", url: null });
    expect((await cancel()).userErrors).toHaveLength(1);
  });

  test("is one of five at a time", async () => {
    const shop = await startShop({ customers: 30, faults: { slowBulk: 400 } });
    for (let n = 0; n < 5; n++) expect((await startBulk(shop, CUSTOMERS)).userErrors).toEqual([]);
    expect((await startBulk(shop, CUSTOMERS)).userErrors).toEqual([expect.objectContaining({ code: "LIMIT_REACHED" })]);
    const { bulkOperations } = await data(shop, '{ bulkOperations(first: 10, query: "operation_type:query status:running") { nodes { id status } } }');
    expect(bulkOperations.nodes.length).toBe(5);
  });

  test("has a result for seven days", async () => {
    const clock = new FixedClock();
    const shop = await startShop({ customers: 3, clock });
    const { id } = await startBulk(shop, "{ customers { nodes { id } } }");
    const { url } = await settled(shop, id ?? "");
    clock.advance(7 * 86_400_000 - 1000);
    expect((await fetch(url)).status).toBe(200);
    clock.advance(1000);
    expect((await fetch(url)).status).toBe(400);
    expect(await operation(shop, id ?? "")).toMatchObject({ status: "EXPIRED", url: null });
  });

  test("has a result that opens with its own signature only, by ranges too", async () => {
    const shop = await startShop({ customers: 1500 });
    const { id } = await startBulk(shop, CUSTOMERS);
    const { url } = await settled(shop, id ?? "");
    expect((await fetch(url.replace(/Signature=./, "Signature=x"))).status).toBe(403);
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    for (const [from, to] of [[0, 0], [1, 99], [whole.length - 10, whole.length - 1], [700_000, 900_000]] as const) {
      const response = await fetch(url, { headers: { Range: `bytes=${from}-${to}` } });
      expect(response.status).toBe(206);
      expect(response.headers.get("content-range")).toBe(`bytes ${from}-${to}/${whole.length}`);
      expect(Buffer.from(await response.arrayBuffer()).equals(whole.subarray(from, to + 1))).toBe(true);
    }
    expect((await fetch(url, { headers: { Range: `bytes=${whole.length}-` } })).status).toBe(416);
  });
});

describe("the shape of a bulk query", () => {
  const refusals: readonly (readonly [string, string, RegExp])[] = [
    ["no connection", "{ shop { name } }", /at least one connection/],
    ["two top-level fields", "{ customers { nodes { id } } orders { nodes { id } } }", /exactly one top level field/],
    ["a top-level node", '{ node(id: "gid://shopify/Customer/1") { ... on Customer { metafields { nodes { id } } } } }', /top level 'node'/],
    ["six connections", "{ customers { nodes { id addressesV2 { nodes { id } } metafields { nodes { id } } storeCreditAccounts { nodes { id } } subscriptionContracts { nodes { id } } paymentMethods { nodes { id } } } } }", /more than 5 connections/],
    ["three levels below the first", "{ customers { nodes { id orders { nodes { id fulfillmentOrders { nodes { id lineItems { nodes { id } } } } } } } } }", /nesting depth greater than 2/],
    ["nodes that are no Node", "{ customers { nodes { id events { nodes { id } } } } }", /do not implement the Node interface/],
    ["a connection inside a list", "{ orders { nodes { id refunds { refundLineItems { nodes { id } } } } } }", /connection field within a list field/],
    ["a parent without id", "{ customers { nodes { firstName metafields { nodes { id } } } } }", /must select the 'id' field/],
    ["a parent with an aliased id", "{ customers { nodes { gid: id metafields { nodes { id } } } } }", /must select the 'id' field/],
    ["variables", "query ($q: String) { customers(query: $q) { nodes { id } } }", /variables/],
    ["a mutation", "mutation { customerDelete(input: { id: \"x\" }) { deletedCustomerId } }", /only run queries/],
    ["a field the schema does not have", "{ customers { nodes { id ssn } } }", /Field 'ssn' doesn't exist/],
    ["a text that is no query", "customers", /syntax error/],
  ];
  test.each(refusals)("with %s is refused", async (_name, query, message) => {
    const shop = await startShop({ customers: 1 });
    const { id, userErrors } = await startBulk(shop, query);
    expect(id).toBeNull();
    expect(userErrors).toEqual([{ field: ["query"], code: "INVALID", message: expect.stringMatching(message) }]);
  });

  test("with five connections is taken", async () => {
    const shop = await startShop({ customers: 1, orders: 1 });
    expect((await startBulk(shop, "{ customers { nodes { id addressesV2 { nodes { id } } metafields { nodes { id } } orders { nodes { id lineItems { nodes { id } } } } } } }")).userErrors).toEqual([]);
  });
});
