/** First lines and phrases of the drill screens. */
import type { DrillModel, DrillsModel } from "../models.ts";
import { kindName } from "./kinds.ts";
import { count, number } from "./numbers.ts";
import { duration, goal, relative } from "./time.ts";

/** "17 of 17 drills passed. Median 6 min; the goal is 72 hours." */
export function drillsAnswer(model: DrillsModel): string {
  const passed = `${number(model.passed)} of ${count(model.total, "drill")} passed.`;
  const median = model.medianMs === null ? "" : ` Median ${duration(model.medianMs)}; the ${model.goals.proposed ? "proposed goal" : "goal"} is ${goal(model.goals.recoveryTimeMs)}.`;
  return passed + median;
}

/** "Passed. 48,211 records restored and equal in 6 min 12 s; the proposed goal is 72 hours." */
export function drillAnswer(model: DrillModel): string {
  const target = `the ${model.goals.proposed ? "proposed goal" : "goal"} is ${goal(model.goals.recoveryTimeMs)}`;
  switch (model.state) {
    case "running":
      return "This drill is under way.";
    case "stopped":
      return "Stopped before it was done. It proves nothing either way.";
    case "passed":
      return `Passed. ${number(model.compared)} records opened and equal to what was kept${model.rtoMs === undefined ? "." : `, restored in ${duration(model.rtoMs)}; ${target}.`}`;
    case "failed":
      return `Failed. ${drillFailure(model)}`;
  }
}

export function drillFailure(model: Pick<DrillModel, "differences" | "refused" | "code" | "object">): string {
  const why = [
    model.differences > 0 ? `${count(model.differences, "record")} ${model.differences === 1 ? "differs" : "differ"} after the restore.` : "",
    model.refused > 0 ? `${count(model.refused, "record")} could not be put back.` : "",
  ].filter(Boolean).join(" ");
  return why || "See below what stopped it.";
}

/** Why the platform cannot give something back, by the reason's code. */
const LOSS_REASONS: Record<string, string> = {
  new_id: "Shopify gives every re-created record a new id",
  "platform.new_id": "Shopify gives every re-created record a new id",
};

export function lossReason(reason: string): string {
  return LOSS_REASONS[reason] ?? reason.replace(/^.*\./, "").replace(/[_-]/g, " ");
}

export function fieldOf(kind: string, field: string): string {
  return field === "*" || field === "" ? kindName(kind, 2) : `${field} of ${kindName(kind, 2)}`;
}

export function ageOf(takenAt: string, now: string): string {
  return relative(takenAt, now);
}
