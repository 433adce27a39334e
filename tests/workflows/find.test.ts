/** A search from a browser: what is sent, who may, what the ledger keeps, and that the value is nowhere. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { queryTerms, type Query } from "#app/terms/index.ts";
import { contentKeys, packTokens, searchKeys, type PackTokens, type SourceRecord } from "#app/vault/index.ts";
import { find, prepareFind, type FindMaterial } from "#app/workflows/find/find.ts";
import { vaultLedger } from "#app/workflows/index.ts";
import { linkedShop, SHOP, snapshot, STAFF, type LinkedShop } from "./support/linked-shop.ts";

const CANARY = "synthetic.quillfeather@example.com";
const person: SourceRecord = { kind: "Customer", id: "gid://shopify/Customer/77", parentId: null, bytes: Buffer.from(JSON.stringify({ id: "gid://shopify/Customer/77", lastName: "Quillfeather", email: CANARY, note: "SYNTHETIC" })) };

let shop: LinkedShop;
beforeEach(async () => {
  shop = await linkedShop();
  shop.source.records = [...shop.source.records, person];
  await snapshot(shop);
});
afterEach(() => {
  expect(shop.process.leftovers()).toEqual([]);
});

/** What the browser does with an identity file. */
async function tokens(query: Query): Promise<PackTokens[]> {
  const material = (await prepareFind(shop.process, { shop: SHOP, actor: STAFF })) as FindMaterial;
  const description = { vaultId: material.vaultId } as never;
  const keys = searchKeys(shop.store, description, contentKeys(shop.store, shop.identity.opener));
  return Promise.all(material.packs.map(async ({ pack }) => packTokens(pack, (await keys.get(pack)) as Uint8Array, queryTerms(query))));
}
async function entries(): Promise<{ action: string; subject: object; outcome: string; actor: string }[]> {
  const ledger = await vaultLedger(shop.process, shop.process.linked.get(SHOP)!.vaultId, shop.store);
  const all = [];
  for await (const entry of ledger.entries()) all.push({ action: entry.action, subject: entry.subject, outcome: entry.outcome, actor: entry.actor });
  return all;
}

describe("finding from the app", () => {
  it("answers records by tokens, and enters who looked for what sort of thing with how many answers", async () => {
    const found = await find(shop.process, { shop: SHOP, actor: STAFF, asked: { by: "email", tokens: await tokens({ field: "email", value: CANARY }) } });
    expect(found).toMatchObject({ kind: "found", found: [{ kind: "Customer", id: person.id, state: "current" }], unsearched: 0, faults: [] });
    const [last] = (await entries()).slice(-1);
    expect(last).toEqual({ action: "record.found", actor: "staff:42", outcome: "done", subject: { vault: shop.process.linked.get(SHOP)!.vaultId, shop: SHOP, by: "email", hits: 1 } });
  });
  it("enters a fruitless search, too", async () => {
    await find(shop.process, { shop: SHOP, actor: STAFF, asked: { by: "name", tokens: await tokens({ field: "name", value: "nobody" }) } });
    expect((await entries()).at(-1)).toMatchObject({ action: "record.found", subject: { by: "name", hits: 0 } });
  });
  it("answers by id without tokens", async () => {
    expect(await find(shop.process, { shop: SHOP, actor: STAFF, asked: { by: "id", ids: [person.id, "gid://shopify/Customer/0"] } })).toMatchObject({ kind: "found", found: [{ id: person.id }] });
  });
  it("refuses somebody who is no responder, gives them nothing to make tokens with, and enters that", async () => {
    shop.process.responseTeam.name(SHOP, "staff:7", ["responder"]);
    const refused = { kind: "refused", code: "access.not_a_responder" };
    expect(await prepareFind(shop.process, { shop: SHOP, actor: STAFF })).toEqual(refused);
    expect(await find(shop.process, { shop: SHOP, actor: STAFF, asked: { by: "id", ids: [person.id] } })).toEqual(refused);
    expect((await entries()).filter(({ action }) => action === "request.refused")).toHaveLength(2);
    expect(await find(shop.process, { shop: SHOP, actor: { kind: "staff", id: "7", shop: SHOP }, asked: { by: "id", ids: [person.id] } })).toMatchObject({ kind: "found" });
  });
  it("leaves what was looked for nowhere: not in the store, the ledger, the log", async () => {
    await find(shop.process, { shop: SHOP, actor: STAFF, asked: { by: "email", tokens: await tokens({ field: "email", value: CANARY }) } });
    const everything = [...shop.store.objects].flatMap(([key, bytes]) => [key, Buffer.from(bytes).toString("latin1").toLowerCase()]);
    everything.push(JSON.stringify(await entries()).toLowerCase());
    expect(everything.filter((text) => text.includes("quillfeather")).map((text) => text.slice(0, 60))).toEqual([]);
  });
});
