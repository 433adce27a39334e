/** What each kind of run is done by, and in how many slots. A slot that was woken goes on until nothing waits that it may take. */
import { runCustody } from "#app/workflows/custody/run-custody.ts";
import { runEmergency } from "#app/workflows/capture/emergency.ts";
import { runDrill } from "#app/workflows/drill/run-drill.ts";
import type { Ports, Run, RunKind } from "#app/workflows/ports.ts";
import { runRestore } from "#app/workflows/restore/run-restore.ts";
import { takeSnapshot } from "#app/workflows/snapshot/take-snapshot.ts";
import { runVerify } from "#app/workflows/verify/run-verify.ts";
import type { Log } from "../log.ts";
import { inTrace } from "../log/trace.ts";
import type { Lane } from "../records/next-run.ts";
import type { LeasedRuns } from "../records/runs.ts";
import type { JobQueue } from "./job-queue.ts";
import { RUN_JOBS, URGENT_JOB } from "./run-jobs.ts";

/** Runs of a kind at once in one process. A snapshot keeps one core busy while it downloads; most of its time it waits for the shop. */
const CONCURRENCY: Readonly<Record<RunKind, number>> = { snapshot: 2, drill: 1, verify: 1, custody: 1, emergency: 1, restore: 1 };

type Perform = (ports: Ports, input: { readonly runId: string; readonly signal: AbortSignal }) => Promise<unknown>;
const PERFORM: Readonly<Partial<Record<RunKind, Perform>>> = { snapshot: takeSnapshot, drill: runDrill, verify: runVerify, custody: runCustody, emergency: runEmergency, restore: runRestore };

export interface RunWorkersOptions {
  readonly queue: JobQueue;
  readonly runs: Pick<LeasedRuns, "claimNext" | "handBack">;
  readonly ports: Ports;
  readonly kinds: readonly RunKind[];
  /** Snapshots at once; the usual number when absent. With two or more, one slot is kept for short ones. */
  readonly snapshotsAtOnce?: number;
  readonly log: Pick<Log, "failure" | "info">;
  /** Waits until this process has room for one more run: memory, disk. Ends early when the signal aborts. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  /** Aborts when nothing more may be taken. */
  readonly stopTaking: AbortSignal;
  /** Aborts when the process drains: runs stop where they are and go on elsewhere. */
  readonly signal: AbortSignal;
  /** Tests do runs of their own. */
  readonly perform?: Readonly<Partial<Record<RunKind, Perform>>>;
}

export interface RunWorkers {
  /** Wakes a slot for a run whose keys lie in this process. */
  wakeHere(kind: RunKind): void;
  /** Runs under way in this process. */
  readonly busy: number;
  /** Resolves when none is. */
  idle(): Promise<void>;
}

export async function runWorkers(o: RunWorkersOptions): Promise<RunWorkers> {
  const perform = o.perform ?? PERFORM;
  const busy = new Set<Promise<void>>();

  const one = async (run: Run): Promise<void> => {
    const work = perform[run.kind];
    const job = RUN_JOBS[run.kind].name;
    const { clock, metrics } = o.ports;
    if (run.attempt === 1) metrics.observe("holdfast_job_wait_seconds", Math.max(0, clock.now().getTime() - run.requestedAt.getTime()) / 1000, { job });
    let outcome = "failed";
    try {
      if (work === undefined) throw new TypeError("a run of a kind that nothing does");
      await work(o.ports, { runId: run.id, signal: o.signal });
      outcome = o.signal.aborted ? "interrupted" : "done";
    } finally {
      metrics.count("holdfast_jobs_total", { job, outcome });
      // It stopped because the process does: another process goes on with it at once. Whatever else left its lease behind is freed when that runs out.
      if (o.signal.aborted && (await o.runs.handBack(run.id))) o.log.info("run.handed_back", { run: run.id, shop: run.shop, kind: run.kind });
    }
  };

  const untilNoneWaits = async (lane: Lane): Promise<void> => {
    for (;;) {
      // An emergency is tried whatever room there is.
      if (lane.urgentOnly !== true) await o.room(o.stopTaking);
      if (o.stopTaking.aborted) return;
      const next = await o.runs.claimNext(lane);
      if (next === null) return;
      const task = inTrace(next.trace, () => one(next.run));
      const settled = task.then(
        () => undefined,
        () => undefined,
      );
      busy.add(settled);
      try {
        await task;
      } finally {
        busy.delete(settled);
      }
    }
  };

  const lanes = new Map<RunKind, (() => Promise<void>)>();
  for (const kind of o.kinds) {
    if (perform[kind] === undefined) continue;
    const slots = kind === "snapshot" ? (o.snapshotsAtOnce ?? CONCURRENCY[kind]) : CONCURRENCY[kind];
    // The last of several slots takes short runs only: however many huge shops there are, a small one does not wait for them.
    const free: Lane[] = Array.from({ length: slots }, (_, n) => ({ kinds: [kind], quickOnly: slots > 1 && n === slots - 1 }));
    const wake = async (): Promise<void> => {
      const lane = free.shift();
      // All busy: each looks for the next run by itself when it is done.
      if (lane === undefined) return;
      try {
        await untilNoneWaits(lane);
      } finally {
        free.unshift(lane);
        free.sort((a, b) => Number(a.quickOnly) - Number(b.quickOnly));
      }
    };
    lanes.set(kind, wake);
    await o.queue.work(RUN_JOBS[kind], slots, wake);
  }
  const kinds = [...lanes.keys()];
  if (kinds.length > 0) await o.queue.work(URGENT_JOB, 1, () => untilNoneWaits({ kinds, urgentOnly: true }));

  return {
    wakeHere: (kind) => {
      lanes.get(kind)?.().catch((error: unknown) => {
        o.log.failure("job.failed", error, { job: RUN_JOBS[kind].name });
      });
    },
    get busy() {
      return busy.size;
    },
    idle: async () => {
      while (busy.size > 0) await Promise.all(busy);
    },
  };
}
