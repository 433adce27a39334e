/** From what was measured to what the screen is given. */
import type { MeasuredRecoveryPoint } from "#app/workflows/capture/measure-recovery-points.ts";
import type { EmergencySnapshot, RecoveryPointRow } from "#app/workflows/ports.ts";
import type { RecoveryPointsModel, RecoverySeries } from "../models/recovery.ts";

type RecoveryRuns = readonly { readonly id: string; readonly title: string; readonly startedAt: Date }[];

export function presentRecovery(o: { readonly now: Date; readonly linked: boolean; readonly hours: number; readonly measured: readonly MeasuredRecoveryPoint[]; readonly history: readonly RecoveryPointRow[]; readonly emergencies: readonly EmergencySnapshot[]; readonly openRuns: RecoveryRuns }): RecoveryPointsModel {
  const series = new Map<string, { at: string; ageMs: number | null }[]>();
  for (const { stream, at, ageMs } of o.history) series.set(stream, [...(series.get(stream) ?? []), { at: at.toISOString(), ageMs }]);
  return {
    now: o.now.toISOString(),
    linked: o.linked,
    hours: o.hours,
    rows: o.measured.map(({ stream, basis, ageMs, objectiveMs, pending, changesPerHour, advised, why }) => ({ stream, basis, ageMs, objectiveMs, pending, changesPerHour, advisedMinutes: advised, why })).sort(worstFirst),
    series: [...series].map(([stream, points]): RecoverySeries => ({ stream, points })),
    emergencies: o.emergencies.map(({ runId, requestedAt, reason, incident, assistantRun, holdUntil, state, code, snapshotId }) => ({ id: runId, requestedAt: requestedAt.toISOString(), reason, incident, assistantRun, holdUntil: holdUntil?.toISOString() ?? null, state, code, snapshotId })),
    openRuns: o.openRuns.map(({ id, title, startedAt }) => ({ id, title, startedAt: startedAt.toISOString() })),
  };
}

/** Nearest to its objective, or furthest beyond it, first. */
function worstFirst(a: { ageMs: number | null; objectiveMs: number }, b: { ageMs: number | null; objectiveMs: number }): number {
  const share = ({ ageMs, objectiveMs }: { ageMs: number | null; objectiveMs: number }): number => (ageMs === null ? Number.POSITIVE_INFINITY : ageMs / objectiveMs);
  return share(a) === share(b) ? 0 : share(b) - share(a);
}
