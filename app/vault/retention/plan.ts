/** Which snapshots stay and which go, and why. Pure: manifests, policy, holds and a moment in; a plan out. */
import { holdsOn } from "./holds.ts";
import type { Hold } from "./holds.ts";
import { periodOf, PERIODS } from "./policy.ts";
import type { KeepPolicy, Period } from "./policy.ts";

/** What planning needs to know of a snapshot. */
export interface Plannable {
  readonly snapshotId: string;
  /** ISO 8601 UTC. */
  readonly takenAt: string;
  readonly complete: boolean;
}

export type KeepCode =
  /** The newest: the next snapshot builds on it. */
  | "newest"
  | "newest-complete"
  /** The newest that was seen to be whole by verify or a drill. */
  | "verified"
  /** `detail`: the hold's name. */
  | "held"
  /** Its time lies ahead of this clock, so its age is not known. */
  | "future"
  | "last"
  | "within"
  /** `detail`: the period it stands for. */
  | Period;

export interface KeepReason {
  readonly code: KeepCode;
  readonly detail?: string;
}

export interface PlannedKeep {
  readonly snapshotId: string;
  readonly takenAt: string;
  readonly reasons: readonly KeepReason[];
}

export interface PlannedExpiry {
  readonly snapshotId: string;
  readonly takenAt: string;
  /** "superseded": another of the same period is kept. "too-old": it lies before everything the policy asks for. */
  readonly why: "superseded" | "too-old";
}

export interface RetentionPlan {
  /** Newest first, both. */
  readonly keep: readonly PlannedKeep[];
  readonly expire: readonly PlannedExpiry[];
}

export interface PlanInput {
  readonly snapshots: readonly Plannable[];
  readonly policy: KeepPolicy;
  readonly holds: readonly Hold[];
  /** Ids of snapshots that must stay because they were verified last. */
  readonly verified: ReadonlySet<string>;
  readonly now: Date;
}

export function planRetention({ snapshots, policy, holds, verified, now }: PlanInput): RetentionPlan {
  const newestFirst = [...snapshots].sort((a, b) => (a.takenAt === b.takenAt ? (a.snapshotId < b.snapshotId ? 1 : -1) : a.takenAt < b.takenAt ? 1 : -1));
  const reasons = new Map<string, KeepReason[]>(newestFirst.map(({ snapshotId }) => [snapshotId, []]));
  const keep = ({ snapshotId }: Plannable, code: KeepCode, detail?: string): void => {
    reasons.get(snapshotId)?.push(detail === undefined ? { code } : { code, detail });
  };
  const [newest] = newestFirst;
  if (newest !== undefined) keep(newest, "newest");
  const complete = newestFirst.find((snapshot) => snapshot.complete);
  if (complete !== undefined) keep(complete, "newest-complete");
  for (const [i, snapshot] of newestFirst.entries()) {
    const age = now.getTime() - Date.parse(snapshot.takenAt);
    if (verified.has(snapshot.snapshotId)) keep(snapshot, "verified");
    for (const { name } of holdsOn(holds, snapshot.snapshotId)) keep(snapshot, "held", name);
    if (age < 0) keep(snapshot, "future");
    if (i < policy.last) keep(snapshot, "last");
    if (policy.withinMs > 0 && age <= policy.withinMs) keep(snapshot, "within");
  }
  for (const period of PERIODS) for (const { name, chosen } of chosenOf(period, newestFirst).slice(0, policy.periods[period])) keep(chosen, period, name);

  const kept = newestFirst.filter(({ snapshotId }) => reasonsOf(reasons, snapshotId).length > 0);
  const periods = PERIODS.filter((period) => policy.periods[period] > 0);
  const standing = new Set(kept.flatMap(({ takenAt }) => periods.map((period) => nameOf(period, takenAt))));
  return {
    keep: kept.map(({ snapshotId, takenAt }) => ({ snapshotId, takenAt, reasons: reasonsOf(reasons, snapshotId) })),
    expire: newestFirst
      .filter(({ snapshotId }) => reasonsOf(reasons, snapshotId).length === 0)
      .map(({ snapshotId, takenAt }) => ({ snapshotId, takenAt, why: periods.some((period) => standing.has(nameOf(period, takenAt))) ? "superseded" : "too-old" })),
  };
}

function reasonsOf(reasons: ReadonlyMap<string, readonly KeepReason[]>, snapshotId: string): readonly KeepReason[] {
  return reasons.get(snapshotId) ?? [];
}

function nameOf(period: Period, takenAt: string): string {
  return `${period} ${periodOf(period, new Date(takenAt))}`;
}

/** One snapshot for each period that has any, latest period first: the newest whole one, or the newest if none is whole. */
function chosenOf(period: Period, newestFirst: readonly Plannable[]): { name: string; chosen: Plannable }[] {
  const chosen = new Map<string, Plannable>();
  for (const snapshot of newestFirst) {
    const name = periodOf(period, new Date(snapshot.takenAt));
    const before = chosen.get(name);
    if (before === undefined || (!before.complete && snapshot.complete)) chosen.set(name, snapshot);
  }
  return [...chosen].map(([name, snapshot]) => ({ name, chosen: snapshot }));
}
