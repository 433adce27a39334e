/** The job queue on PostgreSQL, by pg-boss. It keeps its tables in a schema of their own, which it makes and migrates itself. */
import { randomUUID } from "node:crypto";
import PgBoss from "pg-boss";
import type pg from "pg";
import { z } from "zod";
import type { Log } from "../log.ts";
import { inTrace, traceparentNow } from "../log/trace.ts";
import type { JobDefinition, JobQueue } from "./job-queue.ts";

export interface PgBossQueueOptions {
  readonly pool: pg.Pool;
  readonly log: Log;
  /** How often an idle worker looks for jobs, seconds (pg-boss allows 0.5 and up). */
  readonly pollSeconds?: number;
}

/** pg-boss marks a job that runs longer as failed; its run is not concerned (the lease decides). It allows less than a day. */
const JOB_HOURS = 23;
const Envelope = z.strictObject({ version: z.number().int(), data: z.unknown(), trace: z.string().max(60).optional() });

export async function openPgBossQueue({ pool, log, pollSeconds = 0.5 }: PgBossQueueOptions): Promise<JobQueue> {
  const asking = new Set<Promise<unknown>>();
  let closed = false;
  // pg-boss does not wait for what it says about a job that ended. Nothing of it may reach a pool that is closed by then.
  const executeSql = (text: string, values: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }> => {
    if (closed) return Promise.resolve({ rows: [], rowCount: 0 });
    const asked = pool.query<Record<string, unknown>>(text, values);
    const settled = asked.then(() => undefined, () => undefined).finally(() => asking.delete(settled));
    asking.add(settled);
    return asked;
  };
  const boss = new PgBoss({
    db: { executeSql },
    schema: "jobs",
    // Schedules are ours (schedules.ts): a shop's next time is kept, so that one that was missed is made up for.
    schedule: false,
    archiveCompletedAfterSeconds: 3600,
    deleteAfterDays: 2,
  });
  boss.on("error", (error) => {
    log.failure("jobs.failed", error);
  });
  await boss.start();
  const working = new Set<Promise<void>>();
  let paused = false;

  const queueName = (definition: Pick<JobDefinition<unknown>, "name" | "version">): string => `${definition.name}_v${definition.version}`;

  return {
    declare: async (definition) => {
      await boss.createQueue(queueName(definition), { name: queueName(definition), policy: "short", retryLimit: 3, retryDelay: 2, retryBackoff: true, expireInHours: JOB_HOURS });
    },
    send: async (definition, data, { key } = {}) => {
      const trace = traceparentNow();
      const body = { version: definition.version, data: definition.shape.parse(data), ...(trace === null ? {} : { trace }) };
      // The queue's policy takes jobs without a key for the same one.
      const id = await boss.send(queueName(definition), body, { singletonKey: key ?? randomUUID() });
      return id !== null;
    },
    work: async (definition, concurrency, handler) => {
      const name = queueName(definition);
      const handle = async (body: unknown): Promise<void> => {
        try {
          const { data, trace } = Envelope.parse(body);
          await inTrace(trace, () => handler(definition.shape.parse(data)));
        } catch (error) {
          log.failure("job.failed", error, { job: name });
          throw error;
        }
      };
      for (let worker = 0; worker < concurrency; worker++) {
        await boss.work<unknown>(name, { batchSize: 1, pollingIntervalSeconds: pollSeconds }, async ([job]) => {
          if (!job) return;
          // Taken in the moment of pausing: give it back, for another process.
          if (paused) throw new Error("this process is draining");
          const task = handle(job.data);
          const settled = task.then(
            () => undefined,
            () => undefined,
          );
          working.add(settled);
          try {
            await task;
          } finally {
            working.delete(settled);
          }
        });
      }
    },
    pause: async () => {
      paused = true;
      await Promise.resolve();
    },
    close: async (patienceMs) => {
      paused = true;
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([Promise.all(working), new Promise((done) => (timer = setTimeout(done, patienceMs)))]);
      clearTimeout(timer);
      await boss.stop({ graceful: false, wait: true, close: false });
      // What its workers say next, they say in the same turn of the loop.
      await new Promise((done) => setImmediate(done));
      await Promise.all(asking);
      closed = true;
    },
  };
}
