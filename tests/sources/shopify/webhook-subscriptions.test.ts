/** Subscriptions that need a filter, on the simulated shop: made, listed, delivered by type and removed. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "@jest/globals";
import { ShopifySubscriptions } from "#app/sources/shopify/webhook-subscriptions.ts";
import { fieldsOf, topicRoutes, typedTopics } from "#app/platform/capture/topics.ts";
import { CATALOGUE } from "#app/sources/shopify/index.ts";
import { Sandboxes, optionsFor } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
const bodies: { readonly topic: string; readonly body: Record<string, unknown> }[] = [];
const server = createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => {
    bodies.push({ topic: String(request.headers["x-shopify-topic"]), body: JSON.parse(text) as Record<string, unknown> });
    response.writeHead(200).end();
  });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await sandboxes.close();
});

test("a shop tells of entries of the types that were asked for, of nothing in them, and of no other type", async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/webhooks/changes`;
  const shop = await sandboxes.start({ customers: 20, orders: 1 });
  const signal = new AbortController().signal;
  const subscriptions = new ShopifySubscriptions(optionsFor(shop));
  const query = async (text: string, variables: object): Promise<Record<string, any>> => {
    const answer = await fetch(`${shop.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "Content-Type": "application/json", "X-Shopify-Access-Token": shop.accessToken }, body: JSON.stringify({ query: text, variables }) });
    return ((await answer.json()) as { data: Record<string, any> }).data;
  };
  await query("mutation ($definition: MetaobjectDefinitionCreateInput!) { metaobjectDefinitionCreate(definition: $definition) { metaobjectDefinition { id } userErrors { message } } }", { definition: { type: "second_type", name: "Second", fieldDefinitions: [{ key: "text", name: "Text", type: "single_line_text_field" }] } });
  const create = (): Promise<Record<string, any>> => query("mutation ($metaobject: MetaobjectCreateInput!) { metaobjectCreate(metaobject: $metaobject) { metaobject { id } userErrors { message } } }", { metaobject: { type: "second_type", fields: [{ key: "text", value: "SYNTHETIC" }] } });
  expect((await create())["metaobjectCreate"].userErrors).toEqual([]);
  const types = await subscriptions.types(signal);
  expect(types.find(({ type }) => type === "second_type")).toEqual({ type: "second_type", count: 1 });
  const topics = typedTopics(CATALOGUE);
  expect([...topics.keys()]).toEqual(["metaobjects/create", "metaobjects/delete", "metaobjects/update"]);
  const first = types.find(({ type }) => type !== "second_type")!.type;
  for (const [topic, fields] of topics) await subscriptions.create({ topic, filter: `type:${first}` }, address, fields, signal);
  const listed = await subscriptions.list([...topics.keys()], signal);
  expect(listed.map(({ topic, filter, address: to }) => [topic, filter, to]).sort()).toEqual([...topics.keys()].map((topic) => [topic, `type:${first}`, address]));
  // The platform will not have the same one twice.
  await expect(subscriptions.create({ topic: "metaobjects/create", filter: `type:${first}` }, address, [], signal)).rejects.toMatchObject({ code: "source.failed" });

  await create();
  const { metaobjects } = await query("query ($type: String!) { metaobjects(type: $type, first: 1) { nodes { id handle fields { key value } } } }", { type: first });
  const [node] = metaobjects.nodes;
  const [field] = node.fields.filter(({ value }: { value: string | null }) => value !== null);
  await query("mutation ($id: ID!, $metaobject: MetaobjectUpdateInput!) { metaobjectUpdate(id: $id, metaobject: $metaobject) { metaobject { id } userErrors { message } } }", { id: node.id, metaobject: { fields: [{ key: field.key, value: field.value }] } });
  await shop.webhooksIdle();
  expect(bodies.map(({ topic }) => topic)).toEqual(["metaobjects/update"]);
  const [{ body, topic }] = bodies as [(typeof bodies)[number]];
  expect(Object.keys(body).every((key) => [...fieldsOf(CATALOGUE, topic), "type"].includes(key))).toBe(true);
  expect(body).toMatchObject({ type: first });
  expect(topicRoutes(CATALOGUE).changesOf(topic, body)).toMatchObject([{ kind: "Metaobject", action: "update", recordId: body["id"] }]);

  for (const { id } of listed) await subscriptions.remove(id, signal);
  await subscriptions.remove(listed[0]!.id, signal);
  expect(await subscriptions.list([...topics.keys()], signal)).toEqual([]);
});
