/** When a shop's snapshots are taken by themselves. */
import type { PrismaClient } from "@prisma/client";
import type pg from "pg";
import type { Clock } from "#app/workflows/ports.ts";
import { runDue, type Asked } from "./run-due.ts";
import { checkTimetable, nextTime, type Timetable } from "./timetable.ts";

export interface Schedule extends Timetable {
  readonly shop: string;
}

export interface Schedules {
  get(shop: string): Promise<Schedule | null>;
  /** Sets or replaces the shop's schedule. Throws RequestError "request.invalid" for a cron line or time zone nobody knows. */
  save(schedule: Schedule): Promise<void>;
  /** The next time a snapshot will be asked for, or null when switched off. */
  next(shop: string): Promise<Date | null>;
  /** Shops whose snapshots are taken by themselves. */
  active(): Promise<readonly string[]>;
  /** Asks for every shop whose time has come (run-due.ts). A time that passed while no process ran is made up for once. */
  runDue(ask: (shop: string, dueAt: Date) => Promise<Asked | void>): Promise<number>;
}

export function schedules(prisma: PrismaClient, pool: pg.Pool, clock: Clock): Schedules {
  return {
    get: async (shop) => {
      const row = await prisma.schedule.findUnique({ where: { shop } });
      return row && { shop, cron: row.cron, timezone: row.timezone, enabled: row.enabled };
    },
    save: async ({ shop, cron, timezone, enabled }) => {
      const timetable = { cron, timezone, enabled };
      checkTimetable(timetable);
      const data = { ...timetable, nextAt: nextTime(timetable, clock.now()) };
      await prisma.schedule.upsert({ where: { shop }, create: { shop, ...data }, update: data });
    },
    next: async (shop) => (await prisma.schedule.findUnique({ where: { shop } }))?.nextAt ?? null,
    active: async () => (await prisma.schedule.findMany({ where: { enabled: true }, select: { shop: true } })).map(({ shop }) => shop),
    runDue: (ask) => runDue({ pool, clock, table: "Schedule" }, ({ shop, nextAt }) => ask(shop, nextAt)),
  };
}
