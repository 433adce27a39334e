/**
 * Carries out an approved plan. The plan is read from the vault and must have the digest that was approved; what the shop had before must be there; then every family of
 * the plan is put back, read again, and reported. A run whose process died goes on from its log once it has keys again.
 */
import type { ChangesOf, ReviseOutcome, ReviseResult, ReviseRun } from "#app/sources/port.ts";
import type { RestoreKeeper } from "#app/vault/index.ts";
import type { Lease, Ports, RestorePlanRow } from "../ports.ts";
import { failureOf, RunFailed } from "../shared/failure.ts";
import { keysOfRun } from "../shared/keys-of-run.ts";
import { keepLease, type LeaseKeeper } from "../shared/lease-keeper.ts";
import { openShopVault } from "../shared/open-shop-vault.ts";
import { recordEvent } from "../shared/outbox.ts";
import { holdToInvitation } from "./access.ts";
import { knownIds, VaultRestoreLog } from "./apply-log.ts";
import { exportTarget } from "./export-target.ts";
import { keepBefore } from "./apply-before.ts";
import { ReportWriter } from "./apply-report.ts";
import { verified } from "./apply-verify.ts";
import { IDENTITY_NEEDED } from "./plan-run.ts";
import { changesOf, isWholeElsewhere, openStates } from "./plan-states.ts";
import { readPlan } from "./plan-store.ts";
import { disclosed, planDigest, type RestorePlan } from "./plan-types.ts";
import { holdToRights } from "./rights.ts";

export type ApplyPorts = Pick<
  Ports,
  "runs" | "links" | "keyring" | "stores" | "signer" | "outbox" | "custody" | "scratch" | "clock" | "random" | "log" | "unattended" | "current" | "restorePlans" | "restoreTargets" | "invitations"
>;

export type ApplyOutcome =
  | { readonly kind: "applied"; readonly code: string; readonly report: string; readonly counts: ReportWriter["counts"] }
  | { readonly kind: "failed"; readonly code: string }
  | { readonly kind: "cancelled" }
  | { readonly kind: "not-claimed" };

/** How often a run that was asked to pause looks whether it may go on. */
const PAUSE_MS = 1_000;

export async function applyRestore(ports: ApplyPorts, { runId, signal, pauseMs = PAUSE_MS }: { readonly runId: string; readonly signal?: AbortSignal; readonly pauseMs?: number }): Promise<ApplyOutcome> {
  const lease = await ports.runs.claim(runId);
  if (lease === null) return { kind: "not-claimed" };
  const { shop } = lease.run;
  const planId = String(lease.run.input["plan"]);
  const keys = await ports.custody.take(runId);
  const keeper = keepLease(lease, ports.clock);
  const stop = signal === undefined ? keeper.signal : AbortSignal.any([keeper.signal, signal]);
  let row: RestorePlanRow | null = null;
  try {
    row = (await ports.restorePlans?.get(shop, planId)) ?? null;
    if (row === null || (row.state !== "running" && row.state !== "paused") || row.digest === null) throw new RunFailed("restore.not_in_this_state", "the plan is not to be carried out");
    const outcome = await underLease({ ports, lease, keeper, signal: stop, row, keys, pauseMs });
    await lease.finish({ state: "succeeded", code: outcome.code, result: planId });
    return outcome;
  } catch (error) {
    if (keeper.stopped === "lost") return { kind: "not-claimed" };
    if (keeper.stopped === "cancel-requested") {
      await ports.restorePlans?.change(shop, planId, ["running", "paused"], { state: "cancelled", code: "restore.cancelled", finishedAt: ports.clock.now(), runId: null, pauseAsked: false });
      if (row !== null) {
        await recordEvent(ports, shop, { actor: row.appliedBy ?? "system", action: "restore.cancelled", subject: { vault: row.vaultId, shop, plan: planId, code: "restore.cancelled" }, outcome: "done" });
        await recordReceived(ports, row, "restore.cancelled");
      }
      await lease.finish({ state: "cancelled", code: "restore.cancelled" });
      return { kind: "cancelled" };
    }
    const failure = failureOf(error);
    const code = signal?.aborted === true ? IDENTITY_NEEDED : (failure?.code ?? "unexpected");
    // What has begun is not over: whoever starts it again goes on from its log.
    await ports.restorePlans?.change(shop, planId, ["running", "paused"], { code, runId: null });
    if (row !== null) {
      await recordEvent(ports, shop, { actor: row.appliedBy ?? "system", action: "restore.stopped", subject: { vault: row.vaultId, shop, plan: planId, code, run: runId }, outcome: "failed" });
      await recordReceived(ports, row, code);
    }
    await lease.finish({ state: "failed", code });
    ports.log.error("restore.apply_failed", { shop, run: runId, plan: planId, code });
    if (failure === null && signal?.aborted !== true) throw error;
    return { kind: "failed", code };
  } finally {
    keys?.forEach((key) => key.fill(0));
    keeper.stop();
  }
}

type Applied = Extract<ApplyOutcome, { readonly kind: "applied" }>;

interface UnderLease {
  readonly ports: ApplyPorts;
  readonly lease: Lease;
  readonly keeper: LeaseKeeper;
  readonly signal: AbortSignal;
  readonly row: RestorePlanRow;
  readonly keys: ReadonlyMap<string, Uint8Array> | null;
  readonly pauseMs: number;
}

async function underLease({ ports, lease, keeper, signal, row, keys, pauseMs }: UnderLease): Promise<Applied> {
  const { run } = lease;
  const { shop } = run;
  const { planId } = row;
  keeper.report({ step: "open" });
  await keeper.beat();
  const opening = await keysOfRun(ports, run, keys);
  if (opening === null) throw new RunFailed(IDENTITY_NEEDED, "the keys for this run are not in this process");
  if (ports.restoreTargets === undefined) throw new RunFailed("restore.not_here", "nothing can be put back from here");
  const scratch = await ports.scratch.open();
  try {
    const { vault, store, hostKeys } = await openShopVault(ports, shop, scratch.directory);
    const restoreKeeper: RestoreKeeper = { store, description: vault.description, indexKey: vault.indexKey, signingKey: hostKeys.signingKey, random: ports.random };
    const plan = await readPlan(restoreKeeper, planId, row.version, row.digest!);
    if (plan === null || plan.vaultId !== vault.description.vaultId) throw new RunFailed("restore.plan_missing", "the approved plan is not in the vault");
    const snapshots = await vault.snapshots();
    const before = plan.before === null ? null : (snapshots.find(({ snapshotId }) => snapshotId === plan.before) ?? null);
    if (plan.before !== null && before === null) throw new RunFailed("restore.no_snapshot_before", "the snapshot of what the shop had before is gone");
    const base = plan.base === null ? null : (snapshots.find(({ snapshotId }) => snapshotId === plan.base) ?? null);
    const emptyTarget = plan.target.kind !== "same-shop";
    await holdToInvitation(ports, shop, plan.target);
    // What was approved is what the sealed plan says, not its row.
    const { target } = plan.target.kind === "export" ? { target: exportTarget(plan.target, { keeper: restoreKeeper, planId, kinds: kindsOf(plan) }) } : await ports.restoreTargets.open(shop, plan.target, signal);
    await holdToRights(target, plan.totals, signal);
    const name = target.description.name;
    const log = await VaultRestoreLog.open(restoreKeeper, planId, name);
    const known = await knownIds(restoreKeeper, name);
    const elsewhere = isWholeElsewhere(plan) ? { known, read: target.read.bind(target) } : null;
    const states = await openStates({ shop, vault, store, keys: opening.content(store), at: new Date(plan.at), base, before, current: ports.current ?? null, emptyTarget, elsewhere, scratchDirectory: scratch.directory, signal });
    const changes = changesOf(plan, states, { store, vault, signal });
    if (before === null && !emptyTarget) await keepBefore({ ports, shop, vault, hostKeys, store, planId, keeper: restoreKeeper, orderedKinds: target.orderedKinds, changes, kinds: kindsOf(plan), signal });
    const ids = { known, same: plan.target.kind === "same-shop" };
    return await putBack({ ports, keeper, signal, row, plan, changes, ids, log, restoreKeeper, pauseMs }, target);
  } finally {
    await scratch.remove();
  }
}

interface PutBack {
  readonly ports: ApplyPorts;
  readonly keeper: LeaseKeeper;
  readonly signal: AbortSignal;
  readonly row: RestorePlanRow;
  readonly plan: RestorePlan;
  readonly changes: ChangesOf;
  readonly ids: ReviseRun["ids"];
  readonly log: VaultRestoreLog;
  readonly restoreKeeper: RestoreKeeper;
  readonly pauseMs: number;
}

async function putBack(o: PutBack, target: Awaited<ReturnType<NonNullable<ApplyPorts["restoreTargets"]>["open"]>>["target"]): Promise<Applied> {
  const { ports, keeper, signal, row, plan, changes } = o;
  const { shop, planId } = row;
  const total = plan.totals.create + plan.totals.update + plan.totals.remove;
  const results = new Map<string, ReviseResult>();
  const paused = pausing(o);
  const outcome: ReviseOutcome = await target.revise(changes, {
    signal,
    extras: plan.extras,
    log: o.log,
    ids: o.ids,
    paused,
    // Whoever approved the plan approved overwriting what it shows; what was changed since is not in it.
    ifChanged: () => (plan.rule === "overwrite" ? "overwrite" : "skip"),
    onResult: (result) => {
      results.set(result.id, result);
      keeper.report({ step: "write", records: results.size, expected: total });
    },
  });
  if (plan.target.kind !== "export") keeper.report({ step: "check", records: 0, expected: total });
  const report = await ReportWriter.open(o.restoreKeeper, planId);
  let checked = 0;
  const ids = { known: new Map([...o.ids.known, ...outcome.ids]), same: o.ids.same };
  // An export can be read by its recipient alone: of it there is nothing to read again.
  if (plan.target.kind === "export") for (const result of results.values()) await report.add({ ...result, losses: [], differs: null });
  else for await (const line of verified(changes, { target, extras: plan.extras, ids, results, kinds: kindsOf(plan), signal, paused, onRecords: (records) => keeper.report({ step: "check", records: (checked += records), expected: total }) })) await report.add(line);
  const { counts } = report;
  const code = counts.differing > 0 ? "restore.differs" : counts.refused + counts.restoredWithLosses > 0 ? "restore.done_with_losses" : "restore.done";
  const finishedAt = ports.clock.now();
  const digest = planDigest(plan);
  const reportName = await report.finish({ planDigest: digest, target: target.description.name, startedAt: (row.startedAt ?? finishedAt).toISOString(), finishedAt: finishedAt.toISOString(), code, costPoints: outcome.costPoints, ...(plan.totals.moments === undefined ? {} : { moments: plan.totals.moments }), ...disclosed(plan) });
  await keeper.beat();
  await recordEvent(ports, shop, {
    actor: row.appliedBy ?? "system",
    action: "restore.finished",
    subject: { vault: plan.vaultId, shop, plan: planId, digest, code, restored: counts.restored, restoredWithLosses: counts.restoredWithLosses, refused: counts.refused, skipped: counts.skipped, differing: counts.differing, ...(plan.target.kind === "export" ? { recipient: plan.target.recipient.keyId } : {}), ...disclosed(plan) },
    outcome: counts.differing > 0 ? "failed" : "done",
  });
  await recordReceived(ports, row, code, { ...counts });
  await ports.restorePlans?.change(shop, planId, ["running", "paused"], { state: counts.differing > 0 ? "failed" : "done", outcome: { ...counts }, report: reportName, code, finishedAt, pauseAsked: false });
  ports.log.info("restore.finished", { shop, plan: planId, code, ...counts });
  return { kind: "applied", code, report: reportName, counts };
}

/** The shop that was written to has it in its own ledger: what came from where, and how it ended. Without counts: it did not come to its end. */
async function recordReceived(ports: ApplyPorts, { shop: from, planId, target }: RestorePlanRow, code: string, counts?: ReportWriter["counts"]): Promise<void> {
  if (target.kind !== "shop") return;
  const well = counts !== undefined && counts.differing === 0;
  await recordEvent(ports, target.shop, { actor: "system", action: "received.ended", subject: { shop: target.shop, from, plan: planId, code, ...counts }, outcome: well || code === "restore.cancelled" ? "done" : "failed" });
}

/** Holds on between two batches while the row says so; stops where another shop has taken back that it takes these records. */
function pausing({ ports, keeper, signal, pauseMs, plan, row: { shop, planId } }: PutBack): () => Promise<void> {
  return async () => {
    await holdToInvitation(ports, shop, plan.target);
    for (;;) {
      const row = await ports.restorePlans?.get(shop, planId);
      if (row?.pauseAsked !== true) {
        if (row?.state === "paused") await ports.restorePlans?.change(shop, planId, ["paused"], { state: "running" });
        return;
      }
      if (row.state === "running") await ports.restorePlans?.change(shop, planId, ["running"], { state: "paused" });
      await keeper.beat();
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
}

function kindsOf(plan: RestorePlan): ReadonlySet<string> {
  return new Set(Object.keys(plan.totals.kinds));
}
