/** What Flow is told, what it asks for, and which triggers it has workflows for, in the database. One statement decides whose turn it is, whatever the number of processes. */
import type pg from "pg";
import type { FlowAction, FlowActions, FlowDeliveries, FlowDelivery, FlowListener, FlowListeners } from "#app/workflows/ports.ts";

const DELIVERY = `"id", "shop", "event", "subject", "facts", "state", "attempts", "createdAt", "nextAt", "endedAt", "code"`;

export function flowDeliveries(pool: pg.Pool): FlowDeliveries {
  return {
    add: async ({ id, shop, event, subject, facts, state, createdAt, nextAt }) => {
      const ended = state === "waiting" ? null : createdAt;
      const { rowCount } = await pool.query(
        `INSERT INTO "FlowDelivery" ("id", "shop", "event", "subject", "facts", "state", "createdAt", "nextAt", "endedAt") VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9)
         ON CONFLICT ("shop", "event", "subject") DO NOTHING`,
        [id, shop, event, subject, JSON.stringify(facts), state, createdAt, nextAt, ended],
      );
      return rowCount === 1;
    },
    claimDue: async (now, until, limit) => {
      // What is claimed is not due again before `until`: a process that dies while sending leaves it to the next.
      const { rows } = await pool.query<FlowDelivery>(
        `WITH due AS (
           SELECT "id", "nextAt" AS "dueAt" FROM "FlowDelivery" WHERE "state" = 'waiting' AND "nextAt" <= $1 ORDER BY "nextAt", "id" LIMIT $3 FOR UPDATE SKIP LOCKED),
         claimed AS (
           UPDATE "FlowDelivery" d SET "attempts" = d."attempts" + 1, "nextAt" = $2 FROM due WHERE d."id" = due."id" RETURNING d.*, due."dueAt")
         SELECT ${DELIVERY} FROM claimed ORDER BY "dueAt", "id"`,
        [now, until, limit],
      );
      return rows;
    },
    ended: async (id, { state, at, nextAt, code }) => {
      await pool.query(`UPDATE "FlowDelivery" SET "state" = $2, "endedAt" = $3, "nextAt" = COALESCE($4, "nextAt"), "code" = $5 WHERE "id" = $1`, [id, state, state === "waiting" ? null : at, nextAt ?? null, code]);
    },
    again: async (shop, id, at) =>
      (await pool.query(`UPDATE "FlowDelivery" SET "state" = 'waiting', "attempts" = 0, "nextAt" = $3, "endedAt" = NULL WHERE "shop" = $1 AND "id" = $2 AND "state" = 'failed'`, [shop, id, at])).rowCount === 1,
    list: async (shop, { limit = 50, states } = {}) => {
      const { rows } = await pool.query<FlowDelivery>(
        `SELECT ${DELIVERY} FROM "FlowDelivery" WHERE "shop" = $1 AND ($3::text[] IS NULL OR "state" = ANY($3)) ORDER BY "createdAt" DESC, "id" LIMIT $2`,
        [shop, limit, states ?? null],
      );
      return rows;
    },
    forget: async (before) => (await pool.query(`DELETE FROM "FlowDelivery" WHERE "state" <> 'waiting' AND "endedAt" < $1`, [before])).rowCount ?? 0,
  };
}

export function flowListeners(pool: pg.Pool): FlowListeners {
  return {
    record: async ({ shop, event, enabled, at }) =>
      (
        await pool.query(
          `INSERT INTO "FlowListener" AS l ("shop", "event", "enabled", "at") VALUES ($1, $2, $3, $4)
           ON CONFLICT ("shop", "event") DO UPDATE SET "enabled" = EXCLUDED."enabled", "at" = EXCLUDED."at" WHERE l."at" < EXCLUDED."at"`,
          [shop, event, enabled, at],
        )
      ).rowCount === 1,
    list: async (shop) => (await pool.query<FlowListener>(`SELECT "shop", "event", "enabled", "at" FROM "FlowListener" WHERE "shop" = $1`, [shop])).rows,
  };
}

const ACTION = `"shop", "actionRunId", "action", "input", "state", "askedAt", "attempts", "nextAt", "runId", "endedAt", "code", "result", "holdId", "holdUntil"`;
const CHANGEABLE = ["state", "nextAt", "runId", "endedAt", "code", "result", "holdId", "holdUntil"] as const;

export function flowActions(pool: pg.Pool): FlowActions {
  const get = async (shop: string, actionRunId: string): Promise<FlowAction | null> =>
    (await pool.query<FlowAction>(`SELECT ${ACTION} FROM "FlowAction" WHERE "shop" = $1 AND "actionRunId" = $2`, [shop, actionRunId])).rows[0] ?? null;
  return {
    get,
    ask: async ({ shop, actionRunId, action, input, askedAt }) => {
      const { rows } = await pool.query<FlowAction>(
        `INSERT INTO "FlowAction" ("shop", "actionRunId", "action", "input", "askedAt", "nextAt") VALUES ($1, $2, $3, $4::jsonb, $5, $5) ON CONFLICT DO NOTHING RETURNING ${ACTION}`,
        [shop, actionRunId, action, JSON.stringify(input), askedAt],
      );
      const [row] = rows;
      if (row !== undefined) return { action: row, created: true };
      const known = await get(shop, actionRunId);
      if (known === null) throw new Error("a request that is kept was not found");
      return { action: known, created: false };
    },
    claimDue: async (now, until, limit) => {
      const { rows } = await pool.query<FlowAction>(
        `WITH due AS (
           SELECT "shop", "actionRunId", "nextAt" AS "dueAt" FROM "FlowAction" WHERE "state" IN ('waiting', 'working') AND "nextAt" <= $1 ORDER BY "nextAt", "actionRunId" LIMIT $3 FOR UPDATE SKIP LOCKED),
         claimed AS (
           UPDATE "FlowAction" a SET "attempts" = a."attempts" + 1, "nextAt" = $2 FROM due WHERE a."shop" = due."shop" AND a."actionRunId" = due."actionRunId" RETURNING a.*, due."dueAt")
         SELECT ${ACTION} FROM claimed ORDER BY "dueAt", "actionRunId"`,
        [now, until, limit],
      );
      return rows;
    },
    update: async (shop, actionRunId, change) => {
      const values: unknown[] = [shop, actionRunId];
      const set = CHANGEABLE.filter((name) => change[name] !== undefined).map((name) => {
        const value = change[name];
        return `"${name}" = $${values.push(name === "result" && value !== null ? JSON.stringify(value) : value)}`;
      });
      if (set.length > 0) await pool.query(`UPDATE "FlowAction" SET ${set.join(", ")} WHERE "shop" = $1 AND "actionRunId" = $2`, values);
    },
    list: async (shop, { limit = 50 } = {}) => (await pool.query<FlowAction>(`SELECT ${ACTION} FROM "FlowAction" WHERE "shop" = $1 ORDER BY "askedAt" DESC, "actionRunId" LIMIT $2`, [shop, limit])).rows,
    heldUntil: async (now, limit) => (await pool.query<FlowAction>(`SELECT ${ACTION} FROM "FlowAction" WHERE "holdUntil" <= $1 ORDER BY "holdUntil" LIMIT $2`, [now, limit])).rows,
    forget: async (before) => (await pool.query(`DELETE FROM "FlowAction" WHERE "endedAt" < $1 AND "holdUntil" IS NULL`, [before])).rowCount ?? 0,
  };
}
