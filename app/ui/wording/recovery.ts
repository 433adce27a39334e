/** Words of the screen of recovery points. */
import type { EmergencyRow, RecoveryPointsModel, RecoveryRow } from "../models/recovery.ts";
import { duration, goal, roughly } from "./time.ts";

export function recoveryAnswer({ linked, rows }: Pick<RecoveryPointsModel, "linked" | "rows">): string {
  if (!linked) return "Nothing is kept yet: no storage is linked.";
  const broken = rows.filter(isBreached);
  const none = rows.filter(({ ageMs }) => ageMs === null);
  if (rows.length > 0 && none.length === rows.length) return "There is no snapshot yet, so there is nothing to go back to.";
  if (broken.length > 0) return `${broken.length} of ${rows.length} kinds of data are older than you allow. Take a snapshot now, or look why changes are not sealed.`;
  const worst = Math.max(0, ...rows.map(({ ageMs }) => ageMs ?? 0));
  return rows.length === 0 ? "Nothing was measured yet." : `Every kind of data could be brought back as it was at most ${roughly(worst)} ago.`;
}

export function isBreached({ ageMs, objectiveMs }: Pick<RecoveryRow, "ageMs" | "objectiveMs">): boolean {
  return ageMs === null || ageMs > objectiveMs;
}

export const WHY_BASIS: Readonly<Record<RecoveryRow["why"], string>> = {
  proven: "Sealed as it happens",
  "no-topics": "By snapshots: the platform does not tell of changes",
  "not-reconciled": "By snapshots, until two of them show that every change was heard of",
  missed: "By snapshots: the last one found changes that nobody had told of",
  "no-snapshot": "No snapshot yet",
};

export function cadenceWords(minutes: number): string {
  return `every ${goal(minutes * 60_000)}`;
}

export function ageWords(ageMs: number | null): string {
  return ageMs === null ? "nothing to go back to" : ageMs < 1000 ? "now" : duration(ageMs);
}

export const REASONS: readonly { readonly value: string; readonly label: string }[] = [
  { value: "incident", label: "An incident is open" },
  { value: "attack", label: "An attack is suspected" },
  { value: "data-loss", label: "Data was lost or damaged" },
  { value: "before-change", label: "Before a risky change" },
  { value: "exercise", label: "An exercise" },
  { value: "other", label: "Something else" },
];

export const EMERGENCY_STATES: Readonly<Record<EmergencyRow["state"], string>> = { waiting: "Being taken", held: "Held", released: "No longer held", failed: "Failed" };

