/** Messages on their way to people, in the database. */
import type pg from "pg";
import type { AlertDeliveries, AlertDelivery } from "#app/workflows/ports.ts";

const FIELDS = `"id", "shop", "channel", "level", "reason", "alertIds", "state", "attempts", "createdAt", "nextAt", "endedAt", "code"`;

export function alertDeliveries(pool: pg.Pool): AlertDeliveries {
  return {
    add: async ({ id, shop, channel, level, reason, alertIds, createdAt, nextAt }) => {
      // A test is a message of its own: a person waits for it.
      const gathering = reason === "test" ? null : `${shop} ${channel} ${level} ${reason}`;
      await pool.query(
        `INSERT INTO "AlertDelivery" AS d ("id", "shop", "channel", "level", "reason", "alertIds", "createdAt", "nextAt", "gathering") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT ("gathering") DO UPDATE SET "alertIds" = d."alertIds" || ARRAY(SELECT unnest(EXCLUDED."alertIds") EXCEPT SELECT unnest(d."alertIds"))`,
        [id, shop, channel, level, reason, [...alertIds], createdAt, nextAt, gathering],
      );
    },
    claimDue: async (now, until, limit) => {
      // What is claimed is not due again before `until`: a process that dies while sending leaves the message to the next.
      const { rows } = await pool.query<AlertDelivery>(
        `WITH due AS (
           SELECT "id", "nextAt" AS "dueAt" FROM "AlertDelivery" WHERE "state" = 'waiting' AND "nextAt" <= $1 ORDER BY "nextAt", "id" LIMIT $3 FOR UPDATE SKIP LOCKED),
         claimed AS (
           UPDATE "AlertDelivery" a SET "attempts" = a."attempts" + 1, "nextAt" = $2, "gathering" = NULL FROM due WHERE a."id" = due."id" RETURNING a.*, due."dueAt")
         SELECT ${FIELDS} FROM claimed ORDER BY "dueAt", "id"`,
        [now, until, limit],
      );
      return rows;
    },
    ended: async (id, { state, at, nextAt, code }) => {
      await pool.query(`UPDATE "AlertDelivery" SET "state" = $2, "endedAt" = $3, "nextAt" = COALESCE($4, "nextAt"), "code" = $5 WHERE "id" = $1`, [id, state, state === "waiting" ? null : at, nextAt ?? null, code]);
    },
    list: async (shop, { alertId, limit = 50 } = {}) => {
      const { rows } = await pool.query<AlertDelivery>(
        `SELECT ${FIELDS} FROM "AlertDelivery" WHERE "shop" = $1 AND ($2::text IS NULL OR $2 = ANY("alertIds")) ORDER BY "createdAt" DESC, "id" LIMIT $3`,
        [shop, alertId ?? null, limit],
      );
      return rows;
    },
    forget: async (before) => (await pool.query(`DELETE FROM "AlertDelivery" WHERE "state" <> 'waiting' AND "endedAt" < $1`, [before])).rowCount ?? 0,
  };
}
