/** One lane of a drill: runs it, times it, and makes its outcome, also a failed one, a result. */
import type { SnapshotManifest } from "#app/vault/index.ts";
import type { LaneName, LaneResult, Ports } from "../../ports.ts";
import { failureOf } from "../../shared/failure.ts";
import type { Step } from "../drill-entry.ts";
import type { Rehearsal } from "../rehearse.ts";

/** What went through a lane. */
export interface Through {
  readonly kinds: number;
  readonly types: readonly string[];
  readonly scanned: number;
}
export const NOTHING_THROUGH: Through = { kinds: 0, types: [], scanned: 0 };

export interface LaneProgress {
  readonly steps: { step: Step; ms: number }[];
  readonly seen: { compared: number };
}

export type LaneWork = (progress: LaneProgress) => Promise<{ readonly outcome: Omit<Rehearsal, "code"> & { readonly code: string }; readonly through: Through }>;

/** Throws only what is no outcome of ours, and when `signal` aborted. */
export async function runLane(ports: Pick<Ports, "clock">, lane: LaneName, signal: AbortSignal, work: LaneWork): Promise<LaneResult> {
  const startedAt = ports.clock.now();
  const progress: LaneProgress = { steps: [], seen: { compared: 0 } };
  const failed = { passed: false, restored: 0, refused: 0, erased: 0, differences: [], losses: [], costPoints: 0, plusEstimateMs: 0 };
  let rest: Omit<Rehearsal, "compared" | "code"> & { readonly code: string; readonly object?: string };
  let through = NOTHING_THROUGH;
  try {
    const done = await work(progress);
    ({ through } = done);
    rest = done.outcome;
  } catch (error) {
    const failure = signal.aborted ? null : failureOf(error);
    if (failure === null) throw error;
    rest = { ...failed, code: failure.code, ...(failure.object === undefined ? {} : { object: failure.object }) };
  }
  const { passed, code, restored, refused, erased, differences, losses, costPoints, plusEstimateMs, object } = rest;
  return {
    lane,
    passed,
    code,
    startedAt: startedAt.toISOString(),
    ms: Math.max(0, ports.clock.now().getTime() - startedAt.getTime()),
    compared: progress.seen.compared,
    restored,
    refused,
    erased,
    steps: progress.steps,
    differences,
    losses,
    costPoints,
    plusEstimateMs,
    ...through,
    ...(object === undefined ? {} : { object }),
  };
}

export function kindsOf(manifest: Pick<SnapshotManifest, "kinds">): number {
  return Object.values(manifest.kinds).filter(({ records }) => records > 0).length;
}
