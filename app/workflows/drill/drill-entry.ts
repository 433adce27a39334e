/** A drill's result as a ledger entry, and back: the catalog's row can be made from the entry alone. An entry is flat, so lists become members with a prefix. */
import type { LedgerEntry } from "#app/ledger/index.ts";
import type { CatalogDrill } from "../ports.ts";

const ACTION = "drill.finished";
/** A ledger entry holds 64 KB; differences beyond these are summed up in one. */
const MAX_DIFFERENCES = 200;

export function drillEntry(drill: CatalogDrill): LedgerEntry {
  const subject: Record<string, string | number | boolean> = {
    vault: drill.vaultId,
    drill: drill.drillId,
    snapshot: drill.snapshotId,
    startedAt: drill.startedAt.toISOString(),
    finishedAt: drill.finishedAt.toISOString(),
    passed: drill.passed,
    code: drill.code,
    rtoMs: drill.rtoMs,
    rpoMs: drill.rpoMs,
    compared: drill.compared,
    restored: drill.restored,
    refused: drill.refused,
    costPoints: drill.costPoints,
    plusEstimateMs: drill.plusEstimateMs,
  };
  if (drill.record !== undefined) subject["record"] = drill.record.digest;
  if (drill.lanes !== undefined) for (const { lane, code } of drill.lanes) subject[`lane:${lane}`] = code;
  if (drill.erased !== undefined) subject["erased"] = drill.erased;
  if (drill.object !== undefined) subject["object"] = drill.object;
  for (const { step, ms } of drill.steps) subject[`step:${step}`] = ms;
  for (const { kind, field, records } of drill.differences.slice(0, MAX_DIFFERENCES)) subject[member("difference", kind, field)] = records;
  const more = drill.differences.slice(MAX_DIFFERENCES).reduce((sum, { records }) => sum + records, 0);
  if (more > 0) subject[member("difference", "*", "*")] = more;
  for (const { kind, field, reason } of drill.losses) subject[member("loss", kind, field)] = reason;
  return {
    at: drill.finishedAt.toISOString(),
    actor: drill.requestedBy,
    action: ACTION,
    subject,
    outcome: drill.passed ? "done" : "failed",
  };
}

/** Null: the entry is about something else. */
export function drillRow(shop: string, entry: LedgerEntry): CatalogDrill | null {
  if (entry.action !== ACTION) return null;
  const { subject } = entry;
  const number = (name: string): number => Number(subject[name] ?? 0);
  const list = (prefix: string): { kind: string; field: string; value: string | number | boolean }[] =>
    Object.entries(subject).flatMap(([name, value]) => {
      const [first, kind, ...field] = name.split(":");
      return first === prefix && kind !== undefined ? [{ kind, field: field.join(":"), value }] : [];
    });
  return {
    shop,
    vaultId: String(subject["vault"]),
    drillId: String(subject["drill"]),
    snapshotId: String(subject["snapshot"]),
    startedAt: new Date(String(subject["startedAt"])),
    finishedAt: new Date(String(subject["finishedAt"])),
    passed: subject["passed"] === true,
    code: String(subject["code"]),
    rtoMs: number("rtoMs"),
    rpoMs: number("rpoMs"),
    compared: number("compared"),
    restored: number("restored"),
    refused: number("refused"),
    ...(subject["erased"] === undefined ? {} : { erased: number("erased") }),
    steps: orderedSteps(list("step").map(({ kind, value }) => ({ step: kind, ms: Number(value) }))),
    differences: list("difference").map(({ kind, field, value }) => ({ kind, field, records: Number(value) })),
    losses: list("loss").map(({ kind, field, value }) => ({ kind, field, reason: String(value) })),
    costPoints: number("costPoints"),
    plusEstimateMs: number("plusEstimateMs"),
    requestedBy: entry.actor,
    ...(subject["object"] === undefined ? {} : { object: String(subject["object"]) }),
    // It was held in lanes, and what each of them found stands in the signed record alone: without that it proves nothing of any part.
    ...(Object.keys(subject).some((name) => name.startsWith("lane:")) ? { lanes: [] } : {}),
  };
}

/** What a drill does, in its order. */
export const STEPS = ["make", "sanitize", "open", "compare", "restore", "re-read", "compare-roots"] as const;
export type Step = (typeof STEPS)[number];

/** The ledger sorts members by name; a person wants the order in which things happened. */
function orderedSteps(steps: { step: string; ms: number }[]): { step: string; ms: number }[] {
  const place = (step: string): number => (STEPS as readonly string[]).indexOf(step);
  return steps.sort((a, b) => place(a.step) - place(b.step));
}

function member(prefix: string, kind: string, field: string): string {
  return `${prefix}:${kind}:${field}`.slice(0, 100);
}
