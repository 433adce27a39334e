/** The overview, from what the workflow found out. Pure. */
import type { Objectives } from "#app/workflows/overview/judge.ts";
import type { Overview } from "#app/workflows/overview/overview.ts";
import type { GoalsModel, OverviewModel } from "../models.ts";
import { alertRow } from "./alerts.ts";
import { drillRow, proofRow, rehearsalRow, snapshotRow } from "./rows.ts";
import { underWay } from "./run.ts";

/** Back within 72 hours: the figure of HHS's proposal for the Security Rule (90 FR 898, January 2025). A proposed goal until a merchant sets another. */
const RECOVERY_TIME_MS = 72 * 3_600_000;

export function presentGoals(objectives: Objectives): GoalsModel {
  return { recoveryPointMs: objectives.recoveryPointMs, recoveryTimeMs: RECOVERY_TIME_MS, proposed: true };
}

export function presentOverview(o: Overview, nextSnapshotAt: Date | null, keyIds: readonly string[]): OverviewModel {
  return {
    now: o.now.toISOString(),
    state: o.state,
    reasons: o.reasons,
    setup: {
      storage: { done: o.linked, ...(o.storageUrl === null ? {} : { address: o.storageUrl }) },
      key: { done: o.linked, keyIds },
      snapshot: { done: o.lastSnapshot !== null },
      drill: { done: o.lastProof !== null },
    },
    lastSnapshot: o.lastSnapshot ? snapshotRow(o.lastSnapshot) : null,
    lastDrill: o.lastDrill ? drillRow(o.lastDrill) : null,
    lastProof: o.lastProof ? proofRow(o.lastProof) : null,
    lastRehearsal: o.lastRehearsal ? rehearsalRow(o.lastRehearsal) : null,
    recoveryPoint: o.recoveryPoint?.toISOString() ?? null,
    goals: presentGoals(o.objectives),
    ...(nextSnapshotAt ? { nextSnapshotAt: nextSnapshotAt.toISOString() } : {}),
    run: underWay(o.running, o.now, o.lastSnapshot?.records),
    lastProblem: problemOf(o),
    alerts: o.alerts.map(alertRow),
  };
}

/** Why the last attempt to take a snapshot failed, when nothing better came after. */
function problemOf(o: Overview): OverviewModel["lastProblem"] {
  const failed = o.reasons.find((reason) => reason.code === "snapshot.last_failed");
  return failed ? { code: failed.detail ?? "request.failed" } : null;
}
