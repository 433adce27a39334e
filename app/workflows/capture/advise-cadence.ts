/** How often a snapshot should be taken, from how much changes and how much of it a snapshot alone protects. Pure. */
import type { RecoveryBasis } from "../ports.ts";

/** Minutes between snapshots that may be advised. */
export const CADENCES = [15, 30, 60, 120, 240, 360, 720, 1440] as const;
export type Cadence = (typeof CADENCES)[number];

/** Changes that may be at stake between two snapshots. */
export const CHANGES_AT_STAKE = 100;
/** Of captured changes: as many may be lost on the way before a snapshot finds it, until something else is measured. */
const ASSUMED_LOSS = 0.01;

export interface CadenceInput {
  readonly basis: RecoveryBasis;
  readonly changesPerHour: number;
  readonly objectiveMs: number;
  /** Of the changes that the last snapshot found, the share that the journal had missed; null: not known. */
  readonly missedShare: number | null;
}

/** The longest time that keeps both the objective and the number of changes at stake. The more changes, the shorter it is. */
export function adviseCadence({ basis, changesPerHour, objectiveMs, missedShare }: CadenceInput): Cadence {
  const unprotected = basis === "capture" ? changesPerHour * Math.max(ASSUMED_LOSS, missedShare ?? ASSUMED_LOSS) : changesPerHour;
  const byChanges = unprotected <= 0 ? Number.POSITIVE_INFINITY : (CHANGES_AT_STAKE / unprotected) * 60;
  // What is captured keeps the objective by itself; a snapshot only reconciles.
  const byObjective = basis === "capture" ? Number.POSITIVE_INFINITY : objectiveMs / 60_000;
  const most = Math.min(byChanges, byObjective);
  return CADENCES.findLast((minutes) => minutes <= most) ?? CADENCES[0];
}
