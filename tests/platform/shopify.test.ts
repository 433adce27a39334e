import { API_KEY, API_SECRET, FakeShopify } from "#tests/support/fake-shopify.ts";
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openPool } from "#app/platform/database/pool.ts";
import { createLog } from "#app/platform/log.ts";
import { complianceRequests } from "#app/platform/records/compliance.ts";
import { vaultLinks } from "#app/platform/records/links.ts";
import { shops } from "#app/platform/records/shops.ts";
import { sealer } from "#app/platform/secrets/seal.ts";
import { Secret } from "#app/platform/secrets/secret.ts";
import { connectShopify } from "#app/platform/shopify.server.ts";
import type { ShopifyConnection } from "#app/platform/shopify/connection.ts";
import { shopLock } from "#app/platform/shopify/shop-lock.ts";
import { allowedStores } from "#app/platform/stores.ts";
import { WEBHOOK_TOPICS, forgetOldDeliveries, webhookInbox } from "#app/platform/webhooks.server.ts";
import type { WebhookInbox, WebhookTopic } from "#app/platform/webhooks.server.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const SHOP = "maple-synthetic.myshopify.com";
const HOST = Buffer.from("admin.shopify.com/store/maple-synthetic").toString("base64url");
const CANARY = "canary-synthetic@example.org";
// The library asks the machine's clock whether a token has expired.
const machineClock = { now: () => new Date() };

let fake: FakeShopify;
let lines: string[];
const closing: (() => Promise<void>)[] = [];

/** A process of the app: its own connection to Shopify, on the shared database. */
async function process(secret = "host secret"): Promise<ShopifyConnection> {
  const { prisma, url } = database();
  const locks = openPool({ url, name: "locks", max: 5 });
  closing.push(() => locks.end());
  return connectShopify({
    apiKey: API_KEY,
    apiSecret: new Secret(API_SECRET),
    appUrl: "https://app.example.org",
    prisma,
    sealer: sealer(new Secret(secret), "shopify tokens"),
    lock: shopLock(locks, "shopify-token"),
    shops: shops(prisma, machineClock),
    log: createLog({ level: "info", destination: { write: (line) => void lines.push(line) } }),
  });
}

const page = (token: string, shop = SHOP): Request =>
  new Request(`https://app.example.org/app?shop=${shop}&host=${HOST}&embedded=1&id_token=${token}`, { headers: { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0" } });

beforeEach(async () => {
  for (const table of ["session", "shop", "webhookDelivery", "complianceRequest"] as const) await (database().prisma[table] as { deleteMany(): Promise<unknown> }).deleteMany();
  fake = new FakeShopify(machineClock);
  fake.install();
  lines = [];
});
afterEach(async () => {
  fake.remove();
  for (const close of closing.splice(0)) await close();
});

async function installed(): Promise<ShopifyConnection> {
  const shopify = await process();
  await shopify.authenticate(page(fake.sessionToken(SHOP)));
  return shopify;
}

/** The stored session's token ends in so many seconds. */
async function age(seconds: number): Promise<void> {
  await database().prisma.session.updateMany({ data: { expires: new Date(Date.now() + seconds * 1000) } });
}

describe("signing in", () => {
  test("exchanges the session token once, notes the shop, and names the person by an opaque id", async () => {
    const shopify = await installed();
    const again = await shopify.authenticate(page(fake.sessionToken(SHOP, "77")));
    expect(again).toMatchObject({ shop: SHOP, staff: { id: "77" } });
    expect(fake.exchanges).toBe(1);
    expect(await shops(database().prisma, machineClock).get(SHOP)).toMatchObject({ uninstalledAt: null, scopes: ["read_customers", "read_orders"] });
  });

  test("is refused with a token of another app, an expired one, and one that somebody else signed", async () => {
    const shopify = await installed();
    const bad = [fake.sessionToken(SHOP, "1", { aud: "other" }), fake.sessionToken(SHOP, "1", { exp: 1 }), `${fake.sessionToken(SHOP).slice(0, -3)}AAA`];
    for (const token of bad) {
      const answer = await shopify.authenticate(page(token)).then(() => null, (error: unknown) => error as Response);
      expect(answer).toBeInstanceOf(Response);
      expect(answer?.headers.get("Location")).toMatch(/^\/auth\/session-token/);
    }
  });

  test("keeps tokens sealed in the database, and out of the log", async () => {
    const shopify = await installed();
    const token = await shopify.offlineAccessToken(SHOP);
    expect(fake.working.has(token)).toBe(true);
    const kept = JSON.stringify(await database().prisma.session.findMany(), (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    expect(kept).not.toMatch(/shpat_|shprt_/);
    expect(lines.join("")).not.toMatch(/shpat_|shprt_|id_token/);
  });

  test("starts over when tokens were sealed under another host secret", async () => {
    await installed();
    const other = await process("another host secret");
    await expect(other.offlineAccessToken(SHOP)).rejects.toMatchObject({ code: "shop.not_connected" });
    await other.authenticate(page(fake.sessionToken(SHOP)));
    expect(fake.working.has(await other.offlineAccessToken(SHOP))).toBe(true);
  });
});

describe("an offline token near its end", () => {
  test("is refreshed once for all who ask at the same time, over two processes, and everybody gets one that works", async () => {
    const here = await installed();
    const there = await process();
    fake.slow = 100;
    await age(60);
    const tokens = await Promise.all([here, there, here, there, here, there].map((shopify) => shopify.offlineAccessToken(SHOP)));
    expect(fake.refreshes).toBe(1);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens.filter((token) => !fake.working.has(token))).toEqual([]);
  });

  test("is refreshed by a page too, instead of being acquired anew beside a refresh", async () => {
    const shopify = await installed();
    fake.slow = 50;
    await age(60);
    const [, token] = await Promise.all([shopify.authenticate(page(fake.sessionToken(SHOP))), shopify.offlineAccessToken(SHOP)]);
    expect([fake.exchanges, fake.refreshes]).toEqual([1, 1]);
    expect(fake.working.has(token)).toBe(true);
  });

  test("still serves while it lasts when the refresh fails, and says so once it has ended", async () => {
    const shopify = await installed();
    fake.refuse = true;
    await age(120);
    expect(await shopify.offlineAccessToken(SHOP)).toMatch(/^shpat_/);
    await age(-1);
    await expect(shopify.offlineAccessToken(SHOP)).rejects.toMatchObject({ code: "shop.not_connected" });
    expect(lines.join("")).toContain("session.refresh_failed");
  });

  test("is acquired anew by the next visit when it cannot be refreshed any more", async () => {
    const shopify = await installed();
    fake.refuse = true;
    await age(-1);
    await shopify.authenticate(page(fake.sessionToken(SHOP)));
    expect(fake.exchanges).toBe(2);
    expect(fake.working.has(await shopify.offlineAccessToken(SHOP))).toBe(true);
  });

  test("is left alone while it is fresh", async () => {
    const shopify = await installed();
    await shopify.offlineAccessToken(SHOP);
    expect(fake.refreshes).toBe(0);
  });

  test("that the shop refuses before its end is replaced once, for all who were refused with it", async () => {
    const here = await installed();
    const there = await process();
    const refused = await here.offlineAccessToken(SHOP);
    const tokens = await Promise.all([here, there, here].map((shopify) => shopify.offlineAccessToken(SHOP, { refused })));
    expect(fake.refreshes).toBe(1);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens).not.toContain(refused);
    expect(fake.working.has(String(tokens[0]))).toBe(true);
    // Somebody who was slow to hear of it costs no other one.
    expect(await there.offlineAccessToken(SHOP, { refused })).toBe(tokens[0]);
    expect(fake.refreshes).toBe(1);
  });

  test("that the shop refuses and that cannot be replaced is a shop without a session", async () => {
    const shopify = await installed();
    const refused = await shopify.offlineAccessToken(SHOP);
    fake.refuse = true;
    await expect(shopify.offlineAccessToken(SHOP, { refused })).rejects.toMatchObject({ code: "shop.not_connected" });
  });

  test("is nobody's for a shop that never installed the app", async () => {
    const shopify = await installed();
    await expect(shopify.offlineAccessToken("other-synthetic.myshopify.com")).rejects.toMatchObject({ code: "shop.not_connected" });
  });
});

describe("webhooks", () => {
  const clock = new FixedClock();
  const finished: string[] = [];
  let shopify: ShopifyConnection;
  let inbox: WebhookInbox;

  beforeEach(async () => {
    shopify = await installed();
    finished.length = 0;
    const { prisma } = database();
    const log = createLog({ level: "info", destination: { write: (line) => void lines.push(line) } });
    const ports = { clock, log, compliance: complianceRequests(prisma), links: vaultLinks(prisma), stores: allowedStores({ fileStores: "/nowhere", credentials: () => Promise.resolve(null), privateNetworks: false }), signer: { signerFor: () => Promise.resolve(null) } };
    inbox = webhookInbox({
      prisma, ports, log, shopify,
      shops: shops(prisma, machineClock),
      bulkFinished: (shop) => finished.push(shop),
    });
  });

  interface Delivery { id?: string; body?: unknown; headers?: Readonly<Record<string, string | null>>; method?: string }
  const deliver = (topic: WebhookTopic, { id = "w1", body = {}, headers = {}, method = "POST" }: Delivery = {}): Promise<Response> => {
    const text = JSON.stringify(body);
    const all: Record<string, string | null> = {
      "X-Shopify-Topic": topic,
      "X-Shopify-Shop-Domain": SHOP,
      "X-Shopify-API-Version": "2026-10",
      "X-Shopify-Webhook-Id": id,
      "X-Shopify-Event-Id": `event-${id}`,
      "X-Shopify-Hmac-Sha256": createHmac("sha256", API_SECRET).update(text).digest("base64"),
      ...headers,
    };
    const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
    return inbox.receive(new Request(`https://app.example.org/webhooks/${topic}`, { method, headers: present, ...(method === "GET" ? {} : { body: text }) }), topic);
  };
  const status = async (answer: Promise<Response>): Promise<number> => (await answer).status;

  test.each(WEBHOOK_TOPICS)("%s is answered 401 without a signature or with a wrong one, 405 when it is no POST", async (topic) => {
    expect(await status(deliver(topic, { headers: { "X-Shopify-Hmac-Sha256": null } }))).toBe(401);
    expect(await status(deliver(topic, { headers: { "X-Shopify-Hmac-Sha256": "AAAA" } }))).toBe(401);
    expect(await status(deliver(topic, { method: "GET" }))).toBe(405);
    expect(await database().prisma.webhookDelivery.count()).toBe(0);
  });

  test("another topic's delivery is refused by a route", async () => {
    expect(await status(deliver("shop/redact", { headers: { "X-Shopify-Topic": "customers/redact" } }))).toBe(400);
  });

  test("a privacy request starts a 30-day clock once, and keeps numeric ids only", async () => {
    const customer = { id: 191167, email: CANARY, phone: "555-625-1199" };
    const body = { shop_id: 954889, shop_domain: SHOP, customer, orders_requested: [299938, 280263], data_request: { id: 9999 } };
    for (const id of ["w1", "w1"]) expect(await status(deliver("customers/data_request", { id, body }))).toBe(200);
    expect(await status(deliver("customers/redact", { id: "w2", body: { customer, orders_to_redact: ["7"] } }))).toBe(200);
    expect(await status(deliver("shop/redact", { id: "w3", body: { shop_id: 954889, shop_domain: SHOP } }))).toBe(200);
    const receivedAt = clock.now();
    const dueAt = new Date(receivedAt.getTime() + 30 * 86_400_000);
    expect(await complianceRequests(database().prisma).open(SHOP)).toEqual([
      { id: "w1", shop: SHOP, topic: "customers/data_request", customerId: "191167", orderIds: ["299938", "280263"], receivedAt, dueAt },
      { id: "w2", shop: SHOP, topic: "customers/redact", customerId: "191167", orderIds: ["7"], receivedAt, dueAt },
      { id: "w3", shop: SHOP, topic: "shop/redact", customerId: null, orderIds: [], receivedAt, dueAt },
    ]);
    const everything = JSON.stringify([await database().prisma.complianceRequest.findMany(), await database().prisma.webhookDelivery.findMany(), lines]);
    expect(everything).not.toContain(CANARY);
    expect(everything).not.toContain("555-625");
  });

  test("an uninstalled shop's tokens are forgotten", async () => {
    expect(await status(deliver("app/uninstalled"))).toBe(200);
    await expect(shopify.offlineAccessToken(SHOP)).rejects.toMatchObject({ code: "shop.not_connected" });
    expect(await shops(database().prisma, machineClock).get(SHOP)).not.toMatchObject({ uninstalledAt: null });
  });

  test("changed scopes are noted, and the end of a bulk operation is passed on, once per delivery", async () => {
    expect(await status(deliver("app/scopes_update", { body: { current: ["read_orders"] } }))).toBe(200);
    expect(await shops(database().prisma, machineClock).get(SHOP)).toMatchObject({ scopes: ["read_orders"] });
    for (let n = 0; n < 3; n++) await deliver("bulk_operations/finish", { id: "w9" });
    expect(finished).toEqual([SHOP]);
  });

  test("no delivery refreshes a token: the sender waits five seconds at most", async () => {
    await age(-1);
    expect(await status(deliver("bulk_operations/finish"))).toBe(200);
    expect(fake.refreshes).toBe(0);
  });

  test("deliveries are forgotten after a month", async () => {
    await deliver("bulk_operations/finish");
    clock.advance(31 * 86_400_000);
    expect(await forgetOldDeliveries(database().prisma, clock)).toBe(1);
  });
});
