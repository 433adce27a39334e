import { describe, expect, test } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { ask, bulkLines, data, parseLines, settled, startShop } from "./support.ts";
import type { Json } from "./support.ts";

const CREATE = "mutation ($input: CustomerInput!) { customerCreate(input: $input) { customer { id email phone note tags metafields(first: 5) { nodes { namespace key type value } } addressesV2(first: 5) { nodes { address1 city province provinceCode countryCodeV2 } } defaultEmailAddress { marketingState } } userErrors { field message } } }";
const create = async (shop: SandboxShop, input: object): Promise<Json> => (await data(shop, CREATE, { input })).customerCreate;

describe("customers", () => {
  test("are created with all that is given, under an id of the shop's choice", async () => {
    const shop = await startShop({ empty: true });
    const { customer, userErrors } = await create(shop, {
      firstName: "Ana",
      email: "Ana@Example.com",
      phone: "+12125550123",
      note: "SYNTHETIC",
      tags: ["b", " a ", "B"],
      addresses: [{ address1: "1 Main", city: "Albany", provinceCode: "NY", countryCode: "US" }],
      metafields: [{ namespace: "health", key: "form", type: "json", value: '{"a":1}' }],
      emailMarketingConsent: { marketingState: "SUBSCRIBED", marketingOptInLevel: "SINGLE_OPT_IN" },
    });
    expect(userErrors).toEqual([]);
    expect(customer).toEqual({
      id: expect.stringMatching(/^gid:\/\/shopify\/Customer\/\d{13}$/),
      email: "ana@example.com",
      phone: "+12125550123",
      note: "SYNTHETIC",
      tags: ["a", "b"],
      metafields: { nodes: [{ namespace: "health", key: "form", type: "json", value: '{"a":1}' }] },
      addressesV2: { nodes: [{ address1: "1 Main", city: "Albany", province: "New York", provinceCode: "NY", countryCodeV2: "US" }] },
      defaultEmailAddress: { marketingState: "SUBSCRIBED" },
    });
    expect(shop.counts().customers).toBe(1);
  });

  test.each([
    ["an id", { id: "gid://shopify/Customer/1", email: "a@example.com" }, ["id"], /Cannot specify ID/],
    ["nothing to call them by", { note: "x" }, null, /name, phone number, or email/],
    ["no e-mail address", { email: "nobody" }, ["email"], /Email is invalid/],
    ["metafields that do not fit their type", { firstName: "A", metafields: [{ namespace: "health", key: "f", type: "json", value: "{" }] }, ["metafields", "0", "value"], /invalid JSON/],
  ])("with %s are refused", async (_name, input, field, message) => {
    const shop = await startShop({ empty: true });
    const { customer, userErrors } = await create(shop, input);
    expect(customer).toBeNull();
    expect(userErrors).toEqual([{ field, message: expect.stringMatching(message) }]);
    expect(shop.counts().customers).toBe(0);
  });

  test("keep their e-mail address and telephone to themselves, also against computed ones", async () => {
    const shop = await startShop({ customers: 5 });
    const { customers } = await data(shop, "{ customers(first: 5) { nodes { email phone } } }");
    const phone = customers.nodes.find((one: Json) => one.phone !== null).phone;
    expect((await create(shop, { email: customers.nodes[3].email })).userErrors).toEqual([{ field: ["email"], message: "Email has already been taken" }]);
    expect((await create(shop, { phone })).userErrors).toEqual([{ field: ["phone"], message: "Phone has already been taken" }]);
    expect((await create(shop, { email: "x@example.com" })).userErrors).toEqual([]);
    expect((await create(shop, { email: "X@example.com" })).userErrors).toHaveLength(1);
  });

  test("are set by e-mail address: made once, changed after, and lists that are given replace", async () => {
    const shop = await startShop({ empty: true });
    const set = async (input: object): Promise<Json> => (await data(shop, 'mutation ($input: CustomerSetInput!) { customerSet(identifier: { email: "s@example.com" }, input: $input) { customer { id note tags } userErrors { code } } }', { input })).customerSet;
    const first = await set({ email: "s@example.com", note: "one", tags: ["a", "b"] });
    const second = await set({ email: "s@example.com", tags: ["c"] });
    expect(second.customer).toEqual({ id: first.customer.id, note: "one", tags: ["c"] });
    expect((await set({ email: "other@example.com" })).userErrors).toEqual([{ code: "INPUT_MISMATCH" }]);
  });

  test("with orders cannot be deleted; others can, and are gone", async () => {
    const shop = await startShop({ customers: 2, orders: 1 });
    const { customers } = await data(shop, "{ customers(first: 2) { nodes { id canDelete } } }");
    const remove = async (id: string): Promise<Json> => (await data(shop, "mutation ($id: ID!) { customerDelete(input: { id: $id }) { deletedCustomerId userErrors { message } } }", { id })).customerDelete;
    expect(customers.nodes.map((one: Json) => one.canDelete)).toEqual([false, true]);
    expect((await remove(customers.nodes[0].id)).userErrors[0].message).toMatch(/associated orders/);
    expect((await remove(customers.nodes[1].id)).deletedCustomerId).toBe(customers.nodes[1].id);
    expect((await data(shop, "query ($id: ID!) { customer(id: $id) { id } }", { id: customers.nodes[1].id })).customer).toBeNull();
  });
});

describe("orders", () => {
  const ORDER = "mutation ($order: OrderCreateOrderInput!) { orderCreate(order: $order) { order { id name note processedAt customAttributes { key value } customer { id email } lineItems(first: 5) { nodes { title quantity originalUnitPriceSet { shopMoney { amount } } customAttributes { key value } } } metafields(first: 5) { nodes { key value } } shippingAddress { city } totalPriceSet { shopMoney { amount currencyCode } } } userErrors { field message code } } }";

  test("are created with line item properties, attributes, metafields and a customer that exists", async () => {
    const shop = await startShop({ empty: true });
    const { customer } = await create(shop, { email: "o@example.com" });
    const { order, userErrors } = (await data(shop, ORDER, {
      order: {
        customer: { toAssociate: { id: customer.id } },
        processedAt: "2024-05-01T10:00:00Z",
        name: "#R7",
        note: "SYNTHETIC",
        customAttributes: [{ key: "prescriber", value: "Dr. X" }],
        shippingAddress: { city: "Albany" },
        metafields: [{ namespace: "rx", key: "lot", type: "single_line_text_field", value: "L1" }],
        lineItems: [{ title: "Sensor", quantity: 2, priceSet: { shopMoney: { amount: "10.50", currencyCode: "USD" } }, properties: [{ name: "Device serial", value: "S-1" }] }],
      },
    })).orderCreate;
    expect(userErrors).toEqual([]);
    expect(order).toMatchObject({
      name: "#R7",
      note: "SYNTHETIC",
      processedAt: "2024-05-01T10:00:00Z",
      customAttributes: [{ key: "prescriber", value: "Dr. X" }],
      customer: { id: customer.id, email: "o@example.com" },
      lineItems: { nodes: [{ title: "Sensor", quantity: 2, originalUnitPriceSet: { shopMoney: { amount: "10.5" } }, customAttributes: [{ key: "Device serial", value: "S-1" }] }] },
      metafields: { nodes: [{ key: "lot", value: "L1" }] },
      shippingAddress: { city: "Albany" },
      totalPriceSet: { shopMoney: { amount: "21.0", currencyCode: "USD" } },
    });
    expect((await data(shop, "query ($id: ID!) { customer(id: $id) { numberOfOrders orders(first: 5) { nodes { id } } } }", { id: customer.id })).customer).toEqual({ numberOfOrders: "1", orders: { nodes: [{ id: order.id }] } });
  });

  test.each([
    ["no line items", { lineItems: [] }, "INVALID"],
    ["a customer who does not exist", { lineItems: [{ title: "x", quantity: 1 }], customer: { toAssociate: { id: "gid://shopify/Customer/5" } } }, "INVALID"],
    ["a time to come", { lineItems: [{ title: "x", quantity: 1 }], processedAt: "2999-01-01T00:00:00Z" }, "PROCESSED_AT_INVALID"],
  ])("with %s are refused", async (_name, order, code) => {
    const shop = await startShop({ empty: true });
    expect((await data(shop, ORDER, { order })).orderCreate).toMatchObject({ order: null, userErrors: [{ code }] });
  });
});

describe("metafieldsSet", () => {
  const SET = "mutation ($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { metafields { id key value compareDigest owner { ... on Customer { id } } } userErrors { field code elementIndex } } }";
  const set = async (shop: SandboxShop, m: object[]): Promise<Json> => (await data(shop, SET, { m })).metafieldsSet;
  const field = (ownerId: string, key: string, value: string, more: object = {}): object => ({ ownerId, namespace: "notes", key, type: "single_line_text_field", value, ...more });

  test("takes 25 and no more", async () => {
    const shop = await startShop({ empty: true });
    const { customer } = await create(shop, { firstName: "A" });
    const many = (n: number): object[] => Array.from({ length: n }, (_, i) => field(customer.id, `key_${i}`, "v"));
    expect((await set(shop, many(26))).userErrors).toEqual([{ field: ["metafields"], code: "LESS_THAN_OR_EQUAL_TO", elementIndex: null }]);
    expect((await set(shop, many(25))).metafields).toHaveLength(25);
  });

  test("changes all or nothing", async () => {
    const shop = await startShop({ empty: true });
    const { customer } = await create(shop, { firstName: "A" });
    const { metafields, userErrors } = await set(shop, [field(customer.id, "good", "v"), field(customer.id, "bad", "two\nlines")]);
    expect(metafields).toBeNull();
    expect(userErrors).toEqual([{ field: ["metafields", "1", "value"], code: "INVALID_VALUE", elementIndex: 1 }]);
    expect((await data(shop, "query ($id: ID!) { customer(id: $id) { metafields(first: 5) { nodes { id } } } }", { id: customer.id })).customer.metafields.nodes).toEqual([]);
  });

  test("compares with what the caller has seen", async () => {
    const shop = await startShop({ empty: true });
    const { customer } = await create(shop, { firstName: "A" });
    const first = (await set(shop, [field(customer.id, "k", "one", { compareDigest: null })])).metafields[0];
    expect(first.owner.id).toBe(customer.id);
    expect((await set(shop, [field(customer.id, "k", "two", { compareDigest: null })])).userErrors[0].code).toBe("STALE_OBJECT");
    const second = (await set(shop, [field(customer.id, "k", "two", { compareDigest: first.compareDigest })])).metafields[0];
    expect(second).toMatchObject({ id: first.id, value: "two" });
    expect((await set(shop, [field(customer.id, "k", "three", { compareDigest: first.compareDigest })])).userErrors[0].code).toBe("STALE_OBJECT");
  });

  test("holds to the type of the definition", async () => {
    const shop = await startShop({ customers: 1 });
    const id = (await data(shop, "{ customers(first: 1) { nodes { id } } }")).customers.nodes[0].id;
    const { userErrors } = await set(shop, [{ ownerId: id, namespace: "health_intake", key: "intake_form", type: "single_line_text_field", value: "x" }]);
    expect(userErrors[0].code).toBe("INVALID_TYPE");
  });
});

describe("definitions and metaobjects", () => {
  test("a definition comes before its objects, and objects keep to it", async () => {
    const shop = await startShop({ empty: true });
    const object = async (fields: object[]): Promise<Json> => (await data(shop, 'mutation ($f: [MetaobjectFieldInput!]) { metaobjectUpsert(handle: { type: "plan", handle: "p1" }, metaobject: { fields: $f }) { metaobject { id handle displayName fields { key value } } userErrors { code } } }', { f: fields })).metaobjectUpsert;
    expect((await object([])).userErrors[0].code).toBe("UNDEFINED_OBJECT_TYPE");
    const define = 'mutation { metaobjectDefinitionCreate(definition: { type: "plan", name: "Plan", displayNameKey: "title", fieldDefinitions: [{ key: "title", type: "single_line_text_field", required: true }, { key: "data", type: "json" }] }) { metaobjectDefinition { id } userErrors { code } } }';
    expect((await data(shop, define)).metaobjectDefinitionCreate.userErrors).toEqual([]);
    expect((await data(shop, define)).metaobjectDefinitionCreate.userErrors[0].code).toBe("TAKEN");
    expect((await object([{ key: "nope", value: "1" }])).userErrors[0].code).toBe("UNDEFINED_OBJECT_FIELD");
    expect((await object([{ key: "data", value: "{}" }])).userErrors[0].code).toBe("OBJECT_FIELD_REQUIRED");
    const made = await object([{ key: "title", value: "SYNTHETIC one" }]);
    expect(made.metaobject).toMatchObject({ handle: "p1", displayName: "SYNTHETIC one" });
    const changed = await object([{ key: "title", value: "SYNTHETIC two" }]);
    expect(changed.metaobject).toMatchObject({ id: made.metaobject.id, displayName: "SYNTHETIC two" });
    expect((await data(shop, '{ metaobjectByHandle(handle: { type: "plan", handle: "p1" }) { id } }')).metaobjectByHandle.id).toBe(made.metaobject.id);
  });

  test("a metafield definition is made once", async () => {
    const shop = await startShop({ empty: true });
    const define = async (): Promise<Json> => (await data(shop, 'mutation { metafieldDefinitionCreate(definition: { ownerType: CUSTOMER, namespace: "health", key: "form", name: "Form", type: "json" }) { createdDefinition { id type { name } } userErrors { code } } }')).metafieldDefinitionCreate;
    expect((await define()).createdDefinition.type.name).toBe("json");
    expect((await define()).userErrors[0].code).toBe("TAKEN");
  });
});

describe("a bulk mutation", () => {
  async function upload(shop: SandboxShop, text: string): Promise<string> {
    const { stagedTargets } = (await data(shop, 'mutation { stagedUploadsCreate(input: [{ resource: BULK_MUTATION_VARIABLES, filename: "v.jsonl", mimeType: "text/jsonl", httpMethod: POST }]) { stagedTargets { url parameters { name value } } userErrors { message } } }')).stagedUploadsCreate;
    const [target] = stagedTargets;
    const form = new FormData();
    for (const { name, value } of target.parameters) form.append(name, value);
    form.append("file", new Blob([text]), "v.jsonl");
    const response = await fetch(target.url, { method: "POST", body: form });
    expect(response.status).toBe(201);
    return target.parameters.find((one: Json) => one.name === "key").value;
  }
  const start = async (shop: SandboxShop, mutation: string, path: string): Promise<Json> => (await data(shop, "mutation ($m: String!, $p: String!) { bulkOperationRunMutation(mutation: $m, stagedUploadPath: $p) { bulkOperation { id type } userErrors { code message } } }", { m: mutation, p: path })).bulkOperationRunMutation;

  test("restores another shop: every line is answered under its number, and what was read comes back", async () => {
    const original = await startShop({ customers: 60, seed: "restore" });
    const fresh = await startShop({ empty: true, seed: "fresh" });
    const query = "{ customers { nodes { id firstName lastName email phone note tags metafields { nodes { id namespace key type value } } } } }";
    const lines = await bulkLines(original, query, true);
    const inputs = lines.filter((line) => line.__parentId === undefined).map(({ id, firstName, lastName, email, phone, note, tags }) => ({ input: { firstName, lastName, email, phone, note, tags, metafields: lines.filter((line) => line.__parentId === id).map(({ namespace, key, type, value }) => ({ namespace, key, type, value })) } }));
    const path = await upload(fresh, inputs.map((one) => JSON.stringify(one)).join("\n"));
    const { bulkOperation, userErrors } = await start(fresh, "mutation call($input: CustomerInput!) { customerCreate(input: $input) { customer { id email } userErrors { message field } } }", path);
    expect(userErrors).toEqual([]);
    const done = await settled(fresh, bulkOperation.id);
    expect(done).toMatchObject({ status: "COMPLETED", type: "MUTATION", objectCount: "60" });
    const results = parseLines(await (await fetch(done.url)).text());
    expect(results.map((one) => one.__lineNumber).sort((a, b) => a - b)).toEqual(inputs.map((_, n) => n));
    expect(results.map((one) => one.__lineNumber)).not.toEqual(inputs.map((_, n) => n));
    for (const one of results) expect(one.data.customerCreate).toMatchObject({ customer: { email: inputs[one.__lineNumber]?.input.email }, userErrors: [] });
    const bare = (all: Json[]): string[] => {
      const names = new Map(all.filter((line) => line.email !== undefined).map((line) => [line.id, line.email]));
      return all.map(({ id: _id, __parentId, ...rest }) => JSON.stringify({ ...rest, parent: names.get(__parentId) ?? null })).sort();
    };
    expect(bare(await bulkLines(fresh, query, true))).toEqual(bare(lines));
  });

  test("is refused without its file, with two mutations, and with a query", async () => {
    const shop = await startShop({ empty: true });
    expect((await start(shop, "mutation c($input: CustomerInput!) { customerCreate(input: $input) { userErrors { message } } }", "tmp/nothing")).userErrors[0].code).toBe("NO_SUCH_FILE");
    expect((await start(shop, "mutation c($input: CustomerInput!) { a: customerCreate(input: $input) { userErrors { message } } b: customerCreate(input: $input) { userErrors { message } } }", "x")).userErrors[0].code).toBe("INVALID_MUTATION");
    expect((await start(shop, "{ shop { name } }", "x")).userErrors[0].code).toBe("INVALID_MUTATION");
  });

  test("answers a line that is no JSON with an error, and the others all the same", async () => {
    const shop = await startShop({ empty: true });
    const path = await upload(shop, '{"input":{"firstName":"A"}}\n{"input":\n{"input":{"firstName":"B"}}\n');
    const { bulkOperation } = await start(shop, "mutation c($input: CustomerInput!) { customerCreate(input: $input) { customer { id } userErrors { message } } }", path);
    const results = parseLines(await (await fetch((await settled(shop, bulkOperation.id)).url)).text()).sort((a, b) => a.__lineNumber - b.__lineNumber);
    expect(results.map((one) => one.errors === undefined)).toEqual([true, false, true]);
    expect(shop.counts().customers).toBe(2);
  });

  test("an upload without the signature is refused", async () => {
    const shop = await startShop({ empty: true });
    const form = new FormData();
    form.append("key", "tmp/sandbox/bulk/00000001/v.jsonl");
    form.append("file", new Blob(["{}"]), "v.jsonl");
    expect((await fetch(`${shop.url}/staged-uploads`, { method: "POST", body: form })).status).toBe(403);
  });
});

test("tags are added and removed", async () => {
  const shop = await startShop({ empty: true });
  const { customer } = await create(shop, { firstName: "A", tags: ["x"] });
  const { errors } = await ask(shop, 'mutation ($id: ID!) { tagsAdd(id: $id, tags: ["b", "X"]) { userErrors { message } } tagsRemove(id: $id, tags: ["x"]) { node { id ... on Customer { tags } } userErrors { message } } }', { id: customer.id });
  expect(errors).toBeUndefined();
  expect((await data(shop, "query ($id: ID!) { customer(id: $id) { tags } }", { id: customer.id })).customer.tags).toEqual(["b"]);
});
