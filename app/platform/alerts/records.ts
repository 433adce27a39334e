/** Alerts in the database. One statement decides whether a sighting is a new alert, whichever process saw it. */
import type pg from "pg";
import type { Alert, AlertFilter, AlertKey, AlertRecords, Sighting } from "#app/workflows/ports.ts";

/** As the columns are named; times come as Date from pg. */
type Row = Alert & { readonly openKey: string | null };

const MOST = 200;
const openKey = ({ shop, code, subject }: AlertKey): string => `${shop} ${code} ${subject}`;

export function alertRecords(pool: pg.Pool): AlertRecords {
  const one = async (text: string, values: readonly unknown[]): Promise<Alert | null> => {
    const { rows } = await pool.query<Row>(text, [...values]);
    return rows[0] === undefined ? null : alertFrom(rows[0]);
  };
  const many = async (text: string, values: readonly unknown[]): Promise<readonly Alert[]> => (await pool.query<Row>(text, [...values])).rows.map(alertFrom);

  return {
    sight: async ({ id, shop, code, subject, severity, facts = {}, at }) => {
      // An acknowledged warning that turns critical is news: it opens again, at level 0. A severity never sinks while the alert lives.
      const { rows } = await pool.query<Row & { sighting: Sighting }>(
        `WITH before AS (SELECT "state", "severity" FROM "Alert" WHERE "openKey" = $8)
         INSERT INTO "Alert" AS a ("id", "shop", "code", "subject", "severity", "facts", "firstSeen", "lastSeen", "levelAt", "openKey")
         VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $7, $7, $8)
         ON CONFLICT ("openKey") DO UPDATE SET
           "count" = a."count" + 1, "lastSeen" = GREATEST(a."lastSeen", $7), "facts" = EXCLUDED."facts",
           "severity" = CASE WHEN EXCLUDED."severity" = 'critical' THEN 'critical' ELSE a."severity" END,
           "state" = CASE WHEN a."state" = 'acknowledged' AND a."severity" = 'warning' AND EXCLUDED."severity" = 'critical' THEN 'open' ELSE a."state" END,
           "level" = CASE WHEN a."state" = 'acknowledged' AND a."severity" = 'warning' AND EXCLUDED."severity" = 'critical' THEN 0 ELSE a."level" END,
           "levelAt" = CASE WHEN a."state" = 'acknowledged' AND a."severity" = 'warning' AND EXCLUDED."severity" = 'critical' THEN $7 ELSE a."levelAt" END
         RETURNING a.*, CASE WHEN a."id" = $1 THEN 'opened'
           WHEN (SELECT "state" FROM before) = 'acknowledged' AND a."state" = 'open' THEN 'reopened' ELSE 'seen-again' END AS sighting`,
        [id, shop, code, subject, severity, JSON.stringify(facts), at, openKey({ shop, code, subject })],
      );
      const row = rows[0]!;
      return { alert: alertFrom(row), sighting: row.sighting };
    },
    resolve: ({ at, ...key }) => one(`UPDATE "Alert" SET "state" = 'resolved', "resolvedAt" = $2, "openKey" = NULL WHERE "openKey" = $1 RETURNING *`, [openKey(key), at]),
    acknowledge: ({ shop, id, by, note, at }) =>
      one(`UPDATE "Alert" SET "state" = 'acknowledged', "acknowledgedBy" = $3, "acknowledgedAt" = $4, "note" = $5 WHERE "id" = $2 AND "shop" = $1 AND "state" = 'open' RETURNING *`, [shop, id, by, at, note]),
    escalate: async ({ shop, id, level, at }) =>
      (await pool.query(`UPDATE "Alert" SET "level" = $3, "levelAt" = $4 WHERE "id" = $2 AND "shop" = $1 AND "state" = 'open' AND "level" = $3 - 1`, [shop, id, level, at])).rowCount === 1,
    get: (shop, id) => one(`SELECT * FROM "Alert" WHERE "shop" = $1 AND "id" = $2`, [shop, id]),
    list: (shop, filter = {}, { limit = 50, offset = 0 } = {}) => {
      const { where, values } = condition(shop, filter);
      return many(`SELECT * FROM "Alert" WHERE ${where} ORDER BY ("state" = 'resolved'), "lastSeen" DESC, "id" LIMIT ${Number(limit)} OFFSET ${Number(offset)}`, values);
    },
    count: async (shop, filter = {}) => {
      const { where, values } = condition(shop, filter);
      return Number((await pool.query<{ n: string }>(`SELECT count(*)::text AS n FROM "Alert" WHERE ${where}`, [...values])).rows[0]?.n ?? 0);
    },
    unresolved: (shop) => many(`SELECT * FROM "Alert" WHERE "shop" = $1 AND "state" <> 'resolved' ORDER BY ("severity" <> 'critical'), ("state" <> 'open'), "firstSeen", "id" LIMIT ${MOST}`, [shop]),
    shopsWithOpen: async () => (await pool.query<{ shop: string }>(`SELECT DISTINCT "shop" FROM "Alert" WHERE "state" = 'open' ORDER BY "shop"`)).rows.map(({ shop }) => shop),
  };
}

/** How many alerts nobody has acknowledged, over all shops, by code and severity: for the metrics page. */
export async function openByCode(pool: pg.Pool): Promise<readonly { readonly code: string; readonly severity: string; readonly n: number }[]> {
  const { rows } = await pool.query<{ code: string; severity: string; n: string }>(`SELECT "code", "severity", count(*)::text AS n FROM "Alert" WHERE "state" = 'open' GROUP BY 1, 2`);
  return rows.map(({ code, severity, n }) => ({ code, severity, n: Number(n) }));
}

function condition(shop: string, { states, codes, severity }: AlertFilter): { where: string; values: readonly unknown[] } {
  const where = [`"shop" = $1`];
  const values: unknown[] = [shop];
  const and = (text: string, value: unknown): void => void where.push(text.replace("?", `$${values.push(value)}`));
  if (states !== undefined) and(`"state" = ANY(?)`, states);
  if (codes !== undefined) and(`"code" = ANY(?)`, codes);
  if (severity !== undefined) and(`"severity" = ?`, severity);
  return { where: where.join(" AND "), values };
}

function alertFrom(row: Row): Alert {
  const { id, shop, code, subject, severity, state, facts, firstSeen, lastSeen, count, acknowledgedAt, acknowledgedBy, note, resolvedAt, level, levelAt } = row;
  return { id, shop, code, subject, severity, state, facts, firstSeen, lastSeen, count, acknowledgedAt, acknowledgedBy, note, resolvedAt, level, levelAt };
}
