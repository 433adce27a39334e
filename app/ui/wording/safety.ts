/** The four states, and the reasons for them, in words. Each state has an icon as well (parts/state.tsx): never colour alone. */
import type { ReasonCode } from "#app/workflows/overview/judge.ts";
import type { OverviewModel, SafetyReason, SafetyState } from "../models.ts";
import { count, number } from "./numbers.ts";
import { dayAndTime, duration, relative } from "./time.ts";

export const STATE_WORD: Record<SafetyState, string> = {
  safe: "Safe",
  "at-risk": "At risk",
  "not-safe": "Not safe",
  "not-observed": "Not observed",
};

interface ReasonWords {
  readonly sentence: (reason: SafetyReason) => string;
  readonly next: string;
  readonly action: "setup" | "settings" | "snapshot" | "snapshots" | "drill" | "drills" | "alerts";
}

const age = ({ amount }: SafetyReason) => (amount === undefined ? "" : ` (${duration(amount)})`);

export const REASON_WORDS: Record<ReasonCode, ReasonWords> = {
  "storage.not_linked": { sentence: () => "Set-up is not finished, so nothing is being copied yet.", next: "Finish set-up", action: "setup" },
  "storage.no_host_keys": { sentence: () => "This host has lost its half of the vault's keys, so it can take no snapshots. What is in the storage is not touched: your identity still opens it.", next: "See the settings", action: "settings" },
  "snapshot.none": { sentence: () => "No snapshot has been taken yet.", next: "Take the first snapshot", action: "snapshot" },
  "snapshot.overdue": { sentence: (r) => `The last snapshot is older than the goal${age(r)}.`, next: "Take a snapshot now", action: "snapshot" },
  "snapshot.long_overdue": { sentence: (r) => `The last snapshot is far older than the goal${age(r)}.`, next: "Take a snapshot now", action: "snapshot" },
  "snapshot.gaps": { sentence: ({ amount }) => `The last snapshot has ${amount === undefined ? "gaps" : count(amount, "gap")}.`, next: "See what is missing", action: "snapshots" },
  "snapshot.last_failed": { sentence: () => "The last attempt to take a snapshot failed.", next: "Take a snapshot now", action: "snapshot" },
  "drill.none": { sentence: () => "No drill has opened a real snapshot yet, so it is not proven that the copies restore.", next: "Run the first drill", action: "drill" },
  "drill.overdue": { sentence: (r) => `The last drill of a real snapshot was a while ago${age(r)}.`, next: "Run a drill", action: "drill" },
  "verify.findings": { sentence: () => "The last check of the storage found that not everything is as it was written.", next: "See the snapshots", action: "snapshots" },
  "verify.overdue": { sentence: (r) => `The storage has not been checked for a while${age(r)}.`, next: "See the settings", action: "settings" },
  "alert.unresolved": { sentence: ({ amount = 1 }) => `${count(amount, "alert is", "alerts are")} not resolved.`, next: "See the alerts", action: "alerts" },
  "revalidation.required": { sentence: () => "Revalidation required: what the store is read with has changed since the last drill that passed, so no snapshot counts as restorable until a drill opens a newer one and passes. A rehearsal with made-up data is not enough.", next: "Run a drill", action: "drill" },
  "drill.failed": { sentence: () => "The last drill failed, or a part of it, and nothing has made up for it.", next: "See what the drill found", action: "drills" },
};

/** The first line of the overview: could we get our customers' data back right now? */
export function overviewAnswer(model: OverviewModel, now: string, zone: string): string {
  return [canWe(model, now, zone), proven(model, now, zone)].filter(Boolean).join(" ");
}

function canWe(model: OverviewModel, now: string, zone: string): string {
  const point = model.recoveryPoint;
  if (point === null) {
    return model.state === "not-observed" ? "We do not know yet: nothing has been copied." : "No: there is no copy to restore from.";
  }
  const asOf = `as of ${dayAndTime(point, now, zone).replace(/^today /, "")} (${relative(point, now)})`;
  if (model.reasons.some(storageFailed)) return `Not for certain: the copy is ${asOf}, but the storage could not be used since.`;
  if (model.state === "not-safe") return model.lastDrill?.state === "failed"
    ? `Not for certain: the copy is ${asOf}, but the last drill failed.`
    : `Not all of it: the copy is ${asOf}.`;
  if (model.lastSnapshot && (model.lastSnapshot.gapCount > 0 || (!model.lastSnapshot.complete && model.lastSnapshot.changesOnly !== true) || model.reasons.some(({ code }) => code === "snapshot.gaps"))) return `Most of it, ${asOf}: the last snapshot has gaps.`;
  if (model.reasons.some(({ code }) => code === "revalidation.required")) return `Not for certain: the copy is ${asOf}, and no drill of a real snapshot has passed since what the store is read with changed.`;
  return `Yes, ${asOf}.`;
}

/** The last attempt failed at the storage or the vault: then the earlier copies may be out of reach too. */
function storageFailed({ code, detail }: SafetyReason): boolean {
  return code === "storage.no_host_keys" || (code === "alert.unresolved" && detail === "alert.storage_unreachable") || (code === "snapshot.last_failed" && /^(?:store|vault|ledger)\./.test(detail ?? ""));
}

function proven(model: OverviewModel, now: string, zone: string): string {
  const { lastDrill, lastProof, lastRehearsal } = model;
  if (lastDrill?.state === "failed") return "";
  const rehearsed = lastRehearsal === null || (lastProof !== null && lastProof.startedAt >= lastRehearsal.startedAt) ? "" : `Made-up data was restored ${dayAndTime(lastRehearsal.startedAt, now, zone)}, which proves nothing of your copies.`;
  if (lastProof === null) return [model.recoveryPoint === null ? "" : lastRehearsal === null ? "Not proven yet by a drill." : "Not proven yet by a drill of a real snapshot.", rehearsed].filter(Boolean).join(" ");
  const time = lastProof.rtoMs === undefined ? ` opened and compared` : ` in ${duration(lastProof.rtoMs)}`;
  return [`Last proven ${dayAndTime(lastProof.startedAt, now, zone)}: ${number(lastProof.records)} records${time}.`, rehearsed].filter(Boolean).join(" ");
}
