import { afterEach, describe, expect, test } from "@jest/globals";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { SandboxOptions, SandboxShop, WebhookAttempt } from "#app/sandbox/index.ts";
import { data, settled, startBulk, startShop } from "./support.ts";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve)))));
});

/** Takes webhooks and answers with these statuses, then 200. */
async function receiver(...statuses: number[]): Promise<{ readonly url: string; readonly got: Received[] }> {
  const got: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part) => (body += part)).on("end", () => {
      got.push({ headers: request.headers, body });
      response.writeHead(statuses.shift() ?? 200, { Location: "/elsewhere" }).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got };
}

async function shopWith(topics: readonly string[], url: string, options: SandboxOptions = {}): Promise<SandboxShop> {
  return startShop({ customers: 5, orders: 3, webhooks: topics.map((topic) => ({ topic, address: url })), ...options });
}

/** A clock whose sleepers wake when time is moved. */
class ManualClock {
  #now = Date.parse("2026-11-22T09:00:00Z");
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  now = (): Date => new Date(this.#now);
  sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => this.#sleepers.push({ at: this.#now + milliseconds, wake: resolve }));
  get waits(): number[] {
    return this.#sleepers.map((one) => one.at - this.#now);
  }
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    const due = this.#sleepers.filter((one) => one.at <= this.#now);
    this.#sleepers = this.#sleepers.filter((one) => one.at > this.#now);
    for (const one of due) one.wake();
  }
}

const attempts = (shop: SandboxShop, n: number): Promise<WebhookAttempt[]> =>
  new Promise((resolve) => {
    const seen: WebhookAttempt[] = [];
    const stop = shop.onWebhook((one) => {
      seen.push(one);
      if (seen.length < n) return;
      stop();
      resolve(seen);
    });
  });

describe("a webhook", () => {
  test("carries Shopify's headers and is signed over its body", async () => {
    const { url, got } = await receiver();
    const shop = await shopWith(["customers/create"], url, { apiSecret: "hush" });
    await data(shop, 'mutation { customerCreate(input: { firstName: "A", email: "a@example.com" }) { customer { id } } }');
    await shop.webhooksIdle();
    expect(got).toHaveLength(1);
    const { headers, body } = got[0] as Received;
    expect(headers).toMatchObject({ "x-shopify-topic": "customers/create", "x-shopify-shop-domain": shop.shop, "x-shopify-api-version": "2026-10", "x-shopify-hmac-sha256": createHmac("sha256", "hush").update(body).digest("base64") });
    for (const name of ["x-shopify-webhook-id", "x-shopify-event-id", "x-shopify-triggered-at"]) expect(headers[name]).toBeTruthy();
    expect(JSON.parse(body)).toMatchObject({ email: "a@example.com", admin_graphql_api_id: expect.stringContaining("gid://shopify/Customer/") });
  });

  test("is sent for each scripted change", async () => {
    const { url, got } = await receiver();
    const shop = await shopWith(["customers/create", "customers/update", "customers/delete", "orders/updated", "orders/delete"], url, { customers: 60, orders: 20 });
    const { changed, added, deleted } = await shop.changeFraction(0.3, 4);
    await shop.webhooksIdle();
    const byTopic = (topic: string): number => got.filter((one) => one.headers["x-shopify-topic"] === topic).length;
    const of = (ids: readonly string[], type: string): number => ids.filter((id) => id.includes(`/${type}/`)).length;
    expect([byTopic("customers/create"), byTopic("customers/update"), byTopic("customers/delete")]).toEqual([of(added, "Customer"), of(changed, "Customer"), of(deleted, "Customer")]);
    expect([byTopic("orders/updated"), byTopic("orders/delete")]).toEqual([of(changed, "Order"), of(deleted, "Order")]);
  });

  test("tells of a customer's purchases when an order of theirs comes or goes", async () => {
    const { url, got } = await receiver();
    const shop = await shopWith(["customers/update", "customers/purchasing_summary"], url, { customers: 3, orders: 0 });
    const { customers } = await data(shop, "{ customers(first: 1) { nodes { id } } }");
    const customerId = customers.nodes[0].id as string;
    const { orderCreate } = await data(shop, 'mutation ($order: OrderCreateOrderInput!) { orderCreate(order: $order) { order { id } userErrors { message } } }', { order: { customerId, lineItems: [{ title: "SYNTHETIC", quantity: 2, priceSet: { shopMoney: { amount: "3.50", currencyCode: "USD" } } }] } });
    const { customer } = await data(shop, "query ($id: ID!) { customer(id: $id) { numberOfOrders amountSpent { amount } } }", { id: customerId });
    await data(shop, "mutation ($id: ID!) { orderDelete(orderId: $id) { deletedId } }", { id: orderCreate.order.id });
    await shop.webhooksIdle();
    expect(customer).toMatchObject({ numberOfOrders: "1" });
    expect(Number(customer.amountSpent.amount)).toBe(7);
    const told = got.map(({ headers, body }) => ({ topic: headers["x-shopify-topic"], ...(JSON.parse(body) as object) })) as { topic: string; numberOfOrders: number }[];
    expect(told.sort((a, b) => b.numberOfOrders - a.numberOfOrders)).toMatchObject([
      { topic: "customers/purchasing_summary", customerId, numberOfOrders: 1, amountSpent: { amount: "7.00" }, lastOrderId: orderCreate.order.id },
      { topic: "customers/purchasing_summary", customerId, numberOfOrders: 0, amountSpent: { amount: "0.00" }, lastOrderId: null },
    ]);
  });

  test("that is not answered with 2xx is tried again, later and later, the same body under the same id", async () => {
    const { url, got } = await receiver(500, 302, 404);
    const clock = new ManualClock();
    const shop = await shopWith(["customers/create"], url, { clock });
    let tried = attempts(shop, 1);
    await data(shop, 'mutation { customerCreate(input: { firstName: "A" }) { customer { id } } }');
    expect(await tried).toMatchObject([{ attempt: 1, status: 500 }]);
    for (const [wait, status] of [[10_000, 302], [30_000, 404], [90_000, 200]] as const) {
      await shop.webhooksIdle();
      expect(clock.waits).toEqual([wait]);
      tried = attempts(shop, 1);
      clock.advance(wait);
      expect(await tried).toMatchObject([{ status }]);
    }
    await shop.webhooksIdle();
    expect(clock.waits).toEqual([]);
    expect(new Set(got.map((one) => one.body)).size).toBe(1);
    expect(new Set(got.map((one) => one.headers["x-shopify-webhook-id"])).size).toBe(1);
  });

  test("subscribed through the API goes after nine failures, one of the TOML stays", async () => {
    const { url } = await receiver(...Array.from({ length: 40 }, () => 500));
    const clock = new ManualClock();
    const shop = await shopWith(["customers/create"], url, { clock });
    const create = 'mutation { customerCreate(input: { firstName: "A" }) { customer { id } } }';
    const { webhookSubscriptionCreate } = await data(shop, "mutation ($uri: String!) { webhookSubscriptionCreate(topic: CUSTOMERS_CREATE, webhookSubscription: { uri: $uri }) { webhookSubscription { id uri topic } userErrors { message } } }", { uri: `${url}2` });
    expect(webhookSubscriptionCreate).toMatchObject({ webhookSubscription: { uri: `${url}2`, topic: "CUSTOMERS_CREATE" }, userErrors: [] });
    let tried = attempts(shop, 2);
    await data(shop, create);
    await tried;
    for (let n = 0; n < 8; n++) {
      await shop.webhooksIdle();
      tried = attempts(shop, 2);
      clock.advance(10_000_000);
      await tried;
    }
    await shop.webhooksIdle();
    expect((await data(shop, "{ webhookSubscriptions(first: 5) { nodes { id } } }")).webhookSubscriptions.nodes).toEqual([]);
    tried = attempts(shop, 1);
    await data(shop, create);
    expect(await tried).toMatchObject([{ address: url }]);
  });
});

describe("bulk_operations/finish", () => {
  test("says in lower case how the operation ended, and holds no address", async () => {
    const { url, got } = await receiver();
    const shop = await shopWith(["bulk_operations/finish"], url);
    const { id } = await startBulk(shop, "{ customers { nodes { id } } }");
    await settled(shop, id ?? "");
    await shop.webhooksIdle();
    expect(got.map((one) => JSON.parse(one.body))).toEqual([{ admin_graphql_api_id: id, status: "completed", type: "query", error_code: null, created_at: expect.any(String), completed_at: expect.any(String) }]);
  });

  test("names the error of one that failed", async () => {
    const { url, got } = await receiver();
    const shop = await shopWith(["bulk_operations/finish"], url, { faults: { failBulk: { afterObjects: 2, errorCode: "ACCESS_DENIED" } } });
    await settled(shop, (await startBulk(shop, "{ customers { nodes { id } } }")).id ?? "");
    await shop.webhooksIdle();
    expect(JSON.parse(got[0]?.body ?? "{}")).toMatchObject({ status: "failed", error_code: "access_denied" });
  });

  test("is sometimes lost", async () => {
    const { url, got } = await receiver();
    const shop = await shopWith(["bulk_operations/finish"], url, { faults: { loseFinishWebhook: 0.5 } });
    for (let n = 0; n < 16; n++) await settled(shop, (await startBulk(shop, "{ customers { nodes { id } } }")).id ?? "");
    await shop.webhooksIdle();
    expect(got.length).toBeGreaterThan(0);
    expect(got.length).toBeLessThan(16);
  });
});

test("the compliance webhooks name the person and the orders", async () => {
  const { url, got } = await receiver();
  const shop = await shopWith(["customers/redact", "customers/data_request", "shop/redact", "app/uninstalled"], url);
  const { customers } = await data(shop, "{ customers(first: 1) { nodes { id email legacyResourceId } } }");
  const [customer] = customers.nodes;
  await shop.sendComplianceWebhook("customers/data_request", customer.id);
  await shop.sendComplianceWebhook("customers/redact");
  await shop.sendComplianceWebhook("shop/redact");
  await shop.uninstall();
  const bodies = got.map((one) => JSON.parse(one.body));
  expect(bodies[0]).toMatchObject({ shop_domain: shop.shop, customer: { id: Number(customer.legacyResourceId), email: customer.email }, orders_requested: [expect.any(Number)] });
  expect(bodies[1]).toMatchObject({ customer: { id: Number(customer.legacyResourceId) }, orders_to_redact: [expect.any(Number)] });
  expect(bodies[2]).toEqual({ shop_id: expect.any(Number), shop_domain: shop.shop });
  expect(bodies[3]).toMatchObject({ myshopify_domain: shop.shop });
});
