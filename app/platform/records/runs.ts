/**
 * Runs and their leases, in the database. A lease lives LEASE_MS after its last heartbeat; workflows beat every few seconds whatever they
 * wait for. A process that dies stops beating, and the next one may claim the run.
 */
import { Prisma } from "@prisma/client";
import type { PrismaClient } from "@prisma/client";
import type pg from "pg";
import type { Clock, Heartbeat, Lease, Run, RunKind, RunProgress, Runs } from "#app/workflows/ports.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import { RUN_JOBS, URGENT_JOB } from "../jobs/run-jobs.ts";
import { traceparentNow } from "../log/trace.ts";
import { nextRun } from "./next-run.ts";
import type { Lane } from "./next-run.ts";
import { requeueAbandoned } from "./reaper.ts";
import { runFrom } from "./run-row.ts";
import { EMERGENCY_RANK, placeInLine, usualUrgency } from "./waiting.ts";

export const LEASE_MS = 30_000;

export interface RunsOptions {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  /** The same on every machine: see database/database-clock.ts. */
  readonly clock: Clock;
  readonly queue: Pick<JobQueue, "send">;
  /** Names this process in the leases it holds. */
  readonly workerId: string;
  /** LEASE_MS when absent; the same in every process. */
  readonly leaseMs?: number;
  /** Whether this process's memory holds the keys for a run. Nobody else can do it then. Absent: it holds none. */
  readonly holdsKeys?: (runId: string) => boolean;
  /** Wakes this process's own workers, for runs whose keys lie here. */
  readonly wakeHere?: (kind: RunKind) => void;
  /** A heartbeat found that another worker has the run. */
  readonly onLost?: (kind: RunKind) => void;
}

export interface LeasedRuns extends Runs {
  /**
   * Claims the run whose turn it is among those the lane may take, for this process: `claim` with its id then answers the lease. Null: there is none.
   */
  claimNext(lane: Lane): Promise<{ readonly run: Run; readonly trace: string | null } | null>;
  /** Gives a run back that this process holds, if it still does, with its resume state: it waits again, at its old place, and workers are woken. */
  handBack(id: string): Promise<boolean>;
  /** Frees runs whose process died, ends those over which several died, and wakes workers for runs that wait. Answers how many were freed. */
  requeueAbandoned(): Promise<number>;
  /** Gives back every lease of this process at once, for another process to take up. Their workflows see "lost". */
  releaseAll(): Promise<void>;
}

interface Holding {
  readonly id: string;
  lost: boolean;
}

export function leasedRuns(options: RunsOptions): LeasedRuns {
  const { prisma, pool, clock, queue, workerId, leaseMs = LEASE_MS } = options;
  const held = new Set<Holding>();
  /** Claimed by `claimNext`, not yet by the workflow. */
  const prepared = new Map<string, Lease>();

  /** Tells workers that a run waits. `again` names the reminder where the run's own may still be under way. */
  const wake = async ({ id, kind, rank, custodian }: { id: string; kind: RunKind; rank: number; custodian: string | null }, again = ""): Promise<void> => {
    if (custodian === workerId) options.wakeHere?.(kind);
    else if (custodian === null) await queue.send(RUN_JOBS[kind], { runId: id }, { key: `${id}${again}` });
    if (rank === EMERGENCY_RANK && custodian === null) await queue.send(URGENT_JOB, { runId: id }, { key: `${id}${again}` });
  };

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
    const holding: Holding = { id, lost: false };
    held.add(holding);
    const letGo = (): void => {
      holding.lost = true;
      held.delete(holding);
    };
    return {
      run,
      heartbeat: async (progress): Promise<Heartbeat> => {
        const row = holding.lost ? null : await renew(id, attempt, progress);
        if (row === null) {
          if (!holding.lost) options.onLost?.(run.kind);
          letGo();
        }
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
    create: async ({ id, shop, kind, requestedBy, requestedAt, wantedAt, input, urgency = usualUrgency(kind, requestedBy) }) => {
      const underWay = `${kind} ${shop}`;
      const last = await prisma.run.findFirst({ where: { shop, kind, startedAt: { not: null }, finishedAt: { not: null } }, orderBy: [{ requestedAt: "desc" }, { id: "desc" }], select: { startedAt: true, finishedAt: true } });
      const place = placeInLine(urgency, requestedAt, last?.startedAt && last.finishedAt ? { startedAt: last.startedAt, finishedAt: last.finishedAt } : null, wantedAt);
      const custodian = options.holdsKeys?.(id) === true ? workerId : null;
      // Until the insertion wins, or the one in the way is found: it may end between the two.
      for (;;) {
        const { count } = await prisma.run.createMany({
          data: [{ id, shop, kind, state: "queued", requestedBy, requestedAt, underWay, input: { ...input }, ...place, custodian, trace: traceparentNow() }],
          skipDuplicates: true,
        });
        const row = await prisma.run.findUnique({ where: count > 0 ? { id } : { underWay } });
        if (!row) continue;
        const run = runFrom(row);
        if (count > 0) await wake({ id, kind, rank: place.rank, custodian });
        else if (place.rank < row.rank && (await prisma.run.updateMany({ where: { id: run.id, state: "queued" }, data: { rank: place.rank } })).count > 0) {
          // One that waits already becomes the emergency's.
          await wake({ id: run.id, kind, rank: place.rank, custodian: row.custodian });
        }
        return { run, created: count > 0 };
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
      const ready = prepared.get(id);
      if (ready !== undefined) {
        prepared.delete(id);
        return ready;
      }
      const now = clock.now();
      const { rowCount } = await pool.query(
        `UPDATE "Run" SET "state" = 'running', "attempt" = "attempt" + 1, "workerId" = $2, "heartbeatAt" = $3, "startedAt" = COALESCE("startedAt", $3)
          WHERE "id" = $1 AND ("custodian" IS NULL OR "custodian" = $2) AND ("state" = 'queued' OR ("state" = 'running' AND "heartbeatAt" < $4))`,
        [id, workerId, now, new Date(now.getTime() - leaseMs)],
      );
      if (rowCount === 0) return null;
      const row = await prisma.run.findUniqueOrThrow({ where: { id } });
      return row.workerId === workerId ? lease(runFrom(row)) : null;
    },
    claimNext: async (lane) => {
      const id = await nextRun(pool, { lane, workerId, now: clock.now() });
      if (id === null) return null;
      const row = await prisma.run.findUniqueOrThrow({ where: { id } });
      if (row.workerId !== workerId) return null;
      const run = runFrom(row);
      prepared.set(id, lease(run));
      return { run, trace: row.trace };
    },
    handBack: async (id) => {
      prepared.delete(id);
      for (const holding of held) {
        if (holding.id !== id) continue;
        holding.lost = true;
        held.delete(holding);
      }
      const { rows } = await pool.query<{ kind: RunKind; rank: number; custodian: string | null; attempt: number }>(
        `UPDATE "Run" SET "state" = 'queued', "workerId" = NULL WHERE "id" = $1 AND "workerId" = $2 AND "state" = 'running' RETURNING "kind", "rank", "custodian", "attempt"`,
        [id, workerId],
      );
      const row = rows[0];
      if (row === undefined) return false;
      await wake({ id, kind: row.kind, rank: row.rank, custodian: row.custodian }, `-${row.attempt}`);
      return true;
    },
    requeueAbandoned: () => requeueAbandoned({ pool, clock, queue, leaseMs }),
    releaseAll: async () => {
      for (const holding of held) holding.lost = true;
      held.clear();
      prepared.clear();
      // Keys go with this process: what waits for them is ended by whoever takes it up.
      const { rows } = await pool.query<{ id: string; kind: RunKind; rank: number; attempt: number }>(
        `UPDATE "Run" SET "state" = 'queued', "workerId" = NULL, "custodian" = NULL
          WHERE ("workerId" = $1 AND "state" = 'running') OR ("custodian" = $1 AND "state" = 'queued') RETURNING "id", "kind", "rank", "attempt"`,
        [workerId],
      );
      for (const { id, kind, rank, attempt } of rows) await wake({ id, kind, rank, custodian: null }, `-${attempt}`);
    },
  };
}
