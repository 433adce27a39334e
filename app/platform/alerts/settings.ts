/** Whom to tell of alerts, sealed in the database: addresses of people, and webhooks whose address is all it takes to write there. */
import { z } from "zod";
import type pg from "pg";
import type { AlertSettingsRecords, Clock } from "#app/workflows/ports.ts";
import type { Sealer } from "../secrets/seal.ts";

const Kept = z.strictObject({
  enabled: z.boolean(),
  escalateAfterMinutes: z.number().int().positive(),
  levels: z.array(z.strictObject({ emails: z.array(z.string()), webhookUrl: z.string().nullable() })).min(1).max(3),
});

export function alertSettings(pool: pg.Pool, sealer: Sealer, clock: Clock): AlertSettingsRecords {
  return {
    get: async (shop) => {
      const { rows } = await pool.query<{ sealed: string }>(`SELECT "sealed" FROM "AlertSetting" WHERE "shop" = $1`, [shop]);
      if (rows[0] === undefined) return null;
      return { shop, ...Kept.parse(JSON.parse(await sealer.open(rows[0].sealed, `alerts:${shop}`))) };
    },
    save: async ({ shop, ...settings }) => {
      const sealed = await sealer.seal(JSON.stringify(Kept.parse(settings)), `alerts:${shop}`);
      await pool.query(`INSERT INTO "AlertSetting" ("shop", "sealed", "savedAt") VALUES ($1, $2, $3) ON CONFLICT ("shop") DO UPDATE SET "sealed" = $2, "savedAt" = $3`, [shop, sealed, clock.now()]);
    },
  };
}
