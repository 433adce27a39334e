/** Weeks, reports and tables of drills as people and spreadsheets see them. */
import { expect, test } from "@jest/globals";
import { presentReport, presentWeeks, reportTable } from "#app/ui/present/drills.ts";
import { reportAnswer } from "#app/ui/wording/drills.ts";
import type { DrillReport } from "#app/workflows/drill/report.ts";
import type { DrillWeek } from "#app/workflows/drill/weeks.ts";

const day = (n: number): Date => new Date(Date.UTC(2026, 0, n, 3));
const week = (n: number, state: DrillWeek["state"]): DrillWeek => ({ dueAt: day(7 * n), until: day(7 * n + 7), state, lacking: state === "missed" ? ["real"] : [], drills: state === "missed" ? [] : [`first-${n}`, `last-${n}`] });

test("a year of weeks is shown, the last drill of each to go to, and weeks under way are not counted as due", () => {
  const weeks = Array.from({ length: 60 }, (_, n) => week(n, n === 59 ? "waiting" : n === 40 ? "missed" : n === 41 ? "failed" : "passed"));
  const model = presentWeeks({ weeks, schedule: { shop: "s", cron: "20 3 * * 1", timezone: "UTC", enabled: true, nextAt: day(5), epochs: [], time: { weekday: 1, hour: 3, minute: 20 } }, unattended: false });
  expect(model).toMatchObject({ due: 52, passed: 50, missed: 1, schedule: { weekday: 1, hour: 3, minute: 20, nextAt: day(5).toISOString() } });
  expect(model.weeks.length).toBe(53);
  expect(model.weeks[0]?.drillId).toBe("last-7");
  expect(presentWeeks({ weeks: [], schedule: null, unattended: true })).toEqual({ weeks: [], due: 0, passed: 0, missed: 0, schedule: null, unattended: true });
});

const report: DrillReport = {
  vaultId: "v", from: null, to: day(40).toISOString(), ok: true, findings: [], ledger: null, weeks: [week(1, "passed"), week(2, "missed")],
  figures: { held: 1, passed: 1, successRate: 1, certified: 1, medianRtoMs: 61_500, medianRpoMs: 1000, weeksDue: 2, weeksPassed: 1, weeksFailed: 0, weeksMissed: 1 },
  drills: [{ drillId: "d", object: "drills/x.json", digest: "ab", startedAt: day(8).toISOString(), finishedAt: day(8).toISOString(), requestedBy: "schedule", snapshotId: "s", snapshotOpened: true, passed: true, code: "drill.passed", lanes: [{ lane: "synthetic", passed: true, code: "drill.passed" }, { lane: "real", passed: false, code: "keys.unreachable" }], rtoMs: 61_500, rpoMs: 1000, compared: 9, differences: [{ kind: "Customer", field: "note", records: 3 }], certified: { at: day(9).toISOString(), by: "staff:1", verdict: "accepted" } }],
};

test("the table has a row for each drill and one for each missed week, in order", () => {
  expect(reportTable(report)).toEqual([
    { at: day(8).toISOString(), what: "drill", result: "passed", code: "drill.passed", lanes: "synthetic:passed real:failed", recoveryTimeSeconds: 61.5, recoveryPointSeconds: 1, recordsCompared: 9, recordsThatDiffer: 3, certifiedAt: day(9).toISOString(), certifiedBy: "staff:1", verdict: "accepted", record: "ab" },
    expect.objectContaining({ at: day(14).toISOString(), what: "week", result: "missed", code: "without real" }),
  ]);
});

test("a report says what was missed and when; one that does not hold says not to rely on it", () => {
  expect(reportAnswer(presentReport(report))).toBe("1 of 2 weeks passed, 1 missed (2026-01-14).");
  expect(reportAnswer(presentReport({ ...report, ok: false, findings: [{ code: "drill.missing", object: "drills/*-d" }] }))).toBe("Do not rely on these figures: 1 record is missing, changed or not in the log.");
});
