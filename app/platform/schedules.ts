/** When a shop's snapshots are taken by themselves. */
import type { PrismaClient } from "@prisma/client";
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
   * Calls `ask` for every shop whose time has come, and sets its next time. A time that passed while no process ran is made up for once.
   * Of several processes one asks. A shop whose `ask` throws keeps its time and is asked again at the next call.
   */
  runDue(ask: (shop: string) => Promise<void>): Promise<number>;
}

export function schedules(prisma: PrismaClient, clock: Clock): Schedules {
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
      const due = await prisma.schedule.findMany({ where: { enabled: true, nextAt: { lte: clock.now() } } });
      let asked = 0;
      for (const { shop, nextAt, ...schedule } of due) {
        const { count } = await prisma.schedule.updateMany({ where: { shop, nextAt }, data: { nextAt: nextOf(schedule) } });
        if (count === 0) continue;
        try {
          await ask(shop);
          asked++;
        } catch (error) {
          await prisma.schedule.updateMany({ where: { shop }, data: { nextAt } });
          throw error;
        }
      }
      return asked;
    },
  };
}
