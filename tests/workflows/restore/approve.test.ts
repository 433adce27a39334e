/** Two people, one digest: nothing is put back that a second person has not approved as it is. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { vaultLedger } from "#app/workflows/index.ts";
import { cancelPlan, decideConflicts, decidePlan, startApply, submitPlan } from "#app/workflows/restore/approve.ts";
import { PLAN_LIVES_MS } from "#app/workflows/restore/plan-stale.ts";
import { requestPlan, startPlanning } from "#app/workflows/restore/plan-request.ts";
import { runPlan } from "#app/workflows/restore/plan-run.ts";
import { readPlan } from "#app/workflows/restore/plan-store.ts";
import { planDigest } from "#app/workflows/restore/plan-types.ts";
import { SHOP, snapshot } from "../support/linked-shop.ts";
import { captured } from "./support/journal.ts";
import { ANA, ask, BEN, keysFor, plan, planWorld, vaultOf, workOut, type PlanWorld } from "./support/world.ts";

const id = (n: number): string => `gid://shopify/Customer/${1000 + n}`;
const CARA = { ...ANA, id: "3" } as const;
let world: PlanWorld;
let planId: string;
const o = (actor: typeof ANA | typeof BEN | typeof CARA) => ({ shop: SHOP, actor, planId });
const row = async () => (await world.ports.restorePlans.get(SHOP, planId))!;

function mangle(n: number, note: string): void {
  world.source.records = world.source.records.map((one) => (one.id === id(n) ? { ...one, bytes: Buffer.from(JSON.stringify({ id: id(n), note: `SYNTHETIC ${note}` })) } : one));
}

async function begin(): Promise<Date> {
  world = await planWorld();
  await snapshot(world);
  world.ports.time.advance(1000);
  const at = world.ports.clock.now();
  world.ports.time.advance(60_000);
  mangle(1, "mangled");
  return at;
}

beforeEach(async () => {
  const at = await begin();
  planId = (await plan(world, { at })).planId;
});
afterEach(() => {
  expect(world.ports.leftovers()).toEqual([]);
});

async function entries(): Promise<string[]> {
  const ledger = await vaultLedger(world.ports, [...world.ports.hostKeys.keys()][0]!, world.store);
  const found: string[] = [];
  for await (const entry of ledger.entries()) if (/^restore\.|^request\.refused/.test(entry.action)) found.push(`${entry.actor} ${entry.action} ${entry.outcome}`);
  return found;
}

async function submitted(): Promise<string> {
  const asked = await submitPlan(world.ports, o(ANA));
  if (asked.kind !== "changed") throw new Error(JSON.stringify(asked));
  return asked.row.digest!;
}

describe("approval", () => {
  it("goes from a draft over a second person to a run, and every step is in the ledger", async () => {
    const digest = await submitted();
    expect(await decidePlan(world.ports, { ...o(BEN), approve: true, digest, remark: "Seen with the clinic" })).toMatchObject({ kind: "changed", row: { state: "approved", decidedBy: "staff:2", remark: "Seen with the clinic" } });
    const keys = await keysFor(world, planId, "restore.apply");
    const started = await startApply(world.ports, { ...o(ANA), keys });
    expect(started).toMatchObject({ kind: "started", run: { kind: "restore", input: { what: "apply", plan: planId, keys: true } } });
    expect(await row()).toMatchObject({ state: "running", appliedBy: "staff:1", runId: started.kind === "started" ? started.run.id : "" });
    expect([...keys.values()].every((key) => key.every((byte) => byte === 0))).toBe(true);
    expect(await entries()).toEqual(["staff:1 restore.planned done", "staff:1 restore.submitted done", "staff:2 restore.approved done", "staff:1 restore.applied done"]);
    // The run is another's test; its keys are not to be left here.
    world.ports.held.clear();
  });

  it("is refused to whoever made the plan, to whoever asked for it, and to whoever is no approver; the refusals are in the ledger", async () => {
    const digest = await submitted();
    expect(await decidePlan(world.ports, { ...o(ANA), approve: true, digest, remark: "" })).toEqual({ kind: "refused", code: "access.same_person" });
    world.ports.responseTeam.name(SHOP, "staff:1", ["responder", "approver"]);
    world.ports.responseTeam.name(SHOP, "staff:3", ["responder"]);
    expect(await decidePlan(world.ports, { ...o(CARA), approve: true, digest, remark: "" })).toEqual({ kind: "refused", code: "access.not_an_approver" });
    expect(await decidePlan(world.ports, { ...o(BEN), approve: true, digest, remark: "" })).toEqual({ kind: "refused", code: "access.not_an_approver" });
    expect((await row()).state).toBe("awaiting-approval");
    expect((await entries()).filter((line) => line.includes("refused"))).toEqual(["staff:1 request.refused refused", "staff:3 request.refused refused", "staff:2 request.refused refused"]);
  });

  it("is refused to somebody else who asked for it, though they did not make the plan", async () => {
    expect((await submitPlan(world.ports, o(BEN))).kind).toBe("changed");
    const digest = (await row()).digest!;
    expect(await decidePlan(world.ports, { ...o(BEN), approve: true, digest, remark: "" })).toEqual({ kind: "refused", code: "access.same_person" });
    expect(await decidePlan(world.ports, { ...o(ANA), approve: true, digest, remark: "" })).toEqual({ kind: "refused", code: "access.same_person" });
    expect((await decidePlan(world.ports, { ...o(CARA), approve: true, digest, remark: "" })).kind).toBe("changed");
  });

  it("is of one digest: another is refused, and so is a plan that is no longer what was sealed", async () => {
    const digest = await submitted();
    const other = digest.replace(/^./, (first) => (first === "0" ? "1" : "0"));
    expect(await decidePlan(world.ports, { ...o(BEN), approve: true, digest: other, remark: "" })).toEqual({ kind: "failed", code: "restore.digest_mismatch" });
    // Somebody who can write the database points the row at another sealed version.
    const vault = await vaultOf(world);
    const reader = { store: world.store, description: vault.description, indexKey: vault.indexKey };
    const first = (await readPlan(reader, planId, 1))!;
    const { writePlan } = await import("#app/workflows/restore/plan-store.ts");
    const [hostKeys] = world.ports.hostKeys.values();
    await writePlan({ ...reader, signingKey: hostKeys!.signingKey, random: world.ports.random }, { ...first, extras: "remove" }, 7);
    await world.ports.restorePlans.change(SHOP, planId, ["awaiting-approval"], { version: 7 });
    expect(await decidePlan(world.ports, { ...o(BEN), approve: true, digest, remark: "" })).toEqual({ kind: "failed", code: "restore.digest_mismatch" });
    await world.ports.restorePlans.change(SHOP, planId, ["awaiting-approval"], { state: "approved", decidedBy: "staff:2" });
    expect(await startApply(world.ports, { ...o(ANA), keys: null })).toEqual({ kind: "failed", code: "restore.digest_mismatch" });
  });

  it("can be refused, with a remark, and then nothing can be started", async () => {
    const digest = await submitted();
    expect(await decidePlan(world.ports, { ...o(BEN), approve: false, digest, remark: "Not these" })).toMatchObject({ row: { state: "refused", remark: "Not these" } });
    expect(await startApply(world.ports, { ...o(ANA), keys: null })).toEqual({ kind: "failed", code: "restore.not_in_this_state" });
    expect((await entries()).at(-1)).toBe("staff:2 restore.refused refused");
  });

  it("takes no remark that could carry an address or a second line", async () => {
    const digest = await submitted();
    for (const remark of ["ask synthetic@example.test", "one\ntwo", "x".repeat(501)]) expect(await decidePlan(world.ports, { ...o(BEN), approve: true, digest, remark })).toEqual({ kind: "failed", code: "restore.bad_remark" });
  });

  it("is not needed twice, and of two people at once one decides", async () => {
    const digest = await submitted();
    const both = await Promise.all([BEN, CARA].map((actor) => decidePlan(world.ports, { ...o(actor), approve: true, digest, remark: "" })));
    expect(both.map(({ kind }) => kind).sort()).toEqual(["changed", "failed"]);
    expect((await entries()).filter((line) => line.includes("restore.approved"))).toHaveLength(1);
  });

  it("does not start before it is there", async () => {
    expect(await startApply(world.ports, { ...o(ANA), keys: null })).toEqual({ kind: "failed", code: "restore.not_in_this_state" });
    await submitted();
    expect(await startApply(world.ports, { ...o(ANA), keys: null })).toEqual({ kind: "failed", code: "restore.not_in_this_state" });
  });

  it("starts one run, however often it is asked for, and zeroes the keys that are not needed", async () => {
    const digest = await submitted();
    await decidePlan(world.ports, { ...o(BEN), approve: true, digest, remark: "" });
    const [one, two] = [await keysFor(world, planId, "restore.apply"), await keysFor(world, planId, "restore.apply")];
    expect((await startApply(world.ports, { ...o(ANA), keys: one })).kind).toBe("started");
    expect((await startApply(world.ports, { ...o(BEN), keys: two })).kind).toBe("busy");
    expect([...two.values()].every((key) => key.every((byte) => byte === 0))).toBe(true);
    world.ports.held.clear();
  });
});

describe("a plan that is no longer true", () => {
  it.each(["submit", "approve", "apply"] as const)("is stale after a day, at the latest when somebody would %s it", async (step) => {
    if (step === "submit") {
      world.ports.time.advance(PLAN_LIVES_MS + 1);
      expect(await submitPlan(world.ports, o(ANA))).toEqual({ kind: "failed", code: "restore.plan_too_old" });
    } else {
      const digest = await submitted();
      if (step === "apply") await decidePlan(world.ports, { ...o(BEN), approve: true, digest, remark: "" });
      world.ports.time.advance(PLAN_LIVES_MS + 1);
      const answer = step === "approve" ? await decidePlan(world.ports, { ...o(BEN), approve: true, digest, remark: "" }) : await startApply(world.ports, { ...o(ANA), keys: null });
      expect(answer).toEqual({ kind: "failed", code: "restore.plan_too_old" });
    }
    expect(await row()).toMatchObject({ state: "stale", code: "restore.plan_too_old" });
  });

  it.each(["journal", "snapshot"] as const)("is stale when a record that it touches was changed since, as the %s says", async (how) => {
    const digest = await submitted();
    world.ports.time.advance(60_000);
    mangle(1, "changed once more");
    if (how === "journal") await captured(world, [{ kind: "Customer", id: id(1) }]);
    else await snapshot(world);
    expect(await decidePlan(world.ports, { ...o(BEN), approve: true, digest, remark: "" })).toEqual({ kind: "failed", code: "restore.shop_moved_on" });
  });

  it.each(["journal", "snapshot"] as const)("is not stale for what happens to other records, as the %s says", async (how) => {
    const digest = await submitted();
    world.ports.time.advance(60_000);
    mangle(4, "another record");
    if (how === "journal") await captured(world, [{ kind: "Customer", id: id(4) }]);
    else await snapshot(world);
    expect((await decidePlan(world.ports, { ...o(BEN), approve: true, digest, remark: "" })).kind).toBe("changed");
  });
});

describe("conflicts", () => {
  async function withConflict(): Promise<void> {
    const at = await begin();
    await captured(world, [{ kind: "Customer", id: id(1) }]);
    mangle(1, "honest work");
    planId = (await plan(world, { at })).planId;
  }

  it("are decided before approval can be asked for: one by one, or by rule", async () => {
    await withConflict();
    expect(await submitPlan(world.ports, o(ANA))).toEqual({ kind: "failed", code: "restore.undecided" });
    const decided = await decideConflicts(world.ports, { ...o(ANA), rule: "ask", decisions: [{ kind: "Customer", id: id(1), decision: "keep" }] });
    expect(decided).toMatchObject({ row: { version: 2, totals: { undecided: 0 } } });
    expect(await decideConflicts(world.ports, { ...o(ANA), rule: "ask", decisions: [{ kind: "Customer", id: id(1), decision: null }] })).toMatchObject({ row: { version: 3, totals: { undecided: 1 } } });
    expect(await decideConflicts(world.ports, { ...o(ANA), rule: "overwrite", decisions: [] })).toMatchObject({ row: { version: 4, rule: "overwrite", totals: { undecided: 0 } } });
    expect((await submitPlan(world.ports, o(ANA))).kind).toBe("changed");
  });

  it("cannot be decided otherwise once approval was asked for", async () => {
    await submitted();
    expect(await decideConflicts(world.ports, { ...o(ANA), rule: "keep", decisions: [] })).toEqual({ kind: "failed", code: "restore.not_in_this_state" });
  });

  it("change the digest: what was decided is part of what is approved", async () => {
    await withConflict();
    const vault = await vaultOf(world);
    const reader = { store: world.store, description: vault.description, indexKey: vault.indexKey };
    await decideConflicts(world.ports, { ...o(ANA), rule: "ask", decisions: [{ kind: "Customer", id: id(1), decision: "keep" }] });
    await decideConflicts(world.ports, { ...o(ANA), rule: "ask", decisions: [{ kind: "Customer", id: id(1), decision: "overwrite" }] });
    const digests = await Promise.all([1, 2, 3].map(async (version) => planDigest((await readPlan(reader, planId, version))!)));
    expect(new Set(digests).size).toBe(3);
  });
});

describe("who may", () => {
  it("plan: responders of this shop", async () => {
    world.ports.responseTeam.name(SHOP, "staff:2", ["approver"]);
    const asked = { shop: SHOP, at: new Date(world.ports.clock.now().getTime() - 60_000), selection: { scope: "everything" }, target: { kind: "same-shop" }, rule: "ask", extras: "keep", assistantRun: null } as const;
    expect(await requestPlan(world.ports, { ...asked, actor: BEN })).toEqual({ kind: "refused", code: "access.not_a_responder" });
    expect(await requestPlan(world.ports, { ...asked, actor: { ...ANA, shop: "other.myshopify.com" } })).toEqual({ kind: "refused", code: "access.other_shop" });
    expect(await submitPlan(world.ports, o(BEN))).toEqual({ kind: "refused", code: "access.not_a_responder" });
    expect(await startPlanning(world.ports, { ...o(BEN), keys: null })).toEqual({ kind: "refused", code: "access.not_a_responder" });
  });

  it("cancel: responders and approvers; a cancelled plan stays so", async () => {
    world.ports.responseTeam.name(SHOP, "staff:2", ["approver"]);
    expect(await cancelPlan(world.ports, o(CARA))).toMatchObject({ kind: "refused" });
    expect(await cancelPlan(world.ports, o(BEN))).toMatchObject({ row: { state: "cancelled" } });
    expect(await cancelPlan(world.ports, o(BEN))).toEqual({ kind: "failed", code: "restore.not_in_this_state" });
    expect((await entries()).at(-1)).toBe("staff:2 restore.cancelled done");
  });
});

describe("a moment", () => {
  it.each([-10 * 365 * 86_400_000, 60_000])("that the vault does not have is refused (%d ms from now)", async (ms) => {
    expect(await requestPlan(world.ports, { shop: SHOP, actor: ANA, at: new Date(world.ports.clock.now().getTime() + ms), selection: { scope: "everything" }, target: { kind: "same-shop" }, rule: "ask", extras: "keep", assistantRun: null })).toEqual({ kind: "failed", code: "restore.no_such_moment" });
  });
});

describe("planning", () => {
  it("asks for the identity again when the process that had the keys is gone", async () => {
    const next = await ask(world, { at: new Date((await row()).at) });
    const started = await startPlanning(world.ports, { shop: SHOP, actor: ANA, planId: next, keys: await keysFor(world, next) });
    world.ports.held.clear();
    expect(await runPlan(world.ports, { runId: started.kind === "started" ? started.run.id : "" })).toEqual({ kind: "failed", code: "restore.identity_needed_again" });
    expect(await world.ports.restorePlans.get(SHOP, next)).toMatchObject({ state: "planning", code: "restore.identity_needed_again" });
    expect(await workOut(world, next)).toMatchObject({ kind: "planned" });
  });
});
