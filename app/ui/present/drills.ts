/** Weeks, lanes and reports of drills, from what the workflows know. Pure. */
import type { CatalogDrill } from "#app/workflows/ports.ts";
import type { DrillReport } from "#app/workflows/drill/report.ts";
import type { WeeklyDrills } from "#app/workflows/drill/weekly.ts";
import type { CertificationModel, DrillLaneModel, DrillReportModel, DrillWeeksModel } from "../models/drills.ts";

/** A year and a week. */
const SHOWN = 53;

export function presentWeeks({ weeks: all, schedule, unattended }: WeeklyDrills): DrillWeeksModel {
  const weeks = all.slice(-SHOWN);
  const of = (state: string): number => weeks.filter((week) => week.state === state).length;
  return {
    weeks: weeks.map(({ dueAt, until, state, lacking, drills: ids }) => ({ dueAt: dueAt.toISOString(), until: until.toISOString(), state, lacking, ...(ids.length === 0 ? {} : { drillId: ids.at(-1)! }) })),
    due: of("passed") + of("failed") + of("missed"),
    passed: of("passed"),
    missed: of("missed"),
    schedule: schedule === null || schedule.time === null ? null : { ...schedule.time, timezone: schedule.timezone, enabled: schedule.enabled, ...(schedule.nextAt === null ? {} : { nextAt: schedule.nextAt.toISOString() }) },
    unattended,
  };
}

export function presentLanes(drill: CatalogDrill): readonly DrillLaneModel[] {
  return (drill.lanes ?? []).map(({ lane, passed, code, ms, compared, restored, refused, steps, differences, kinds, types, scanned, object }) => ({
    lane, passed, code, ms, compared, restored, refused, steps: steps.map(({ step, ms: took }) => ({ name: step, ms: took })), differing: differences, kinds, types: types.length, scanned, ...(object === undefined ? {} : { object }),
  }));
}

export function presentCertification({ certification }: CatalogDrill): CertificationModel | null {
  if (certification === undefined) return null;
  const { certifiedAt, certifiedBy, verdict, remarks, correctiveAction } = certification;
  return { at: certifiedAt, by: certifiedBy, verdict, remarks, correctiveAction };
}

export function presentReport({ from, to, ok, findings, figures, weeks }: DrillReport): DrillReportModel {
  const { held, passed, certified, medianRtoMs, weeksDue, weeksPassed, weeksMissed } = figures;
  return { from, to, ok, findings: findings.slice(0, 50).map(({ code, object }) => ({ code, object })), held, passed, certified, medianRtoMs, weeksDue, weeksPassed, weeksMissed, missed: weeks.filter(({ state }) => state === "missed").map(({ dueAt }) => dueAt.toISOString()) };
}

/** One row a drill, and one for each missed week, in order of time: a table for whoever keeps them in one. */
export function reportTable({ drills, weeks }: DrillReport): readonly Readonly<Record<string, string | number>>[] {
  const held = drills.map((drill) => ({
    at: drill.startedAt, what: "drill", result: drill.passed ? "passed" : "failed", code: drill.code, lanes: drill.lanes.map(({ lane, passed }) => `${lane}:${passed ? "passed" : "failed"}`).join(" "), recoveryTimeSeconds: Math.round(drill.rtoMs / 100) / 10,
    recoveryPointSeconds: Math.round(drill.rpoMs / 100) / 10, recordsCompared: drill.compared, recordsThatDiffer: drill.differences.reduce((sum, { records }) => sum + records, 0), certifiedAt: drill.certified?.at ?? "", certifiedBy: drill.certified?.by ?? "", verdict: drill.certified?.verdict ?? "", record: drill.digest,
  }));
  const missed = weeks.filter(({ state }) => state === "missed").map(({ dueAt, lacking }) => ({
    at: dueAt.toISOString(), what: "week", result: "missed", code: `without ${lacking.join(" and ")}`, lanes: "", recoveryTimeSeconds: "", recoveryPointSeconds: "", recordsCompared: "", recordsThatDiffer: "", certifiedAt: "", certifiedBy: "", verdict: "", record: "",
  }));
  return [...held, ...missed].sort((a, b) => (a.at < b.at ? -1 : 1));
}
