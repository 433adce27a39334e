/**
 * Brings a database to the newest schema by running prisma/migrations in order, each in a transaction, and keeping the same book as
 * `prisma migrate deploy` (_prisma_migrations), so that either may be used. Done here because Prisma's command takes seconds and a
 * second process. Safe to call from several processes at once.
 */
import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { DatabaseError } from "./database-error.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hex, as Prisma keeps it. */
  readonly checksum: string;
}

export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

/** The number Prisma's own migrate takes its advisory lock under. Source: prisma-engines, schema-connector of PostgreSQL. */
const PRISMA_LOCK = 72707369;

/** Prisma's table, as its schema engine makes it. */
const BOOK = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ, "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT, "rolled_back_at" TIMESTAMPTZ, "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`;

/** Answers the names of the migrations it ran. Throws DatabaseError, leaving the database as it was before the failing one. */
export async function migrate(pool: pg.Pool, migrations: readonly Migration[]): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [PRISMA_LOCK]);
    try {
      await client.query(BOOK);
      return await runPending(client, migrations);
    } finally {
      await client.query("SELECT pg_advisory_unlock($1)", [PRISMA_LOCK]);
    }
  } finally {
    client.release();
  }
}

async function runPending(client: pg.PoolClient, migrations: readonly Migration[]): Promise<string[]> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    `SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`,
  );
  const applied = new Map(rows.map((row) => [row.migration_name, row]));
  for (const [name, row] of applied) {
    const ours = migrations.find((migration) => migration.name === name);
    if (!ours) throw new DatabaseError("database.newer_schema", `the database has a migration this version does not know (${name}): a newer version ran here`);
    if (ours.checksum !== row.checksum) throw new DatabaseError("database.migration_changed", `the migration ${name} was changed after it ran`);
    if (row.finished_at === null) throw new DatabaseError("database.migration_failed", `the migration ${name} was interrupted; see "prisma migrate resolve"`);
  }
  const pending = migrations.filter(({ name }) => !applied.has(name));
  for (const migration of pending) await run(client, migration);
  return pending.map(({ name }) => name);
}

async function run(client: pg.PoolClient, { name, sql, checksum }: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query("COMMIT");
  } catch (cause) {
    await client.query("ROLLBACK");
    throw new DatabaseError("database.migration_failed", `the migration ${name} failed and was undone`, { cause });
  }
}
