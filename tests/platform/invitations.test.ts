/** Which shops take records of which others, in a real database: who has the app now, what replaces what, what goes with a shop. */
import { describe, expect, test } from "@jest/globals";
import { invitations } from "#app/platform/records/invitations.ts";
import { restorePlans } from "#app/platform/records/restores.ts";
import { shops } from "#app/platform/records/shops.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const clock = new FixedClock();
const [MAPLE, BIRCH, CEDAR] = ["maple-synthetic.myshopify.com", "birch-synthetic.myshopify.com", "cedar-synthetic.myshopify.com"] as const;
const inDays = (days: number): Date => new Date(clock.now().getTime() + days * 24 * 3_600_000);
const made = (shop: string, from: string, days = 7) => ({ shop, from, until: inDays(days), madeBy: "staff:1", madeAt: clock.now() });

describe("invitations", () => {
  test("are kept once for two shops, the newest word counts, and each way is another", async () => {
    const kept = invitations(database().prisma);
    await kept.save(made(BIRCH, MAPLE, 1));
    await kept.save({ ...made(BIRCH, MAPLE, 30), madeBy: "staff:2" });
    expect(await kept.madeBy(BIRCH)).toEqual([{ ...made(BIRCH, MAPLE, 30), madeBy: "staff:2" }]);
    expect(await kept.madeBy(MAPLE)).toEqual([]);
    expect((await kept.between(MAPLE, BIRCH)).invitation).toBeNull();
    expect(await kept.remove(BIRCH, CEDAR)).toBe(false);
    expect(await kept.remove(BIRCH, MAPLE)).toBe(true);
    expect(await kept.madeBy(BIRCH)).toEqual([]);
  });

  test("count while both shops have the app, and not when one has lost it", async () => {
    const { prisma } = database();
    const kept = invitations(prisma);
    const known = shops(prisma, clock);
    await kept.save(made(BIRCH, MAPLE));
    expect(await kept.between(BIRCH, MAPLE)).toEqual({ installed: false, invitation: made(BIRCH, MAPLE) });
    await known.installed(BIRCH, ["read_customers"]);
    expect((await kept.between(BIRCH, MAPLE)).installed).toBe(false);
    await known.installed(MAPLE, ["read_customers"]);
    expect((await kept.between(BIRCH, MAPLE)).installed).toBe(true);
    expect(await kept.madeTo(MAPLE)).toEqual([made(BIRCH, MAPLE)]);
    await known.uninstalled(BIRCH);
    expect((await kept.between(BIRCH, MAPLE)).installed).toBe(false);
    expect(await kept.madeTo(MAPLE)).toEqual([]);
    // What was said is still there for the shop that said it, to be taken back.
    expect(await kept.madeBy(BIRCH)).toEqual([made(BIRCH, MAPLE)]);
  });

  test("go with a shop that is erased, whichever of the two it was", async () => {
    const kept = invitations(database().prisma);
    for (const one of [made(BIRCH, MAPLE), made(MAPLE, CEDAR), made(CEDAR, BIRCH)]) await kept.save(one);
    await kept.forget(MAPLE);
    expect([await kept.madeBy(BIRCH), await kept.madeBy(MAPLE), await kept.madeBy(CEDAR)]).toEqual([[], [], [made(CEDAR, BIRCH)]]);
  });
});

describe("plans into a shop", () => {
  test("are found by the shop they go into, whatever shop's they are, and by their state", async () => {
    const plans = restorePlans(database().prisma);
    const plan = (planId: string, shop: string, target: object) => plans.create({ planId, shop, vaultId: "v", target: target as { kind: "same-shop" }, at: clock.now(), selection: { scope: "everything" }, rule: "ask", extras: "keep", createdBy: "staff:1", createdAt: clock.now(), runId: null, assistantRun: null });
    await plan("p1", MAPLE, { kind: "shop", shop: BIRCH });
    await plan("p2", CEDAR, { kind: "shop", shop: BIRCH });
    await plan("p3", BIRCH, { kind: "same-shop" });
    await plan("p4", MAPLE, { kind: "shop", shop: CEDAR });
    // A recipient's name is no shop.
    await plan("p5", MAPLE, { kind: "export", name: BIRCH, shop: BIRCH });
    expect((await plans.into(BIRCH)).map(({ planId }) => planId).sort()).toEqual(["p1", "p2"]);
    await plans.change(MAPLE, "p1", ["planning"], { state: "cancelled" });
    expect((await plans.into(BIRCH, { states: ["planning"] })).map(({ planId }) => planId)).toEqual(["p2"]);
    expect(await plans.into(MAPLE)).toEqual([]);
  });
});
