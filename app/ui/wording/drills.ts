/** First lines and phrases of the drill screens. */
import type { LossReason, NotRestored } from "#app/sources/shopify/catalogue/kind.ts";
import type { DrillModel, DrillsModel, LossModel } from "../models.ts";
import { kindTitle } from "./kinds.ts";
import { count, number } from "./numbers.ts";
import { duration, goal } from "./time.ts";

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

/** Why the platform does not give something back, by the reason's code. */
const LOSS_REASONS: Record<LossReason | NotRestored, string> = {
  "platform.assigns": "Shopify sets these itself",
  "platform.computes": "Shopify works these out from other fields",
  "platform.history": "These tell what happened before; Shopify lets nobody write them",
  "platform.secret": "Shopify shows these masked, so they come back with new ones",
  "kind.not_restored": "Shopify has no way to put these back",
  "merchant.catalogue": "Your own catalogue and content, kept in the copy and put back by hand",
};

export interface LossGroup {
  readonly reason: string;
  /** "Customers: id, createdAt". */
  readonly places: readonly string[];
}

/** Losses by reason, then by kind, so that sixty fields are read as a dozen lines. */
export function lossGroups(losses: readonly LossModel[]): readonly LossGroup[] {
  const reasons = [...new Set(losses.map((l) => l.reason))];
  return reasons.map((reason) => {
    const own = losses.filter((l) => l.reason === reason);
    const kinds = [...new Set(own.map((l) => l.kind))];
    return { reason: lossReason(reason), places: kinds.map((kind) => place(kind, own.filter((l) => l.kind === kind).map((l) => l.field))) };
  });
}

function place(kind: string, fields: readonly string[]): string {
  const named = fields.filter((field) => field !== "*" && field !== "");
  return named.length === 0 ? kindTitle(kind) : `${kindTitle(kind)}: ${named.join(", ")}`;
}

function lossReason(reason: string): string {
  return (LOSS_REASONS as Record<string, string>)[reason] ?? `Not given back (${reason})`;
}
