/**
 * In which order runs that wait are taken. Every run gets a time when it is created, by which it would like to have begun; the earliest goes first, so that
 * no run waits for ever whatever comes after it. An emergency goes before all others.
 *
 * Fair between shops: a shop has at most one run of a kind waiting or under way (the database's unique key), so that one that asks without end
 * stands at the back of the line each time; and asking again soon gains nothing.
 */
import type { RunUrgency } from "#app/workflows/ports.ts";

export const EMERGENCY_RANK = 0;
const USUAL_RANK = 1;

/** How much later than now a run would like to begin, by what asked for it. */
const PATIENCE_MS: Readonly<Record<Exclude<RunUrgency, "emergency">, number>> = { person: 0, schedule: 5 * 60_000, background: 60 * 60_000 };
/** A person who asks again this soon after the last one waits as long as a schedule does. */
const AGAIN_MS = 15 * 60_000;
/** A run this short may use the room that is kept for such. */
export const QUICK_MS = 5 * 60_000;

/** The shop's last run of the same kind that was finished by a worker. */
export interface LastRun {
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

export interface Place {
  /** 0: an emergency, before all others. */
  readonly rank: number;
  readonly dueAt: Date;
  /** Likely to be over soon. A shop's first run is not known to be. */
  readonly quick: boolean;
}

/** `wantedAt`: when it fell due, which for a schedule is before it was asked for: a thousand shops that fall due at once are asked one after another. */
export function placeInLine(urgency: RunUrgency, requestedAt: Date, last: LastRun | null, wantedAt: Date = requestedAt): Place {
  const quick = last !== null && last.finishedAt.getTime() - last.startedAt.getTime() <= QUICK_MS;
  if (urgency === "emergency") return { rank: EMERGENCY_RANK, dueAt: requestedAt, quick };
  const again = urgency === "person" && last !== null && requestedAt.getTime() - last.finishedAt.getTime() < AGAIN_MS;
  const patience = PATIENCE_MS[again ? "schedule" : urgency];
  // What fell due while nobody was there stands no further ahead than what is asked for now.
  return { rank: USUAL_RANK, dueAt: new Date(Math.max(requestedAt.getTime(), Math.min(requestedAt.getTime(), wantedAt.getTime()) + patience)), quick };
}

/** What nobody said is told by who asked, and by what for. */
export function usualUrgency(kind: string, requestedBy: string): RunUrgency {
  if (requestedBy !== "schedule") return "person";
  return kind === "verify" ? "background" : "schedule";
}
