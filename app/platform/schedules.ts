/** When a shop's snapshots are taken by themselves. */
import type { PrismaClient } from "@prisma/client";
import type pg from "pg";
import type { Clock } from "#app/workflows/ports.ts";
import { parseCron } from "./cron.ts";
import { RequestError } from "./request-error.ts";

export interface Schedule {
  readonly shop: string;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name, "Europe/Berlin". */
  readonly timezone: string;
  readonly enabled: boolean;
}

export interface Schedules {
  get(shop: string): Promise<Schedule | null>;
  /** Sets or replaces the shop's schedule. Throws RequestError "request.invalid" for a cron line or time zone nobody knows. */
  save(schedule: Schedule): Promise<void>;
  /** The next time a snapshot will be asked for, or null when switched off. */
  next(shop: string): Promise<Date | null>;
  /** Shops whose snapshots are taken by themselves. */
  active(): Promise<readonly string[]>;
  /**
   * Calls `ask` for every shop whose time has come, longest due first, and sets its next time. A time that passed while no process ran is made up for
   * once. Processes that call it at the same time share the shops out among them. A shop whose `ask` throws keeps its time and is asked again at
   * the next call, the others are asked all the same; the first failure is thrown then. A process that dies after `ask` and before it set the
   * next time asks once more, which finds the run under way.
   */
  runDue(ask: (shop: string, dueAt: Date) => Promise<void>): Promise<number>;
}

/** So many failures in one call are no single shop's fault. */
const MOST_FAILURES = 100;

export function schedules(prisma: PrismaClient, pool: pg.Pool, clock: Clock): Schedules {
  const nextOf = ({ cron, timezone, enabled }: Pick<Schedule, "cron" | "timezone" | "enabled">): Date | null =>
    enabled ? (parseCron(cron, timezone)?.next(clock.now()) ?? null) : null;
  return {
    get: async (shop) => {
      const row = await prisma.schedule.findUnique({ where: { shop } });
      return row && { shop, cron: row.cron, timezone: row.timezone, enabled: row.enabled };
    },
    save: async ({ shop, cron, timezone, enabled }) => {
      const parsed = parseCron(cron, timezone);
      if (!parsed) {
        const fields: Record<string, string> = parseCron(cron, "UTC") ? { timezone: "unknown_timezone" } : { cron: "bad_cron" };
        throw new RequestError("request.invalid", "the schedule is not a cron line in a known time zone", { fields });
      }
      const data = { cron, timezone, enabled, nextAt: nextOf({ cron, timezone, enabled }) };
      await prisma.schedule.upsert({ where: { shop }, create: { shop, ...data }, update: data });
    },
    next: async (shop) => (await prisma.schedule.findUnique({ where: { shop } }))?.nextAt ?? null,
    active: async () => (await prisma.schedule.findMany({ where: { enabled: true }, select: { shop: true } })).map(({ shop }) => shop),
    runDue: async (ask) => {
      const failed: { readonly shop: string; readonly error: unknown }[] = [];
      let asked = 0;
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        while (failed.length < MOST_FAILURES) {
          await client.query("BEGIN");
          // The row stays locked until the next time is set: others pass over it, and a process that dies leaves the time as it was.
          const { rows } = await client.query<Pick<Schedule, "shop" | "cron" | "timezone" | "enabled"> & { readonly nextAt: Date }>(
            `SELECT "shop", "cron", "timezone", "enabled", "nextAt" FROM "Schedule" WHERE "enabled" AND "nextAt" <= $1 AND "shop" <> ALL($2::text[])
              ORDER BY "nextAt", "shop" LIMIT 1 FOR UPDATE SKIP LOCKED`,
            [clock.now(), failed.map(({ shop }) => shop)],
          );
          const row = rows[0];
          if (row === undefined) {
            await client.query("ROLLBACK");
            break;
          }
          try {
            await ask(row.shop, row.nextAt);
          } catch (error) {
            failed.push({ shop: row.shop, error });
            await client.query("ROLLBACK");
            continue;
          }
          await client.query(`UPDATE "Schedule" SET "nextAt" = $2 WHERE "shop" = $1`, [row.shop, nextOf(row)]);
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
    },
  };
}
