/** The four states, and the reasons for them, in words. Each state has an icon as well (parts/state.tsx): never colour alone. */
import type { OverviewModel, SafetyReason, SafetyState } from "../models.ts";
import { number } from "./numbers.ts";
import { dayAndTime, duration, relative } from "./time.ts";

export const STATE_WORD: Record<SafetyState, string> = {
  safe: "Safe",
  at_risk: "At risk",
  not_safe: "Not safe",
  not_observed: "Not observed",
};

interface ReasonWords {
  readonly sentence: string;
  readonly next: string;
  readonly action: "setup" | "snapshot" | "snapshots" | "drill" | "drills";
}

export const REASON_WORDS: Record<SafetyReason, ReasonWords> = {
  "setup.unfinished": { sentence: "Set-up is not finished, so nothing is being copied yet.", next: "Finish set-up", action: "setup" },
  "snapshot.none": { sentence: "No snapshot has been taken yet.", next: "Take the first snapshot", action: "snapshot" },
  "snapshot.old": { sentence: "The last snapshot is older than your goal.", next: "Take a snapshot now", action: "snapshot" },
  "snapshot.gaps": { sentence: "The last snapshot has gaps.", next: "See what is missing", action: "snapshots" },
  "snapshot.failed": { sentence: "The last attempt to take a snapshot failed.", next: "Try again", action: "snapshot" },
  "drill.none": { sentence: "It has not been proven yet that the copies restore.", next: "Run the first drill", action: "drill" },
  "drill.old": { sentence: "The last drill was a while ago.", next: "Run a drill", action: "drill" },
  "drill.failed": { sentence: "The last drill failed.", next: "See what the drill found", action: "drills" },
};

/** The first line of the overview: could we get our customers' data back right now? */
export function overviewAnswer(model: OverviewModel, now: string, zone: string): string {
  return [canWe(model, now, zone), proven(model, now, zone)].filter(Boolean).join(" ");
}

function canWe(model: OverviewModel, now: string, zone: string): string {
  const point = model.recoveryPoint;
  if (point === null) {
    return model.state === "not_observed" ? "We do not know yet: nothing has been copied." : "No: there is no copy to restore from.";
  }
  const asOf = `as of ${dayAndTime(point, now, zone).replace(/^today /, "")} (${relative(point, now)})`;
  if (model.state === "not_safe") return model.lastDrill?.state === "failed"
    ? `Not for certain: the copy is ${asOf}, but the last drill failed.`
    : `Not all of it: the copy is ${asOf}.`;
  if (model.lastSnapshot && !model.lastSnapshot.complete) return `Most of it, ${asOf}: the last snapshot has gaps.`;
  return `Yes, ${asOf}.`;
}

function proven(model: OverviewModel, now: string, zone: string): string {
  const drill = model.lastDrill;
  if (!drill) return model.recoveryPoint === null ? "" : "Not proven yet by a drill.";
  if (drill.state !== "passed") return "";
  const time = drill.rtoMs === undefined ? "" : ` in ${duration(drill.rtoMs)}`;
  return `Last proven ${dayAndTime(drill.startedAt, now, zone)}: ${number(drill.records)} records${time}.`;
}
