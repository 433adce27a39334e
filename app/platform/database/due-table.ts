/** Tables of things that wait for their time. One statement decides whose turn it is, whatever the number of processes. */
import type pg from "pg";
import type { Delivery, DeliveryLine, DueLine } from "#app/workflows/ports.ts";

export interface DueTable {
  readonly table: string;
  /** The columns that name a row; the last one also settles who is first of those that are due at the same time. */
  readonly id: readonly string[];
  /** The columns that are answered, with quotation marks and commas. */
  readonly fields: string;
  /** States in which it waits for its time. */
  readonly waiting: readonly string[];
  /** What else changes when one is taken: SQL. */
  readonly onClaim?: string;
}

export function dueLine<Row extends object>(pool: pg.Pool, { table, id, fields, waiting, onClaim }: DueTable): DueLine<Row> {
  const names = id.map((column) => `"${column}"`);
  const last = names.at(-1);
  return {
    claimDue: async (now, until, limit) => {
      // What is claimed is not due again before `until`: a process that dies at work leaves it to the next.
      const { rows } = await pool.query<Row>(
        `WITH due AS (
           SELECT ${names.join(", ")}, "nextAt" AS "dueAt" FROM "${table}" WHERE "state" IN (${waiting.map((state) => `'${state}'`).join(", ")}) AND "nextAt" <= $1
            ORDER BY "nextAt", ${last} LIMIT $3 FOR UPDATE SKIP LOCKED),
         claimed AS (
           UPDATE "${table}" t SET "attempts" = t."attempts" + 1, "nextAt" = $2${onClaim === undefined ? "" : `, ${onClaim}`} FROM due
            WHERE ${names.map((name) => `t.${name} = due.${name}`).join(" AND ")} RETURNING t.*, due."dueAt")
         SELECT ${fields} FROM claimed ORDER BY "dueAt", ${last}`,
        [now, until, limit],
      );
      return rows;
    },
  };
}

/** A line of deliveries: a table with the columns of Delivery, named by "id". */
export function deliveryLine<Row extends Delivery<string>>(pool: pg.Pool, o: Pick<DueTable, "table" | "fields" | "onClaim">): DeliveryLine<Row> {
  return {
    ...dueLine<Row>(pool, { ...o, id: ["id"], waiting: ["waiting"] }),
    ended: async (id, { state, at, nextAt, code }) => {
      await pool.query(`UPDATE "${o.table}" SET "state" = $2, "endedAt" = $3, "nextAt" = COALESCE($4, "nextAt"), "code" = $5 WHERE "id" = $1`, [id, state, state === "waiting" ? null : at, nextAt ?? null, code]);
    },
    forget: async (before) => (await pool.query(`DELETE FROM "${o.table}" WHERE "state" <> 'waiting' AND "endedAt" < $1`, [before])).rowCount ?? 0,
  };
}
