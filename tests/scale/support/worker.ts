/**
 * A worker as the app's is put together, whose runs do nothing but take their time and leave a mark when they are done: for tests that race several
 * processes, kill them and stop them. `node worker.ts '{"url": …, "name": …, …}'`; prints "ready".
 *
 * A run takes `input.ms` milliseconds. It keeps how far it is in its resume state, and goes on from there. Like every workflow it renews its lease right
 * before it does what counts, which here is a row in "Mark".
 */
import { connectDatabase } from "#app/platform/database/connect.ts";
import { databaseClock } from "#app/platform/database/database-clock.ts";
import { startMaintenance } from "#app/platform/jobs/maintenance.ts";
import { openPgBossQueue } from "#app/platform/jobs/pg-boss-queue.ts";
import { RUN_JOBS, RUN_KINDS, URGENT_JOB } from "#app/platform/jobs/run-jobs.ts";
import { runWorkers } from "#app/platform/jobs/run-workers.ts";
import type { RunWorkers } from "#app/platform/jobs/run-workers.ts";
import { createLog } from "#app/platform/log.ts";
import { choreTurns } from "#app/platform/records/chores.ts";
import { leasedRuns } from "#app/platform/records/runs.ts";
import { schedules } from "#app/platform/schedules/snapshots.ts";
import type { Ports } from "#app/workflows/ports.ts";
import { NO_METRICS } from "#app/workflows/ports/metrics.ts";
import { keepLease } from "#app/workflows/shared/lease-keeper.ts";

const { url, name, leaseMs, slots, roundMs } = JSON.parse(process.argv[2] ?? "{}") as { url: string; name: string; leaseMs: number; slots: number; roundMs: number };
const STEP_MS = 50;

const { pool, prisma } = await connectDatabase(url, name);
const log = createLog({ level: "info" });
const own = { now: () => new Date() };
const clock = databaseClock(pool, own);
await clock.sync();
const queue = await openPgBossQueue({ pool, log });
for (const job of [...RUN_KINDS.map((kind) => RUN_JOBS[kind]), URGENT_JOB]) await queue.declare(job);
const runs = leasedRuns({ prisma, pool, clock, queue, workerId: name, leaseMs });
const stopTaking = new AbortController();
const interrupt = new AbortController();

const mark = async (runId: string, shop: string, attempt: number, what: string): Promise<void> => {
  await pool.query(`INSERT INTO "Mark" ("run", "shop", "attempt", "worker", "what") VALUES ($1, $2, $3, $4, $5)`, [runId, shop, attempt, name, what]);
};

async function take(_ports: Ports, { runId, signal }: { readonly runId: string; readonly signal: AbortSignal }): Promise<void> {
  const lease = await runs.claim(runId);
  if (lease === null) return;
  const { run } = lease;
  const keeper = keepLease(lease, own);
  const stop = AbortSignal.any([keeper.signal, signal]);
  try {
    await keeper.beat();
    await mark(runId, run.shop, run.attempt, "begun");
    let done = Number(run.resume?.["done"] ?? 0);
    while (done < Number(run.input["ms"])) {
      stop.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
      done += STEP_MS;
      await lease.remember({ done });
    }
    await keeper.beat();
    stop.throwIfAborted();
    await mark(runId, run.shop, run.attempt, "done");
    await lease.finish({ state: "succeeded", code: "snapshot.committed" });
  } catch (error) {
    if (keeper.stopped === null && !signal.aborted) throw error;
    await mark(runId, run.shop, run.attempt, keeper.stopped ?? "interrupted");
  } finally {
    keeper.stop();
  }
}

const workers: RunWorkers = await runWorkers({
  queue, runs, kinds: ["snapshot", "verify"], log, room: () => Promise.resolve(), stopTaking: stopTaking.signal, signal: interrupt.signal, snapshotsAtOnce: slots,
  ports: { clock: own, metrics: NO_METRICS, log } as unknown as Ports, perform: { snapshot: take, verify: take },
});
const plan = schedules(prisma, pool, clock);
const maintenance = startMaintenance(
  [
    { name: "runs", run: () => runs.requeueAbandoned() },
    { name: "schedules", run: () => plan.runDue(async (shop) => { await mark("asked", shop, 0, "asked"); }) },
    { name: "shared", everyMs: 3_600_000, run: async () => { await mark("chore", "", 0, "chore"); return 1; } },
  ],
  log, choreTurns(pool, clock), roundMs,
);
process.once("SIGTERM", () => {
  void (async () => {
    await queue.pause();
    stopTaking.abort();
    interrupt.abort();
    await workers.idle();
    await maintenance.stop();
    await runs.releaseAll();
    await queue.close(0);
    process.exit(0);
  })();
});
process.stdout.write("ready\n");
