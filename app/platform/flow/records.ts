/** What Flow is told, what it asks for, and which triggers it has workflows for, in the database. */
import type pg from "pg";
import type { FlowAction, FlowActions, FlowDeliveries, FlowDelivery, FlowListener, FlowListeners } from "#app/workflows/ports.ts";
import { deliveryLine, dueLine } from "../database/due-table.ts";

const DELIVERY = `"id", "shop", "event", "subject", "facts", "state", "attempts", "createdAt", "nextAt", "endedAt", "code"`;

export function flowDeliveries(pool: pg.Pool): FlowDeliveries {
  return {
    ...deliveryLine<FlowDelivery>(pool, { table: "FlowDelivery", fields: DELIVERY }),
    add: async ({ id, shop, event, subject, facts, state, createdAt, nextAt }) => {
      const ended = state === "waiting" ? null : createdAt;
      const { rowCount } = await pool.query(
        `INSERT INTO "FlowDelivery" ("id", "shop", "event", "subject", "facts", "state", "createdAt", "nextAt", "endedAt") VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9)
         ON CONFLICT ("shop", "event", "subject") DO NOTHING`,
        [id, shop, event, subject, JSON.stringify(facts), state, createdAt, nextAt, ended],
      );
      return rowCount === 1;
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
    ...dueLine<FlowAction>(pool, { table: "FlowAction", id: ["shop", "actionRunId"], fields: ACTION, waiting: ["waiting", "working"] }),
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
