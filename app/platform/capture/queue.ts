/** What waits to be sealed, over all shops, in the database. */
import type pg from "pg";
import type { CaptureQueue, PendingChange, Sealed } from "#app/workflows/ports.ts";

/** Rows written by one statement. */
const CHUNK = 1000;

interface PendingRow {
  readonly kind: string;
  readonly recordId: string;
  readonly version: number;
  readonly occurredAt: Date | null;
  readonly receivedAt: Date;
  readonly attempts: number;
}

/** `holder` names this process in the leases it has. */
export function captureQueue(pool: pg.Pool, holder: string): CaptureQueue {
  return {
    due: async (now, limit) => {
      const { rows } = await pool.query<{ shop: string }>(
        `SELECT p."shop" FROM (SELECT "shop", min("dueAt") AS "dueAt" FROM "CapturePending" WHERE "dueAt" <= $1 AND "recordId" <> '*' GROUP BY 1) p
          LEFT JOIN "CaptureHead" h USING ("shop") WHERE h."leasedUntil" IS NULL OR h."leasedUntil" < $1 OR h."leasedBy" = $3 ORDER BY p."dueAt" LIMIT $2`,
        [now, limit, holder],
      );
      return rows.map(({ shop }) => shop);
    },
    lease: async (shop, now, until) => {
      const { rowCount } = await pool.query(
        `INSERT INTO "CaptureHead" AS h ("shop", "leasedBy", "leasedUntil") VALUES ($1, $2, $4)
          ON CONFLICT ("shop") DO UPDATE SET "leasedBy" = $2, "leasedUntil" = $4 WHERE h."leasedBy" = $2 OR h."leasedUntil" IS NULL OR h."leasedUntil" < $3`,
        [shop, holder, now, until],
      );
      return rowCount === 1;
    },
    release: async (shop) => {
      await pool.query(`UPDATE "CaptureHead" SET "leasedBy" = NULL, "leasedUntil" = NULL WHERE "shop" = $1 AND "leasedBy" = $2`, [shop, holder]);
    },
    take: async (shop, now, limit) => {
      const { rows } = await pool.query<PendingRow>(
        `SELECT "kind", "recordId", "version", "occurredAt", "receivedAt", "attempts" FROM "CapturePending" WHERE "shop" = $1 AND "dueAt" <= $2 AND "recordId" <> '*' ORDER BY "dueAt", "recordId" LIMIT $3`,
        [shop, now, limit],
      );
      return rows;
    },
    add: async (shop, changes, now) => {
      for (let at = 0; at < changes.length; at += CHUNK) {
        const part = changes.slice(at, at + CHUNK);
        await pool.query(
          `INSERT INTO "CapturePending" AS p ("shop", "kind", "recordId", "version", "events", "receivedAt", "lastReceivedAt", "dueAt")
            SELECT DISTINCT $1::text, t."kind", t."recordId", 1, 0, $4::timestamptz, $4::timestamptz, $4::timestamptz FROM unnest($2::text[], $3::text[]) AS t("kind", "recordId")
            ON CONFLICT ("shop", "kind", "recordId") DO UPDATE SET "version" = p."version" + 1, "dueAt" = LEAST(p."dueAt", excluded."dueAt")`,
          [shop, part.map(({ kind }) => kind), part.map(({ recordId }) => recordId), now],
        );
      }
    },
    sealed: async (shop, { head, at, records, handled }) => {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        if (head !== null) {
          await client.query(
            `INSERT INTO "CaptureHead" AS h ("shop", "vaultId", "sequence", "digest", "sealedAt") VALUES ($1, $2, $3, $4, $5)
              ON CONFLICT ("shop") DO UPDATE SET "vaultId" = $2, "sequence" = $3, "digest" = $4, "sealedAt" = $5, "enteredSequence" = CASE WHEN h."vaultId" = $2 THEN h."enteredSequence" END`,
            [shop, head.vaultId, head.sequence, head.digest, at],
          );
          await putRecords(client, shop, head.vaultId, records);
        }
        await client.query(
          `DELETE FROM "CapturePending" p USING unnest($2::text[], $3::text[], $4::int[]) AS t("kind", "recordId", "version")
            WHERE p."shop" = $1 AND p."kind" = t."kind" AND p."recordId" = t."recordId" AND p."version" = t."version"`,
          [shop, ...columns(handled)],
        );
        // What changed again while it was fetched is as old as that newer event now.
        await client.query(
          `UPDATE "CapturePending" p SET "receivedAt" = p."lastReceivedAt", "dueAt" = p."lastReceivedAt" + interval '700 milliseconds', "occurredAt" = NULL, "attempts" = 0, "code" = NULL FROM unnest($2::text[], $3::text[], $4::int[]) AS t("kind", "recordId", "version")
            WHERE p."shop" = $1 AND p."kind" = t."kind" AND p."recordId" = t."recordId" AND p."version" > t."version"`,
          [shop, ...columns(handled)],
        );
        await client.query("COMMIT");
      } catch (error) {
        await client.query("ROLLBACK").catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },
    failed: async (shop, changes, { code, dueAt }) => {
      await pool.query(
        `UPDATE "CapturePending" p SET "attempts" = p."attempts" + 1, "code" = $5, "dueAt" = $6 FROM unnest($2::text[], $3::text[], $4::int[]) AS t("kind", "recordId", "version")
          WHERE p."shop" = $1 AND p."kind" = t."kind" AND p."recordId" = t."recordId"`,
        [shop, ...columns(changes), code, dueAt],
      );
    },
    drop: async (shop, { receivedBefore, kinds, onlyWhole = false }) => {
      const { rowCount } = await pool.query(
        `DELETE FROM "CapturePending" WHERE "shop" = $1 AND "lastReceivedAt" < $2 AND ($3::text[] IS NULL OR "kind" = ANY ($3)) AND (NOT $4 OR "recordId" = '*')`,
        [shop, receivedBefore, kinds ?? null, onlyWhole],
      );
      return rowCount ?? 0;
    },
    head: async (shop) => {
      const { rows } = await pool.query<{ vaultId: string | null; sequence: string | null; digest: string | null; enteredSequence: string | null }>(`SELECT "vaultId", "sequence", "digest", "enteredSequence" FROM "CaptureHead" WHERE "shop" = $1`, [shop]);
      const row = rows[0];
      if (row?.vaultId == null || row.sequence === null || row.digest === null) return null;
      return { vaultId: row.vaultId, sequence: Number(row.sequence), digest: row.digest, entered: Number(row.enteredSequence ?? 0) };
    },
    entered: async (shop, sequence) => {
      await pool.query(`UPDATE "CaptureHead" SET "enteredSequence" = $2 WHERE "shop" = $1`, [shop, sequence]);
    },
    captured: async (shop, vaultId, records) => {
      const { rows } = await pool.query<{ kind: string; recordId: string; sequence: string; change: "upsert" | "tombstone"; digest: string; fetchedAt: Date; rest: string | null }>(
        `SELECT c."kind", c."recordId", c."sequence", c."change", c."digest", c."fetchedAt", c."rest" FROM "CapturedRecord" c JOIN unnest($3::text[], $4::text[]) AS t("kind", "recordId") USING ("kind", "recordId")
          WHERE c."shop" = $1 AND c."vaultId" = $2`,
        [shop, vaultId, records.map(({ kind }) => kind), records.map(({ recordId }) => recordId)],
      );
      return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
    },
    capturedBetween: async (shop, after, until, limit) => {
      const { rows } = await pool.query<{ kind: string; recordId: string }>(
        `SELECT "kind", "recordId" FROM "CapturedRecord" WHERE "shop" = $1 AND "fetchedAt" > $2 AND "fetchedAt" <= $3 ORDER BY "fetchedAt" LIMIT $4`,
        [shop, after, until, limit],
      );
      return rows;
    },
  };
}

function columns(changes: readonly PendingChange[]): [string[], string[], number[]] {
  return [changes.map(({ kind }) => kind), changes.map(({ recordId }) => recordId), changes.map(({ version }) => version)];
}

async function putRecords(client: pg.PoolClient, shop: string, vaultId: string, records: readonly Sealed[]): Promise<void> {
  for (let at = 0; at < records.length; at += CHUNK) {
    const part = records.slice(at, at + CHUNK);
    await client.query(
      `INSERT INTO "CapturedRecord" AS c ("shop", "vaultId", "kind", "recordId", "sequence", "change", "digest", "fetchedAt", "rest")
        SELECT $1, $2, t.* FROM unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::timestamptz[], $9::text[]) AS t
        ON CONFLICT ("shop", "kind", "recordId") DO UPDATE SET "vaultId" = excluded."vaultId", "sequence" = excluded."sequence", "change" = excluded."change", "digest" = excluded."digest", "fetchedAt" = excluded."fetchedAt", "rest" = excluded."rest"
        WHERE c."vaultId" <> excluded."vaultId" OR c."fetchedAt" <= excluded."fetchedAt"`,
      [shop, vaultId, part.map((r) => r.kind), part.map((r) => r.recordId), part.map((r) => r.sequence), part.map((r) => r.change), part.map((r) => r.digest), part.map((r) => r.fetchedAt), part.map((r) => r.rest)],
    );
  }
}
