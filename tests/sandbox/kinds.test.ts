import { afterEach, describe, expect, test } from "@jest/globals";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isSynthetic } from "#app/phi/index.ts";
import { DOC_KINDS } from "#app/sandbox/kinds/all.ts";
import { allPages, bulkLines, data, startBulk, startShop } from "./support.ts";
import type { Json } from "./support.ts";

/** What each kind is read by: the list, its text, and its children that are nodes. */
const READ: Readonly<Record<string, { readonly list: string; readonly fields: string; readonly children?: string; readonly bulk?: false }>> = {
  DraftOrder: { list: "draftOrders", fields: "id name note2 updatedAt customer { id } totalPriceSet { shopMoney { amount } } shippingAddress { lastName }", children: "lineItems { nodes { id title customAttributes { value } } } metafields { nodes { id value } }" },
  Product: { list: "products", fields: "id title tags", children: "metafields { nodes { id value } } variants { nodes { id barcode } }" },
  ProductVariant: { list: "productVariants", fields: "id title barcode product { id } price", children: "metafields { nodes { id value } }" },
  GiftCard: { list: "giftCards", fields: "id note balance { amount currencyCode } maskedCode lastCharacters customer { id }" },
  Segment: { list: "segments", fields: "id name query creationDate lastEditDate" },
  Company: { list: "companies", fields: "id name note externalId mainContact { id }", children: "contacts { nodes { id title customer { id } } } metafields { nodes { id value } }" },
  CompanyLocation: { list: "companyLocations", fields: "id name note company { id } shippingAddress { id recipient } taxSettings { taxRegistrationId }", children: "metafields { nodes { id value } }" },
  File: { list: "files", fields: "id alt fileStatus ... on GenericFile { url originalFileSize mimeType } ... on MediaImage { originalSource { url fileSize } }", bulk: false },
  AbandonedCheckout: { list: "abandonedCheckouts", fields: "id name note customer { id } shippingAddress { lastName }", children: "lineItems { nodes { id title customAttributes { value } } }" },
  DiscountNode: { list: "discountNodes", fields: "id discount { __typename ... on DiscountCodeBasic { title status usageLimit } }", children: "metafields { nodes { id value } }" },
  Page: { list: "pages", fields: "id title handle body isPublished", children: "metafields { nodes { id value } }" },
  Blog: { list: "blogs", fields: "id title handle", children: "metafields { nodes { id value } }" },
  Article: { list: "articles", fields: "id title body author { name } blog { id }", children: "metafields { nodes { id value } } comments { nodes { id body } }" },
  Comment: { list: "comments", fields: "id body author { name email } status article { id }" },
  SubscriptionContract: { list: "subscriptionContracts", fields: "id note status customer { id } nextBillingDate deliveryMethod { ... on SubscriptionDeliveryMethodShipping { address { lastName } } }" },
  Event: { list: "events", fields: "id message createdAt ... on BasicEvent { subjectId } ... on CommentEvent { rawMessage }", bulk: false },
};
const SIZES = { customers: 220, orders: 60 };

describe.each(Object.entries(READ))("%s", (type, { list, fields, children, bulk }) => {
  const withFirst = (children ?? "").replace(/(\w+) \{ nodes/g, "$1(first: 50) { nodes");

  test("is marked, counted, and the same by page, by bulk line and by id", async () => {
    const shop = await startShop(SIZES);
    const nodes = await allPages(shop, list, `${fields} ${withFirst}`, "", 5);
    expect(nodes.length).toBe(shop.kindCounts()[type]);
    expect(nodes.length).toBeGreaterThan(1);
    for (const node of nodes) expect({ marked: isSynthetic(node), node }).toMatchObject({ marked: true });
    const count = DOC_KINDS.find((kind) => kind.type === type)?.root.count;
    if (count !== undefined) expect((await data(shop, `{ ${count} { count precision } }`))[count]).toEqual({ count: nodes.length, precision: "EXACT" });
    for (const node of [nodes[0], nodes.at(-1)]) {
      const concrete = /gid:\/\/shopify\/(\w+)\//.exec(node.id)?.[1] ?? "";
      const asked = concrete === type ? `... on ${concrete} { ${fields} ${withFirst} }` : `... on ${type} { ${fields} ${withFirst} }`;
      expect((await data(shop, `query ($id: ID!) { node(id: $id) { ${asked} } }`, { id: node.id })).node).toEqual(node);
    }
    const query = `{ ${list} { nodes { ${fields} ${children ?? ""} } } }`;
    if (bulk === false) {
      expect((await startBulk(shop, query)).userErrors[0]?.message).toMatch(/do not implement the Node interface/);
      return;
    }
    const lines = await bulkLines(shop, query, true);
    const grown = lines.filter((line) => line.__parentId === undefined);
    const names = [...(children ?? "").matchAll(/(\w+) \{ nodes/g)].map((match) => match[1] as string);
    expect(grown).toEqual(nodes.map((node) => Object.fromEntries(Object.entries(node).filter(([key]) => !names.includes(key)))));
    const below = lines.filter((line) => line.__parentId !== undefined).map(({ __parentId, ...rest }) => [__parentId, rest]);
    expect(below).toEqual(nodes.flatMap((node) => names.flatMap((name) => node[name].nodes.map((child: Json) => [node.id, child]))));
  });
});

test("what was touched since an instant is found by updated_at, where the platform has that filter", async () => {
  const shop = await startShop({ ...SIZES, clock: { now: () => new Date("2026-11-22T10:00:00Z") } });
  const kinds = DOC_KINDS.filter((kind) => kind.edit !== undefined && kind.root.list !== undefined);
  for (const kind of kinds) {
    const { changed, added } = await shop.edit(4, { kinds: [kind.type], seed: 7 });
    const found = await allPages(shop, kind.root.list ?? "", "id", `, query: "updated_at:>=2026-11-22T00:00:00Z"`, 50);
    if (kind.updatedFilter === false) expect(found.length).toBe(shop.kindCounts()[kind.type]);
    else expect([kind.type, found.map((node) => node.id).sort()]).toEqual([kind.type, [...changed, ...added].sort()]);
  }
});

describe("webhooks", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve)))));
  });

  test("tell of each edit of each kind that has topics, by the id its record has, and of no other", async () => {
    const got: { readonly topic: string; readonly body: Json }[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (part) => (body += part)).on("end", () => {
        got.push({ topic: String(request.headers["x-shopify-topic"]), body: JSON.parse(body) });
        response.end();
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const topics = DOC_KINDS.flatMap((kind) => Object.values(kind.topics ?? {}));
    const shop = await startShop({ ...SIZES, webhooks: topics.map((topic) => ({ topic, address })) });
    for (const kind of DOC_KINDS.filter((one) => one.edit !== undefined)) {
      got.length = 0;
      const { changed, added, deleted } = await shop.edit(30, { kinds: [kind.type], seed: kind.type });
      await shop.webhooksIdle();
      expect(changed.length).toBeGreaterThan(0);
      const names = kind.payloadName;
      const as = (ids: readonly string[]): string[] => ids.map((id) => (names === undefined ? id : id.replace(`/${kind.type}/`, `/${names}/`))).sort();
      const told = (topic: string | undefined): string[] => [...new Set(got.filter((one) => one.topic === topic).map((one) => one.body.admin_graphql_api_id))].sort();
      if (kind.topics === undefined) {
        expect(got).toEqual([]);
        continue;
      }
      expect([kind.type, as([...changed, ...added]).filter((id) => !told(kind.topics?.update).includes(id) && !told(kind.topics?.create).includes(id))]).toEqual([kind.type, []]);
      expect(as(deleted).filter((id) => !told(kind.topics?.delete).includes(id))).toEqual([]);
      expect(got.every((one) => Object.values(kind.topics ?? {}).includes(one.topic))).toBe(true);
    }
  });
});

test("metafields of every owner can be set, read by id, and deleted", async () => {
  const shop = await startShop(SIZES);
  for (const kind of DOC_KINDS.filter((one) => one.metafieldOwner !== undefined)) {
    const [owner] = (await data(shop, `{ ${kind.root.list ?? ""}(first: 1) { nodes { id metafields(first: 5) { nodes { id } } } } }`))[kind.root.list ?? ""].nodes;
    const set = (await data(shop, "mutation ($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { metafields { id value ownerType owner { ... on Node { id } } } userErrors { message } } }", { m: [{ ownerId: owner.id, namespace: "custom", key: "seen", type: "single_line_text_field", value: "yes" }] })).metafieldsSet;
    expect(set).toEqual({ metafields: [{ id: expect.any(String), value: "yes", ownerType: kind.metafieldOwner, owner: { id: owner.id } }], userErrors: [] });
    for (const id of [set.metafields[0].id, owner.metafields.nodes[0].id]) expect((await data(shop, "query ($id: ID!) { node(id: $id) { ... on Metafield { id ownerType owner { ... on Node { id } } } } }", { id })).node).toEqual({ id, ownerType: kind.metafieldOwner, owner: { id: owner.id } });
    await data(shop, "mutation ($m: [MetafieldIdentifierInput!]!) { metafieldsDelete(metafields: $m) { deletedMetafields { key } } }", { m: [{ ownerId: owner.id, namespace: "custom", key: "seen" }] });
    expect((await data(shop, "query ($id: ID!) { node(id: $id) { id } }", { id: set.metafields[0].id })).node).toBeNull();
  }
});

test("an empty shop has none of any kind, and one of customers only no orders", async () => {
  const shop = await startShop({ ...SIZES, empty: true });
  expect(Object.values(shop.kindCounts()).every((count) => count === 0)).toBe(true);
});
