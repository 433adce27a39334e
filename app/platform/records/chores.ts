/** Whose turn a chore is that one of all processes does: whoever moves its time on. */
import type pg from "pg";
import type { Clock } from "#app/workflows/ports.ts";

/** True: its time had come, and this process does it. One that dies over it leaves it to the next time. */
export type TakeTurn = (name: string, everyMs: number) => Promise<boolean>;

export function choreTurns(pool: pg.Pool, clock: Clock): TakeTurn {
  return async (name, everyMs) => {
    const now = clock.now();
    const { rowCount } = await pool.query(
      `INSERT INTO "Chore" ("name", "nextAt") VALUES ($1, $2) ON CONFLICT ("name") DO UPDATE SET "nextAt" = EXCLUDED."nextAt" WHERE "Chore"."nextAt" <= $3`,
      [name, new Date(now.getTime() + everyMs), now],
    );
    return rowCount === 1;
  };
}
