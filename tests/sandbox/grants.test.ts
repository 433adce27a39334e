/** Optional scopes: asked for in the admin, given back by the app, and enforced where the schema says it in words only. */
import { expect, test } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { ask, data, startShop } from "./support.ts";
import type { Json } from "./support.ts";

const REQUIRED = ["read_customers", "read_orders"];
const start = (more: object = {}): Promise<SandboxShop> => startShop({ customers: 2, scopes: REQUIRED, optionalScopes: ["write_customers", "write_orders"], ...more });
async function bridge(shop: SandboxShop, what: string, scopes: readonly string[]): Promise<{ readonly status: number; readonly body: Json }> {
  const response = await fetch(`${shop.url}/sandbox/app-scopes`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ do: what, scopes }) });
  return { status: response.status, body: await response.json() };
}

test("a person at the admin grants what the app declares, and nothing else; the app is told", async () => {
  const shop = await start({ webhooks: [{ topic: "app/scopes_update", address: "http://127.0.0.1:9/none" }] });
  const told: string[] = [];
  shop.onWebhook(({ topic }) => void told.push(topic));
  expect((await bridge(shop, "query", [])).body).toEqual({ granted: REQUIRED, required: REQUIRED, optional: ["write_customers", "write_orders"] });
  expect((await bridge(shop, "grant", ["write_products"])).status).toBe(400);
  expect((await bridge(shop, "grant", ["write_customers"])).body.granted).toEqual([...REQUIRED, "write_customers"]);
  expect(shop.grantedScopes()).toEqual([...REQUIRED, "write_customers"]);
  expect((await bridge(shop, "revoke", ["read_orders"])).status).toBe(400);
  expect((await bridge(shop, "revoke", ["write_customers"])).body.granted).toEqual(REQUIRED);
  expect(new Set(told)).toEqual(new Set(["app/scopes_update"]));
});

test("the app gives optional scopes back, all of them or none", async () => {
  const shop = await start();
  await shop.setScopes([...REQUIRED, "write_customers", "write_orders"]);
  const revoke = async (...scopes: string[]): Promise<Json> => (await data(shop, "mutation ($scopes: [String!]!) { appRevokeAccessScopes(scopes: $scopes) { revoked { handle } userErrors { code } } }", { scopes })).appRevokeAccessScopes;
  for (const [code, ...scopes] of [["CANNOT_REVOKE_REQUIRED_SCOPES", "write_orders", "read_orders"], ["CANNOT_REVOKE_UNDECLARED_SCOPES", "write_products"], ["UNKNOWN_SCOPES", "everything"]] as const) expect(await revoke(...scopes)).toEqual({ revoked: null, userErrors: [{ code }] });
  expect(await revoke("write_orders")).toEqual({ revoked: [{ handle: "write_orders" }], userErrors: [] });
  expect(shop.grantedScopes()).toEqual([...REQUIRED, "write_customers"]);
  expect((await data(shop, "{ currentAppInstallation { accessScopes { handle } app { optionalAccessScopes { handle } } } }")).currentAppInstallation).toEqual({ accessScopes: [...REQUIRED, "write_customers"].map((handle) => ({ handle })), app: { optionalAccessScopes: [{ handle: "write_customers" }, { handle: "write_orders" }] } });
});

test("metafields and their definitions take what writing their owner takes", async () => {
  const shop = await start();
  const { customers } = await data(shop, "{ customers(first: 1) { nodes { id } } }");
  const set = (): Promise<Json> => ask(shop, "mutation ($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) { metafields { id } userErrors { message } } }", { metafields: [{ ownerId: customers.nodes[0].id, namespace: "custom", key: "synthetic", type: "single_line_text_field", value: "SYNTHETIC" }] });
  const define = (): Promise<Json> => ask(shop, "mutation ($definition: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $definition) { createdDefinition { id } userErrors { message } } }", { definition: { ownerType: "CUSTOMER", namespace: "custom", key: "synthetic", name: "Synthetic", type: "single_line_text_field" } });
  for (const asked of [set, define]) expect((await asked()).errors[0].extensions).toMatchObject({ code: "ACCESS_DENIED", requiredAccess: "`write_customers` access scope." });
  await shop.setScopes([...REQUIRED, "write_orders"]);
  expect((await set()).errors[0].extensions.code).toBe("ACCESS_DENIED");
  await shop.setScopes([...REQUIRED, "write_customers"]);
  expect((await set()).data.metafieldsSet.userErrors).toEqual([]);
  expect((await define()).data.metafieldDefinitionCreate.userErrors).toEqual([]);
});
