/** Nothing is written before the shop has granted what writing takes, and it is given back when nothing needs it any more. */
import { beforeEach, describe, expect, it } from "@jest/globals";
import { SourceError, type RestoreTarget, type TargetRights } from "#app/sources/port.ts";
import { vaultLedger } from "#app/workflows/index.ts";
import { applyRestore } from "#app/workflows/restore/apply.ts";
import { cancelPlan, decidePlan, startApply, submitPlan } from "#app/workflows/restore/approve.ts";
import { giveBackRights, noteGranted } from "#app/workflows/restore/rights.ts";
import { showPlan } from "#app/workflows/restore/show.ts";
import { SHOP, snapshot } from "../support/linked-shop.ts";
import { ANA, BEN, keysFor, plan, planWorld, type PlanWorld } from "./support/world.ts";

const id = (n: number): string => `gid://shopify/Customer/${1000 + n}`;
let world: PlanWorld;
let granted: string[];
let planId: string;
let asked: number;
const o = (actor: typeof ANA | typeof BEN) => ({ shop: SHOP, actor, planId });

/** Customers take one right, orders another; the shop has granted reading. */
const rights: TargetRights = {
  needed: ({ kind }, { action }) => (action === "none" || action === "refuse" ? [] : [kind === "Customer" ? "write_customers" : "write_orders"]),
  granted: () => {
    asked++;
    return Promise.resolve(["read_customers", ...granted]);
  },
  giveBack: (gone) => {
    granted = granted.filter((right) => !gone.includes(right));
    return Promise.resolve(gone);
  },
};

async function mangledPlan(n: number): Promise<string> {
  const at = world.ports.clock.now();
  world.ports.time.advance(60_000);
  world.source.records = world.source.records.map((one) => (one.id === id(n) ? { ...one, bytes: Buffer.from(JSON.stringify({ id: id(n), note: "SYNTHETIC mangled" })) } : one));
  return (await plan(world, { at })).planId;
}

beforeEach(async () => {
  granted = [];
  asked = 0;
  world = await planWorld();
  const { target } = await world.ports.restoreTargets.open();
  world.ports.restoreTargets.open = () => Promise.resolve({ target: { ...target, rights } as RestoreTarget, pointsPerSecond: 1000 });
  await snapshot(world);
  world.ports.time.advance(1000);
  planId = await mangledPlan(1);
});

async function approved(): Promise<void> {
  const submitted = await submitPlan(world.ports, o(ANA));
  if (submitted.kind !== "changed") throw new Error(JSON.stringify(submitted));
  await decidePlan(world.ports, { ...o(BEN), approve: true, digest: submitted.row.digest!, remark: "" });
}

const stateOf = async (): Promise<string> => (await world.ports.restorePlans.get(SHOP, planId))!.state;
async function shown(who = ANA as typeof ANA | typeof BEN): Promise<unknown> {
  const answer = await showPlan(world.ports, { ...o(who), page: 0, conflicts: false });
  if (answer.kind !== "shown") throw new Error(JSON.stringify(answer));
  return answer.rights;
}
async function entries(): Promise<unknown[]> {
  const ledger = await vaultLedger(world.ports, [...world.ports.hostKeys.keys()][0]!, world.store);
  const found: unknown[] = [];
  for await (const { actor, action, subject } of ledger.entries()) if (action.startsWith("scopes.")) found.push([actor, action, subject]);
  return found;
}

describe("what a restore may write", () => {
  it("is part of the plan that is approved: what its changes take, and no more", async () => {
    expect((await world.ports.restorePlans.get(SHOP, planId))!.totals!.rights).toEqual(["write_customers"]);
    expect(await shown()).toEqual({ needed: ["write_customers"], missing: ["write_customers"], spare: [], here: true });
  });

  it("must be granted before a restore begins, and a plan that was refused for it can be begun later", async () => {
    await approved();
    const keys = await keysFor(world, planId, "restore.apply");
    expect(await startApply(world.ports, { ...o(ANA), keys })).toEqual({ kind: "failed", code: "restore.rights_missing" });
    expect([...keys.values()].every((key) => key.every((byte) => byte === 0))).toBe(true);
    expect(await stateOf()).toBe("approved");
    granted = ["write_customers"];
    expect(await shown()).toMatchObject({ missing: [] });
    expect(await startApply(world.ports, { ...o(ANA), keys: await keysFor(world, planId, "restore.apply") })).toMatchObject({ kind: "started" });
    world.ports.held.clear();
  });

  it("is looked at again by the run itself: what was taken back meanwhile stops it before the first write", async () => {
    await approved();
    granted = ["write_customers"];
    const started = await startApply(world.ports, { ...o(ANA), keys: await keysFor(world, planId, "restore.apply") });
    if (started.kind !== "started") throw new Error(JSON.stringify(started));
    granted = [];
    let written = 0;
    const { target } = await world.ports.restoreTargets.open();
    world.ports.restoreTargets.open = () => Promise.resolve({ target: { ...target, revise: () => Promise.reject(new Error(`written ${++written}`)) } as RestoreTarget, pointsPerSecond: 1000 });
    expect(await applyRestore(world.ports, { runId: started.run.id })).toEqual({ kind: "failed", code: "restore.rights_missing" });
    expect(written).toBe(0);
    expect(await stateOf()).toBe("running");
  });

  it("is not begun without the shop's answer, and the screen says that it has none", async () => {
    await approved();
    const { target } = await world.ports.restoreTargets.open();
    const away = { ...rights, granted: () => Promise.reject(new SourceError("source.unreachable", "away")) };
    world.ports.restoreTargets.open = () => Promise.resolve({ target: { ...target, rights: away } as RestoreTarget, pointsPerSecond: 1000 });
    expect(await shown()).toMatchObject({ needed: ["write_customers"], missing: null });
    expect(await startApply(world.ports, { ...o(ANA), keys: await keysFor(world, planId, "restore.apply") })).toEqual({ kind: "failed", code: "source.unreachable" });
  });
});

describe("the ledger", () => {
  it("says who granted what for which plan, once the shop confirms it", async () => {
    expect(await noteGranted(world.ports, { ...o(BEN), rights: ["write_customers"] })).toEqual({ kind: "failed", code: "restore.rights_missing" });
    granted = ["write_customers", "write_products"];
    expect(await noteGranted(world.ports, { ...o(BEN), rights: ["write_customers", "write_products"] })).toEqual({ kind: "changed", rights: ["write_customers"] });
    expect(await entries()).toEqual([["staff:2", "scopes.granted", { shop: SHOP, plan: planId, scopes: "write_customers" }]]);
  });

  it("says who gave back what, which is what no other plan needs", async () => {
    granted = ["write_customers", "write_products"];
    expect(await giveBackRights(world.ports, o(ANA))).toEqual({ kind: "failed", code: "restore.not_in_this_state" });
    await cancelPlan(world.ports, o(ANA));
    expect(await shown()).toEqual({ needed: ["write_customers"], missing: null, spare: ["write_customers"], here: true });
    const first = planId;
    planId = await mangledPlan(2);
    const second = planId;
    planId = first;
    expect(await shown()).toMatchObject({ spare: [] });
    expect(await giveBackRights(world.ports, o(ANA))).toEqual({ kind: "changed", rights: [] });
    await cancelPlan(world.ports, { ...o(ANA), planId: second });
    expect(await giveBackRights(world.ports, o(ANA))).toEqual({ kind: "changed", rights: ["write_customers"] });
    expect(granted).toEqual(["write_products"]);
    expect(await entries()).toEqual([["staff:1", "scopes.revoked", { shop: SHOP, plan: first, scopes: "write_customers" }]]);
  });

  it("has the refusal of whoever is not in the team, and the shop is not even asked", async () => {
    world.ports.responseTeam.name(SHOP, "staff:1", ["responder", "approver"]);
    const before = asked;
    expect(await noteGranted(world.ports, { ...o(BEN), rights: ["write_customers"] })).toEqual({ kind: "refused", code: "access.not_a_responder" });
    expect(asked).toBe(before);
  });
});
