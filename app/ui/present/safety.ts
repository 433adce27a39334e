/** The verdict on the overview: one of four states, and every reason why it is not "safe", most pressing first. Pure. */
import type { GoalsModel, SafetyReason, SafetyState } from "../models.ts";

const DAY = 86_400_000;

/** Proposed goals until a merchant sets their own: a copy at most a day old; back within 72 hours (the figure of HHS's 2025 proposal for the Security Rule). */
export const PROPOSED_GOALS: GoalsModel = { recoveryPointMs: DAY, recoveryTimeMs: 72 * 3_600_000, proposed: true };

/** Drills are weekly; a day of grace for a weekend or a holiday. */
export const DRILL_IS_OLD_MS = 8 * DAY;

export interface Evidence {
  readonly linked: boolean;
  readonly lastSnapshot: { readonly at: Date; readonly complete: boolean } | null;
  readonly lastDrill: { readonly at: Date; readonly passed: boolean } | null;
  readonly lastSnapshotFailed: boolean;
  readonly now: Date;
  readonly goals: GoalsModel;
}

export function judge(e: Evidence): { readonly state: SafetyState; readonly reasons: readonly SafetyReason[] } {
  if (!e.linked) return { state: "not_observed", reasons: ["setup.unfinished"] };
  if (!e.lastSnapshot) {
    return e.lastSnapshotFailed ? { state: "not_safe", reasons: ["snapshot.failed"] } : { state: "not_observed", reasons: ["snapshot.none"] };
  }
  const age = e.now.getTime() - e.lastSnapshot.at.getTime();
  const grave: SafetyReason[] = [];
  const light: SafetyReason[] = [];
  if (e.lastDrill && !e.lastDrill.passed) grave.push("drill.failed");
  if (age > 2 * e.goals.recoveryPointMs) grave.push("snapshot.old");
  if (e.lastSnapshotFailed) light.push("snapshot.failed");
  if (!e.lastSnapshot.complete) light.push("snapshot.gaps");
  if (age > e.goals.recoveryPointMs && !grave.includes("snapshot.old")) light.push("snapshot.old");
  if (!e.lastDrill) light.push("drill.none");
  else if (e.lastDrill.passed && e.now.getTime() - e.lastDrill.at.getTime() > DRILL_IS_OLD_MS) light.push("drill.old");
  const state = grave.length > 0 ? "not_safe" : light.length > 0 ? "at_risk" : "safe";
  return { state, reasons: [...grave, ...light] };
}
