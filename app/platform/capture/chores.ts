/** What capture looks after by itself. The database names the shops that need it; nothing here goes through all of them. */
import type pg from "pg";
import { holdEmergency, settleEmergencies } from "#app/workflows/capture/emergency-hold.ts";
import { keepSubscriptions } from "#app/workflows/capture/keep-subscriptions.ts";
import { reconcileJournal } from "#app/workflows/capture/reconcile-journal.ts";
import type { Ports } from "#app/workflows/ports.ts";
import type { Chore } from "../jobs/maintenance.ts";

/** Of one round. */
const MOST = 200;
/** A message may come a little after the snapshot that saw its change. */
const SETTLE_MS = 2 * 60_000;
/** A shop removes a subscription whose deliveries fail for hours; so often is it looked whether all are there. */
const LISTED_EVERY_MS = 3_600_000;
const TRIED_EVERY_MS = 5 * 60_000;
const SUBSCRIBED_AT_ONCE = 4;
const SUBSCRIBED_WITHIN_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export function captureChores(pool: pg.Pool, ports: Ports, scratchDirectory: string): Chore[] {
  return [
    { name: "journal-reconcile", everyMs: MINUTE_MS, run: () => reconcileAll(pool, ports, scratchDirectory) },
    { name: "capture-forget", everyMs: 5 * MINUTE_MS, run: async () => (await ports.capture?.captureRecords.forget(ports.clock.now())) ?? 0 },
    { name: "capture-waiting", everyMs: MINUTE_MS, run: () => countWaiting(pool, ports) },
    { name: "subscriptions", everyMs: MINUTE_MS, run: () => subscribeAll(pool, ports) },
    { name: "emergencies", everyMs: MINUTE_MS, run: async () => (await holdLate(pool, ports)) + (await settleEmergencies(ports)) },
  ];
}

/** Snapshots that nobody has compared with the journal yet. */
async function reconcileAll(pool: pg.Pool, ports: Ports, scratchDirectory: string): Promise<number> {
  const { capture, clock } = ports;
  if (capture === undefined) return 0;
  const now = clock.now().getTime();
  const { rows } = await pool.query<{ shop: string; snapshotId: string; startedAt: Date }>(
    `SELECT s."shop", s."snapshotId", s."startedAt" FROM "Snapshot" s JOIN "VaultLink" l ON l."shop" = s."shop" AND l."vaultId" = s."vaultId"
      WHERE s."takenAt" > $1 AND s."takenAt" < $2 AND NOT EXISTS (SELECT 1 FROM "CaptureReconciliation" r WHERE r."shop" = s."shop" AND r."snapshotId" = s."snapshotId") ORDER BY random() LIMIT ${MOST}`,
    [new Date(now - 2 * DAY_MS), new Date(now - SETTLE_MS)],
  );
  let done = 0;
  for (const { shop, snapshotId, startedAt } of rows) {
    const outcome = await reconcileJournal({ ...ports, ...capture }, { shop, snapshotId, scratchDirectory }).catch((error: unknown) => {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unexpected";
      ports.log.warn("journal.not_reconciled", { shop, snapshot: snapshotId, code });
      return null;
    });
    // Tried again while its storage is away.
    if (outcome === null) continue;
    if (outcome.kind === "nothing-to-compare") await capture.captureRecords.putReconciliation({ shop, snapshotId, startedAt, at: clock.now(), complete: false, streams: {} });
    done++;
  }
  return done;
}

/** Shops that were surveyed since their subscriptions were looked at, or an hour ago, or whose last look failed. */
async function subscribeAll(pool: pg.Pool, ports: Ports): Promise<number> {
  const subscriptions = ports.capture?.subscriptions;
  if (subscriptions === undefined) return 0;
  const now = ports.clock.now().getTime();
  const { rows } = await pool.query<{ shop: string }>(
    `SELECT p."shop" FROM "ShopPlatform" p JOIN "Shop" i ON i."domain" = p."shop" AND i."uninstalledAt" IS NULL JOIN "VaultLink" l ON l."shop" = p."shop" LEFT JOIN "CaptureSubscription" s ON s."shop" = p."shop"
      WHERE s."shop" IS NULL OR s."at" < $1 OR (s."failures" = 0 AND p."checkedAt" > s."at") OR (s."failures" > 0 AND s."at" < $2) ORDER BY s."at" NULLS FIRST LIMIT ${MOST}`,
    [new Date(now - LISTED_EVERY_MS), new Date(now - TRIED_EVERY_MS)],
  );
  const each = rows.values();
  await Promise.all(
    Array.from({ length: SUBSCRIBED_AT_ONCE }, async () => {
      for (const { shop } of each) await keepSubscriptions({ ...ports, subscriptions }, { shop, signal: AbortSignal.timeout(SUBSCRIBED_WITHIN_MS) });
    }),
  );
  return rows.length;
}

async function countWaiting(pool: pg.Pool, { metrics }: Ports): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(`SELECT count(*) AS "count" FROM "CapturePending"`);
  metrics.gauge("holdfast_capture_waiting", Number(rows[0]?.count ?? 0), {});
  return 0;
}

/** Emergency snapshots whose worker died between the commit and the hold. */
async function holdLate(pool: pg.Pool, ports: Ports): Promise<number> {
  const { rows } = await pool.query<{ runId: string; result: string }>(
    `SELECT e."runId", r."result" FROM "EmergencySnapshot" e JOIN "Run" r ON r."id" = e."runId" WHERE e."state" = 'waiting' AND r."state" = 'succeeded' AND r."result" IS NOT NULL LIMIT ${MOST}`,
  );
  for (const { runId, result } of rows) await holdEmergency(ports, { runId, snapshotId: result });
  return rows.length;
}
