/**
 * What drills prove, and of what. Only the real lane and a full restore open a snapshot of the shop's and compare every record of it; a restore of made-up data shows that restoring works, and
 * says nothing of any snapshot. Pure; the catalog's drills in, newest first.
 */
import type { CatalogDrill, LaneName, LaneResult } from "../ports.ts";

/** Lanes that open a snapshot of the shop's own, and whose passing says that every record of it was equal to its keyed digest. */
const COMPARES: ReadonlySet<LaneName> = new Set(["real", "full"]);
/** Lanes that open one at all. */
const OPENS: ReadonlySet<LaneName> = new Set(["real", "full", "sanitized"]);
/** Lanes that put records through a whole restore. */
const RESTORES: ReadonlySet<LaneName> = new Set(["synthetic", "sanitized", "full"]);

/** As much of a drill as this takes. A drill without `lanes` is one of before there were any: the real snapshot, through a whole restore. */
export type DrillLike = Pick<CatalogDrill, "passed" | "lanes">;

/** Whether the snapshot that a drill names was opened by it. A drill of made-up data names the newest one only to say when it was held. */
export function opensSnapshot(lanes: readonly Pick<LaneResult, "lane">[] | undefined): boolean {
  return lanes === undefined || lanes.some(({ lane }) => OPENS.has(lane));
}

/** Of a part that was held: whether all of its lanes passed. Null: it was not held. */
function partOf({ passed, lanes }: DrillLike, part: ReadonlySet<LaneName>): boolean | null {
  if (lanes === undefined) return passed;
  const own = lanes.filter(({ lane }) => part.has(lane));
  return own.length === 0 ? null : own.every((lane) => lane.passed);
}

/** The comparison of a real snapshot: true, passed; false, failed; null, not held. */
export function comparedReal(drill: DrillLike): boolean | null {
  return partOf(drill, COMPARES);
}

/** A whole restore, of whatever data: true, passed; false, failed; null, not held. */
export function restoredWhole(drill: DrillLike): boolean | null {
  return partOf(drill, RESTORES);
}

export interface Proofs {
  /** The newest that compared a real snapshot, and passed that. */
  readonly real: CatalogDrill | null;
  /** The newest that put made-up data, and nothing else, through a whole restore, and passed it. */
  readonly rehearsal: CatalogDrill | null;
  /** Of each part the last result counts: the drill whose was a failure. A later pass of another part makes up for nothing. */
  readonly failed: CatalogDrill | null;
}

export function proofsOf(drills: readonly CatalogDrill[]): Proofs {
  const lastReal = drills.find((drill) => comparedReal(drill) !== null);
  const lastRestore = drills.find((drill) => restoredWhole(drill) !== null);
  return {
    real: drills.find((drill) => comparedReal(drill) === true) ?? null,
    rehearsal: drills.find((drill) => !opensSnapshot(drill.lanes) && restoredWhole(drill) === true) ?? null,
    failed: drills.find((drill) => (drill === lastReal && comparedReal(drill) === false) || (drill === lastRestore && restoredWhole(drill) === false)) ?? null,
  };
}

/** When the snapshot that a drill was about was begun: its state was `rpoMs` old when the drill began. */
export function snapshotBegan({ startedAt, rpoMs }: Pick<CatalogDrill, "startedAt" | "rpoMs">): Date {
  return new Date(startedAt.getTime() - rpoMs);
}
