import { describe, expect, test } from "@jest/globals";
import { mintSessionToken, STAFF } from "#app/sandbox/auth/session-token.ts";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { ask, post, startShop } from "./support.ts";
import type { Json } from "./support.ts";

const ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token";
const ONLINE = "urn:shopify:params:oauth:token-type:online-access-token";

async function token(shop: SandboxShop, fields: object): Promise<{ readonly status: number; readonly body: Json }> {
  const response = await fetch(`${shop.url}/admin/oauth/access_token`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ client_id: shop.apiKey, client_secret: shop.apiSecret, ...fields }) });
  return { status: response.status, body: await response.json() };
}

function subject(shop: SandboxShop, clock: FixedClock, changed: object = {}): string {
  return mintSessionToken({ shop: shop.shop, apiKey: shop.apiKey, apiSecret: shop.apiSecret, staffId: STAFF[0]?.id ?? 0, sessionId: "s1", now: clock.now(), ...changed });
}

async function start(): Promise<{ readonly shop: SandboxShop; readonly clock: FixedClock; readonly offline: () => Promise<Json>; readonly refresh: (t: string) => Promise<{ readonly status: number; readonly body: Json }>; readonly works: (t: string) => Promise<boolean> }> {
  const clock = new FixedClock();
  const shop = await startShop({ customers: 1, clock });
  return {
    shop,
    clock,
    offline: async () => (await token(shop, { grant_type: EXCHANGE, subject_token: subject(shop, clock), subject_token_type: ID_TOKEN, requested_token_type: OFFLINE, expiring: "1" })).body,
    refresh: (refresh_token) => token(shop, { grant_type: "refresh_token", refresh_token }),
    works: async (t) => (await post(shop, "{ shop { name } }", {}, t)).status === 200,
  };
}

describe("token exchange", () => {
  test("gives an expiring offline token with a refresh token", async () => {
    const { offline, works, clock } = await start();
    const given = await offline();
    expect(given).toMatchObject({ expires_in: 3600, refresh_token_expires_in: 7_776_000, scope: expect.stringContaining("read_customers") });
    expect(await works(given.access_token)).toBe(true);
    clock.advance(3_599_000);
    expect(await works(given.access_token)).toBe(true);
    clock.advance(1000);
    expect(await works(given.access_token)).toBe(false);
  });

  test("gives a token that does not expire when that is not asked for", async () => {
    const { shop, clock, works } = await start();
    const { body } = await token(shop, { grant_type: EXCHANGE, subject_token: subject(shop, clock), subject_token_type: ID_TOKEN, requested_token_type: OFFLINE });
    expect(Object.keys(body).sort()).toEqual(["access_token", "scope"]);
    clock.advance(1e10);
    expect(await works(body.access_token)).toBe(true);
  });

  test("gives an online token that names the person", async () => {
    const { shop, clock } = await start();
    const { body } = await token(shop, { grant_type: EXCHANGE, subject_token: subject(shop, clock, { staffId: STAFF[1]?.id }), subject_token_type: ID_TOKEN, requested_token_type: ONLINE });
    expect(body.associated_user).toMatchObject({ id: STAFF[1]?.id, email: "robin.second@example.com", account_owner: false, collaborator: false });
    const { errors } = await ask(shop, 'mutation { orderCreate(order: { lineItems: [{ title: "x", quantity: 1 }] }) { userErrors { message } } }', {}, body.access_token);
    expect(errors?.[0]?.extensions.code).toBe("ACCESS_DENIED");
  });

  test("takes form-encoded requests too", async () => {
    const { shop, clock } = await start();
    const response = await fetch(`${shop.url}/admin/oauth/access_token`, { method: "POST", body: new URLSearchParams({ client_id: shop.apiKey, client_secret: shop.apiSecret, grant_type: EXCHANGE, subject_token: subject(shop, clock), subject_token_type: ID_TOKEN, requested_token_type: OFFLINE, expiring: "1" }) });
    expect(response.status).toBe(200);
  });

  const wrong: readonly (readonly [string, object, number])[] = [
    ["signed with another secret", { apiSecret: "other" }, 0],
    ["for another app", { apiKey: "other" }, 0],
    ["from another shop", { shop: "other.myshopify.com" }, 0],
    ["of nobody here", { staffId: 5 }, 0],
    ["that is over", {}, 71_000],
    ["that is not yet valid", {}, -11_000],
  ];
  test.each(wrong)("refuses a session token %s", async (_name, changed, later) => {
    const { shop, clock } = await start();
    const bad = subject(shop, clock, changed);
    clock.advance(later);
    expect(await token(shop, { grant_type: EXCHANGE, subject_token: bad, subject_token_type: ID_TOKEN, requested_token_type: OFFLINE })).toMatchObject({ status: 400, body: { error: "invalid_subject_token" } });
  });

  test("refuses a token whose header says it needs no signature", async () => {
    const { shop, clock } = await start();
    const [, payload] = subject(shop, clock).split(".");
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
    expect((await token(shop, { grant_type: EXCHANGE, subject_token: none, subject_token_type: ID_TOKEN, requested_token_type: OFFLINE })).status).toBe(400);
  });

  test("refuses a client that does not know the secret", async () => {
    const { shop, clock } = await start();
    expect((await token(shop, { client_secret: "wrong", grant_type: EXCHANGE, subject_token: subject(shop, clock), subject_token_type: ID_TOKEN, requested_token_type: OFFLINE })).status).toBe(400);
  });
});

describe("a refresh token", () => {
  test("gives a new pair, and may be tried again until its replacement is used to refresh", async () => {
    const { offline, refresh, works } = await start();
    const first = await offline();
    const lost = await refresh(first.refresh_token);
    const second = await refresh(first.refresh_token);
    expect([lost.status, second.status]).toEqual([200, 200]);
    expect(second.body.refresh_token).not.toBe(lost.body.refresh_token);
    const third = await refresh(second.body.refresh_token);
    expect(third.status).toBe(200);
    expect(await refresh(first.refresh_token)).toMatchObject({ status: 401, body: { error: "invalid_grant" } });
    expect(await works(third.body.access_token)).toBe(true);
  });

  test("is retired when the access token it gave is used", async () => {
    const { offline, refresh, works } = await start();
    const first = await offline();
    const next = await refresh(first.refresh_token);
    expect(await works(next.body.access_token)).toBe(true);
    expect((await refresh(first.refresh_token)).status).toBe(401);
    expect((await refresh(next.body.refresh_token)).status).toBe(200);
  });

  test("may be tried again for 30 days from its first use, and lives 90 days", async () => {
    const { offline, refresh, clock } = await start();
    const used = await offline();
    await refresh(used.refresh_token);
    clock.advance(30 * 86_400_000 - 1);
    expect((await refresh(used.refresh_token)).status).toBe(200);
    clock.advance(1);
    expect((await refresh(used.refresh_token)).status).toBe(401);
    const unused = await offline();
    clock.advance(90 * 86_400_000);
    expect((await refresh(unused.refresh_token)).status).toBe(401);
  });

  test("that nobody gave is refused", async () => {
    const { refresh } = await start();
    expect((await refresh("shprt_made_up")).status).toBe(401);
  });
});

test("uninstalling voids every token, the permanent one too", async () => {
  const { shop, offline, works, refresh } = await start();
  const given = await offline();
  await shop.uninstall();
  expect(await works(given.access_token)).toBe(false);
  expect(await works(shop.accessToken)).toBe(false);
  expect((await refresh(given.refresh_token)).status).toBe(401);
  const again = await offline();
  expect(await works(again.access_token)).toBe(true);
  expect(await works(given.access_token)).toBe(false);
});
