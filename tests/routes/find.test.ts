/** /app/find: what a browser makes tokens with, and what tokens find; to the response team of its own shop, and to nobody else. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { LoaderFunctionArgs } from "@remix-run/node";
import type { HoldfastApp } from "#app/platform/app.ts";
import { createLog } from "#app/platform/log.ts";
import { action, loader } from "#app/routes/app.find.ts";
import { queryTerms, type Query } from "#app/terms/index.ts";
import { contentKeys, packTokens, searchKeys } from "#app/vault/index.ts";
import type { FindMaterialModel } from "#app/ui/models/find.ts";
import { linkedShop, SHOP, snapshot, type LinkedShop } from "../workflows/support/linked-shop.ts";

const CANARY = "synthetic.quillfeather@example.com";
const CUSTOMER = "gid://shopify/Customer/77";
let shop: LinkedShop;
beforeEach(async () => {
  shop = await linkedShop();
  const fields = { id: CUSTOMER, firstName: "Synthetic", lastName: "Quillfeather", phone: "+49 30 901820", email: CANARY };
  const order = { id: "gid://shopify/Order/900", name: "#SYN-900", customer: { id: CUSTOMER } };
  shop.source.records = [...shop.source.records, { kind: "Customer", id: CUSTOMER, parentId: null, bytes: Buffer.from(JSON.stringify(fields)) }, { kind: "Order", id: order.id, parentId: null, bytes: Buffer.from(JSON.stringify(order)) }];
  await snapshot(shop);
});
afterEach(() => {
  expect(shop.process.leftovers()).toEqual([]);
});

const lines: string[] = [];
const as = (who: string, staff: string, body?: unknown) => {
  const request = new Request("https://app.example.org/app/find", body === undefined ? {} : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  const app = { log: createLog({ level: "info", destination: { write: (line) => void lines.push(line) } }), ports: shop.process, shopify: { authenticate: () => Promise.resolve({ shop: who, staff: { id: staff }, redirect: () => new Response() }) } } as unknown as HoldfastApp;
  return { request, params: {}, context: { app } } as unknown as LoaderFunctionArgs;
};
const read = async <T>(answer: Promise<unknown>): Promise<{ status: number; body: T }> => {
  const response = (await answer) as Response;
  return { status: response.status, body: (await response.json()) as T };
};
type Answer = { ok: boolean; data: { found: { kind: string; id: string }[]; kind?: string; problem?: { code: string } } };

/** What the browser does with an identity file, and how it puts tokens into JSON. */
async function sent(query: Query): Promise<object> {
  const { body } = await read<FindMaterialModel>(loader(as(SHOP, "1")));
  const keys = searchKeys(shop.store, { vaultId: body.vaultId } as never, contentKeys(shop.store, shop.identity.opener));
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  const tokens = await Promise.all(body.packs.map(async ({ pack }) => packTokens(pack, (await keys.get(pack))!, queryTerms(query))));
  return { by: query.field, tokens: tokens.map(({ pack, blocksKey, groups }) => ({ pack, blocksKey: text(blocksKey), groups: groups.map((group) => group.map(text)) })) };
}

test.each<Query & { field: "email" | "phone" | "name" | "order" }>([{ field: "email", value: CANARY.toUpperCase() }, { field: "phone", value: "030 901820" }, { field: "phone", value: "+4930901820" }, { field: "name", value: "quillfeather" }])("tokens of $field $value find the record", async (query) => {
  const { status, body } = await read<Answer>(action(as(SHOP, "1", await sent(query))));
  // A number without its country is another number; everything else is found as a person would type it.
  expect([status, body.data.found.map(({ id }) => id)]).toEqual([200, query.value === "030 901820" ? [] : [CUSTOMER]]);
});

test("an order is found by its number, and what was looked for is in no answer and no log", async () => {
  const { body } = await read<Answer>(action(as(SHOP, "1", await sent({ field: "order", value: "SYN-900" }))));
  expect(body.data.found).toEqual([expect.objectContaining({ kind: "Order", id: "gid://shopify/Order/900" })]);
  expect(JSON.stringify([body, lines])).not.toMatch(/SYN-900|quillfeather/i);
});

test.each([
  ["a value instead of tokens", { by: "email", value: CANARY }],
  ["a key that is none", { by: "email", tokens: [{ pack: "0".repeat(64), blocksKey: "short", groups: [] }] }],
  ["more groups than a question has", { by: "name", tokens: [{ pack: "0".repeat(64), blocksKey: "A".repeat(43), groups: Array.from({ length: 9 }, () => ["A".repeat(43)]) }] }],
  ["more ids than a person asks for", { by: "id", ids: Array.from({ length: 17 }, (_, n) => `gid://shopify/Customer/${n}`) }],
  ["what is no JSON", "{"],
] as const)("%s is answered 422, without what was sent", async (_what, body) => {
  const answer = await read<object>(action(as(SHOP, "1", body)));
  expect(answer.status).toBe(422);
  expect(JSON.stringify(answer.body)).not.toContain(CANARY);
});

test("whoever is not of the team is answered 403, with nothing to make tokens with, and so is another shop's", async () => {
  shop.process.responseTeam.name(SHOP, "staff:7", ["responder"]);
  const question = { by: "id", ids: [CUSTOMER] };
  const material = await read<FindMaterialModel>(loader(as(SHOP, "1")));
  expect(material).toEqual({ status: 403, body: { vaultId: "", recipientKeyIds: [], sealedKeys: [], packs: [], problem: { code: "access.not_a_responder" }, kind: "refused", code: "access.not_a_responder" } });
  expect(await read<Answer>(action(as(SHOP, "1", question)))).toMatchObject({ status: 403, body: { ok: true, data: { kind: "refused", found: [] } } });
  expect(await read<Answer>(action(as(SHOP, "7", question)))).toMatchObject({ status: 200, body: { data: { found: [{ id: CUSTOMER }] } } });
  expect((await read<Answer>(action(as("other.myshopify.com", "7", question)))).body.data.found).toEqual([]);
});
