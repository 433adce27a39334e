/** Which processes are up, by their heartbeats in the database. */
import type pg from "pg";
import type { Clock } from "#app/workflows/ports.ts";

/** Well below a lease's time, after which a process counts as gone. */
export const PROCESS_BEAT_MS = 10_000;
const FORGET_MS = 24 * 3_600_000;

export interface ProcessRecord {
  /** Enters this process, or says that it is still there. */
  beat(): Promise<void>;
  /** It is going. */
  leave(): Promise<void>;
}

export function processRecord(o: { readonly pool: pg.Pool; readonly clock: Clock; readonly id: string; readonly role: string; readonly version: string }): ProcessRecord {
  return {
    beat: async () => {
      const now = o.clock.now();
      await o.pool.query(
        `INSERT INTO "Process" ("id", "role", "version", "startedAt", "seenAt") VALUES ($1, $2, $3, $4, $4) ON CONFLICT ("id") DO UPDATE SET "seenAt" = EXCLUDED."seenAt"`,
        [o.id, o.role, o.version, now],
      );
      await o.pool.query(`DELETE FROM "Process" WHERE "seenAt" < $1`, [new Date(now.getTime() - FORGET_MS)]);
    },
    leave: async () => {
      await o.pool.query(`DELETE FROM "Process" WHERE "id" = $1`, [o.id]);
    },
  };
}
