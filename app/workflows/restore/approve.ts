/**
 * From a draft to a plan that may be carried out: its conflicts are decided, its approval is asked for under its digest, and a second person approves or refuses
 * exactly that. Each step is made once, by whoever comes first, and is in the ledger.
 */
import { actorName, type Actor } from "#app/access/index.ts";
import type { RestoreKeeper } from "#app/vault/index.ts";
import type { ConflictRule, RestorePlanRow } from "../ports.ts";
import { RunFailed } from "../shared/failure.ts";
import { recordEvent } from "../shared/outbox.ts";
import { withShopVault, type FailedWork, type OpenedShopVault } from "../shared/with-shop-vault.ts";
import { refusedRestore, type Refused } from "./access.ts";
import { startRun, type PlanPorts, type StartedRun } from "./plan-request.ts";
import { stalenessOf } from "./plan-stale.ts";
import { plannedFamilies, readPlan, writePlan } from "./plan-store.ts";
import { decisionKey, decisionsOf, disclosed, planDigest, type PlanDecision, type RestorePlan } from "./plan-types.ts";
import { needsDecision } from "./plan-totals.ts";
import { rightsFault } from "./rights.ts";

type Asked = { readonly shop: string; readonly actor: Actor; readonly planId: string };
export type ChangedPlan = { readonly kind: "changed"; readonly row: RestorePlanRow } | Refused | FailedWork;

const PLAN_MISSING = { kind: "failed", code: "restore.plan_missing" } as const;
const NOT_IN_THIS_STATE = { kind: "failed", code: "restore.not_in_this_state" } as const;
/** One line, no e-mail address, as the ledger takes a reason. */
const REMARK = /^[^\p{Cc}@]{0,500}$/u;
const MOST_DECISIONS = 10_000;

/** Who has had a hand in the plan: the approver must be somebody else. */
export function handsOn({ createdBy, submittedBy }: Pick<RestorePlanRow, "createdBy" | "submittedBy">): readonly string[] {
  return [...new Set([createdBy, ...(submittedBy === null ? [] : [submittedBy])])];
}

/** Sets the rule for conflicts and what is decided for single records; `decision` null takes it back. A new version of the plan is sealed. */
export async function decideConflicts(
  ports: PlanPorts,
  o: Asked & { readonly rule: ConflictRule; readonly decisions: readonly { readonly kind: string; readonly id: string; readonly decision: PlanDecision | null }[] },
): Promise<ChangedPlan> {
  const refused = await refusedRestore(ports, "restore.plan", await withTarget(ports, o));
  if (refused !== null) return refused;
  return withPlan(ports, o, ["draft"], async ({ row, plan, keeper }) => {
    const merged = new Map(decisionsOf(plan));
    for (const { kind, id, decision } of o.decisions) {
      if (decision === null) merged.delete(decisionKey(kind, id));
      else merged.set(decisionKey(kind, id), decision);
    }
    if (merged.size > MOST_DECISIONS) return { kind: "failed", code: "restore.too_many_decisions" };
    let undecided = 0;
    if (plan.totals.editedSince + plan.totals.reCreated > 0) for await (const family of plannedFamilies(keeper, plan)) if (needsDecision(o.rule, merged, family)) undecided++;
    const decisions = [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, decision]) => ({ kind: key.slice(0, key.indexOf("\0")), id: key.slice(key.indexOf("\0") + 1), decision }));
    const next: RestorePlan = { ...plan, rule: o.rule, decisions, totals: { ...plan.totals, undecided } };
    const version = await nextVersion(keeper, next, row.version);
    const decided = await ports.restorePlans?.change(o.shop, o.planId, ["draft"], { rule: o.rule, version, totals: next.totals });
    if (decided) {
      const overwrite = decisions.filter(({ decision }) => decision === "overwrite").length;
      const subject = { vault: plan.vaultId, shop: o.shop, plan: o.planId, rule: o.rule, overwrite, keep: decisions.length - overwrite, undecided, version };
      await recordEvent(ports, o.shop, { actor: actorName(o.actor), action: "restore.decided", subject, outcome: "done" });
    }
    return changed(decided);
  });
}

/** A version that was sealed by somebody whose row never came to be is passed over. */
async function nextVersion(keeper: RestoreKeeper, plan: RestorePlan, after: number): Promise<number> {
  for (let version = after + 1; version < after + 100; version++) if (await writePlan(keeper, plan, version)) return version;
  throw new RunFailed("restore.contended", "many people change this plan at once");
}

/** Asks a second person for their approval, of exactly this plan. */
export async function submitPlan(ports: PlanPorts, o: Asked): Promise<ChangedPlan> {
  const refused = await refusedRestore(ports, "restore.plan", await withTarget(ports, o));
  if (refused !== null) return refused;
  return withPlan(ports, o, ["draft"], async ({ plan, keeper, vault }) => {
    if (plan.totals.undecided > 0) return { kind: "failed", code: "restore.undecided" };
    if (plan.totals.create + plan.totals.update + plan.totals.remove === 0) return { kind: "failed", code: "restore.nothing_to_do" };
    const stale = await whenStale(ports, o, plan, keeper, vault);
    if (stale !== null) return stale;
    const digest = planDigest(plan);
    const by = actorName(o.actor);
    const row = await ports.restorePlans?.change(o.shop, o.planId, ["draft"], { state: "awaiting-approval", digest, submittedBy: by, submittedAt: ports.clock.now(), code: null });
    if (row) await recordEvent(ports, o.shop, { actor: by, action: "restore.submitted", subject: { vault: plan.vaultId, shop: o.shop, plan: o.planId, digest, ...disclosed(plan) }, outcome: "done" });
    return changed(row);
  });
}

/** A second person approves or refuses. `digest`: of the plan that they were shown. */
export async function decidePlan(ports: PlanPorts, o: Asked & { readonly approve: boolean; readonly digest: string; readonly remark: string }): Promise<ChangedPlan> {
  const row = await ports.restorePlans?.get(o.shop, o.planId);
  // Nobody has had a hand in a plan that is not there.
  const refused = await refusedRestore(ports, "restore.approve", { ...o, others: row ? handsOn(row) : ["system"], ...(o.approve && row ? { target: row.target } : {}) });
  if (refused !== null) return refused;
  // Another shop's plan is as unknown as one that never was.
  if (row?.state !== "awaiting-approval") return NOT_IN_THIS_STATE;
  const remark = o.remark.trim();
  if (!REMARK.test(remark)) return { kind: "failed", code: "restore.bad_remark" };
  return withPlan(ports, o, ["awaiting-approval"], async ({ plan, keeper, vault }) => {
    if (row.digest !== o.digest || planDigest(plan) !== o.digest) return { kind: "failed", code: "restore.digest_mismatch" };
    const stale = o.approve ? await whenStale(ports, o, plan, keeper, vault) : null;
    if (stale !== null) return stale;
    const by = actorName(o.actor);
    const decided = await ports.restorePlans?.change(o.shop, o.planId, ["awaiting-approval"], { state: o.approve ? "approved" : "refused", decidedBy: by, decidedAt: ports.clock.now(), remark: remark === "" ? null : remark });
    if (decided) {
      const subject = { vault: plan.vaultId, shop: o.shop, plan: o.planId, digest: o.digest, askedBy: row.submittedBy ?? row.createdBy, ...(o.approve ? disclosed(plan) : {}) };
      await recordEvent(ports, o.shop, { actor: by, action: o.approve ? "restore.approved" : "restore.refused", subject, outcome: o.approve ? "done" : "refused", ...(remark === "" ? {} : { reason: remark }) });
    }
    return changed(decided);
  });
}

/** Carries out an approved plan, or goes on with one whose run has ended without its end. Takes over `keys`: they are zeroed. */
export async function startApply(ports: PlanPorts, o: Asked & { readonly keys: ReadonlyMap<string, Uint8Array> | null }): Promise<StartedRun> {
  try {
    const refused = await refusedRestore(ports, "restore.apply", await withTarget(ports, o));
    if (refused !== null) return refused;
    const started = await withPlan(ports, o, ["approved", "running", "paused"], async ({ row, plan, keeper, vault }): Promise<StartedRun> => {
      if (row.digest === null || row.decidedBy === null || planDigest(plan) !== row.digest) return { kind: "failed", code: "restore.digest_mismatch" };
      const under = row.runId === null ? null : await ports.runs.get(row.runId);
      if (row.state !== "approved" && (under?.state === "running" || under?.state === "queued")) return { kind: "busy", run: under };
      // What a run has begun, it has changed itself: that does not make its own plan old.
      const stale = row.state === "approved" ? await whenStale(ports, o, plan, keeper, vault) : null;
      if (stale !== null) return stale;
      const fault = await rightsFault(ports, { ...row, totals: plan.totals });
      if (fault !== null) return fault;
      const by = actorName(o.actor);
      const id = ports.ids.next();
      // The row is there before the run is: a worker may pick it up at once.
      const next = await ports.restorePlans?.change(o.shop, o.planId, [row.state], { state: "running", appliedBy: by, startedAt: row.startedAt ?? ports.clock.now(), runId: id, pauseAsked: false, code: null });
      if (!next) return NOT_IN_THIS_STATE;
      const run = await startRun(ports, { ...o, what: "apply", id });
      if (run.kind !== "started") {
        const { state, appliedBy, startedAt, runId, pauseAsked, code } = row;
        await ports.restorePlans?.change(o.shop, o.planId, ["running"], { state, appliedBy, startedAt, runId, pauseAsked, code });
        return run;
      }
      await recordEvent(ports, o.shop, { actor: by, action: "restore.applied", subject: { vault: plan.vaultId, shop: o.shop, plan: o.planId, digest: row.digest, run: run.run.id, approvedBy: row.decidedBy, ...disclosed(plan) }, outcome: "done" });
      if (plan.target.kind === "shop") await recordEvent(ports, plan.target.shop, { actor: "system", action: "received.begun", subject: { shop: plan.target.shop, from: o.shop, plan: o.planId, digest: row.digest }, outcome: "done" });
      return run;
    });
    return started;
  } finally {
    o.keys?.forEach((key) => key.fill(0));
  }
}

/** With where its plan's records are to go: another shop has a say in that. */
async function withTarget<T extends Asked>(ports: Pick<PlanPorts, "restorePlans">, o: T): Promise<T & Partial<Pick<RestorePlanRow, "target">>> {
  const row = await ports.restorePlans?.get(o.shop, o.planId);
  return row ? { ...o, target: row.target } : o;
}

/** Asks a run to hold on between two batches, or to go on. */
export async function pauseApply(ports: PlanPorts, o: Asked & { readonly pause: boolean }): Promise<ChangedPlan> {
  const refused = await refusedRestore(ports, "restore.apply", o);
  if (refused !== null) return refused;
  const before = await ports.restorePlans?.get(o.shop, o.planId);
  const row = await ports.restorePlans?.change(o.shop, o.planId, ["running", "paused"], { pauseAsked: o.pause });
  // Whoever presses twice has asked once.
  if (row && before?.pauseAsked !== o.pause) await recordEvent(ports, o.shop, { actor: actorName(o.actor), action: o.pause ? "restore.paused" : "restore.resumed", subject: { vault: row.vaultId, shop: o.shop, plan: o.planId, ...(row.runId === null ? {} : { run: row.runId }) }, outcome: "done" });
  return changed(row);
}

/** Gives a plan up. What has been put back stays; a run under way stops between two batches and says what it has done. */
export async function cancelPlan(ports: PlanPorts, o: Asked): Promise<ChangedPlan> {
  const refused = await refusedRestore(ports, "restore.cancel", o);
  if (refused !== null) return refused;
  const row = await ports.restorePlans?.get(o.shop, o.planId);
  if (!row) return NOT_IN_THIS_STATE;
  const run = row.runId === null ? null : await ports.runs.get(row.runId);
  const live = run?.kind === "restore" && (run.state === "running" || run.state === "queued");
  if (live) await ports.runs.requestCancel(run.id);
  // A run that is under way ends its plan itself, with what it has done; one that died cannot.
  if (live && run.state === "running" && (row.state === "running" || row.state === "paused")) return { kind: "changed", row };
  const over = await ports.restorePlans?.change(o.shop, o.planId, ["planning", "draft", "awaiting-approval", "approved", "running", "paused", "stale"], { state: "cancelled", finishedAt: ports.clock.now(), code: "restore.cancelled", runId: null });
  if (over) await recordEvent(ports, o.shop, { actor: actorName(o.actor), action: "restore.cancelled", subject: { vault: row.vaultId, shop: o.shop, plan: o.planId, code: "restore.cancelled" }, outcome: "done" });
  return changed(over);
}

function changed(row: RestorePlanRow | null | undefined): ChangedPlan {
  return row ? { kind: "changed", row } : NOT_IN_THIS_STATE;
}

interface OpenedPlan extends OpenedShopVault {
  readonly row: RestorePlanRow;
  readonly plan: RestorePlan;
  readonly keeper: RestoreKeeper;
}

async function withPlan<T>(ports: PlanPorts, { shop, planId }: Asked, states: readonly RestorePlanRow["state"][], work: (opened: OpenedPlan) => Promise<T>): Promise<T | FailedWork> {
  const row = await ports.restorePlans?.get(shop, planId);
  if (!row || !states.includes(row.state)) return NOT_IN_THIS_STATE;
  return withShopVault<T | FailedWork>(ports, shop, async (opened) => {
    const keeper: RestoreKeeper = { store: opened.store, description: opened.vault.description, indexKey: opened.vault.indexKey, signingKey: opened.hostKeys.signingKey, random: ports.random };
    const plan = await readPlan(keeper, planId, row.version);
    // The storage was changed for another, or somebody removed it.
    if (plan === null || plan.vaultId !== opened.link.vaultId) return PLAN_MISSING;
    return work({ ...opened, row, plan, keeper });
  });
}

/** A plan that is stale goes back to be made anew; null: it is not. */
async function whenStale(ports: PlanPorts, { shop, planId }: Asked, plan: RestorePlan, keeper: RestoreKeeper, vault: OpenedShopVault["vault"]): Promise<FailedWork | null> {
  const standing = await stalenessOf(keeper, vault, plan, ports.clock.now());
  if (!standing.stale) return null;
  await ports.restorePlans?.change(shop, planId, ["draft", "awaiting-approval", "approved"], { state: "stale", code: standing.code, finishedAt: ports.clock.now() });
  await recordEvent(ports, shop, { actor: "system", action: "restore.cancelled", subject: { vault: plan.vaultId, shop, plan: planId, code: standing.code, records: standing.records }, outcome: "failed" });
  return { kind: "failed", code: standing.code };
}

