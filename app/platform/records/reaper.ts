/** Looks after runs that nobody looks after: their process died, their reminder was lost, or their keys are gone. */
import type pg from "pg";
import type { Clock } from "#app/workflows/ports.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import { RUN_JOBS, RUN_KINDS, URGENT_JOB } from "../jobs/run-jobs.ts";
import { EMERGENCY_RANK } from "./waiting.ts";

/** A run over which so many processes died is not handed to one more. A process that hands a run back has not died over it. */
export const MOST_CRASHES = 5;
export const GAVE_UP = "run.gave_up";
/** A worker that is woken goes on by itself until nothing waits, so a few reminders are enough for any number of runs. */
const REMINDERS = 32;

export interface ReaperOptions {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly queue: Pick<JobQueue, "send">;
  readonly leaseMs: number;
}

export async function requeueAbandoned({ pool, clock, queue, leaseMs }: ReaperOptions): Promise<number> {
  const now = clock.now();
  const stale = new Date(now.getTime() - leaseMs);
  const { rowCount } = await pool.query(
    `UPDATE "Run" SET "workerId" = NULL, "crashes" = "crashes" + 1,
        "state" = CASE WHEN "crashes" + 1 >= ${MOST_CRASHES} THEN 'failed' ELSE 'queued' END,
        "code" = CASE WHEN "crashes" + 1 >= ${MOST_CRASHES} THEN '${GAVE_UP}' ELSE "code" END,
        "finishedAt" = CASE WHEN "crashes" + 1 >= ${MOST_CRASHES} THEN $2 ELSE "finishedAt" END,
        "underWay" = CASE WHEN "crashes" + 1 >= ${MOST_CRASHES} THEN NULL ELSE "underWay" END
      WHERE "state" = 'running' AND "heartbeatAt" < $1`,
    [stale, now],
  );
  // Keys lay in the memory of a process that is gone: whoever takes the run up finds none, and says so.
  await pool.query(
    `UPDATE "Run" r SET "custodian" = NULL WHERE r."state" = 'queued' AND r."custodian" IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM "Process" p WHERE p."id" = r."custodian" AND p."seenAt" >= $1)`,
    [stale],
  );
  for (const kind of RUN_KINDS) {
    const { rows } = await pool.query<{ id: string; rank: number }>(
      `SELECT "id", "rank" FROM "Run" WHERE "state" = 'queued' AND "kind" = $1 AND "custodian" IS NULL ORDER BY "rank", "dueAt", "id" LIMIT ${REMINDERS}`,
      [kind],
    );
    for (const { id, rank } of rows) {
      await queue.send(RUN_JOBS[kind], { runId: id }, { key: id });
      if (rank === EMERGENCY_RANK) await queue.send(URGENT_JOB, { runId: id }, { key: id });
    }
  }
  return rowCount ?? 0;
}
