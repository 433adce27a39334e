/** When what has changed in a shop is read between its full snapshots. */
import type pg from "pg";
import type { Clock } from "#app/workflows/ports.ts";
import { runDue, type Asked } from "./run-due.ts";
import { checkTimetable, nextTime, type Timetable } from "./timetable.ts";

export interface ChangesSchedules {
  get(shop: string): Promise<Timetable | null>;
  /** Sets or replaces the shop's. Throws RequestError "request.invalid" for a cron line or time zone nobody knows. */
  save(shop: string, timetable: Timetable): Promise<void>;
  /** The next time changes will be read, or null when switched off. */
  next(shop: string): Promise<Date | null>;
  /** Asks for every shop whose time has come (run-due.ts). Times that passed while no process ran are made up for once. */
  runDue(ask: (shop: string, dueAt: Date) => Promise<Asked>): Promise<number>;
}

type Row = Timetable & { readonly nextAt: Date | null };

export function changesSchedules(pool: pg.Pool, clock: Clock): ChangesSchedules {
  const row = async (shop: string): Promise<Row | null> => (await pool.query<Row>('SELECT "cron", "timezone", "enabled", "nextAt" FROM "ChangesSchedule" WHERE "shop" = $1', [shop])).rows[0] ?? null;
  return {
    get: async (shop) => {
      const found = await row(shop);
      return found && { cron: found.cron, timezone: found.timezone, enabled: found.enabled };
    },
    save: async (shop, timetable) => {
      checkTimetable(timetable);
      const { cron, timezone, enabled } = timetable;
      await pool.query(
        `INSERT INTO "ChangesSchedule" ("shop", "cron", "timezone", "enabled", "nextAt") VALUES ($1, $2, $3, $4, $5)
          ON CONFLICT ("shop") DO UPDATE SET "cron" = $2, "timezone" = $3, "enabled" = $4, "nextAt" = $5`,
        [shop, cron, timezone, enabled, nextTime(timetable, clock.now())],
      );
    },
    next: async (shop) => (await row(shop))?.nextAt ?? null,
    runDue: (ask) => runDue({ pool, clock, table: "ChangesSchedule" }, ({ shop, nextAt }) => ask(shop, nextAt)),
  };
}
