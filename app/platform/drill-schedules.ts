/** When shops' drills are due, in the database. The ledger of each vault has the same; what is missed is reckoned from there. */
import type { DrillSchedule as Row, Prisma, PrismaClient } from "@prisma/client";
import type pg from "pg";
import { z } from "zod";
import type { Clock, DrillEpoch, DrillSchedule, DrillSchedules } from "#app/workflows/ports.ts";
import { parseCron } from "./cron.ts";
import { RequestError } from "./request-error.ts";

export interface DueDrills extends DrillSchedules {
  /**
   * Calls `ask` for every shop whose time has come, longest due first, and sets its next time. A time that passed while no process ran is asked for once, for the last time it
   * was due: the weeks before are over, and nothing makes up for them. Processes share the shops out among them. A shop whose `ask` throws keeps its time.
   */
  runDue(ask: (shop: string, dueAt: Date) => Promise<void>): Promise<number>;
}

const Epochs = z.array(z.object({ at: z.iso.datetime(), cron: z.string(), timezone: z.string(), enabled: z.boolean() }));
/** So many failures in one call are no single shop's fault. */
const MOST_FAILURES = 100;

export function drillSchedules(prisma: PrismaClient, pool: pg.Pool, clock: Clock): DueDrills {
  const nextOf = ({ cron, timezone, enabled }: Pick<DrillSchedule, "cron" | "timezone" | "enabled">, after: Date): Date | null => (enabled ? (parseCron(cron, timezone)?.next(after) ?? null) : null);
  return {
    get: async (shop) => {
      const row = await prisma.drillSchedule.findUnique({ where: { shop } });
      return row && scheduleFrom(row);
    },
    save: async (shop, epoch) => {
      if (parseCron(epoch.cron, epoch.timezone) === null) {
        const fields: Record<string, string> = parseCron(epoch.cron, "UTC") ? { timezone: "unknown_timezone" } : { cron: "bad_cron" };
        throw new RequestError("request.invalid", "the schedule is not a cron line in a known time zone", { fields });
      }
      const { cron, timezone, enabled } = epoch;
      const before = await prisma.drillSchedule.findUnique({ where: { shop } });
      const epochs = [...(before === null ? [] : Epochs.parse(before.epochs)), { at: epoch.at.toISOString(), cron, timezone, enabled }] as Prisma.InputJsonValue;
      const data = { cron, timezone, enabled, nextAt: nextOf(epoch, epoch.at), epochs };
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
    runDue: async (ask) => {
      const failed: { readonly shop: string; readonly error: unknown }[] = [];
      let asked = 0;
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        while (failed.length < MOST_FAILURES) {
          await client.query("BEGIN");
          // The row stays locked until the next time is set: others pass over it, and a process that dies leaves the time as it was.
          const { rows } = await client.query<Pick<Row, "shop" | "cron" | "timezone" | "enabled"> & { readonly nextAt: Date }>(
            `SELECT "shop", "cron", "timezone", "enabled", "nextAt" FROM "DrillSchedule" WHERE "enabled" AND "nextAt" <= $1 AND "shop" <> ALL($2::text[])
              ORDER BY "nextAt", "shop" LIMIT 1 FOR UPDATE SKIP LOCKED`,
            [clock.now(), failed.map(({ shop }) => shop)],
          );
          const row = rows[0];
          if (row === undefined) {
            await client.query("ROLLBACK");
            break;
          }
          try {
            await ask(row.shop, lastDue(row, row.nextAt, clock.now()));
          } catch (error) {
            failed.push({ shop: row.shop, error });
            await client.query("ROLLBACK");
            continue;
          }
          await client.query(`UPDATE "DrillSchedule" SET "nextAt" = $2 WHERE "shop" = $1`, [row.shop, nextOf(row, clock.now())]);
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

/** The week that is under way: of several that passed while nobody was there, the last. */
function lastDue({ cron, timezone }: Pick<Row, "cron" | "timezone">, from: Date, now: Date): Date {
  const times = parseCron(cron, timezone);
  let due = from;
  for (let next = times?.next(due) ?? null; next !== null && next <= now; next = times!.next(due)) due = next;
  return due;
}

function scheduleFrom({ epochs, ...row }: Row): DrillSchedule {
  return { ...row, epochs: Epochs.parse(epochs).map((epoch): DrillEpoch => ({ ...epoch, at: new Date(epoch.at) })) };
}
