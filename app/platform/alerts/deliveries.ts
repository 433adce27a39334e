/** Messages on their way to people, in the database. */
import type pg from "pg";
import type { AlertDeliveries, AlertDelivery } from "#app/workflows/ports.ts";
import { deliveryLine } from "../database/due-table.ts";

const FIELDS = `"id", "shop", "channel", "level", "reason", "alertIds", "state", "attempts", "createdAt", "nextAt", "endedAt", "code"`;

export function alertDeliveries(pool: pg.Pool): AlertDeliveries {
  return {
    ...deliveryLine<AlertDelivery>(pool, { table: "AlertDelivery", fields: FIELDS, onClaim: `"gathering" = NULL` }),
    add: async ({ id, shop, channel, level, reason, alertIds, createdAt, nextAt }) => {
      // A test is a message of its own: a person waits for it.
      const gathering = reason === "test" ? null : `${shop} ${channel} ${level} ${reason}`;
      await pool.query(
        `INSERT INTO "AlertDelivery" AS d ("id", "shop", "channel", "level", "reason", "alertIds", "createdAt", "nextAt", "gathering") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT ("gathering") DO UPDATE SET "alertIds" = d."alertIds" || ARRAY(SELECT unnest(EXCLUDED."alertIds") EXCEPT SELECT unnest(d."alertIds"))`,
        [id, shop, channel, level, reason, [...alertIds], createdAt, nextAt, gathering],
      );
    },
    list: async (shop, { alertId, limit = 50 } = {}) => {
      const { rows } = await pool.query<AlertDelivery>(
        `SELECT ${FIELDS} FROM "AlertDelivery" WHERE "shop" = $1 AND ($2::text IS NULL OR $2 = ANY("alertIds")) ORDER BY "createdAt" DESC, "id" LIMIT $3`,
        [shop, alertId ?? null, limit],
      );
      return rows;
    },
  };
}
