import { describe, expect, test } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { ask, bulkLines, data, startBulk, startShop } from "./support.ts";
import type { Answer, Json } from "./support.ts";

async function askAt(shop: SandboxShop, version: string, query: string): Promise<{ readonly status: number; readonly served: string | null; readonly answer: Answer }> {
  const response = await fetch(`${shop.url}/admin/api/${version}/graphql.json`, { method: "POST", headers: { "Content-Type": "application/json", "X-Shopify-Access-Token": shop.accessToken }, body: JSON.stringify({ query }) });
  return { status: response.status, served: response.headers.get("x-shopify-api-version"), answer: (await response.json()) as Answer };
}

const control = async (shop: SandboxShop, path: string, body: object): Promise<{ readonly status: number; readonly body: Json }> => {
  const response = await fetch(`${shop.url}/sandbox/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
};

const FIELDS = '{ __type(name: "Customer") { fields(includeDeprecated: true) { name isDeprecated type { name kind } } } }';
const fieldsOf = (answer: Answer): Map<string, Json> => new Map(answer.data.__type.fields.map((field: Json) => [field.name, field]));

describe("a new API version", () => {
  test("stands beside the old one, and differs as it was told", async () => {
    const shop = await startShop({ customers: 30 });
    await shop.releaseVersion("2027-01", { drop: ["Customer.note"], rename: { "Customer.lastName": "familyName" }, retype: { "Customer.verifiedEmail": "String" }, deprecate: ["Customer.locale"], add: { "Customer.careTeam": "String" } });
    expect(shop.versions()).toEqual([{ handle: "2026-10", supported: true }, { handle: "2027-01", supported: true }]);
    const [before, after] = [fieldsOf((await askAt(shop, "2026-10", FIELDS)).answer), fieldsOf((await askAt(shop, "2027-01", FIELDS)).answer)];
    expect([...before.keys()].filter((name) => !after.has(name)).sort()).toEqual(["lastName", "note"]);
    expect([...after.keys()].filter((name) => !before.has(name)).sort()).toEqual(["careTeam", "familyName"]);
    expect(after.get("verifiedEmail")?.type.name).toBe("String");
    expect([before.get("locale")?.isDeprecated, after.get("locale")?.isDeprecated]).toEqual([false, true]);
    const { served, answer } = await askAt(shop, "2027-01", "{ customers(first: 1) { nodes { familyName careTeam } } publicApiVersions { handle supported } }");
    const old = (await data(shop, "{ customers(first: 1) { nodes { lastName note } } }")).customers.nodes[0];
    expect(served).toBe("2027-01");
    expect(answer.data.customers.nodes).toEqual([{ familyName: old.lastName, careTeam: null }]);
    expect(answer.data.publicApiVersions).toHaveLength(2);
    expect((await askAt(shop, "2027-01", "{ customers(first: 1) { nodes { note } } }")).answer.errors?.[0]?.message).toMatch(/Field 'note' doesn't exist on type 'Customer'/);
  });

  test("can come under the app's feet, for bulk operations too, and go again", async () => {
    const shop = await startShop({ customers: 3 });
    await shop.releaseVersion("2026-10", { drop: ["Customer.note"], rename: { "Customer.metafields": "facts" } });
    expect((await ask(shop, "{ customers(first: 1) { nodes { note } } }")).errors).toHaveLength(1);
    expect((await startBulk(shop, "{ customers { nodes { id note } } }")).userErrors[0].message).toMatch(/Field 'note' doesn't exist/);
    expect((await bulkLines(shop, "{ customers { nodes { id facts { nodes { id } } } } }")).length).toBeGreaterThan(3);
    await shop.releaseVersion("2026-10", {});
    expect((await ask(shop, "{ customers(first: 1) { nodes { note } } }")).errors).toBeUndefined();
  });

  test("answers for one that is retired", async () => {
    const shop = await startShop({ customers: 1 });
    await shop.releaseVersion("2027-01", {});
    shop.retireVersion("2026-10");
    expect(await askAt(shop, "2026-10", "{ shop { id } }")).toMatchObject({ status: 200, served: "2027-01" });
    expect((await askAt(shop, "2031-01", "{ shop { id } }")).status).toBe(404);
  });

  test("can be asked for over the control endpoint, in words that the schema knows", async () => {
    const shop = await startShop({ customers: 1 });
    expect((await control(shop, "versions", { handle: "2027-01", drop: ["WebhookSubscriptionTopic.SEGMENTS_CREATE"] })).body.versions).toHaveLength(2);
    expect((await askAt(shop, "2027-01", '{ webhookSubscriptions(first: 1, topics: [SEGMENTS_CREATE]) { nodes { id } } }')).answer.errors).toHaveLength(1);
    expect(await control(shop, "versions", { handle: "2027-01", drop: ["Customer.nothing"] })).toMatchObject({ status: 400, body: { errors: expect.stringContaining("Customer.nothing") } });
    expect((await control(shop, "versions", { handle: "next" })).status).toBe(400);
  });
});

describe("access scopes", () => {
  test("close what they do not name, and nothing else", async () => {
    const shop = await startShop({ customers: 20, orders: 20, scopes: ["read_orders", "read_all_orders"] });
    const answer = await ask(shop, "{ orders(first: 1) { nodes { id customer { id } } } giftCards(first: 1) { nodes { id } } shop { id } }");
    expect(answer.errors?.map((error) => error.extensions)).toEqual([expect.objectContaining({ code: "ACCESS_DENIED", requiredAccess: expect.stringContaining("`read_gift_cards`") }), expect.objectContaining({ code: "ACCESS_DENIED", requiredAccess: expect.stringContaining("`read_customers`") })].reverse());
    const again = await ask(shop, "{ orders(first: 1) { nodes { id } } shop { id } }");
    expect(again.errors).toBeUndefined();
  });

  test("close mutations; writing includes reading", async () => {
    const shop = await startShop({ customers: 2, scopes: ["write_customers"] });
    expect((await ask(shop, "{ customers(first: 1) { nodes { id } } }")).errors).toBeUndefined();
    expect((await ask(shop, 'mutation { segmentCreate(name: "a", query: "number_of_orders > 1") { segment { id } } }')).errors).toBeUndefined();
    const reader = await startShop({ customers: 2, scopes: ["read_customers"] });
    expect((await ask(reader, 'mutation { segmentCreate(name: "a", query: "number_of_orders > 1") { segment { id } } }')).errors?.[0]?.extensions.code).toBe("ACCESS_DENIED");
  });

  test("make a bulk operation fail that reads what they close", async () => {
    const shop = await startShop({ customers: 2, scopes: ["read_customers"] });
    const { id } = await startBulk(shop, "{ customers { nodes { id storeCreditAccounts { nodes { id } } } } }");
    await expect(bulkLines(shop, "{ customers { nodes { id storeCreditAccounts { nodes { id } } } } }")).rejects.toThrow("FAILED ACCESS_DENIED");
    expect(id).not.toBeNull();
  });

  test("show sixty days of orders without read_all_orders", async () => {
    let now = Date.parse("2024-01-01T01:00:00Z") + 59 * 86_400_000;
    const shop = await startShop({ orders: 180, scopes: ["read_orders"], clock: { now: () => new Date(now) } });
    expect((await data(shop, "{ ordersCount { count } }")).ordersCount.count).toBe(180);
    now = Date.parse("2024-01-01T01:00:00Z") + 60 * 86_400_000;
    const { ordersCount, orders } = await data(shop, "{ ordersCount { count } orders(first: 250) { nodes { createdAt } } }");
    expect(ordersCount.count).toBe(orders.nodes.length);
    expect(ordersCount.count).toBe(90);
  });

  test("can change while the app runs, and so can what Shopify closes", async () => {
    const shop = await startShop({ customers: 2 });
    await control(shop, "scopes", { scopes: ["read_orders"] });
    expect((await ask(shop, "{ customers(first: 1) { nodes { id } } }")).errors?.[0]?.extensions.code).toBe("ACCESS_DENIED");
    await control(shop, "scopes", { scopes: ["read_customers"] });
    shop.setFaults({ denyFields: ["Customer.phone"] });
    const { data: found, errors } = await ask(shop, "{ customers(first: 2) { nodes { id phone } } }");
    expect(found.customers.nodes.map((one: Json) => one.phone)).toEqual([null, null]);
    expect(errors).toHaveLength(2);
  });
});

describe("another app", () => {
  test("that is installed is listed, with its scopes", async () => {
    const shop = await startShop({ customers: 3 });
    const made = shop.installApp({ title: "Reviews Plus", scopes: ["read_products"] });
    const { appInstallations } = await data(shop, "{ appInstallations(first: 10) { nodes { id accessScopes { handle } app { id handle title } } pageInfo { hasNextPage } } }");
    expect(appInstallations.nodes).toHaveLength(2);
    expect(appInstallations.nodes[1]).toEqual({ id: made.installationId, accessScopes: [{ handle: "read_products" }], app: { id: made.appId, handle: "reviews-plus", title: "Reviews Plus" } });
    expect(shop.removeApp("reviews-plus")).toBe(true);
    expect((await data(shop, "{ appInstallations(first: 10) { nodes { id } } }")).appInstallations.nodes).toHaveLength(1);
  });

  test.each([["PUBLIC_READ", 4], ["MERCHANT_READ", 0]] as const)("keeps metafields that others see or not by their access (%s)", async (access, seen) => {
    const shop = await startShop({ customers: 6 });
    const made = (await control(shop, "apps", { title: "Intake", metafields: { namespace: "$app:forms", key: "answers", access, customers: 4 } })).body;
    expect(made).toMatchObject({ namespace: expect.stringMatching(/^app--\d+--forms$/), values: 4 });
    const { customers, metafieldDefinitions } = await data(shop, `{ customers(first: 6) { nodes { metafields(first: 20, namespace: "${made.namespace}") { nodes { value } } } } metafieldDefinitions(ownerType: CUSTOMER, first: 50, namespace: "${made.namespace}") { nodes { access { admin } } } }`);
    expect(customers.nodes.filter((one: Json) => one.metafields.nodes.length > 0)).toHaveLength(seen);
    expect(metafieldDefinitions.nodes).toEqual(seen === 0 ? [] : [{ access: { admin: access } }]);
  });

  test("has a namespace that nobody else writes in", async () => {
    const shop = await startShop({ customers: 1 });
    const { namespace } = shop.installApp({ title: "Intake", metafields: { namespace: "$app", key: "answers" } });
    const { id } = (await data(shop, "{ customers(first: 1) { nodes { id } } }")).customers.nodes[0];
    const set = (name: string | null): Promise<Json> => data(shop, "mutation ($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { metafields { namespace } userErrors { code } } }", { m: [{ ownerId: id, namespace: name, key: "x", type: "single_line_text_field", value: "y" }] });
    expect((await set(namespace)).metafieldsSet).toEqual({ metafields: null, userErrors: [{ code: "APP_NOT_AUTHORIZED" }] });
    expect((await set("$app:own")).metafieldsSet).toMatchObject({ metafields: [{ namespace: expect.stringMatching(/^app--\w+--own$/) }], userErrors: [] });
  });
});
