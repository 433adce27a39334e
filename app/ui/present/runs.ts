/** Runs, with what they made. Pure. */
import type { CatalogSnapshot, Run } from "#app/workflows/ports.ts";
import type { KindCount, RunRow } from "../models.ts";
import { isUnderWay } from "./run.ts";

export function runRow(run: Run, made: CatalogSnapshot | null): RunRow {
  const { id, kind, state, requestedBy, attempt, progress, code } = run;
  const active = isUnderWay(run);
  return {
    id, kind, state, requestedBy, attempt, code,
    requestedAt: run.requestedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    endedAt: run.finishedAt?.toISOString() ?? null,
    phase: active ? (progress?.step ?? null) : null,
    stream: active ? (progress?.stream ?? null) : null,
    records: made?.records ?? progress?.records ?? null,
    // What Shopify has prepared so far is no total (present/run.ts).
    expected: active && progress?.step !== "running" ? (progress?.expected ?? null) : null,
    result: resultPath(run),
    gapCount: made?.gapCount ?? 0,
    kinds: made === null ? [] : kindCounts(made),
    cancellable: active && (kind === "snapshot" || kind === "drill"),
  };
}

function resultPath({ kind, result, state, id }: Run): string | null {
  if (kind === "drill" && (result !== null || state === "running" || state === "queued")) return `/app/drills/${result ?? id}`;
  return kind === "snapshot" && state === "succeeded" && result !== null ? `/app/snapshots/${result}` : null;
}

function kindCounts({ kinds }: CatalogSnapshot): KindCount[] {
  return Object.entries(kinds).map(([kind, { records, expected, at }]) => ({ kind, here: records, ...(expected === undefined ? {} : { shop: expected }), ...(at === undefined ? {} : { at }) })).sort((a, b) => b.here - a.here);
}
