/** Words of the screen of recovery points. */
import type { EmergencyRow, RecoveryPointsModel, RecoveryRow } from "../models/recovery.ts";
import { kindName } from "./kinds.ts";
import { count } from "./numbers.ts";
import { duration, goal, roughly } from "./time.ts";

export function recoveryAnswer({ linked, rows }: Pick<RecoveryPointsModel, "linked" | "rows">): string {
  if (!linked) return "Nothing is kept yet: no storage is linked.";
  const broken = rows.filter(isBreached);
  const none = rows.filter(({ ageMs }) => ageMs === null);
  if (rows.length > 0 && none.length === rows.length) return "There is no snapshot yet, so there is nothing to go back to.";
  if (broken.length > 0) {
    // Nothing at all is worse than any age.
    const [furthest] = [...broken].sort((a, b) => (b.ageMs ?? Number.POSITIVE_INFINITY) - (a.ageMs ?? Number.POSITIVE_INFINITY) || 0);
    const lost = furthest === undefined ? "" : furthest.ageMs === null ? `There is nothing to go back to for ${kindName(furthest.stream)}` : `We could lose ${duration(furthest.ageMs)} of ${kindName(furthest.stream)}`;
    return `${lost}: ${broken.length} of ${count(rows.length, "kind")} of data ${broken.length === 1 ? "is" : "are"} older than you allow.`;
  }
  const worst = Math.max(0, ...rows.map(({ ageMs }) => ageMs ?? 0));
  return rows.length === 0 ? "Nothing was measured yet." : `Every kind of data could be brought back as it was at most ${roughly(worst)} ago.`;
}

export function isBreached({ ageMs, objectiveMs }: Pick<RecoveryRow, "ageMs" | "objectiveMs">): boolean {
  return ageMs === null || ageMs > objectiveMs;
}

export const WHY_BASIS: Readonly<Record<RecoveryRow["why"], string>> = {
  proven: "Sealed as it happens",
  "no-topics": "By snapshots: Shopify does not tell of changes",
  "not-reconciled": "By snapshots, until two of them show that every change was heard of",
  missed: "By snapshots: the last one found changes that nobody had told of",
  "no-snapshot": "No snapshot yet",
  "not-subscribed": "By snapshots: not every type has its webhook subscription in this store",
  "metafields-unconfirmed": "By snapshots: Shopify has not yet told of a change to nothing but a metafield",
};

export function cadenceWords(minutes: number): string {
  return `every ${goal(minutes * 60_000).replace(/^1 /, "")}`;
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

/** As the overview and the list of snapshots offer it: at once, without a question. */
export function emergencyAction(onAction: () => void): { readonly content: string; readonly helpText: string; readonly onAction: () => void } {
  return { content: "Emergency snapshot", helpText: "Starts within a minute, waits for nothing, and is held for 72 hours, or until the run of the assistant that is open ends", onAction };
}

export const EMERGENCY_STATES: Readonly<Record<EmergencyRow["state"], string>> = { waiting: "Being taken", held: "Held", released: "No longer held", failed: "Failed" };

/** In how many places far more time than usual passed between two figures. */
export function breaks(points: readonly { readonly at: string }[]): number {
  return withBreaks(points.map(({ at }) => ({ at: Date.parse(at), ageMs: 0 }))).length - points.length;
}

/** Puts a figure without a value where nothing was measured, so that no line claims what nobody saw. Milliseconds. */
export function withBreaks(points: readonly { readonly at: number; readonly ageMs: number | null }[]): readonly { readonly at: number; readonly ageMs: number | null }[] {
  const steps = points.slice(1).map(({ at }, n) => at - (points[n]?.at ?? at)).sort((a, b) => a - b);
  const usual = Math.max(60_000, steps[Math.floor(steps.length / 2)] ?? 0);
  return points.flatMap((point, n) => {
    const next = points[n + 1];
    return next !== undefined && next.at - point.at > 3 * usual ? [point, { at: point.at + usual, ageMs: null }] : [point];
  });
}
