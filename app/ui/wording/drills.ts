/** First lines and phrases of the drill screens. */
import type { LossReason, NotRestored } from "#app/sources/shopify/catalogue/kind.ts";
import type { DrillModel, DrillsModel, LossModel } from "../models.ts";
import type { DrillLaneModel, DrillReportModel, DrillVerdict, LaneName, WeekPart, WeekState } from "../models/drills.ts";
import { kindTitle } from "./kinds.ts";
import { count, number } from "./numbers.ts";
import { duration, goal } from "./time.ts";

/** "17 of 17 weeks passed. Median 6 min; the goal is 72 hours." Before the first week is over, by drills. */
export function drillsAnswer(model: DrillsModel): string {
  const weekly = model.weekly?.due ? model.weekly : null;
  const passed = weekly === null ? `${number(model.passed)} of ${count(model.total, "drill")} passed.` : `${number(weekly.passed)} of ${count(weekly.due, "week")} passed${weekly.missed > 0 ? `, ${number(weekly.missed)} missed` : ""}.`;
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
      if (model.snapshotId === undefined) return `Passed with made-up data. ${number(model.compared)} made-up records were restored${model.rtoMs === undefined ? "" : ` in ${duration(model.rtoMs)}`} and came back equal. No snapshot of yours was opened, so this proves nothing of your copies.`;
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

export const WEEK_WORD: Record<WeekState, string> = { passed: "Passed", failed: "Failed", missed: "Missed", waiting: "Waits for you", due: "To be held" };
const PART_WORD: Record<WeekPart, string> = { synthetic: "restore of made-up data", real: "check of a real snapshot" };
export function partsWords(parts: readonly WeekPart[]): string {
  return parts.map((part) => PART_WORD[part]).join(", ");
}

export const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
export function hourName(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00 to ${String(hour).padStart(2, "0")}:59`;
}

export const LANE_WORDS: Record<LaneName, { readonly title: string; readonly what: string }> = {
  synthetic: { title: "Made-up data", what: "Made-up records of every kind and a value of every type, in the shape of your store's own fields, through a whole restore. No record of yours is read." },
  sanitized: { title: "Your snapshot, nobody recognisable", what: "Every record opened in memory, all 18 identifiers replaced, looked through again, then put through a whole restore. No real identifier reaches the sandbox shop." },
  real: { title: "Your snapshot, compared", what: "Every record opened in memory and compared with its keyed digest. Nothing leaves the process." },
  full: { title: "Your snapshot, restored", what: "The real snapshot through a whole restore, into a sandbox shop that lives in this process's memory and is gone afterwards." },
};

export function laneAnswer({ lane, compared, restored, differing, refused, ms, kinds, types, scanned }: DrillLaneModel): string {
  const differ = differing.reduce((sum, { records }) => sum + records, 0);
  const opened = `${count(compared, "record")} opened and equal to ${compared === 1 ? "its" : "their"} digest`;
  if (lane === "real") return `${opened}, in ${duration(ms)}.`;
  const through = [kinds > 0 ? count(kinds, "kind") : "", types > 0 ? count(types, "type") : ""].filter(Boolean).join(" and ");
  const looked = scanned > 0 && lane === "sanitized" ? ` ${count(scanned, "record")} looked through for identifiers before.` : "";
  return `${opened}, ${number(restored)} restored, ${number(refused)} refused, ${number(differ)} ${differ === 1 ? "differs" : "differ"}, in ${duration(ms)}.${through === "" ? "" : ` ${through}.`}${looked}`;
}

export const VERDICT_WORDS: Record<DrillVerdict, { readonly label: string; readonly helpText: string }> = {
  accepted: { label: "the copies can be relied on", helpText: "Nothing has to be done." },
  accepted_with_action: { label: "they can be relied on, and something is corrected", helpText: "Say below what." },
  not_accepted: { label: "they cannot be relied on until something is corrected", helpText: "Say below what." },
};

/** "staff:42" → "staff member 42". The log names people by the platform's number. */
export function certifierName(by: string): string {
  return by.startsWith("staff:") ? `Staff member ${by.slice("staff:".length)}` : by === "cli" ? "Somebody at the command line" : by;
}

export function reportAnswer(report: DrillReportModel): string {
  if (!report.ok) return `Do not rely on these figures: ${count(report.findings.length, "record")} ${report.findings.length === 1 ? "is" : "are"} missing, changed or not in the log.`;
  if (report.weeksDue === 0) return report.held === 0 ? "No drill was due or held in this period." : `${number(report.passed)} of ${count(report.held, "drill")} passed. No week was due in this period.`;
  return `${number(report.weeksPassed)} of ${count(report.weeksDue, "week")} passed${report.weeksMissed > 0 ? `, ${number(report.weeksMissed)} missed (${report.missed.map((day) => day.slice(0, 10)).join(", ")})` : ""}.`;
}
