/** To which moment each kind goes back: the chosen second, or the snapshot before it. */
import { describe, expect, it } from "@jest/globals";
import { CATALOGUE } from "#app/sources/shopify/index.ts";
import { captureCatalogue } from "#app/platform/capture/topics.ts";
import { toldCatalogue } from "#app/workflows/capture/told-kinds.ts";
import { momentsOf } from "#app/workflows/restore/plan-moments.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { snapshot } from "../support/linked-shop.ts";
import { plan, planWorld, vaultOf } from "./support/world.ts";

const capture = captureCatalogue(CATALOGUE);
const SNAPSHOT = "2026-03-01T10:00:00.000Z";
const later = new Date("2026-03-01T13:00:00Z");
const kinds = ["Customer", "Order", "DraftOrder", "Metaobject", "Article", "Page", "MediaImage", "GenericFile", "GiftCard", "SomethingNew"];

describe("the moment that a kind goes back to", () => {
  it("is the snapshot before, for the kinds that no message of the platform tells of", () => {
    const moments = momentsOf({ capture, kinds, at: later, base: SNAPSHOT });
    expect(moments).toEqual(["Article", "GenericFile", "GiftCard", "MediaImage", "Page", "SomethingNew"].map((kind) => ({ kind, at: SNAPSHOT })));
  });

  it("is the snapshot before for metaobjects as long as the shop's own subscriptions to them do not stand", async () => {
    for (const [since, moments] of [[null, [{ kind: "Metaobject", at: SNAPSHOT }]], [new Date("2026-03-01T09:00:00Z"), []]] as const) {
      const told = await toldCatalogue({ captureCatalogue: capture, subscriptions: { records: { get: () => Promise.resolve(since === null ? null : { since }) } } } as unknown as Parameters<typeof toldCatalogue>[0], "one.myshopify.com", new Date(SNAPSHOT));
      expect(momentsOf({ capture: told, kinds, at: later, base: SNAPSHOT }).filter(({ kind }) => kind === "Metaobject")).toEqual(moments);
    }
  });

  it("is the chosen one for every kind where that is a snapshot's own", () => {
    expect(momentsOf({ capture, kinds, at: new Date(SNAPSHOT), base: SNAPSHOT })).toEqual([]);
  });

  it("is the snapshot before for every kind where nothing is captured", () => {
    expect(momentsOf({ capture: null, kinds: ["Order", "Customer"], at: later, base: SNAPSHOT }).map(({ kind }) => kind)).toEqual(["Customer", "Order"]);
  });
});

describe("a plan", () => {
  it("says of the kinds that it changes which go back further than was asked for, and to when", async () => {
    const world = await planWorld(smallShop(4));
    await snapshot(world);
    const [first] = await (await vaultOf(world)).snapshots();
    world.ports.time.advance(3_600_000);
    const at = world.ports.clock.now();
    world.source.records = world.source.records.filter(({ id, parentId }) => !id.endsWith("/1001") && parentId?.endsWith("/1001") !== true);
    const made = await plan(world, { at });
    if (made.outcome.kind !== "planned") throw new Error(JSON.stringify(made.outcome));
    // Nothing is captured in this world.
    expect(made.outcome.plan.totals.moments).toEqual([{ kind: "Customer", at: first!.takenAt }]);
    expect(made.row.totals?.moments).toEqual(made.outcome.plan.totals.moments);
    const exact = await plan(world, { at: new Date(first!.takenAt) });
    expect(exact.row.totals).not.toHaveProperty("moments");
  });
});
