/** What is looked after for every shop. The database names the few shops that need it; nothing here goes through all of them. */
import type pg from "pg";
import type { Clock, Ports } from "#app/workflows/ports.ts";
import { enterShopEvents } from "#app/workflows/shared/outbox.ts";
import { VAULT_FINDINGS, VAULT_SOUND } from "#app/workflows/verify/codes.ts";
import { requestVerify, VERIFY_EVERY_MS, verifyIsDue } from "#app/workflows/verify/request-verify.ts";

/** In one round. More wait for the next; which ones is left to chance, so that those whose storage is away for good hold up nobody. */
const MOST = 500;

/** Events that were kept while a storage was away go into its log when it is back. */
export async function enterWaiting(pool: pg.Pool, ports: Ports): Promise<number> {
  const { rows } = await pool.query<{ shop: string }>(
    `SELECT "shop" FROM (SELECT DISTINCT l."shop" FROM "LedgerEntry" e JOIN "VaultLink" l USING ("vaultId") WHERE e."place" IS NULL) waiting ORDER BY random() LIMIT ${MOST}`,
  );
  let entered = 0;
  for (const { shop } of rows) entered += await enterShopEvents(ports, shop);
  return entered;
}

/** Every storage is checked by itself from time to time, whoever is looking. */
export async function askForChecks(pool: pg.Pool, clock: Clock, ports: Ports): Promise<number> {
  const { rows } = await pool.query<{ shop: string }>(
    `SELECT s."shop" FROM "Schedule" s
      WHERE s."enabled" AND EXISTS (SELECT 1 FROM "Snapshot" t WHERE t."shop" = s."shop")
        AND NOT EXISTS (SELECT 1 FROM "Run" r WHERE r."shop" = s."shop" AND r."kind" = 'verify'
          AND (r."state" IN ('queued', 'running') OR (r."code" = ANY($1::text[]) AND r."finishedAt" > $2)))
      ORDER BY random() LIMIT ${MOST}`,
    [[VAULT_SOUND, VAULT_FINDINGS], new Date(clock.now().getTime() - VERIFY_EVERY_MS)],
  );
  let asked = 0;
  for (const { shop } of rows) {
    if (!(await verifyIsDue(ports, shop))) continue;
    if ((await requestVerify(ports, { shop, actor: { kind: "schedule", shop } })).kind === "requested") asked++;
  }
  return asked;
}
