/** Events on their way into the vaults' logs, in the database. */
import type pg from "pg";
import type { Clock, KeptEntry, LedgerOutbox } from "#app/workflows/ports.ts";
import type { ShopLock } from "../shopify/shop-lock.ts";

const MOST = 1000;

/**
 * Entries that are added while a write is under way wait for it and go in together with the next one: one round to the database and one flush of its
 * log for many callers. A caller is answered when its own entries are durable.
 */
export function ledgerOutbox(pool: pg.Pool, lock: ShopLock, clock: Clock): LedgerOutbox {
  let waiting: { readonly vaultId: string; readonly entries: readonly KeptEntry[]; readonly done: () => void; readonly failed: (error: unknown) => void }[] = [];
  let writing = false;

  const write = async (): Promise<void> => {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const rows = batch.flatMap(({ vaultId, entries }) => entries.map((entry) => ({ vaultId, ...entry })));
      try {
        await pool.query(
          `INSERT INTO "LedgerEntry" ("vaultId", "entry", "leaf", "keptAt")
           SELECT v, e, l, $4 FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS given(v, e, l, n) ORDER BY n`,
          [rows.map(({ vaultId }) => vaultId), rows.map(({ entry }) => entry), rows.map(({ leaf }) => leaf), clock.now()],
        );
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    writing = false;
  };

  return {
    add: (vaultId, entries) => {
      const added = new Promise<void>((done, failed) => waiting.push({ vaultId, entries, done, failed }));
      if (!writing) void write();
      return added;
    },
    waiting: async (vaultId) => {
      const { rows } = await pool.query<{ id: string; entry: string; leaf: string; tried: string | null }>(
        `SELECT "id"::text AS id, "entry", "leaf", "tried"::text AS tried FROM "LedgerEntry" WHERE "vaultId" = $1 AND "place" IS NULL ORDER BY "LedgerEntry"."id" LIMIT ${MOST}`,
        [vaultId],
      );
      return rows.map(({ id, entry, leaf, tried }) => ({ id, entry, leaf, tried: tried === null ? null : Number(tried) }));
    },
    trying: async (ids, size) => {
      // The first try counts: what it may have entered stands behind the size of then.
      await pool.query(`UPDATE "LedgerEntry" SET "tried" = $2 WHERE "id" = ANY($1::bigint[]) AND "tried" IS NULL`, [ids, size]);
    },
    entered: async (places) => {
      if (places.length === 0) return;
      await pool.query(`UPDATE "LedgerEntry" e SET "place" = p.place FROM unnest($1::bigint[], $2::bigint[]) AS p(id, place) WHERE e."id" = p.id`, [
        places.map(({ id }) => id),
        places.map(({ place }) => place),
      ]);
    },
    placed: async (vaultId, from, to) => {
      const { rows } = await pool.query<{ place: string; entry: string }>(
        `SELECT "place"::text AS place, "entry" FROM "LedgerEntry" WHERE "vaultId" = $1 AND "place" >= $2 AND "place" < $3 ORDER BY "LedgerEntry"."place"`,
        [vaultId, from, to],
      );
      return rows.map(({ place, entry }) => ({ place: Number(place), entry }));
    },
    exclusively: (vaultId, work) => lock(vaultId, work),
  };
}
