/** When shops' drills are due, in the database. The ledger of each vault has the same; what is missed is reckoned from there. */
import type { DrillSchedule as Row, Prisma, PrismaClient } from "@prisma/client";
import type pg from "pg";
import { z } from "zod";
import type { Clock, DrillEpoch, DrillSchedule, DrillSchedules } from "#app/workflows/ports.ts";
import { runDue, type DueShop } from "./run-due.ts";
import { checkTimetable, nextTime } from "./timetable.ts";

export interface DueDrills extends DrillSchedules {
  /**
   * Asks for every shop whose time has come (run-due.ts). A time that passed while no process ran is asked for once, for the last time it
   * was due: the weeks before are over, and nothing makes up for them.
   */
  runDue(ask: (shop: string, dueAt: Date) => Promise<void>): Promise<number>;
}

const Epochs = z.array(z.object({ at: z.iso.datetime(), cron: z.string(), timezone: z.string(), enabled: z.boolean() }));

export function drillSchedules(prisma: PrismaClient, pool: pg.Pool, clock: Clock): DueDrills {
  return {
    get: async (shop) => {
      const row = await prisma.drillSchedule.findUnique({ where: { shop } });
      return row && scheduleFrom(row);
    },
    save: async (shop, epoch) => {
      checkTimetable(epoch);
      const { cron, timezone, enabled } = epoch;
      const before = await prisma.drillSchedule.findUnique({ where: { shop } });
      const epochs = [...(before === null ? [] : Epochs.parse(before.epochs)), { at: epoch.at.toISOString(), cron, timezone, enabled }] as Prisma.InputJsonValue;
      const data = { cron, timezone, enabled, nextAt: nextTime(epoch, epoch.at), epochs };
      await prisma.drillSchedule.upsert({ where: { shop }, create: { shop, ...data }, update: data });
    },
    without: async (limit) => {
      const { rows } = await pool.query<{ shop: string }>(
        `SELECT l."shop" FROM "VaultLink" l JOIN "Shop" s ON s."domain" = l."shop" AND s."uninstalledAt" IS NULL
          WHERE EXISTS (SELECT 1 FROM "Snapshot" t WHERE t."shop" = l."shop") AND NOT EXISTS (SELECT 1 FROM "DrillSchedule" d WHERE d."shop" = l."shop") ORDER BY random() LIMIT $1`,
        [limit],
      );
      return rows.map(({ shop }) => shop);
    },
    runDue: (ask) => runDue({ pool, clock, table: "DrillSchedule" }, (due) => ask(due.shop, lastDue(due, clock.now()))),
  };
}

/** The week that is under way: of several that passed while nobody was there, the last. */
function lastDue(due: DueShop, now: Date): Date {
  let last = due.nextAt;
  for (let next = nextTime(due, last); next !== null && next <= now; next = nextTime(due, last)) last = next;
  return last;
}

function scheduleFrom({ epochs, ...row }: Row): DrillSchedule {
  return { ...row, epochs: Epochs.parse(epochs).map((epoch): DrillEpoch => ({ ...epoch, at: new Date(epoch.at) })) };
}
