/** How responders of each shop sign in, in the database; the client secret sealed. */
import type pg from "pg";
import type { ViewerSetting, ViewerSettings } from "#app/workflows/ports.ts";
import type { Sealer } from "../secrets/seal.ts";

type Row = Omit<ViewerSetting, "hasSecret"> & { readonly sealed: string | null };

export function viewerSettings(pool: pg.Pool, sealer: Sealer): ViewerSettings {
  const belongsTo = (shop: string): string => `viewer:${shop}`;
  const rowOf = async (shop: string): Promise<Row | null> => (await pool.query<Row>(`SELECT * FROM "ViewerSetting" WHERE "shop" = $1`, [shop])).rows[0] ?? null;
  return {
    get: async (shop) => {
      const row = await rowOf(shop);
      if (row === null) return null;
      const { sealed, ...setting } = row;
      return { ...setting, hasSecret: sealed !== null };
    },
    save: async ({ shop, issuer, clientId, groupsClaim, groups, savedAt, savedBy }, secret) => {
      const sealed = secret === undefined ? ((await rowOf(shop))?.sealed ?? null) : secret === null ? null : await sealer.seal(secret, belongsTo(shop));
      await pool.query(
        `INSERT INTO "ViewerSetting" ("shop", "issuer", "clientId", "groupsClaim", "groups", "sealed", "savedAt", "savedBy") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT ("shop") DO UPDATE SET "issuer" = $2, "clientId" = $3, "groupsClaim" = $4, "groups" = $5, "sealed" = $6, "savedAt" = $7, "savedBy" = $8`,
        [shop, issuer, clientId, groupsClaim, [...groups], sealed, savedAt, savedBy],
      );
    },
    secret: async (shop) => {
      const sealed = (await rowOf(shop))?.sealed ?? null;
      return sealed === null ? null : sealer.open(sealed, belongsTo(shop));
    },
    forget: async (shop) => {
      await pool.query(`DELETE FROM "ViewerSetting" WHERE "shop" = $1`, [shop]);
    },
    shops: async () => (await pool.query<{ shop: string }>(`SELECT "shop" FROM "ViewerSetting" ORDER BY "shop"`)).rows.map(({ shop }) => shop),
  };
}
