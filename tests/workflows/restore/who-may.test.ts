/** Every verb of a restore by everybody who may and who may not: what is refused changes nothing, hands out nothing, and is in the ledger under the plan it was about. */
import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { Actor, Role } from "#app/access/index.ts";
import { vaultLedger } from "#app/workflows/index.ts";
import type { RestorePlanRow } from "#app/workflows/ports.ts";
import { refusals } from "#app/platform/records/refusals.ts";
import { cancelPlan, decideConflicts, decidePlan, pauseApply, startApply, submitPlan } from "#app/workflows/restore/approve.ts";
import { prepareRestore } from "#app/workflows/restore/plan-keys.ts";
import { requestPlan, startPlanning } from "#app/workflows/restore/plan-request.ts";
import { giveBackRights, noteGranted } from "#app/workflows/restore/rights.ts";
import { listPlans, partOfExport, showPlan, wholeReport } from "#app/workflows/restore/show.ts";
import { SHOP, snapshot } from "../support/linked-shop.ts";
import { ANA, BEN, plan, planWorld, type PlanWorld } from "./support/world.ts";

const OTHER = "other.myshopify.com";
const staff = (id: string, shop = SHOP): Actor => ({ kind: "staff", id, shop });

/** Ana made the plan and asked for its approval. Everybody below is somebody else, but for the one who is not. */
const PEOPLE = {
  "staff without a role": staff("9"),
  "an approver only": staff("3"),
  "a responder only": staff("4"),
  "whoever made the plan, with both roles": ANA,
  "somebody else with both roles": BEN,
  "staff of another shop": staff("2", OTHER),
  "a responder from outside the admin": { kind: "responder", id: "r", shop: SHOP },
  "the schedule": { kind: "schedule", shop: SHOP },
  "the platform": { kind: "platform", shop: SHOP },
} as const satisfies Record<string, Actor>;
type Person = keyof typeof PEOPLE;
const NAMED: readonly (readonly [string, readonly Role[]])[] = [["staff:1", ["responder", "approver"]], ["staff:2", ["responder", "approver"]], ["staff:3", ["approver"]], ["staff:4", ["responder"]], ["responder:r", ["responder", "approver"]]];

const NOBODY = { "staff of another shop": "access.other_shop", "a responder from outside the admin": "access.not_for_you", "the schedule": "access.not_for_you", "the platform": "access.not_for_you" } as const;
const RESPONDER = { "staff without a role": "access.not_a_responder", "an approver only": "access.not_a_responder", ...NOBODY } as const;
const TEAM = { "staff without a role": "access.not_a_responder", ...NOBODY } as const;
const SECOND = { "staff without a role": "access.not_an_approver", "a responder only": "access.not_an_approver", "whoever made the plan, with both roles": "access.same_person", ...NOBODY } as const;

interface Verb {
  readonly refused: Partial<Record<Person, string>>;
  readonly asks: string;
  /** The state that the plan must be in. */
  readonly state?: RestorePlanRow["state"];
  /** The entry names no plan: there is none yet, or all are meant. */
  readonly noPlan?: true;
  readonly run: (actor: Actor) => Promise<{ readonly kind: string }>;
}

let world: PlanWorld;
let planId: string;
let digest: string;
let keys: Map<string, Uint8Array>;

const VERBS: Readonly<Record<string, Verb>> = {
  list: { asks: "restore.list", refused: TEAM, noPlan: true, run: (actor) => listPlans(world.ports, { shop: SHOP, actor }) },
  view: { asks: "restore.view", refused: TEAM, run: (actor) => showPlan(world.ports, { shop: SHOP, actor, planId, page: 0, conflicts: false }) },
  report: { asks: "restore.report", refused: TEAM, run: (actor) => wholeReport(world.ports, { shop: SHOP, actor, planId, format: "json" }) },
  "export part": { asks: "restore.fetch", refused: RESPONDER, run: (actor) => partOfExport(world.ports, { shop: SHOP, actor, planId, part: 1 }) },
  ask: { asks: "restore.plan", refused: RESPONDER, noPlan: true, run: (actor) => requestPlan(world.ports, { shop: SHOP, actor, at: world.ports.clock.now(), selection: { scope: "records", ids: ["gid://shopify/Customer/1001"] }, rule: "ask", extras: "keep", target: { kind: "same-shop" }, assistantRun: null }) },
  "prepare to plan": { asks: "restore.plan", refused: RESPONDER, run: async (actor) => prepareRestore(world.ports, { shop: SHOP, actor, row: await row(), asked: "restore.plan" }) },
  "prepare to apply": { asks: "restore.apply", refused: RESPONDER, run: async (actor) => prepareRestore(world.ports, { shop: SHOP, actor, row: await row(), asked: "restore.apply" }) },
  plan: { asks: "restore.plan", refused: RESPONDER, state: "planning", run: (actor) => startPlanning(world.ports, { shop: SHOP, actor, planId, keys }) },
  decide: { asks: "restore.plan", refused: RESPONDER, state: "draft", run: (actor) => decideConflicts(world.ports, { shop: SHOP, actor, planId, rule: "keep", decisions: [] }) },
  submit: { asks: "restore.plan", refused: RESPONDER, state: "draft", run: (actor) => submitPlan(world.ports, { shop: SHOP, actor, planId }) },
  approve: { asks: "restore.approve", refused: SECOND, run: (actor) => decidePlan(world.ports, { shop: SHOP, actor, planId, approve: true, digest, remark: "" }) },
  refuse: { asks: "restore.approve", refused: SECOND, run: (actor) => decidePlan(world.ports, { shop: SHOP, actor, planId, approve: false, digest, remark: "" }) },
  start: { asks: "restore.apply", refused: RESPONDER, state: "approved", run: (actor) => startApply(world.ports, { shop: SHOP, actor, planId, keys }) },
  pause: { asks: "restore.apply", refused: RESPONDER, state: "running", run: (actor) => pauseApply(world.ports, { shop: SHOP, actor, planId, pause: true }) },
  resume: { asks: "restore.apply", refused: RESPONDER, state: "paused", run: (actor) => pauseApply(world.ports, { shop: SHOP, actor, planId, pause: false }) },
  cancel: { asks: "restore.cancel", refused: TEAM, run: (actor) => cancelPlan(world.ports, { shop: SHOP, actor, planId }) },
  "note what was granted": { asks: "scopes.change", refused: TEAM, run: (actor) => noteGranted(world.ports, { shop: SHOP, actor, planId, rights: ["write_customers"] }) },
  "give back": { asks: "scopes.change", refused: TEAM, run: (actor) => giveBackRights(world.ports, { shop: SHOP, actor, planId }) },
};

const row = async (): Promise<RestorePlanRow> => (await world.ports.restorePlans.get(SHOP, planId))!;
let waiting: RestorePlanRow;

beforeAll(async () => {
  world = await planWorld();
  await snapshot(world);
  const at = world.ports.clock.now();
  world.ports.time.advance(60_000);
  world.source.records = world.source.records.map((one) => (one.id === "gid://shopify/Customer/1001" ? { ...one, bytes: Buffer.from(JSON.stringify({ id: one.id, note: "SYNTHETIC mangled" })) } : one));
  planId = (await plan(world, { at })).planId;
  const submitted = await submitPlan(world.ports, { shop: SHOP, actor: ANA, planId });
  if (submitted.kind !== "changed") throw new Error(JSON.stringify(submitted));
  waiting = submitted.row;
  digest = waiting.digest!;
  for (const [actor, roles] of NAMED) world.ports.responseTeam.name(SHOP, actor, roles);
});

beforeEach(() => {
  keys = new Map([["k", new Uint8Array(32).fill(7)]]);
});

async function entries(from: number): Promise<readonly { actor: string; action: string; subject: unknown; outcome: string }[]> {
  const ledger = await vaultLedger(world.ports, [...world.ports.hostKeys.keys()][0]!, world.store);
  const found = [];
  let n = 0;
  for await (const { actor, action, subject, outcome } of ledger.entries()) if (n++ >= from) found.push({ actor, action, subject, outcome });
  return found;
}

/** The plan as it waits for its approval, in the state that a verb takes. */
function put(state: RestorePlanRow["state"] | undefined): void {
  world.ports.restorePlans.rows.set(planId, { ...waiting, ...(state === undefined ? {} : { state }), decidedBy: state === "approved" ? "staff:2" : null, pauseAsked: state === "paused" });
}

const table = Object.entries(VERBS).flatMap(([name, verb]) => (Object.keys(PEOPLE) as Person[]).map((person) => [name, person, verb.refused[person] ?? "allowed"] as const));

describe("what may be done with a restore", () => {
  it.each(table)("%s by %s: %s", async (name, person, expected) => {
    const verb = VERBS[name]!;
    put(verb.state);
    const before = { rows: new Map(world.ports.restorePlans.rows), runs: world.ports.runs.runs.size, entries: (await entries(0)).length };
    const answer = await verb.run(PEOPLE[person]);
    const said = await entries(before.entries);
    if (expected === "allowed") {
      expect(answer.kind).not.toBe("refused");
      expect(said.filter(({ action }) => action === "request.refused")).toEqual([]);
    } else {
      expect(answer).toEqual({ kind: "refused", code: expected });
      const { kind, ...who } = PEOPLE[person];
      expect(said).toEqual([{ actor: "id" in who ? `${kind}:${who.id}` : kind, action: "request.refused", subject: { shop: SHOP, asked: verb.asks, code: expected, ...(verb.noPlan ? {} : { plan: planId }) }, outcome: "refused" }]);
      expect(world.ports.restorePlans.rows).toEqual(before.rows);
      expect(world.ports.runs.runs.size).toBe(before.runs);
      expect(world.ports.held.size).toBe(0);
      if (name === "plan" || name === "start") expect(keys.get("k")!.every((byte) => byte === 0)).toBe(true);
    }
    // What an allowed verb began is another's test.
    for (const run of world.ports.runs.runs.values()) if (run.kind === "restore") Object.assign(run, { state: "cancelled" });
    world.ports.held.clear();
  });

  it("with a plan of another shop is as if there were none, and no word of an address gets into the ledger", async () => {
    put(undefined);
    const mine = { shop: OTHER, actor: staff("1", OTHER), planId };
    expect(await showPlan(world.ports, { ...mine, page: 0, conflicts: false })).toEqual({ kind: "not-found" });
    expect(await wholeReport(world.ports, { ...mine, format: "csv" })).toEqual({ kind: "not-found" });
    expect(await partOfExport(world.ports, { ...mine, part: 1 })).toEqual({ kind: "not-found" });
    expect(await decidePlan(world.ports, { ...mine, approve: true, digest, remark: "" })).toEqual({ kind: "failed", code: "restore.not_in_this_state" });
    expect(await cancelPlan(world.ports, mine)).toEqual({ kind: "failed", code: "restore.not_in_this_state" });
    expect(await listPlans(world.ports, { shop: OTHER, actor: mine.actor })).toEqual({ kind: "listed", rows: [] });
    const before = (await entries(0)).length;
    expect(await showPlan(world.ports, { shop: SHOP, actor: PEOPLE["staff without a role"], planId: "Maria-Synthetic", page: 0, conflicts: false })).toMatchObject({ kind: "refused" });
    expect(await entries(before)).toEqual([{ actor: "staff:9", action: "request.refused", subject: { shop: SHOP, asked: "restore.view", code: "access.not_a_responder" }, outcome: "refused" }]);
  });
});

describe("the ledger", () => {
  const recorded = async (work: () => Promise<unknown>) => {
    const before = (await entries(0)).length;
    await work();
    return (await entries(before)).map(({ actor, action, subject }) => [actor, action, subject]);
  };

  it("has how conflicts are to be decided, by counts and by whom, and nothing of a record", async () => {
    put("draft");
    const vault = waiting.vaultId;
    const said = await recorded(() => decideConflicts(world.ports, { shop: SHOP, actor: BEN, planId, rule: "keep", decisions: [{ kind: "Customer", id: "gid://shopify/Customer/1001", decision: "overwrite" }, { kind: "Customer", id: "gid://shopify/Customer/1002", decision: "keep" }, { kind: "Customer", id: "gid://shopify/Customer/1003", decision: "keep" }] }));
    expect(said).toEqual([["staff:2", "restore.decided", { vault, shop: SHOP, plan: planId, rule: "keep", overwrite: 1, keep: 2, undecided: 0, version: (await row()).version }]]);
    expect(JSON.stringify(said)).not.toContain("gid:");
  });

  it("has who asked a run to hold on and to go on, once for each time that it changes something", async () => {
    put("running");
    const o = { shop: SHOP, planId };
    const subject = { vault: waiting.vaultId, shop: SHOP, plan: planId };
    expect(await recorded(async () => { await pauseApply(world.ports, { ...o, actor: BEN, pause: true }); await pauseApply(world.ports, { ...o, actor: BEN, pause: true }); await pauseApply(world.ports, { ...o, actor: ANA, pause: false }); })).toEqual([["staff:2", "restore.paused", subject], ["staff:1", "restore.resumed", subject]]);
  });

  it("has a refusal once an hour for each person, verb and plan, and again for whatever differs", async () => {
    put(undefined);
    const ports = { ...world.ports, refusals: refusals() };
    const nobody = PEOPLE["staff without a role"];
    const look = (actor: Actor) => showPlan(ports, { shop: SHOP, actor, planId, page: 0, conflicts: false });
    const first = await recorded(async () => { for (let n = 0; n < 20; n++) expect(await look(nobody)).toEqual({ kind: "refused", code: "access.not_a_responder" }); });
    expect(first).toHaveLength(1);
    expect(await recorded(async () => { await look(staff("10")); await listPlans(ports, { shop: SHOP, actor: nobody }); await cancelPlan(ports, { shop: SHOP, actor: nobody, planId }); })).toHaveLength(3);
    expect(await recorded(() => look(staff("9", OTHER)))).toHaveLength(1);
    world.ports.time.advance(3_600_000);
    expect(await recorded(async () => { await look(nobody); await look(nobody); })).toHaveLength(1);
  });
});
