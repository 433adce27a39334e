/**
 * The weeks in which drills were due, and what became of each. A week begins when a drill falls due and ends when the next one does. A drill belongs to the week in which it
 * began, by its signed record; what was not done in its week was missed, and no later drill makes up for it. Pure: the schedule and the records in, weeks out.
 */
import type { CatalogDrill, DrillEpoch, LaneName } from "../ports.ts";
import { parseCron } from "../shared/cron.ts";

/** due: not over, and nothing was done yet. waiting: the made-up data passed, and the real snapshot waits for a person with an identity. */
export type WeekState = "passed" | "failed" | "missed" | "waiting" | "due";
/** Either of the two parts of a weekly drill. */
export type WeekPart = "synthetic" | "real";

export interface DrilledLane {
  readonly lane: LaneName;
  readonly passed: boolean;
}

/** As much of a drill as weeks take. */
export interface WeekDrill {
  readonly drillId: string;
  readonly startedAt: Date;
  readonly lanes: readonly DrilledLane[];
}

export interface DrillWeek {
  readonly dueAt: Date;
  /** When the next one falls due. */
  readonly until: Date;
  readonly state: WeekState;
  /** What was not done; of a week that is over, what was missed. */
  readonly lacking: readonly WeekPart[];
  /** Those that began in it, oldest first. */
  readonly drills: readonly string[];
}

/** Which part of the weekly drill a lane is. A full restore of the real snapshot opens and compares it; it does not show that every type comes back. */
const PART: Readonly<Record<LaneName, WeekPart>> = { synthetic: "synthetic", sanitized: "synthetic", real: "real", full: "real" };
const PARTS: readonly WeekPart[] = ["synthetic", "real"];
/** A schedule that falls due every minute must not be walked through for years. */
const MOST_WEEKS = 2000;

/** Times at which a drill was due, from the first schedule on to `to`. */
export function dueTimes(epochs: readonly DrillEpoch[], to: Date): { readonly at: Date; readonly next: Date }[] {
  const due: { at: Date; next: Date }[] = [];
  for (const [n, { at, cron: line, timezone, enabled }] of epochs.entries()) {
    const cron = enabled ? parseCron(line, timezone) : null;
    if (cron === null) continue;
    const end = epochs[n + 1]?.at ?? null;
    for (let time = cron.next(at); time !== null && time <= to && due.length < MOST_WEEKS; ) {
      // From then on another schedule was in force.
      if (end !== null && time > end) break;
      const next = cron.next(time);
      due.push({ at: time, next: next ?? new Date(8.64e15) });
      time = next;
    }
  }
  // A new schedule may fall due before the old one would have.
  return due.map((one, n) => ({ at: one.at, next: due[n + 1] !== undefined && due[n + 1]!.at < one.next ? due[n + 1]!.at : one.next }));
}

/** Oldest first. `from`: weeks that began then or later. `to`: absent, now. */
export function drillWeeks(o: { readonly epochs: readonly DrillEpoch[]; readonly drills: readonly WeekDrill[]; readonly now: Date; readonly from?: Date; readonly to?: Date }): DrillWeek[] {
  const to = o.to !== undefined && o.to < o.now ? o.to : o.now;
  const drills = [...o.drills].sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
  return dueTimes(o.epochs, to)
    .filter(({ at }) => o.from === undefined || at >= o.from)
    .map(({ at, next }) => {
      const own = drills.filter(({ startedAt }) => startedAt >= at && startedAt < next);
      return { dueAt: at, until: next, ...judged(own, next <= o.now), drills: own.map(({ drillId }) => drillId) };
    });
}

/** Of each part the last drill of the week counts: what failed may be tried again within it. */
function judged(drills: readonly WeekDrill[], over: boolean): Pick<DrillWeek, "state" | "lacking"> {
  const last = new Map<WeekPart, boolean>();
  for (const { lanes } of drills) {
    const parts = new Map<WeekPart, boolean>();
    for (const { lane, passed } of lanes) parts.set(PART[lane], (parts.get(PART[lane]) ?? true) && passed);
    for (const [part, passed] of parts) last.set(part, passed);
  }
  const lacking = PARTS.filter((part) => !last.has(part));
  const failed = [...last.values()].includes(false);
  if (failed) return { state: "failed", lacking };
  if (lacking.length === 0) return { state: "passed", lacking };
  if (over) return { state: "missed", lacking };
  return { state: last.get("synthetic") === true ? "waiting" : "due", lacking };
}

/** A drill of before there were lanes was one of the real snapshot, put through a whole restore. */
export function weekDrill({ drillId, startedAt, passed, lanes }: CatalogDrill): WeekDrill {
  return { drillId, startedAt, lanes: lanes ?? [{ lane: "full", passed }] };
}
