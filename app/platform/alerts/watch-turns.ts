/** Which shops are to be looked at now, and by this process: whoever moves a shop's time on. So many workers watch many shops, each once a minute. */
import type pg from "pg";
import type { Clock } from "#app/workflows/ports.ts";

export interface WatchTurn {
  readonly shop: string;
  readonly installed: boolean;
}

/** Shops that have the app, and shops without it that still have a privacy request open. Those that waited longest first. */
export function watchTurns(pool: pg.Pool, clock: Clock): (everyMs: number, limit: number) => Promise<readonly WatchTurn[]> {
  return async (everyMs, limit) => {
    const now = clock.now();
    const { rows } = await pool.query<WatchTurn>(
      `WITH due AS (
         SELECT s."domain" AS shop, s."uninstalledAt" IS NULL AS installed FROM "Shop" s LEFT JOIN "ShopWatch" w ON w."shop" = s."domain"
          WHERE (w."watchedAt" IS NULL OR w."watchedAt" <= $2)
            AND (s."uninstalledAt" IS NULL OR EXISTS (SELECT 1 FROM "ComplianceRequest" c WHERE c."shop" = s."domain" AND c."state" = 'open'))
          ORDER BY w."watchedAt" NULLS FIRST LIMIT $3),
       taken AS (
         INSERT INTO "ShopWatch" AS w ("shop", "watchedAt") SELECT shop, $1 FROM due
         ON CONFLICT ("shop") DO UPDATE SET "watchedAt" = EXCLUDED."watchedAt" WHERE w."watchedAt" <= $2 RETURNING w."shop")
       SELECT due.shop, due.installed FROM due JOIN taken ON taken."shop" = due.shop`,
      [now, new Date(now.getTime() - everyMs), limit],
    );
    return rows;
  };
}
