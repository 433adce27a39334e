/** From catalog rows to what lists and pages show. Pure; counts and places only. */
import type { CatalogDrill, CatalogSnapshot, Run } from "#app/workflows/ports.ts";
import type { DrillModel, DrillRow, DrillsModel, GoalsModel, KindCount, ProofModel, SnapshotRow } from "../models.ts";
import { DRILL_STEPS, stepsAt } from "../wording/phases.ts";
import { presentCertification, presentLanes } from "./drills.ts";
import { gapsBesides, isOfChanges, opensSnapshot } from "./kinds-of-rows.ts";
import { presentRun } from "./run.ts";

export function snapshotRow(s: CatalogSnapshot): SnapshotRow {
  return {
    id: s.snapshotId, takenAt: s.takenAt.toISOString(), records: s.records, complete: s.complete, gapCount: gapsBesides(s), ...(isOfChanges(s) ? { changesOnly: true } : {}),
    added: s.added, changed: s.changed, removed: s.removed, bytesWritten: s.bytesWritten,
  };
}

/** Kinds the shop counts come first, then the others, each by name. */
export function kindCounts(kinds: CatalogSnapshot["kinds"]): readonly KindCount[] {
  return Object.entries(kinds)
    .map(([kind, k]) => ({ kind, here: k.records, ...(k.expected === undefined ? {} : { shop: k.expected }), ...(k.at === undefined ? {} : { at: k.at }) }))
    .sort((a, b) => Number(a.shop === undefined) - Number(b.shop === undefined) || (a.kind < b.kind ? -1 : 1));
}

export function drillRow(d: CatalogDrill): DrillRow {
  return {
    id: d.drillId, startedAt: d.startedAt.toISOString(), ...(opensSnapshot(d.lanes) ? { snapshotId: d.snapshotId } : {}), state: d.passed ? "passed" : "failed", records: d.compared,
    differences: d.differences.reduce((n, x) => n + x.records, 0), ...(d.restored > 0 ? { rtoMs: d.rtoMs } : {}),
  };
}

/** What a drill proved of a real snapshot: the records that were compared, and the time where they, or they with nobody recognisable in them, went through a whole restore. */
export function proofRow(d: CatalogDrill): ProofModel {
  const compared = d.lanes?.find(({ lane }) => lane === "real" || lane === "full")?.compared ?? d.compared;
  const restore = d.lanes?.find(({ lane, passed }) => passed && (lane === "full" || lane === "sanitized"));
  const rtoMs = d.lanes === undefined ? d.rtoMs : restore?.ms;
  return { id: d.drillId, startedAt: d.startedAt.toISOString(), records: compared, ...(rtoMs === undefined ? {} : { rtoMs }) };
}

/** Made-up data through a whole restore. */
export function rehearsalRow(d: CatalogDrill): ProofModel {
  return { id: d.drillId, startedAt: d.startedAt.toISOString(), records: d.compared, rtoMs: d.rtoMs };
}

/** Drills that ran, with those under way or stopped before they had a result in front. */
export function drillRows(drills: readonly CatalogDrill[], runs: readonly Run[]): readonly DrillRow[] {
  const known = new Set(drills.map((d) => d.drillId));
  const others = runs.filter((run) => run.kind === "drill" && !known.has(run.id) && (run.result === null || !known.has(run.result)) && run.state !== "succeeded");
  return [...others.map(runRow), ...drills.map(drillRow)].sort((a, b) => (a.startedAt > b.startedAt ? -1 : 1));
}

function runRow(run: Run): DrillRow {
  const state = run.state === "failed" ? "failed" : run.state === "cancelled" ? "stopped" : "running";
  return { id: run.id, startedAt: (run.startedAt ?? run.requestedAt).toISOString(), ...(run.input["lane"] === "synthetic" ? {} : { snapshotId: String(run.input["snapshot"] ?? "") }), state, records: 0, differences: 0 };
}

export function drillFigures(drills: readonly CatalogDrill[]): Pick<DrillsModel, "total" | "passed" | "medianMs"> {
  // Made-up data says nothing of how long this shop would take.
  const times = drills.flatMap((d) => (d.passed ? (proofRow(d).rtoMs ?? []) : [])).sort((a, b) => a - b);
  const middle = Math.floor(times.length / 2);
  const median = times.length === 0 ? null : times.length % 2 === 1 ? times[middle]! : Math.round((times[middle - 1]! + times[middle]!) / 2);
  return { total: drills.length, passed: drills.filter((d) => d.passed).length, medianMs: median };
}

export function drillPage(d: CatalogDrill, now: Date, goals: GoalsModel, snapshotTakenAt: Date | null): DrillModel {
  const failed = !d.passed;
  const done = d.steps.map((s) => s.step);
  return {
    ...drillRow(d), now: now.toISOString(), endedAt: d.finishedAt.toISOString(), code: d.code, ...(snapshotTakenAt ? { snapshotTakenAt: snapshotTakenAt.toISOString() } : {}),
    steps: Object.keys(DRILL_STEPS).concat(done.filter((s) => !(s in DRILL_STEPS))).map((name) => {
      const step = d.steps.find((s) => s.step === name);
      const last = failed && d.restored === 0 && done.at(-1) === name;
      return { name, state: step ? (last ? "failed" as const : "done" as const) : "waiting" as const, ...(step ? { ms: step.ms } : {}) };
    }),
    compared: d.compared, restored: d.restored, refused: d.refused, ...(d.erased === undefined ? {} : { erased: d.erased }), differing: d.differences, losses: d.losses, rpoMs: d.rpoMs, goals,
    ...(d.costPoints > 0 ? { atShopifyLimit: { ms: d.plusEstimateMs, points: d.costPoints } } : {}), ...(d.object === undefined ? {} : { object: d.object }), run: null,
    ...(d.lanes === undefined ? {} : { lanes: presentLanes(d) }), ...(d.record === undefined ? {} : { record: d.record }), ...(d.certification === undefined ? {} : { certification: presentCertification(d)! }),
  };
}

/** A drill without a result in the catalog: still under way, stopped, or failed before there was anything to compare. */
export function drillPageOfRun(run: Run, now: Date, goals: GoalsModel): DrillModel {
  const row = runRow(run);
  return {
    ...row, now: now.toISOString(), ...(run.finishedAt ? { endedAt: run.finishedAt.toISOString() } : {}), ...(run.code ? { code: run.code } : {}),
    steps: stepsAt(run.progress?.step ?? "").map((step) => (step.state !== "running" || row.state === "running" ? step : { ...step, state: row.state === "failed" ? "failed" as const : "waiting" as const })),
    compared: 0, restored: 0, refused: 0, differing: [], losses: [], goals, run: presentRun(run, now),
  };
}
