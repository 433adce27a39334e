/** Asks for what shops' schedules have come due for. Processes that do so at the same time share the shops out among them. */
import type pg from "pg";
import type { Clock } from "#app/workflows/ports.ts";
import { nextTime, type Timetable } from "./timetable.ts";

export interface DueShop extends Timetable {
  readonly shop: string;
  /** The time that has come. */
  readonly nextAt: Date;
}

/** Tables of one row per shop with these columns. */
export type ScheduleTable = "Schedule" | "ChangesSchedule" | "DrillSchedule";

/** "later": nothing came of it yet; the time stays as it is. */
export type Asked = "asked" | "later";

/** So many failures in one call are no single shop's fault. */
const MOST_FAILURES = 100;

/**
 * Calls `ask` for every shop whose time has come, longest due first, and sets its next time after now. A shop whose `ask` throws or answers "later" keeps its time and is asked again at
 * the next call, the others are asked all the same; the first failure is thrown then. A process that dies after `ask` and before it set the next time asks
 * once more, which finds the run under way. Answers how many were asked.
 */
export async function runDue(o: { readonly pool: pg.Pool; readonly clock: Clock; readonly table: ScheduleTable }, ask: (due: DueShop) => Promise<Asked | void>): Promise<number> {
  const put: string[] = [];
  const failed: { readonly shop: string; readonly error: unknown }[] = [];
  let asked = 0;
  const client = await o.pool.connect();
  let broken: Error | undefined;
  try {
    while (failed.length < MOST_FAILURES) {
      await client.query("BEGIN");
      // The row stays locked until the next time is set: others pass over it, and a process that dies leaves the time as it was.
      const { rows } = await client.query<DueShop>(
        `SELECT "shop", "cron", "timezone", "enabled", "nextAt" FROM "${o.table}" WHERE "enabled" AND "nextAt" <= $1 AND "shop" <> ALL($2::text[])
          ORDER BY "nextAt", "shop" LIMIT 1 FOR UPDATE SKIP LOCKED`,
        [o.clock.now(), [...put, ...failed.map(({ shop }) => shop)]],
      );
      const due = rows[0];
      if (due === undefined) {
        await client.query("ROLLBACK");
        break;
      }
      try {
        if ((await ask(due)) === "later") {
          put.push(due.shop);
          await client.query("ROLLBACK");
          continue;
        }
      } catch (error) {
        failed.push({ shop: due.shop, error });
        await client.query("ROLLBACK");
        continue;
      }
      await client.query(`UPDATE "${o.table}" SET "nextAt" = $2 WHERE "shop" = $1`, [due.shop, nextTime(due, o.clock.now())]);
      await client.query("COMMIT");
      asked++;
    }
  } catch (error) {
    broken = error instanceof Error ? error : new Error("the connection broke");
    throw error;
  } finally {
    client.release(broken);
  }
  const first = failed[0];
  if (first !== undefined) throw first.error;
  return asked;
}
