/** Webhooks about changes: verified, kept once, and nothing of their payloads but ids. */
import { createHmac } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { captureInbox } from "#app/platform/capture/inbox.ts";
import { captureIntake, IntakeFull } from "#app/platform/capture/intake.ts";
import { MOST_BYTES } from "#app/platform/capture/read-webhook.ts";
import { captureQueue } from "#app/platform/capture/queue.ts";
import { capturedChanges, captureRecords } from "#app/platform/capture/records.ts";
import { topicRoutes } from "#app/platform/capture/topics.ts";
import { CATALOGUE } from "#app/sources/shopify/index.ts";
import type { CaptureEvent } from "#app/workflows/ports.ts";
import { NO_METRICS } from "#app/workflows/ports/metrics.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const clock = new FixedClock();
const SHOP = "maple-synthetic.myshopify.com";
const topics = topicRoutes(CATALOGUE);
let counter = 0;

interface Sent {
  readonly topic?: string;
  readonly body?: unknown;
  readonly raw?: string;
  readonly secret?: string;
  readonly webhookId?: string;
  readonly eventId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly prefix?: string;
}

function request({ topic = "customers/update", body = {}, raw = JSON.stringify(body), secret = "now", webhookId = `w-${++counter}`, eventId, headers = {}, prefix = "X-Shopify-" }: Sent = {}): Request {
  return new Request("http://app.test/webhooks/changes", {
    method: "POST",
    body: raw,
    headers: {
      [`${prefix}Topic`]: topic, [`${prefix}Shop-Domain`]: SHOP, [`${prefix}Webhook-Id`]: webhookId, [`${prefix}Hmac-Sha256`]: createHmac("sha256", secret).update(raw).digest("base64"),
      ...(eventId === undefined ? {} : { [`${prefix}Event-Id`]: eventId }), ...headers,
    },
  });
}

const inbox = (keep = captureIntake(database().pool)) => captureInbox({ intake: keep, topics, secrets: () => ["now", "before"], clock, metrics: NO_METRICS, log: { failure: () => undefined } });
const send = async (sent: Sent = {}): Promise<number> => (await inbox().receive(request(sent))).status;
const customer = (n: number) => ({ admin_graphql_api_id: `gid://shopify/Customer/${n}`, id: n, updated_at: "2026-11-22T09:00:00Z", email: "canary@synthetic.example", first_name: "CANARY" });
const pending = async (): Promise<Record<string, unknown>[]> => (await database().pool.query<Record<string, unknown>>(`SELECT "kind", "recordId", "version", "events" FROM "CapturePending" WHERE "shop" = $1 ORDER BY 2`, [SHOP])).rows;
const clear = async (): Promise<void> => void (await database().pool.query(`TRUNCATE "CapturePending", "CaptureEvent", "CaptureHead", "CapturedRecord"`));

describe("the inbox of changes", () => {
  test("takes what the app's secret signed, the one before it included, and answers 401 to all else", async () => {
    await clear();
    expect(await send({ body: customer(1) })).toBe(200);
    expect(await send({ body: customer(2), secret: "before" })).toBe(200);
    expect(await send({ body: customer(3), secret: "another" })).toBe(401);
    expect((await inbox().receive(request({ body: customer(3), headers: { "X-Shopify-Hmac-Sha256": "" } }))).status).toBe(401);
    expect((await inbox().receive(new Request("http://app.test/webhooks/changes"))).status).toBe(405);
    expect((await pending()).map((row) => row["recordId"])).toEqual(["gid://shopify/Customer/1", "gid://shopify/Customer/2"]);
  });

  test("checks the bytes as they came, whatever they would parse to", async () => {
    const signed = request({ raw: '{"id": 5,  "admin_graphql_api_id":"gid://shopify/Customer/5"}' });
    expect((await inbox().receive(signed)).status).toBe(200);
    const altered = new Request(signed.url, { method: "POST", headers: signed.headers, body: '{"id":5,"admin_graphql_api_id":"gid://shopify/Customer/5"}' });
    expect((await inbox().receive(altered)).status).toBe(401);
  });

  test("refuses what is too large before it reads it, and while it does", async () => {
    const large = "x".repeat(MOST_BYTES + 1);
    expect(await send({ raw: large })).toBe(413);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => { sent += 65_536; controller.enqueue(new Uint8Array(65_536)); } });
    const streamed = new Request("http://app.test/", { method: "POST", body: endless, duplex: "half", headers: request().headers } as RequestInit);
    expect((await inbox().receive(streamed)).status).toBe(413);
    expect(sent).toBeLessThan(MOST_BYTES + 4 * 65_536);
  });

  test.each([
    ["a topic that nobody subscribed to", { topic: "themes/publish" }],
    ["a topic that is none", { topic: "a b" }],
    ["no delivery's id", { webhookId: "" }],
    ["an id with spaces", { webhookId: "a b" }],
    ["a shop that is none", { headers: { "X-Shopify-Shop-Domain": "evil.example/?" } }],
    ["a body that is no JSON", { raw: "{" }],
  ])("answers 400 to %s", async (_, sent: Sent) => {
    expect(await send(sent)).toBe(400);
  });

  test("keeps a delivery once, and an event once whatever its deliveries are called", async () => {
    await clear();
    for (let i = 0; i < 3; i++) expect(await send({ body: customer(7), webhookId: "same", eventId: "e1" })).toBe(200);
    expect(await send({ body: customer(7), webhookId: "another", eventId: "e1" })).toBe(200);
    expect(await pending()).toEqual([{ kind: "Customer", recordId: "gid://shopify/Customer/7", version: 1, events: 1 }]);
    expect(await send({ body: customer(7), webhookId: "third", eventId: "e2" })).toBe(200);
    expect(await pending()).toEqual([{ kind: "Customer", recordId: "gid://shopify/Customer/7", version: 2, events: 2 }]);
  });

  test("takes the headers of Events too", async () => {
    await clear();
    expect(await send({ body: customer(8), prefix: "shopify-" })).toBe(200);
    expect(await pending()).toHaveLength(1);
  });

  test("finds the record that a message is about, and takes the whole kind where it names none", async () => {
    await clear();
    await send({ topic: "refunds/create", body: { id: 1, order_id: 77 } });
    await send({ topic: "customers/delete", body: { id: 9 } });
    await send({ topic: "customers/purchasing_summary", body: { customerId: "gid://shopify/Customer/11", lastOrderId: "gid://shopify/Order/12", numberOfOrders: 3 } });
    await send({ topic: "orders/delete", body: { id: 78 } });
    await send({ topic: "metafield_definitions/update", body: { id: 4 } });
    await send({ topic: "customers/update", body: { nothing: true } });
    expect((await pending()).map(({ kind, recordId }) => `${String(kind)} ${String(recordId)}`).sort()).toEqual([
      "Customer *", "Customer gid://shopify/Customer/11", "Customer gid://shopify/Customer/9", "MetafieldDefinition *", "Order gid://shopify/Order/77", "Order gid://shopify/Order/78",
    ]);
  });

  test("leaves nothing of a payload in the database but ids", async () => {
    await clear();
    await send({ body: customer(10) });
    const tables = (await database().pool.query<{ name: string }>(`SELECT tablename AS "name" FROM pg_tables WHERE schemaname = 'public'`)).rows;
    for (const { name } of tables) {
      const { rows } = await database().pool.query<{ hit: boolean }>(`SELECT EXISTS (SELECT 1 FROM "${name}" t WHERE t::text ILIKE '%canary%') AS "hit"`);
      expect({ name, hit: rows[0]?.hit }).toEqual({ name, hit: false });
    }
  });

  test("answers 503 and promises nothing when the database is away, and holds no good one up for a bad one", async () => {
    const broken = captureIntake({ query: () => Promise.reject(new Error("away")) } as never);
    expect((await inbox(broken).receive(request({ body: customer(1) }))).status).toBe(503);
    const intake = captureIntake(database().pool);
    const event = (webhookId: string, shop = SHOP): CaptureEvent => ({ webhookId, eventId: null, shop, topic: "customers/update", kind: "Customer", recordId: "gid://shopify/Customer/1", action: "update", occurredAt: null, receivedAt: clock.now() });
    const first = intake.keep([event("lead")]);
    // A NUL is what PostgreSQL does not take: it fails alone, though all three go in one statement.
    const ends = await Promise.allSettled([first, intake.keep([event("good-1")]), intake.keep([event("bad", "a\0b")]), intake.keep([event("good-2")])]);
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  });

  test("tells the platform to come again when too many wait", async () => {
    const stuck = captureIntake({ query: () => new Promise(() => undefined) } as never);
    const event: CaptureEvent = { webhookId: "w", eventId: null, shop: SHOP, topic: "t", kind: "Customer", recordId: "r", action: "update", occurredAt: null, receivedAt: clock.now() };
    for (let i = 0; i < 20_003; i++) void stuck.keep([event]).catch(() => undefined);
    await expect(stuck.keep([event])).rejects.toBeInstanceOf(IntakeFull);
  });
});

describe("what waits", () => {
  const now = new Date(clock.now().getTime() + 3_600_000);
  test("is taken by one process at a time, and only stops waiting when nothing newer came", async () => {
    await clear();
    const one = captureQueue(database().pool, "one");
    const two = captureQueue(database().pool, "two");
    await send({ body: customer(1) });
    await send({ body: customer(2) });
    expect(await one.due(now, 5)).toEqual([SHOP]);
    expect(await one.lease(SHOP, now, new Date(now.getTime() + 1000))).toBe(true);
    expect(await two.lease(SHOP, now, new Date(now.getTime() + 1000))).toBe(false);
    expect(await two.due(now, 5)).toEqual([]);
    const taken = await one.take(SHOP, now, 10);
    expect(taken.map(({ recordId }) => recordId)).toEqual(["gid://shopify/Customer/1", "gid://shopify/Customer/2"]);
    // While they were fetched, the second changed again.
    await send({ body: customer(2), webhookId: "again" });
    await one.sealed(SHOP, { head: { vaultId: "v", sequence: 1, digest: "d" }, at: now, records: [{ kind: "Customer", recordId: "gid://shopify/Customer/1", sequence: 1, change: "upsert", digest: "aa", fetchedAt: now, rest: null }], handled: taken });
    expect(await pending()).toEqual([{ kind: "Customer", recordId: "gid://shopify/Customer/2", version: 2, events: 2 }]);
    expect(await one.head(SHOP)).toEqual({ vaultId: "v", sequence: 1, digest: "d", entered: 0 });
    expect(await one.captured(SHOP, "v", [{ kind: "Customer", recordId: "gid://shopify/Customer/1" }])).toEqual([{ kind: "Customer", recordId: "gid://shopify/Customer/1", sequence: 1, change: "upsert", digest: "aa", fetchedAt: now, rest: null }]);
    await one.release(SHOP);
    expect(await two.lease(SHOP, now, new Date(now.getTime() + 1000))).toBe(true);
    // Its holder died: the lease runs out.
    expect(await one.lease(SHOP, new Date(now.getTime() + 2000), new Date(now.getTime() + 3000))).toBe(true);
  });

  test("is put off after a failure, and counted by kind", async () => {
    await clear();
    const queue = captureQueue(database().pool, "one");
    await send({ body: customer(1) });
    const [change] = await queue.take(SHOP, now, 10);
    await queue.failed(SHOP, [change as NonNullable<typeof change>], { code: "source.throttled", dueAt: new Date(now.getTime() + 5000) });
    expect(await queue.take(SHOP, now, 10)).toEqual([]);
    expect(await queue.take(SHOP, new Date(now.getTime() + 6000), 10)).toMatchObject([{ attempts: 1 }]);
    expect(await captureRecords(database().pool).waiting(SHOP)).toMatchObject([{ kind: "Customer", count: 1 }]);
  });

  test("tells how many records were created and deleted between two moments", async () => {
    await clear();
    for (const n of [1, 2, 2]) await send({ topic: "customers/create", body: customer(n) });
    await send({ topic: "customers/delete", body: { id: 1 } });
    await send({ topic: "customers/update", body: customer(3) });
    const changes = capturedChanges(database().pool);
    const from = new Date("2026-11-22T00:00:00Z");
    expect(await changes.between(SHOP, from, new Date(from.getTime() + 86_400_000))).toEqual({ Customer: { created: 2, deleted: 1 } });
    expect(await changes.between(SHOP, new Date("2026-11-01T00:00:00Z"), new Date("2026-11-22T00:00:00Z"))).toBeNull();
  });
});
