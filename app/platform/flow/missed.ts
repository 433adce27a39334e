/**
 * What ought to have been told and was not: a process that died between the end of a run and telling of it, a run that ended because several processes died over it.
 * The database names the few there are.
 */
import type pg from "pg";
import { announceAlert, ANNOUNCED_ALERTS, announceRun, ANNOUNCED_RUNS, type AnnouncePorts } from "#app/workflows/flow/announce.ts";
import type { Alert, Clock, Run } from "#app/workflows/ports.ts";

/** Older than this it is no news any more; and a first start of this version tells nothing of the past. */
const NEWS_MS = 6 * 3_600_000;
/** Whoever ends a run tells of it at once. */
const SOON_MS = 10_000;
const MOST = 200;

/** Answers how many were found. */
export async function tellMissed(pool: pg.Pool, clock: Clock, ports: AnnouncePorts): Promise<number> {
  const now = clock.now().getTime();
  const within = [new Date(now - NEWS_MS), new Date(now - SOON_MS), MOST];
  const runs = await pool.query<Run>(
    `SELECT r."id", r."shop", r."kind", r."state", r."code", r."result", r."finishedAt" FROM "Run" r
      WHERE r."finishedAt" BETWEEN $1 AND $2 AND r."kind" = ANY($4::text[]) AND r."state" IN ('succeeded', 'failed')
        AND NOT EXISTS (SELECT 1 FROM "FlowDelivery" d WHERE d."subject" = r."id" AND d."shop" = r."shop") ORDER BY r."finishedAt" LIMIT $3`,
    [...within, ANNOUNCED_RUNS],
  );
  const alerts = await pool.query<Alert>(
    `SELECT a."id", a."shop", a."code", a."subject", a."severity", a."facts", a."firstSeen" FROM "Alert" a
      WHERE a."firstSeen" BETWEEN $1 AND $2 AND a."code" = ANY($4::text[]) AND a."state" <> 'resolved'
        AND NOT EXISTS (SELECT 1 FROM "FlowDelivery" d WHERE d."subject" = a."id" AND d."shop" = a."shop") ORDER BY a."firstSeen" LIMIT $3`,
    [...within, Object.keys(ANNOUNCED_ALERTS)],
  );
  for (const run of runs.rows) await announceRun(ports, run);
  for (const alert of alerts.rows) await announceAlert(ports, alert);
  return runs.rows.length + alerts.rows.length;
}
