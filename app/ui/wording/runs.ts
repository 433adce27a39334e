/** Runs in words: what they are, how they ended, who asked. */
import type { RunRow, RunsModel } from "../models.ts";
import { errorWords } from "./errors.ts";
import { count, number } from "./numbers.ts";
import { phaseName } from "./phases.ts";

const NAMES: Record<string, string> = { snapshot: "Snapshot", drill: "Drill", verify: "Check of the vault", erasure: "Erasure", disclosure: "A person's data", rotation: "Change of keys" };

export function runName(kind: string): string {
  return NAMES[kind] ?? kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll("-", " ");
}

export const RUN_STATE_WORD: Record<RunRow["state"], string> = { queued: "Waiting", running: "Under way", succeeded: "Done", failed: "Failed", cancelled: "Stopped" };

const GOOD: Record<string, string> = { "snapshot.committed": "Whole.", "vault.sound": "Everything is as it was written.", "drill.passed": "Passed." };

/** One sentence: what it is doing, or how it ended. */
export function runSays(row: RunRow): string {
  if (row.state === "queued") return "Waiting for a worker.";
  if (row.state === "running") return `${phaseName(row.phase ?? "starting", row.stream ?? undefined)}.`;
  if (row.state === "cancelled") return "A person stopped it; nothing half-done was kept.";
  if (row.code === "snapshot.committed_with_gaps") return `Taken, with ${row.gapCount > 0 ? count(row.gapCount, "gap") : "gaps"}.`;
  if (row.code === "vault.findings") return "Something is not as it was written.";
  if (row.state === "succeeded") return GOOD[row.code ?? ""] ?? "Done.";
  return errorWords(row.code ?? "request.failed").happened;
}

export function askedBy(requestedBy: string): string {
  if (requestedBy === "schedule") return "By the schedule";
  if (requestedBy === "platform") return "By Shopify";
  if (requestedBy === "cli") return "At the command line";
  if (requestedBy.startsWith("staff:")) return "By a person";
  return "By itself";
}

export function runsAnswer({ rows, underWay, failed }: Pick<RunsModel, "rows" | "underWay" | "failed">): string {
  if (rows.length === 0 && underWay === 0) return "Nothing has run yet.";
  const now = underWay === 0 ? "Nothing is running." : `${count(underWay, "run is", "runs are")} under way.`;
  return `${now} ${failed === 0 ? "None failed in the last 30 days." : `${number(failed)} failed in the last 30 days.`}`;
}
