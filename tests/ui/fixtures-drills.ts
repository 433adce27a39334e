/** Models of weekly drills in every state. Invented figures, no records. */
import type { DrillLaneModel, DrillModel, DrillReportModel, DrillsModel, DrillWeekModel, WeekState } from "#app/ui/models.ts";
import { ago, drillLists, drillPages, NOW } from "./fixtures.ts";

const WEEK = 7 * 86_400_000;
const week = (n: number, state: WeekState): DrillWeekModel => ({
  dueAt: ago(n * WEEK + 86_400_000), until: ago((n - 1) * WEEK + 86_400_000), state, lacking: state === "missed" || state === "waiting" ? ["real"] : state === "due" ? ["synthetic", "real"] : [], ...(state === "due" ? {} : { drillId: `drill_${n}` }),
});
const schedule = { weekday: 1, hour: 3, minute: 20, timezone: "Europe/Berlin", enabled: true, nextAt: ago(-3 * 86_400_000) };
const year = Array.from({ length: 53 }, (_, n) => week(52 - n, n === 30 ? "missed" : n === 41 ? "failed" : n === 52 ? "waiting" : "passed"));
const long = drillLists["long"]!;

export const weeklyLists: Record<string, DrillsModel> = {
  year: { ...long, weekly: { weeks: year, due: 52, passed: 50, missed: 1, schedule, unattended: false } },
  allPassed: { ...long, passed: 17, weekly: { weeks: Array.from({ length: 17 }, (_, n) => week(17 - n, "passed")), due: 17, passed: 17, missed: 0, schedule, unattended: true } },
  firstDue: { ...drillLists["empty"]!, weekly: { weeks: [week(0, "due")], due: 0, passed: 0, missed: 0, schedule, unattended: false } },
  off: { ...long, weekly: { weeks: [], due: 0, passed: 0, missed: 0, schedule: { ...schedule, enabled: false }, unattended: false } },
};

const lane = (over: Partial<DrillLaneModel> & Pick<DrillLaneModel, "lane">): DrillLaneModel => ({
  passed: true, code: "drill.passed", ms: 62_000, compared: 1090, restored: 402, refused: 0, differing: [], kinds: 42, types: 0, scanned: 0,
  steps: [{ name: "open", ms: 300 }, { name: "compare", ms: 9_000 }, { name: "restore", ms: 40_000 }, { name: "re-read", ms: 11_000 }, { name: "compare-roots", ms: 1_700 }], ...over,
});
const lanes: readonly DrillLaneModel[] = [
  lane({ lane: "synthetic", types: 45, scanned: 1090, steps: [{ name: "make", ms: 4_000 }, ...lane({ lane: "synthetic" }).steps] }),
  lane({ lane: "real", compared: 48_211, restored: 0, steps: [{ name: "open", ms: 400 }, { name: "compare", ms: 61_000 }] }),
  lane({ lane: "sanitized", compared: 48_211, restored: 40_100, scanned: 48_211, ms: 372_000 }),
];
const record = { object: "drills/20261117T032000.000Z-0b7e4c9e-4f6e-4c9e-9f55-1d3c6f2a8b10.json", digest: "9f2c1a7b".repeat(8) };
const passed = drillPages["passed"]!;

export const laneDrills: Record<string, DrillModel> = {
  passed: { ...passed, lanes, record },
  answered: { ...passed, lanes, record, certification: { at: ago(86_400_000), by: "staff:4711", verdict: "accepted_with_action", remarks: "All lanes looked through; the restore of made-up data took twice as long as last week.", correctiveAction: "Operations looks at the host's load by 30 November." } },
  notYours: { ...passed, lanes, record, mayNotCertify: "access.same_person" },
  notAnApprover: { ...passed, lanes, record, mayNotCertify: "access.not_an_approver" },
  differs: { ...passed, state: "failed", code: "drill.differs", differences: 30, differing: [{ kind: "Customer", field: "note", records: 30 }], lanes: [lane({ lane: "synthetic", passed: false, code: "drill.differs", differing: [{ kind: "Customer", field: "note", records: 30 }], types: 45 }), ...lanes.slice(1)], record },
  keyServiceAway: { ...passed, state: "failed", code: "keys.unreachable", lanes: [lanes[0]!, lane({ lane: "real", passed: false, code: "keys.unreachable", compared: 0, restored: 0, steps: [] })], record },
};

export const drillReport: Record<string, DrillReportModel> = {
  good: { from: null, to: NOW, ok: true, findings: [], held: 51, passed: 50, certified: 49, medianRtoMs: 372_000, weeksDue: 52, weeksPassed: 50, weeksMissed: 1, missed: [ago(22 * WEEK)] },
  tampered: { from: null, to: NOW, ok: false, findings: [{ code: "drill.missing", object: "drills/*-0b7e4c9e" }], held: 50, passed: 50, certified: 49, medianRtoMs: 372_000, weeksDue: 52, weeksPassed: 49, weeksMissed: 2, missed: [ago(22 * WEEK), ago(9 * WEEK)] },
};
