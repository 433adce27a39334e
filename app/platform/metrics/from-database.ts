/** Gauges that are read when the page is asked for: what waits, what runs, what is open, how old the copies are. Over all shops, none by name. */
import type pg from "pg";
import type { Clock, Metrics } from "#app/workflows/ports.ts";
import { openByCode } from "../alerts/records.ts";

export function databaseGauges({ pool, metrics, clock, kinds }: { readonly pool: pg.Pool; readonly metrics: Metrics; readonly clock: Clock; readonly kinds: readonly string[] }): () => Promise<void> {
  /** Series that were there once go to 0, not away. */
  const alerts = new Map<string, { readonly code: string; readonly severity: string }>();
  return async () => {
    const [waiting, runs, shops, ages, open] = await Promise.all([
      pool.query<{ job: string; n: string }>(`SELECT q."name" AS job, count(j."id")::text AS n FROM "jobs"."queue" q LEFT JOIN "jobs"."job" j ON j."name" = q."name" AND j."state" < 'active' GROUP BY 1`),
      pool.query<{ kind: string; state: string; n: string }>(`SELECT "kind", "state", count(*)::text AS n FROM "Run" WHERE "state" IN ('queued', 'running') GROUP BY 1, 2`),
      pool.query<{ schedule: string; n: string }>(
        `SELECT CASE WHEN c."enabled" THEN 'on' ELSE 'off' END AS schedule, count(*)::text AS n FROM "Shop" s LEFT JOIN "Schedule" c ON c."shop" = s."domain" WHERE s."uninstalledAt" IS NULL GROUP BY 1`,
      ),
      pool.query<{ oldest: Date | null; median: Date | null }>(
        `SELECT min(at) AS oldest, to_timestamp(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM at))) AS median
           FROM (SELECT (SELECT max(t."startedAt") FROM "Snapshot" t WHERE t."shop" = c."shop") AS at FROM "Schedule" c WHERE c."enabled") newest WHERE at IS NOT NULL`,
      ),
      openByCode(pool),
    ]);
    for (const { job, n } of waiting.rows) metrics.gauge("holdfast_queue_depth", Number(n), { job });
    for (const kind of kinds) for (const state of ["queued", "running"]) metrics.gauge("holdfast_runs_under_way", Number(runs.rows.find((row) => row.kind === kind && row.state === state)?.n ?? 0), { kind, state });
    for (const schedule of ["on", "off"]) metrics.gauge("holdfast_shops", Number(shops.rows.find((row) => row.schedule === schedule)?.n ?? 0), { schedule });
    const age = (at: Date | null | undefined): number => (at === null || at === undefined ? Number.NaN : Math.max(0, clock.now().getTime() - at.getTime()) / 1000);
    metrics.gauge("holdfast_recovery_point_age_seconds", age(ages.rows[0]?.oldest), { of: "oldest" });
    metrics.gauge("holdfast_recovery_point_age_seconds", age(ages.rows[0]?.median), { of: "median" });
    for (const { code, severity } of open) alerts.set(`${code} ${severity}`, { code, severity });
    for (const [key, labels] of alerts) metrics.gauge("holdfast_alerts_open", open.find(({ code, severity }) => `${code} ${severity}` === key)?.n ?? 0, labels);
  };
}
