/**
 * Runs and their leases, in the database. A lease lives LEASE_MS after its last heartbeat; workflows beat every few seconds whatever they
 * wait for. A process that dies stops beating, and the next one may claim the run.
 */
import { Prisma } from "@prisma/client";
import type { PrismaClient, Run as Row } from "@prisma/client";
import type pg from "pg";
import type { ResumeState } from "#app/sources/port.ts";
import type { Clock, Heartbeat, Lease, Run, RunKind, RunProgress, Runs, RunState } from "#app/workflows/ports.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import { RUN_JOBS } from "../jobs/run-jobs.ts";

export const LEASE_MS = 30_000;

export interface RunsOptions {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly queue: Pick<JobQueue, "send">;
  /** Names this process in the leases it holds. */
  readonly workerId: string;
}

export interface LeasedRuns extends Runs {
  /** Frees runs whose worker died, and wakes workers for every run that waits. Answers how many were freed. */
  requeueAbandoned(): Promise<number>;
  /** Gives back every lease of this process at once, for another process to take up. Their workflows see "lost". */
  releaseAll(): Promise<void>;
}

export function leasedRuns({ prisma, pool, clock, queue, workerId }: RunsOptions): LeasedRuns {
  const held = new Set<{ lost: boolean }>();

  /** True when this process's lease on this attempt still stands; its time then starts anew. */
  const renew = async (id: string, attempt: number, progress?: RunProgress): Promise<{ cancelRequested: boolean } | null> => {
    const { rows } = await pool.query<{ cancelRequested: boolean }>(
      `UPDATE "Run" SET "heartbeatAt" = $4, "progress" = COALESCE($5::jsonb, "progress")
        WHERE "id" = $1 AND "attempt" = $2 AND "workerId" = $3 AND "state" = 'running' RETURNING "cancelRequested"`,
      [id, attempt, workerId, clock.now(), progress === undefined ? null : JSON.stringify(progress)],
    );
    return rows[0] ?? null;
  };

  const lease = (run: Run): Lease => {
    const { id, attempt } = run;
    const holding = { lost: false };
    held.add(holding);
    const letGo = (): void => {
      holding.lost = true;
      held.delete(holding);
    };
    return {
      run,
      heartbeat: async (progress): Promise<Heartbeat> => {
        const row = holding.lost ? null : await renew(id, attempt, progress);
        if (row === null) letGo();
        return row === null ? "lost" : row.cancelRequested ? "cancel-requested" : "held";
      },
      remember: async (resume) => {
        if (holding.lost) return;
        await prisma.run.updateMany({ where: { id, attempt, workerId, state: "running" }, data: { resume: resume as Prisma.InputJsonObject } });
      },
      finish: async ({ state, code, result }) => {
        if (holding.lost) return;
        letGo();
        await prisma.run.updateMany({
          where: { id, attempt, workerId, state: "running" },
          data: { state, code, result: result ?? null, finishedAt: clock.now(), underWay: null, workerId: null, resume: Prisma.DbNull },
        });
      },
    };
  };

  return {
    create: async ({ id, shop, kind, requestedBy, requestedAt, input }) => {
      const underWay = `${kind} ${shop}`;
      // Until the insertion wins, or the one in the way is found: it may end between the two.
      for (;;) {
        const { count } = await prisma.run.createMany({
          data: [{ id, shop, kind, state: "queued", requestedBy, requestedAt, underWay, input: { ...input } }],
          skipDuplicates: true,
        });
        const row = await prisma.run.findUnique({ where: count > 0 ? { id } : { underWay } });
        if (!row) continue;
        if (count > 0) await queue.send(RUN_JOBS[kind], { runId: id }, { key: id });
        return { run: runFrom(row), created: count > 0 };
      }
    },
    get: async (id) => {
      const row = await prisma.run.findUnique({ where: { id } });
      return row && runFrom(row);
    },
    list: async (shop, { kind, limit = 50 } = {}) =>
      (
        await prisma.run.findMany({ where: { shop, ...(kind ? { kind } : {}) }, orderBy: [{ requestedAt: "desc" }, { id: "desc" }], take: limit })
      ).map(runFrom),
    requestCancel: async (id) => {
      const over = { state: "cancelled", code: "run.cancelled", finishedAt: clock.now(), underWay: null };
      const ended = await prisma.run.updateMany({ where: { id, state: "queued" }, data: over });
      if (ended.count > 0) return true;
      return (await prisma.run.updateMany({ where: { id, state: "running" }, data: { cancelRequested: true } })).count > 0;
    },
    claim: async (id) => {
      const now = clock.now();
      const { rowCount } = await pool.query(
        `UPDATE "Run" SET "state" = 'running', "attempt" = "attempt" + 1, "workerId" = $2, "heartbeatAt" = $3, "startedAt" = COALESCE("startedAt", $3)
          WHERE "id" = $1 AND ("state" = 'queued' OR ("state" = 'running' AND "heartbeatAt" < $4))`,
        [id, workerId, now, new Date(now.getTime() - LEASE_MS)],
      );
      if (rowCount === 0) return null;
      const row = await prisma.run.findUniqueOrThrow({ where: { id } });
      return row.workerId === workerId ? lease(runFrom(row)) : null;
    },
    requeueAbandoned: async () => {
      const stale = new Date(clock.now().getTime() - LEASE_MS);
      const { count } = await prisma.run.updateMany({ where: { state: "running", heartbeatAt: { lt: stale } }, data: { state: "queued", workerId: null } });
      for (const { id, kind } of await prisma.run.findMany({ where: { state: "queued" }, select: { id: true, kind: true } })) {
        await queue.send(RUN_JOBS[kind as RunKind], { runId: id }, { key: id });
      }
      return count;
    },
    releaseAll: async () => {
      for (const holding of held) holding.lost = true;
      held.clear();
      await prisma.run.updateMany({ where: { workerId, state: "running" }, data: { state: "queued", workerId: null } });
    },
  };
}

function runFrom(row: Row): Run {
  return {
    id: row.id,
    shop: row.shop,
    kind: row.kind as RunKind,
    state: row.state as RunState,
    requestedBy: row.requestedBy,
    requestedAt: row.requestedAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    attempt: row.attempt,
    progress: row.progress as RunProgress | null,
    resume: row.resume as ResumeState | null,
    input: row.input as Run["input"],
    code: row.code,
    result: row.result,
  };
}
