/** What each kind of run is done by. */
import { runDrill } from "#app/workflows/drill/run-drill.ts";
import type { Ports, RunKind } from "#app/workflows/ports.ts";
import { takeSnapshot } from "#app/workflows/snapshot/take-snapshot.ts";
import { runVerify } from "#app/workflows/verify/run-verify.ts";
import type { JobQueue } from "./job-queue.ts";
import { RUN_JOBS } from "./run-jobs.ts";

/** Runs of a kind at once in one process. A snapshot keeps one core busy. */
const CONCURRENCY: Readonly<Record<RunKind, number>> = { snapshot: 2, drill: 1, verify: 1 };

type Perform = (ports: Ports, input: { readonly runId: string; readonly signal: AbortSignal }) => Promise<unknown>;
const PERFORM: Readonly<Partial<Record<RunKind, Perform>>> = { snapshot: takeSnapshot, drill: runDrill, verify: runVerify };

export async function runWorkers(options: {
  readonly queue: JobQueue;
  readonly ports: Ports;
  readonly kinds: readonly RunKind[];
  /** Aborts when the process drains: runs stop where they are and go on elsewhere. */
  readonly signal: AbortSignal;
}): Promise<void> {
  const { queue, ports, kinds, signal } = options;
  for (const kind of kinds) {
    const perform = PERFORM[kind];
    if (!perform) continue;
    await queue.work(RUN_JOBS[kind], CONCURRENCY[kind], async ({ runId }) => {
      await perform(ports, { runId, signal });
    });
  }
}
