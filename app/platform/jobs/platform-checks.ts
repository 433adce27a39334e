/** Looks at the platform of shops whose last look is a week old, or was made with other queries than this version's. The database names them. */
import type pg from "pg";
import { ShopifySurvey } from "#app/sources/shopify/index.ts";
import { checkPlatform } from "#app/workflows/coverage/check-platform.ts";
import type { Clock, Ports } from "#app/workflows/ports.ts";

const WEEK_MS = 7 * 24 * 3_600_000;
/** In one round; a look takes seconds. */
const MOST = 20;

/** The name of this version's queries. */
const EXTRACTOR = ShopifySurvey.extractor;

export async function lookAtPlatforms(pool: pg.Pool, clock: Clock, ports: Ports): Promise<number> {
  const { platforms, surveys, coverageTasks } = ports;
  if (platforms === undefined || surveys === undefined || coverageTasks === undefined) return 0;
  const { rows } = await pool.query<{ shop: string }>(
    `SELECT l."shop" FROM "VaultLink" l JOIN "Shop" s ON s."domain" = l."shop" LEFT JOIN "ShopPlatform" p ON p."shop" = l."shop"
      WHERE s."uninstalledAt" IS NULL AND (p."checkedAt" IS NULL OR p."checkedAt" < $1 OR p."extractor" <> $2)
      ORDER BY random() LIMIT ${MOST}`,
    [new Date(clock.now().getTime() - WEEK_MS), EXTRACTOR],
  );
  let looked = 0;
  for (const { shop } of rows) {
    const { kind } = await checkPlatform({ ...ports, platforms, surveys, coverageTasks }, { shop, signal: AbortSignal.timeout(120_000) });
    if (kind === "checked") looked++;
  }
  return looked;
}
