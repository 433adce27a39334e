/** Records that are as they were and name one that comes back under a new id: what they say of it follows, or is named. */
import { afterEach, describe, expect, it } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { ShopifyRestoreTarget } from "#app/sources/shopify/index.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { namedIn } from "#app/workflows/restore/plan-references.ts";
import { changesBetween, differencesOf, holding, reviseTo, type Held } from "./support/living.ts";
import { optionsFor, Sandboxes } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
afterEach(() => sandboxes.close());

async function admin<T>(shop: SandboxShop, query: string, variables: object): Promise<T> {
  const answer = await fetch(`${shop.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "content-type": "application/json", "x-shopify-access-token": shop.accessToken }, body: JSON.stringify({ query, variables }) });
  const body = (await answer.json()) as { errors?: unknown; data: Record<string, { userErrors?: readonly unknown[] }> };
  if (body.errors !== undefined || Object.values(body.data).some(({ userErrors }) => (userErrors?.length ?? 0) > 0)) throw new Error(JSON.stringify(body));
  return body.data as T;
}

const customersOf = (held: Held): string[] => [...held].filter(([, [root]]) => root!.kind === "Customer").map(([id]) => id);
const fieldsOf = (record: SourceRecord | undefined): Record<string, unknown> => JSON.parse(Buffer.from(record!.bytes).toString("utf8")) as Record<string, unknown>;

/** A customer whom nothing of the platform's own keeps, named by another customer's metafields and by a metaobject. */
async function named(shop: SandboxShop): Promise<{ readonly gone: string; readonly friend: string; readonly entry: string }> {
  const first = await holding(shop);
  const busy = new Set([...first.values()].filter(([root]) => root!.kind === "Order" || root!.kind === "Company").flatMap((family) => family.flatMap((record) => namedIn(record, new Set(customersOf(first))))));
  const [gone, friend] = customersOf(first).filter((id) => !busy.has(id));
  const set = (key: string, type: string, value: string): object => ({ ownerId: friend, namespace: "clinic", key, type, value });
  await admin(shop, "mutation A($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) { userErrors { message } } }", {
    metafields: [set("guardian", "customer_reference", gone!), set("household", "list.customer_reference", JSON.stringify([friend, gone]))],
  });
  await admin(shop, "mutation B($definition: MetaobjectDefinitionCreateInput!) { metaobjectDefinitionCreate(definition: $definition) { userErrors { message } } }", {
    definition: { type: "referral", name: "SYNTHETIC referral", fieldDefinitions: [{ key: "patient", name: "Patient", type: "customer_reference" }] },
  });
  const made = await admin<{ metaobjectCreate: { metaobject: { id: string } } }>(shop, "mutation C($metaobject: MetaobjectCreateInput!) { metaobjectCreate(metaobject: $metaobject) { metaobject { id } userErrors { message } } }", {
    metaobject: { type: "referral", handle: "synthetic-referral", fields: [{ key: "patient", value: gone }] },
  });
  return { gone: gone!, friend: friend!, entry: made.metaobjectCreate.metaobject.id };
}

describe("what names a deleted customer", () => {
  it("names them again after they came back under a new id: metafields of others, lists, and metaobjects", async () => {
    const shop = await sandboxes.start({ customers: 30, orders: 8, seed: "references" });
    const { gone, friend, entry } = await named(shop);
    const then = await holding(shop);
    await admin(shop, "mutation D($input: CustomerDeleteInput!) { customerDelete(input: $input) { userErrors { message } } }", { input: { id: gone } });
    const now = await holding(shop);
    // Nothing of them differs: they would be in no plan that compares then and now.
    expect([friend, entry].map((id) => changesBetween(new Map([[id, then.get(id)!]]), now)[0]!.now!.map(({ bytes }) => Buffer.from(bytes).toString()))).toEqual([friend, entry].map((id) => then.get(id)!.map(({ bytes }) => Buffer.from(bytes).toString())));
    const naming = [...now.values()].filter((family) => family.some((record) => namedIn(record, new Set([gone])).length > 0));
    // The trace of what happened names them for ever: nobody can write it.
    expect(naming.filter(([root]) => !/Event$/.test(root!.kind)).length).toBe(naming.length - 1);
    const referring = naming.filter(([root]) => !/Event$/.test(root!.kind));
    expect(referring.map(([root]) => root!.id).sort()).toEqual([friend, entry].sort());

    const target = new ShopifyRestoreTarget(optionsFor(shop));
    const same = { known: new Map<string, string>(), same: true };
    const assessed = referring.map((family) => target.assess({ kind: family[0]!.kind, id: family[0]!.id, then: family, now: family }, { extras: "keep", ids: same, gone: new Set([gone]) }));
    expect(assessed.map(({ action, changes, losses }) => ({ action, fields: changes.flatMap(({ fields }) => fields).sort(), losses })).sort((a, b) => a.fields.length - b.fields.length)).toEqual([
      { action: "update", fields: ["fields"], losses: [] },
      { action: "update", fields: ["metafield:clinic.guardian", "metafield:clinic.household"], losses: [] },
    ]);
    // Without the word that somebody is gone they are as they were.
    expect(referring.map((family) => target.assess({ kind: family[0]!.kind, id: family[0]!.id, then: family, now: family }, { extras: "keep", ids: same }).action)).toEqual(["none", "none"]);

    const changes = [...changesBetween(new Map([[gone, then.get(gone)!]]), now).filter(({ id }) => id === gone), ...referring.map((family) => ({ kind: family[0]!.kind, id: family[0]!.id, then: family, now: family }))];
    const outcome = await reviseTo(shop, changes);
    expect(outcome.results.map(({ id, outcome: what }) => [id, what]).sort()).toEqual([[gone, "restored-with-losses"], [friend, "restored"], [entry, "restored"]].sort());
    const anew = outcome.ids.get(gone)!;
    const after = await holding(shop);
    const metafields = after.get(friend)!.map(fieldsOf);
    expect(metafields.find(({ key }) => key === "guardian")).toMatchObject({ value: anew });
    expect(JSON.parse(String(metafields.find(({ key }) => key === "household")?.["value"]))).toEqual([friend, anew]);
    expect(fieldsOf(after.get(entry)![0])["fields"]).toEqual([expect.objectContaining({ key: "patient", value: anew })]);
    expect(differencesOf(then, after, outcome.ids)).toEqual([]);
  }, 120_000);
});
