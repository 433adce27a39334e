/**
 * The run that works a plan out, with keys that were handed in for this run only, or with the key service that is set up for this host. A run whose worker died has
 * lost its keys: the person is asked again, or the key service is. What an earlier life has written stays; a plan that it sealed counts.
 */
import type { RestoreKeeper } from "#app/vault/index.ts";
import type { Lease, Ports, RestorePlanRow } from "../ports.ts";
import { toldCatalogue } from "../capture/told-kinds.ts";
import { failureOf, RunFailed } from "../shared/failure.ts";
import { keysOfRun } from "../shared/keys-of-run.ts";
import { keepLease, type LeaseKeeper } from "../shared/lease-keeper.ts";
import { openShopVault } from "../shared/open-shop-vault.ts";
import { recordEvent } from "../shared/outbox.ts";
import { holdToInvitation } from "./access.ts";
import { knownIds } from "./apply-log.ts";
import { exportTarget } from "./export-target.ts";
import { beforeOf, needsSnapshot } from "./plan-keys.ts";
import { isWholeElsewhere, openStates } from "./plan-states.ts";
import { NeededRights } from "./rights.ts";
import { readPlan, writePlan } from "./plan-store.ts";
import { disclosed, type RestorePlan } from "./plan-types.ts";
import { planRestore } from "./plan-work.ts";

export type RunPlanPorts = Pick<
  Ports,
  "runs" | "links" | "keyring" | "stores" | "signer" | "outbox" | "custody" | "scratch" | "clock" | "random" | "log" | "unattended" | "current" | "restorePlans" | "restoreTargets" | "invitations" | "capture"
>;

export type PlanOutcome = { readonly kind: "planned"; readonly plan: RestorePlan } | { readonly kind: "failed"; readonly code: string } | { readonly kind: "cancelled" } | { readonly kind: "not-claimed" };

export const IDENTITY_NEEDED = "restore.identity_needed_again";

export async function runPlan(ports: RunPlanPorts, { runId, signal }: { readonly runId: string; readonly signal?: AbortSignal }): Promise<PlanOutcome> {
  const lease = await ports.runs.claim(runId);
  if (lease === null) return { kind: "not-claimed" };
  const { shop } = lease.run;
  const planId = String(lease.run.input["plan"]);
  const keys = await ports.custody.take(runId);
  const keeper = keepLease(lease, ports.clock);
  try {
    const row = await ports.restorePlans?.get(shop, planId);
    if (row?.state !== "planning") throw new RunFailed("restore.not_in_this_state", "the plan is not being worked out");
    const plan = await underLease(ports, lease, keeper, signal === undefined ? keeper.signal : AbortSignal.any([keeper.signal, signal]), row, keys);
    await lease.finish({ state: "succeeded", code: "restore.planned", result: planId });
    return { kind: "planned", plan };
  } catch (error) {
    if (keeper.stopped === "lost") return { kind: "not-claimed" };
    if (keeper.stopped === "cancel-requested") {
      await ports.restorePlans?.change(shop, planId, ["planning"], { code: "restore.planning_stopped", runId: null });
      await lease.finish({ state: "cancelled", code: "restore.planning_stopped" });
      return { kind: "cancelled" };
    }
    const failure = failureOf(error);
    // The keys are gone with this process, so another worker could not go on either.
    const code = signal?.aborted === true ? IDENTITY_NEEDED : (failure?.code ?? "unexpected");
    await ports.restorePlans?.change(shop, planId, ["planning"], { code, runId: null });
    await lease.finish({ state: "failed", code });
    ports.log.error("restore.plan_failed", { shop, run: runId, plan: planId, code });
    if (failure === null && signal?.aborted !== true) throw error;
    return { kind: "failed", code };
  } finally {
    keys?.forEach((key) => key.fill(0));
    keeper.stop();
  }
}

async function underLease(ports: RunPlanPorts, lease: Lease, keeper: LeaseKeeper, signal: AbortSignal, row: RestorePlanRow, keys: ReadonlyMap<string, Uint8Array> | null): Promise<RestorePlan> {
  const { run } = lease;
  const { shop } = run;
  keeper.report({ step: "open" });
  await keeper.beat();
  const opening = await keysOfRun(ports, run, keys);
  if (opening === null) throw new RunFailed(IDENTITY_NEEDED, "the keys for this run are not in this process");
  if (ports.restoreTargets === undefined) throw new RunFailed("restore.not_here", "nothing can be put back from here");
  const scratch = await ports.scratch.open();
  try {
    const { vault, store, hostKeys } = await openShopVault(ports, shop, scratch.directory);
    const restoreKeeper: RestoreKeeper = { store, description: vault.description, indexKey: vault.indexKey, signingKey: hostKeys.signingKey, random: ports.random };
    // An earlier life may have died between the plan and its row.
    const there = await readPlan(restoreKeeper, row.planId, 1);
    if (there !== null) return await keepDraft(ports, row, there);
    const snapshots = await vault.snapshots();
    const before = needsSnapshot(row) ? beforeOf(row, snapshots) : null;
    if (needsSnapshot(row) && before === null) throw new RunFailed("restore.no_snapshot_before", "what the shop has now was not read yet");
    const emptyTarget = row.target.kind !== "same-shop";
    const current = ports.current ?? null;
    await holdToInvitation(ports, shop, row.target);
    const { target, pointsPerSecond } = row.target.kind === "export" ? { target: exportTarget(row.target, null), pointsPerSecond: 1 } : await ports.restoreTargets.open(shop, row.target, signal);
    const known = row.target.kind === "export" ? new Map<string, string>() : await knownIds(restoreKeeper, target.description.name);
    const elsewhere = isWholeElsewhere(row) ? { known, read: target.read.bind(target) } : null;
    const states = await openStates({ shop, vault, store, keys: opening.content(store), at: row.at, base: null, before, current, emptyTarget, elsewhere, scratchDirectory: scratch.directory, signal });
    const rights = new NeededRights(target);
    const made = await planRestore({
      row, vault, store, states, before, emptyTarget, snapshots, current, capture: ports.capture === undefined ? null : await toldCatalogue(ports.capture, shop, new Date(states.overlay.base?.takenAt ?? 0)), target: rights.target, pointsPerSecond,
      known,
      keeper: restoreKeeper,
      attempt: run.attempt,
      clock: ports.clock,
      scratchDirectory: scratch.directory,
      signal,
      onProgress: (progress) => keeper.report(progress),
    });
    const plan = { ...made, totals: rights.of(made.totals) };
    await keeper.beat();
    if (!(await writePlan(restoreKeeper, plan, 1))) {
      const other = await readPlan(restoreKeeper, row.planId, 1);
      if (other === null) throw new RunFailed("restore.contended", "another planner wrote this plan");
      return await keepDraft(ports, row, other);
    }
    return await keepDraft(ports, row, plan);
  } finally {
    await scratch.remove();
  }
}

async function keepDraft(ports: RunPlanPorts, { shop, planId }: RestorePlanRow, plan: RestorePlan): Promise<RestorePlan> {
  const { totals, base, before, estimateMs } = plan;
  const changed = await ports.restorePlans?.change(shop, planId, ["planning"], { state: "draft", version: 1, totals, base, before, estimateMs, plannedAt: new Date(plan.plannedAt), runId: null, code: null });
  if (changed === null) throw new RunFailed("restore.not_in_this_state", "the plan was cancelled meanwhile");
  await recordEvent(ports, shop, {
    actor: plan.createdBy,
    action: "restore.planned",
    subject: { vault: plan.vaultId, shop, plan: planId, moment: new Date(plan.at).toISOString(), records: totals.create + totals.update + totals.remove, conflicts: totals.editedSince + totals.reCreated, ...(plan.target.kind === "export" ? { recipient: plan.target.recipient.keyId } : {}), ...disclosed(plan) },
    outcome: "done",
  });
  return plan;
}
