/** Whose turn it is: one statement that finds the next run and takes it, so that of any number of workers one gets it and none waits for another. */
import type pg from "pg";
import type { RunKind } from "#app/workflows/ports.ts";
import { EMERGENCY_RANK } from "./waiting.ts";

/** What a slot of a worker may take. */
export interface Lane {
  readonly kinds: readonly RunKind[];
  /** Only emergencies: the room that is kept for them. */
  readonly urgentOnly?: boolean;
  /** Only what is likely to be over soon, so that long runs never take every slot. */
  readonly quickOnly?: boolean;
}

/** Runs of one shop at once, over all kinds and machines. Two workers in the same instant may make it one more; leases are not concerned. */
export const PER_SHOP = 2;

/** Answers the id of the run that is now `workerId`'s. */
export async function nextRun(pool: pg.Pool, { lane, workerId, now }: { readonly lane: Lane; readonly workerId: string; readonly now: Date }): Promise<string | null> {
  const { rows } = await pool.query<{ id: string }>(
    `WITH next AS (
       SELECT r."id" FROM "Run" r
        WHERE r."state" = 'queued' AND r."kind" = ANY($1::text[])
          AND (r."custodian" IS NULL OR r."custodian" = $2)
          AND (NOT $4::boolean OR r."rank" = ${EMERGENCY_RANK})
          AND (NOT $5::boolean OR r."quick" OR r."rank" = ${EMERGENCY_RANK})
          AND (r."rank" = ${EMERGENCY_RANK} OR (SELECT count(*) FROM "Run" o WHERE o."shop" = r."shop" AND o."state" = 'running') < ${PER_SHOP})
        ORDER BY r."rank", r."dueAt", r."id" LIMIT 1 FOR UPDATE SKIP LOCKED)
     UPDATE "Run" SET "state" = 'running', "attempt" = "attempt" + 1, "workerId" = $2, "heartbeatAt" = $3, "startedAt" = COALESCE("startedAt", $3)
       FROM next WHERE "Run"."id" = next."id" RETURNING "Run"."id"`,
    [lane.kinds, workerId, now, lane.urgentOnly === true, lane.quickOnly === true],
  );
  return rows[0]?.id ?? null;
}
