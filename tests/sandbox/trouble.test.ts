import { afterEach, describe, expect, test } from "@jest/globals";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Faults, SandboxShop } from "#app/sandbox/index.ts";
import { data, operation, parseLines, post, settled, startBulk, startShop } from "./support.ts";
import type { Json } from "./support.ts";

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve)))));
});

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Json;
}

/** A shop whose customers/update webhooks are taken one at a time, in the order they are sent. */
async function listening(faults: Faults): Promise<{ readonly shop: SandboxShop; readonly got: Got[]; readonly touch: (n: number) => Promise<void>; readonly advance: (milliseconds: number) => void }> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => {
      got.push({ headers: request.headers, text, body: JSON.parse(text) });
      response.end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  let now = Date.parse("2026-11-22T09:00:00Z");
  const clock = { now: () => new Date(now), sleep: (milliseconds: number) => new Promise<void>((wake) => sleepers.push({ at: now + milliseconds, wake })) };
  const shop = await startShop({ customers: 200, apiSecret: "hush", faults, clock, webhooks: [{ topic: "customers/update", address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }] });
  const { customers } = await data(shop, "{ customers(first: 200) { nodes { id } } }");
  return {
    shop,
    got,
    touch: async (n) => {
      await data(shop, "mutation ($id: ID!) { customerUpdate(input: { id: $id, note: \"SYNTHETIC\" }) { userErrors { message } } }", { id: customers.nodes[n].id });
    },
    advance: (milliseconds) => {
      now += milliseconds;
      const due = sleepers.filter((one) => one.at <= now);
      sleepers = sleepers.filter((one) => one.at > now);
      for (const one of due) one.wake();
    },
  };
}

const idle = async (shop: SandboxShop): Promise<void> => {
  await shop.webhooksIdle();
};
const ids = (got: readonly Got[]): number[] => got.map((one) => one.body.id);

describe("webhooks in trouble", () => {
  test("are lost by their fraction, the same ones for the same seed", async () => {
    const runs = await Promise.all([0, 1].map(async () => {
      const { shop, got, touch } = await listening({ loseWebhook: 0.4 });
      for (let n = 0; n < 60; n++) await touch(n);
      await idle(shop);
      return ids(got).sort();
    }));
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]?.length).toBeGreaterThan(20);
    expect(runs[0]?.length).toBeLessThan(55);
  });

  test("come twice under one id", async () => {
    const { shop, got, touch } = await listening({ duplicateWebhook: 1 });
    await touch(0);
    await idle(shop);
    expect(got).toHaveLength(2);
    expect(new Set(got.map((one) => one.headers["x-shopify-webhook-id"])).size).toBe(1);
    expect(got[0]?.text).toBe(got[1]?.text);
  });

  test("are overtaken by the next one", async () => {
    const { shop, got, touch } = await listening({ reorderWebhook: 1 });
    await touch(0);
    shop.setFaults({});
    await touch(1);
    await idle(shop);
    const [first, second] = ids(got);
    expect(got).toHaveLength(2);
    expect(Date.parse(got[0]?.body.updated_at)).toBeGreaterThanOrEqual(Date.parse(got[1]?.body.updated_at));
    expect(first).toBeGreaterThan(second as number);
  });

  test("leave late, with what they said when it happened", async () => {
    const { shop, got, touch, advance } = await listening({ delayWebhook: { fraction: 1, milliseconds: 3_600_000 } });
    await touch(0);
    await idle(shop);
    expect(got).toEqual([]);
    advance(3_600_000);
    await new Promise((resolve) => setImmediate(resolve));
    await idle(shop);
    expect(got).toHaveLength(1);
    expect(got[0]?.headers["x-shopify-triggered-at"]).toBe("2026-11-22T09:00:00.000Z");
  });

  test("are sent again later with their old payload, under a new id, signed", async () => {
    const { shop, got, touch } = await listening({ replayWebhook: 1 });
    for (let n = 0; n < 10; n++) await touch(n);
    await idle(shop);
    expect(got.length).toBe(19);
    expect(new Set(got.map((one) => one.headers["x-shopify-webhook-id"])).size).toBe(19);
    expect(new Set(got.map((one) => one.headers["x-shopify-event-id"])).size).toBe(10);
    for (const one of got) expect(one.headers["x-shopify-hmac-sha256"]).toBe(createHmac("sha256", "hush").update(one.text).digest("base64"));
  });

  test("pass their filter or are not sent, and metaobjects have one", async () => {
    const { shop, got } = await listening({});
    const address = `http://127.0.0.1:${(servers[0]?.address() as AddressInfo).port}/`;
    const create = (filter: string | null): Promise<Json> => data(shop, "mutation ($uri: String!, $filter: String) { webhookSubscriptionCreate(topic: METAOBJECTS_CREATE, webhookSubscription: { uri: $uri, filter: $filter }) { webhookSubscription { filter topic } userErrors { message } } }", { uri: address, filter });
    expect((await create(null)).webhookSubscriptionCreate.userErrors).toHaveLength(1);
    expect((await create("type:other")).webhookSubscriptionCreate.webhookSubscription).toEqual({ filter: "type:other", topic: "METAOBJECTS_CREATE" });
    const upsert = (handle: string): Promise<Json> => data(shop, 'mutation ($handle: String!) { metaobjectUpsert(handle: { type: "care_plan", handle: $handle }, metaobject: { fields: [{ key: "title", value: "SYNTHETIC" }] }) { userErrors { message } } }', { handle });
    await upsert("a");
    await idle(shop);
    expect(got).toEqual([]);
    await create("type:care_plan");
    await upsert("b");
    await idle(shop);
    expect(got.map((one) => one.body.handle)).toEqual(["b"]);
  });
});

const CUSTOMERS = "{ customers { nodes { id note } } }";

describe("bulk operations in trouble", () => {
  test("stall, their counts frozen, until somebody cancels them", async () => {
    const shop = await startShop({ customers: 500, faults: { stallBulk: { times: 1, afterObjects: 200 } } });
    const { id } = await startBulk(shop, CUSTOMERS);
    let found: Json;
    do found = await operation(shop, id ?? "");
    while (found.objectCount === "0");
    for (let n = 0; n < 20; n++) expect(await operation(shop, id ?? "")).toMatchObject({ status: "RUNNING", objectCount: found.objectCount });
    await data(shop, "mutation ($id: ID!) { bulkOperationCancel(id: $id) { userErrors { message } } }", { id });
    expect(await settled(shop, id ?? "")).toMatchObject({ status: "CANCELED" });
    expect(await settled(shop, (await startBulk(shop, CUSTOMERS)).id ?? "")).toMatchObject({ status: "COMPLETED" });
  });

  test("are cancelled by the platform itself", async () => {
    const shop = await startShop({ customers: 500, faults: { cancelBulk: { times: 1, afterObjects: 100 } } });
    expect(await settled(shop, (await startBulk(shop, CUSTOMERS)).id ?? "")).toMatchObject({ status: "CANCELED", url: null });
    expect(await settled(shop, (await startBulk(shop, CUSTOMERS)).id ?? "")).toMatchObject({ status: "COMPLETED", objectCount: "500" });
  });

  test("find places taken by others", async () => {
    const shop = await startShop({ customers: 5, faults: { othersRunning: 5 } });
    expect((await startBulk(shop, CUSTOMERS)).userErrors[0]).toMatchObject({ code: "LIMIT_REACHED" });
    shop.setFaults({ othersRunning: 4, slowBulk: 50 });
    const { id } = await startBulk(shop, CUSTOMERS);
    expect(id).not.toBeNull();
    expect((await startBulk(shop, CUSTOMERS)).userErrors[0]).toMatchObject({ code: "LIMIT_REACHED" });
    await settled(shop, id ?? "");
  });
});

describe("requests in trouble", () => {
  test("are answered 5xx before anything is done, by their fraction", async () => {
    const shop = await startShop({ customers: 1, faults: { serverError: 0.5 } });
    const statuses: number[] = [];
    for (let n = 0; n < 40; n++) statuses.push((await post(shop, "{ shop { id } }", {}, shop.accessToken)).status);
    expect(statuses.filter((one) => one === 200).length).toBeGreaterThan(8);
    expect(statuses.filter((one) => one >= 500).length).toBeGreaterThan(8);
  });

  test("lose their answer after they were carried out", async () => {
    const shop = await startShop({ customers: 1, faults: { lostAnswer: 1 } });
    await expect(post(shop, 'mutation { customerCreate(input: { firstName: "SYNTHETIC" }) { customer { id } } }', {}, shop.accessToken)).rejects.toThrow();
    shop.setFaults({});
    expect(shop.counts().customers).toBe(2);
  });

  test("a file is served by range, and cut like a result", async () => {
    const shop = await startShop({ customers: 500 });
    const { files } = await data(shop, '{ files(first: 50, query: "media_type:FILE") { nodes { ... on GenericFile { url originalFileSize mimeType } } } }');
    const { url, originalFileSize, mimeType } = files.nodes.find((one: Json) => one.originalFileSize > 5000);
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(whole.length).toBe(originalFileSize);
    const part = await fetch(url, { headers: { Range: "bytes=1000-1999" } });
    expect([part.status, part.headers.get("content-type"), part.headers.get("content-range")]).toEqual([206, mimeType, `bytes 1000-1999/${originalFileSize}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(1000, 2000))).toBe(true);
    shop.setFaults({ cutDownload: { atByte: 3000, times: 1 } });
    await expect(fetch(url).then((response) => response.arrayBuffer())).rejects.toThrow();
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(whole)).toBe(true);
    expect((await fetch(`${shop.url}/cdn/shop/files/nothing.pdf`)).status).toBe(404);
  });

  test("pages end at 25,000 objects", async () => {
    const shop = await startShop({ customers: 25_300 });
    let after: string | null = null;
    for (let n = 0; n < 100; n++) after = (await data(shop, "query ($after: String) { customers(first: 250, after: $after) { pageInfo { endCursor } } }", { after })).customers.pageInfo.endCursor;
    const response = await post(shop, "query ($after: String) { customers(first: 250, after: $after) { nodes { id } } }", { after }, shop.accessToken);
    expect(((await response.json()) as Json).errors[0].extensions.code).toBe("PAGINATION_LIMIT_EXCEEDED");
  });

  test("lines of a result come twice", async () => {
    const shop = await startShop({ customers: 100, faults: { duplicateLineEvery: 10 } });
    const { url } = await settled(shop, (await startBulk(shop, CUSTOMERS)).id ?? "");
    const lines = parseLines(await (await fetch(url)).text());
    expect([lines.length, new Set(lines.map((line) => line.id)).size]).toEqual([110, 100]);
  });
});

describe("quietMetafields", () => {
  test("a change of nothing but metafields is told by no webhook and moves no time, whoever makes it; anything else is told as ever", async () => {
    const shop = await startShop({ customers: 30, orders: 10, webhooks: ["customers/update", "orders/updated", "products/update"].map((topic) => ({ topic, address: "http://127.0.0.1:9/hook" })) });
    const told: string[] = [];
    shop.onWebhook(({ topic }) => told.push(topic));
    const owners = await data(shop, "{ customers(first: 1) { nodes { id updatedAt } } orders(first: 1) { nodes { id updatedAt } } products(first: 1) { nodes { id updatedAt } } }");
    const nodes = [owners.customers.nodes[0], owners.orders.nodes[0], owners.products.nodes[0]];
    const set = async (): Promise<string[]> => {
      told.length = 0;
      await data(shop, "mutation ($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) { userErrors { message } } }", { metafields: nodes.map(({ id }) => ({ ownerId: id, namespace: "quiet", key: "k", type: "single_line_text_field", value: `SYNTHETIC ${String(told.length)}${String(Math.random())}` })) });
      await shop.webhooksIdle();
      return [...new Set(told)].sort();
    };
    const times = async () => Promise.all(nodes.map(async ({ id }) => (await data(shop, "query ($id: ID!) { node(id: $id) { ... on Customer { updatedAt } ... on Order { updatedAt } ... on Product { updatedAt } } }", { id })).node.updatedAt));
    shop.setFaults({ quietMetafields: true });
    expect(await set()).toEqual([]);
    expect(await times()).toEqual(nodes.map(({ updatedAt }) => updatedAt));
    shop.setFaults({});
    expect(await set()).toEqual(["customers/update", "orders/updated", "products/update"]);
  });
  test("of the edits that people make, those of metafields alone are the ones that go untold", async () => {
    const told = async (faults: Faults): Promise<number> => {
      const shop = await startShop({ customers: 30, orders: 10, webhooks: [{ topic: "customers/update", address: "http://127.0.0.1:9/hook" }], faults });
      let count = 0;
      shop.onWebhook(({ attempt }) => (count += attempt === 1 ? 1 : 0));
      await shop.edit(60, { kinds: ["Customer"], seed: "quiet" });
      await shop.webhooksIdle();
      return count;
    };
    const [loud, quiet] = [await told({}), await told({ quietMetafields: true })];
    expect(quiet).toBeGreaterThan(0);
    expect(quiet).toBeLessThan(loud);
  });
});
