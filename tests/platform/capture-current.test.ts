/** A record as it is now, for the journal: from the same connection as everybody else's, and never "gone" for what cannot be asked for. */
import { expect, test } from "@jest/globals";
import { currentState } from "#app/platform/capture/current-state.ts";
import { shopConnections } from "#app/platform/shopify/shop-connections.ts";
import { CATALOGUE } from "#app/sources/shopify/index.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { startShop } from "../sandbox/support.ts";

const never = new AbortController().signal;

test("a kind that cannot be asked for is an error, whoever would say that it is gone", async () => {
  const asked: string[] = [];
  const state = currentState({ fetch: (_shop, kind) => (asked.push(kind), Promise.resolve(null)) });
  const closed = CATALOGUE.find(({ one, read }) => one === null && read.how !== "object");
  for (const kind of ["NoSuchKind", ...(closed === undefined ? [] : [closed.kind])]) await expect(state.fetch("a.myshopify.com", kind, "gid://shopify/X/1", never)).rejects.toMatchObject({ code: "source.failed" });
  expect(asked).toEqual([]);
  expect(await state.fetch("a.myshopify.com", "Customer", "gid://shopify/Customer/1", never)).toBeNull();
  expect(asked).toEqual(["Customer"]);
});

test("is read with the version that was found good, and the token is asked for each time", async () => {
  const shop = await startShop({ seed: "current", customers: 3 });
  const versions: string[] = [];
  let tokens = 0;
  const real = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    versions.push(url.pathname.split("/")[3] ?? "");
    return real(new URL(url.pathname, shop.url), init);
  };
  try {
    const connections = shopConnections({
      shopify: { offlineAccessToken: () => (tokens++, Promise.resolve(shop.accessToken)) },
      clock: { now: () => new Date() },
      platforms: { get: () => Promise.resolve({ apiVersion: "2026-10" } as never) },
    });
    const query = await real(`${shop.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "Content-Type": "application/json", "X-Shopify-Access-Token": shop.accessToken }, body: JSON.stringify({ query: "{ customers(first: 1) { nodes { id } } }" }) });
    const id = ((await query.json()) as { data: { customers: { nodes: { id: string }[] } } }).data.customers.nodes[0]?.id ?? "";
    const state = currentState(connections);
    const first = (await state.fetch(shop.shop, "Customer", id, never)) as readonly SourceRecord[];
    expect(first[0]).toMatchObject({ id, kind: "Customer" });
    const before = tokens;
    await state.fetch(shop.shop, "Customer", id, never);
    expect(tokens).toBeGreaterThan(before);
    expect(new Set(versions)).toEqual(new Set(["2026-10"]));
  } finally {
    globalThis.fetch = real;
  }
});
