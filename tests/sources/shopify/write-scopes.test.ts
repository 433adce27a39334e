/** What writing takes: exactly what the schema asks of each mutation, and exactly what a restore asks the shop for. */
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import { deniedField } from "#app/sandbox/schema/access.ts";
import { loadSchema } from "#app/sandbox/schema/load.ts";
import type { FamilyChange } from "#app/sources/port.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import { REVISIONS } from "#app/sources/shopify/catalogue/revise/index.ts";
import { scopesToWrite } from "#app/sources/shopify/catalogue/write-scopes.ts";
import { SCOPES, ShopifyRestoreTarget, WRITE_SCOPES } from "#app/sources/shopify/index.ts";
import { changesBetween, differencesOf, holding, reviseTo } from "./support/living.ts";
import { optionsFor, Sandboxes } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
afterEach(() => sandboxes.close());

const WRITTEN = CATALOGUE.filter(({ write }) => write !== null).flatMap(({ types }) => types);
const mutationsOf = (kind: string): string[] => {
  const { write } = CATALOGUE.find((one) => one.kind === kind)!;
  const revision = REVISIONS[kind];
  return [...(write === null ? [] : [write.payload, ...(write.after ?? []).map(({ payload }) => payload)]), ...(revision?.steps ?? []).map(({ payload }) => payload), ...(revision?.remove ? [revision.remove.payload] : [])];
};
const records = (kind: string): Pick<FamilyChange, "then" | "now"> => ({ then: [{ kind, id: "gid://shopify/X/1", parentId: null, bytes: Buffer.from(`{"ownerType":"CUSTOMER"}`) }], now: null });
/** All that a record of this kind can take, whatever is done with it. */
const allOf = (kind: string): readonly string[] => {
  const changes = ["StoreCreditAccount", kind].map((of) => ({ kind: of, id: "gid://shopify/X/1", fields: ["note", "balance"] }));
  return scopesToWrite(kind, records(kind), { action: "update", changes });
};

describe("the scopes that writing takes", () => {
  let schema: GraphQLSchema;
  beforeAll(async () => {
    schema = await loadSchema();
  });
  const denied = (mutation: string, granted: readonly string[]): string | null => deniedField(schema, "Mutation", schema.getMutationType()!.getFields()[mutation]!, new Set(granted));

  it.each(CATALOGUE.map(({ kind }) => kind).filter((kind) => mutationsOf(kind).length > 0))("are enough for every mutation of %s, and no others would do", (kind) => {
    const mine = allOf(kind);
    expect(mine).not.toEqual([]);
    for (const mutation of new Set(mutationsOf(kind))) {
      expect([mutation, denied(mutation, mine)]).toEqual([mutation, null]);
      // Of definitions the schema says only that their owner must be within reach.
      if (kind !== "MetafieldDefinition") expect([mutation, denied(mutation, [...SCOPES, ...WRITE_SCOPES.filter((scope) => !mine.includes(scope))])]).toEqual([mutation, expect.stringMatching(/write_/)]);
    }
  });

  it("are none where nothing is written", () => {
    for (const action of ["none", "refuse"] as const) expect(scopesToWrite("Customer", records("Customer"), { action, changes: [] })).toEqual([]);
  });

  it("name the money apart from the person, and a card's balance apart from the card", () => {
    const only = (kind: string, of: string, field: string): readonly string[] => scopesToWrite(kind, records(kind), { action: "update", changes: [{ kind: of, id: "gid://shopify/X/1", fields: [field] }] });
    expect(only("Customer", "StoreCreditAccount", "balance")).toEqual(["write_store_credit_account_transactions"]);
    expect(only("Customer", "Customer", "note")).toEqual(["write_customers"]);
    expect(only("GiftCard", "GiftCard", "balance")).toEqual(["write_gift_card_transactions"]);
    expect(only("GiftCard", "GiftCard", "note")).toEqual(["write_gift_cards"]);
  });

  it("follow the owner of a definition", () => {
    const of = (ownerType: string): readonly string[] => scopesToWrite("MetafieldDefinition", { then: [{ kind: "MetafieldDefinition", id: "gid://shopify/X/1", parentId: null, bytes: Buffer.from(JSON.stringify({ ownerType })) }], now: null }, { action: "create", changes: [] });
    expect(of("ORDER")).toEqual(["write_orders"]);
    expect(of("SHOP")).toEqual([]);
    const owners = CATALOGUE.flatMap(({ kind, read }) => (kind === "MetafieldDefinition" && read.how === "pages" ? read.variables.map(({ ownerType }) => String(ownerType)) : []));
    expect(owners.filter((owner) => owner !== "SHOP" && of(owner).length === 0)).toEqual([]);
  });
});

describe("a shop that granted reading only", () => {
  it("takes a restore once it granted what the plan asks for, refuses whatever lacks one of them, and takes them back", async () => {
    const shop = await sandboxes.start({ customers: 60, orders: 30, seed: "write-scopes", scopes: SCOPES, optionalScopes: WRITE_SCOPES });
    const then = await holding(shop);
    await shop.edit(400, { seed: 5 });
    const changes = changesBetween(then, await holding(shop));
    const target = new ShopifyRestoreTarget(optionsFor(shop));
    const { signal } = new AbortController();
    const needs = new Map(changes.map((change) => [change, target.rights.needed(change, target.assess(change, { extras: "remove" }))]));
    const needed = [...new Set([...needs.values()].flat())].sort();
    expect(needed.length).toBeGreaterThan(5);
    expect(WRITE_SCOPES).toEqual(expect.arrayContaining(needed));
    expect(await target.rights.granted(signal)).toEqual([...SCOPES].sort());

    let tried = 0;
    for (const scope of needed) {
      await shop.setScopes([...SCOPES, ...needed.filter((one) => one !== scope)]);
      const lacking = changes.filter((change) => needs.get(change)!.join() === scope).slice(0, 3);
      tried += Math.sign(lacking.length);
      const { results } = await reviseTo(shop, lacking, { extras: "remove" });
      expect([scope, results.map(({ outcome, code }) => `${outcome} ${code ?? ""}`)]).toEqual([scope, lacking.map(() => "refused ACCESS_DENIED")]);
    }
    expect(tried).toBeGreaterThan(5);

    await shop.setScopes([...SCOPES, ...needed]);
    const outcome = await reviseTo(shop, changes, { extras: "remove" });
    expect(outcome.results.filter(({ code }) => code === "ACCESS_DENIED")).toEqual([]);
    expect(differencesOf(then, await holding(shop), outcome.ids, { kinds: WRITTEN })).toEqual([]);

    expect(await target.rights.giveBack(needed, signal)).toEqual(needed);
    expect(await target.rights.granted(signal)).toEqual([...SCOPES].sort());
    await expect(target.rights.giveBack(["read_customers"], signal)).rejects.toMatchObject({ code: "source.failed", reason: "CANNOT_REVOKE_REQUIRED_SCOPES" });
  }, 180_000);
});
