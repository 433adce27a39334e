/** What became of the last look at a shop's own subscriptions, in the database. */
import type pg from "pg";
import type { SubscriptionRecords, SubscriptionState } from "#app/workflows/ports.ts";

const COLUMNS = `"shop", "at", "since", "types", "missing", "failures", "code"`;

export function subscriptionRecords(pool: pg.Pool): SubscriptionRecords {
  return {
    get: async (shop) => (await pool.query<SubscriptionState>(`SELECT ${COLUMNS} FROM "CaptureSubscription" WHERE "shop" = $1`, [shop])).rows[0] ?? null,
    put: async ({ shop, at, since, types, missing, failures, code }) => {
      await pool.query(
        `INSERT INTO "CaptureSubscription" (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)
          ON CONFLICT ("shop") DO UPDATE SET "at" = excluded."at", "since" = excluded."since", "types" = excluded."types", "missing" = excluded."missing", "failures" = excluded."failures", "code" = excluded."code"`,
        [shop, at, since, types, missing, failures, code],
      );
    },
  };
}
