/** Putting changed and deleted records back into a living shop. */
import { afterEach, describe, expect, it } from "@jest/globals";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import { changesBetween, differencesOf, holding, reviseTo } from "./support/living.ts";
import { Sandboxes } from "./support/sandbox.ts";

/** Roots that a restore writes. */
const WRITTEN = CATALOGUE.filter(({ write }) => write !== null).flatMap(({ types }) => types);

const sandboxes = new Sandboxes();
afterEach(() => sandboxes.close());

describe("a living shop", () => {
  it("is as it was after metafields were overwritten, customers deleted and a namespace mangled", async () => {
    const shop = await sandboxes.start({ customers: 120, seed: "revise-1" });
    const then = await holding(shop);
    const report = await shop.corrupt({ seed: 1, metafields: 0.2, deleteCustomers: 10, mangleNamespace: "rx" });
    expect(report.deleted).toHaveLength(10);
    expect(report.metafields).toBeGreaterThan(0);
    const now = await holding(shop);
    const changes = changesBetween(then, now);
    const outcome = await reviseTo(shop, changes);
    expect(outcome.ids.size).toBeGreaterThanOrEqual(10);
    // What named a customer who was deleted, and which nothing in the API writes.
    expect(new Set(outcome.results.filter((one) => one.outcome === "refused").map(({ code }) => code))).toEqual(new Set(["platform.history"]));
    const after = await holding(shop);
    expect(differencesOf(then, after, outcome.ids)).toEqual([]);
  }, 120_000);

  it.each([1, 2, 3])("is as it was after random edits of every kind, but for what the platform keeps to itself (seed %i)", async (seed) => {
    const shop = await sandboxes.start({ customers: 60, seed: `revise-edits-${seed}` });
    const then = await holding(shop);
    await shop.edit(400, { seed });
    const now = await holding(shop);
    const outcome = await reviseTo(shop, changesBetween(then, now), { extras: "remove" });
    const after = await holding(shop);
    expect(differencesOf(then, after, outcome.ids, { kinds: WRITTEN })).toEqual([]);
  }, 120_000);
});
