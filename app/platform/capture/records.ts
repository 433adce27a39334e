/** What capture has measured and found, in the database: rates, recovery points, reconciliations, emergencies. */
import type pg from "pg";
import type { CapturedChanges, CaptureRecords, EmergencySnapshot, EmergencySnapshots, Reconciliation, RecoveryPointRow, StreamReconciliation } from "#app/workflows/ports.ts";

const DAY_MS = 86_400_000;
/** Deliveries are repeated for four hours and may be a day late (reference: webhooks); counts between two snapshots reach a little further back. */
const KEEP_EVENTS_DAYS = 3;
const KEEP_POINTS_DAYS = 400;
const KEEP_CAPTURED_DAYS = 45;
const POINTS = 2000;

export function capturedChanges(pool: pg.Pool): CapturedChanges {
  return {
    between: async (shop, from, until) => {
      const { rows: first } = await pool.query<{ at: Date | null }>(`SELECT min("receivedAt") AS "at" FROM "CaptureEvent" WHERE "shop" = $1`, [shop]);
      // Older events may have been forgotten: then nothing can be said.
      const began = first[0]?.at ?? null;
      if (from.getTime() < Date.parse(new Date(until.getTime() - KEEP_EVENTS_DAYS * DAY_MS).toISOString()) || (began !== null && from < began && until.getTime() - began.getTime() > (KEEP_EVENTS_DAYS - 1) * DAY_MS)) return null;
      const { rows } = await pool.query<{ kind: string; created: string; deleted: string }>(
        `SELECT "kind", count(DISTINCT "recordId") FILTER (WHERE "action" = 'create') AS "created", count(DISTINCT "recordId") FILTER (WHERE "action" = 'delete') AS "deleted"
          FROM "CaptureEvent" WHERE "shop" = $1 AND COALESCE("occurredAt", "receivedAt") > $2 AND COALESCE("occurredAt", "receivedAt") <= $3 AND "recordId" <> '*' AND "action" <> 'update' GROUP BY 1`,
        [shop, from, until],
      );
      return Object.fromEntries(rows.map(({ kind, created, deleted }) => [kind, { created: Number(created), deleted: Number(deleted) }]));
    },
  };
}

export function captureRecords(pool: pg.Pool): CaptureRecords {
  return {
    waiting: async (shop) => {
      const { rows } = await pool.query<{ kind: string; count: string; oldest: Date }>(
        `SELECT "kind", count(*) AS "count", min(LEAST("receivedAt", COALESCE("occurredAt", "receivedAt"))) AS "oldest" FROM "CapturePending" WHERE "shop" = $1 GROUP BY 1`,
        [shop],
      );
      return rows.map(({ kind, count, oldest }) => ({ kind, count: Number(count), oldest }));
    },
    rates: async (shop, since) => {
      const { rows } = await pool.query<{ kind: string; events: string }>(`SELECT "kind", count(*) AS "events" FROM "CaptureEvent" WHERE "shop" = $1 AND "receivedAt" > $2 GROUP BY 1`, [shop, since]);
      return rows.map(({ kind, events }) => ({ kind, events: Number(events) }));
    },
    putRecoveryPoints: async (shop, rows) => {
      await pool.query(
        `INSERT INTO "RecoveryPoint" ("shop", "stream", "at", "basis", "ageMs", "objectiveMs", "pending", "changesPerHour")
          SELECT $1, t.* FROM unnest($2::text[], $3::timestamptz[], $4::text[], $5::bigint[], $6::bigint[], $7::int[], $8::float8[]) AS t
          ON CONFLICT ("shop", "stream", "at") DO UPDATE SET "basis" = excluded."basis", "ageMs" = excluded."ageMs", "objectiveMs" = excluded."objectiveMs", "pending" = excluded."pending", "changesPerHour" = excluded."changesPerHour"`,
        [shop, rows.map((r) => r.stream), rows.map((r) => r.at), rows.map((r) => r.basis), rows.map((r) => r.ageMs), rows.map((r) => r.objectiveMs), rows.map((r) => r.pending), rows.map((r) => r.changesPerHour)],
      );
    },
    recoveryPoints: async (shop, from, to, limit = POINTS) => {
      // The worst of each step: a peak must not fall between two points of a chart.
      const step = Math.max(60_000, Math.ceil((to.getTime() - from.getTime()) / limit));
      const { rows } = await pool.query<{ stream: string; at: Date; basis: RecoveryPointRow["basis"]; ageMs: string | null; objectiveMs: string; pending: number; changesPerHour: number }>(
        `SELECT DISTINCT ON ("stream", floor(extract(epoch FROM "at") * 1000 / $4)) "stream", "at", "basis", "ageMs", "objectiveMs", "pending", "changesPerHour"
          FROM "RecoveryPoint" WHERE "shop" = $1 AND "at" >= $2 AND "at" <= $3 ORDER BY "stream", floor(extract(epoch FROM "at") * 1000 / $4), "ageMs" DESC NULLS FIRST, "at"`,
        [shop, from, to, step],
      );
      return rows.map((row) => ({ ...row, ageMs: row.ageMs === null ? null : Number(row.ageMs), objectiveMs: Number(row.objectiveMs) })).sort((a, b) => a.at.getTime() - b.at.getTime());
    },
    objectives: async (shop) => {
      const { rows } = await pool.query<{ stream: string; minutes: number }>(`SELECT "stream", "minutes" FROM "RecoveryObjective" WHERE "shop" = $1`, [shop]);
      return new Map(rows.map(({ stream, minutes }) => [stream, minutes]));
    },
    saveObjective: async (shop, stream, minutes, at) => {
      if (minutes === null) await pool.query(`DELETE FROM "RecoveryObjective" WHERE "shop" = $1 AND "stream" = $2`, [shop, stream]);
      else await pool.query(`INSERT INTO "RecoveryObjective" ("shop", "stream", "minutes", "savedAt") VALUES ($1, $2, $3, $4) ON CONFLICT ("shop", "stream") DO UPDATE SET "minutes" = $3, "savedAt" = $4`, [shop, stream, minutes, at]);
    },
    metafieldProofs: async (shop) => new Map((await pool.query<{ stream: string; at: Date }>(`SELECT "stream", "at" FROM "MetafieldProof" WHERE "shop" = $1`, [shop])).rows.map(({ stream, at }) => [stream, at])),
    putMetafieldProof: async (shop, stream, at) => {
      if (at === null) await pool.query(`DELETE FROM "MetafieldProof" WHERE "shop" = $1 AND "stream" = $2`, [shop, stream]);
      else await pool.query(`INSERT INTO "MetafieldProof" ("shop", "stream", "at") VALUES ($1, $2, $3) ON CONFLICT ("shop", "stream") DO UPDATE SET "at" = GREATEST("MetafieldProof"."at", excluded."at")`, [shop, stream, at]);
    },
    putReconciliation: async ({ shop, snapshotId, startedAt, at, complete, streams }) => {
      await pool.query(
        `INSERT INTO "CaptureReconciliation" ("shop", "snapshotId", "startedAt", "at", "complete", "streams") VALUES ($1, $2, $3, $4, $5, $6)
          ON CONFLICT ("shop", "snapshotId") DO UPDATE SET "at" = $4, "complete" = $5, "streams" = $6`,
        [shop, snapshotId, startedAt, at, complete, JSON.stringify(streams)],
      );
    },
    reconciliations: async (shop, limit) => {
      const { rows } = await pool.query<Omit<Reconciliation, "streams"> & { streams: Record<string, StreamReconciliation> }>(
        `SELECT "shop", "snapshotId", "startedAt", "at", "complete", "streams" FROM "CaptureReconciliation" WHERE "shop" = $1 ORDER BY "startedAt" DESC LIMIT $2`,
        [shop, limit],
      );
      return rows;
    },
    forget: async (now) => {
      const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
      let forgotten = 0;
      for (const [table, column, days] of [["CaptureEvent", "receivedAt", KEEP_EVENTS_DAYS], ["RecoveryPoint", "at", KEEP_POINTS_DAYS], ["CapturedRecord", "fetchedAt", KEEP_CAPTURED_DAYS]] as const) {
        const { rowCount } = await pool.query(`DELETE FROM "${table}" WHERE "${column}" < $1`, [before(days)]);
        forgotten += rowCount ?? 0;
      }
      return forgotten;
    },
  };
}

const EMERGENCY = `"runId", "shop", "reason", "incident", "assistantRun", "holdUntil", "requestedBy", "requestedAt", "startedAt", "snapshotId", "holdId", "state", "code"`;

export function emergencySnapshots(pool: pg.Pool): EmergencySnapshots {
  const rowsOf = async (where: string, values: unknown[]): Promise<EmergencySnapshot[]> => (await pool.query<EmergencySnapshot>(`SELECT ${EMERGENCY} FROM "EmergencySnapshot" ${where}`, values)).rows;
  return {
    add: async (row) => {
      await pool.query(`INSERT INTO "EmergencySnapshot" (${EMERGENCY}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT ("runId") DO NOTHING`, [
        row.runId, row.shop, row.reason, row.incident, row.assistantRun, row.holdUntil, row.requestedBy, row.requestedAt, row.startedAt, row.snapshotId, row.holdId, row.state, row.code,
      ]);
    },
    get: async (runId) => (await rowsOf(`WHERE "runId" = $1`, [runId]))[0] ?? null,
    update: async (runId, change) => {
      const names = Object.keys(change) as (keyof typeof change)[];
      if (names.length === 0) return;
      await pool.query(`UPDATE "EmergencySnapshot" SET ${names.map((name, i) => `"${name}" = $${i + 2}`).join(", ")} WHERE "runId" = $1`, [runId, ...names.map((name) => change[name] ?? null)]);
    },
    list: (shop, limit) => rowsOf(`WHERE "shop" = $1 ORDER BY "requestedAt" DESC LIMIT $2`, [shop, limit]),
    due: (now, limit) =>
      rowsOf(
        `WHERE "state" = 'held' AND ("holdUntil" <= $1 OR ("assistantRun" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "AssistantRun" a WHERE a."id" = "assistantRun" AND a."shop" = "EmergencySnapshot"."shop" AND a."state" IN ('open', 'decided'))))
          ORDER BY "holdUntil" NULLS LAST LIMIT $2`,
        [now, limit],
      ),
    ofIncident: (shop, incident) => rowsOf(`WHERE "shop" = $1 AND "incident" = $2 AND "state" IN ('waiting', 'held')`, [shop, incident]),
  };
}
