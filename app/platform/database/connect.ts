/** The process's database: a server of its own unless one is named, migrated, with Prisma's client and a plain pool on it. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import prismaClient from "@prisma/client";
import type { PrismaClient } from "@prisma/client";
import type pg from "pg";
import { startPostgres } from "./embedded.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { clientAdapter, databaseUrl, openPool } from "./pool.ts";

export interface Database {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  /** With the password in it: a secret. */
  readonly url: string;
  /** Names of the migrations that were run now. */
  readonly migrated: readonly string[];
  close(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL("../../../prisma/migrations", import.meta.url));
const NAME = "holdfast";

/** Opens the database at `url`, or, without one, the one kept under `home`, starting its server when nobody has. */
export async function openDatabase(options: { readonly url?: string; readonly home: string; readonly process: string }): Promise<Database> {
  if (options.url !== undefined) return connectDatabase(options.url, options.process);
  const server = await startPostgres({ directory: join(options.home, "postgres") });
  try {
    await ensureDatabase(server.url);
    return await connectDatabase(databaseUrl(server.url, NAME), options.process, () => server.close());
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** A database that exists; migrated here. `release` runs after the connections are closed. */
export async function connectDatabase(url: string, process: string, release: () => Promise<void> = () => Promise.resolve()): Promise<Database> {
  const pool = openPool({ url, name: process });
  try {
    const migrated = await migrate(pool, readMigrations(MIGRATIONS));
    const prisma = new prismaClient.PrismaClient({ adapter: clientAdapter(pool), errorFormat: "minimal" });
    return {
      prisma,
      pool,
      url,
      migrated,
      close: async () => {
        await prisma.$disconnect();
        await pool.end();
        await release();
      },
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

async function ensureDatabase(serverUrl: string): Promise<void> {
  const pool = openPool({ url: serverUrl, name: "holdfast-start", max: 1 });
  try {
    const { rowCount } = await pool.query("SELECT 1 FROM pg_database WHERE datname = $1", [NAME]);
    // Two processes may both get here: the second is told that it exists (42P04), or that the name was just taken (23505).
    if (rowCount === 0) await pool.query(`CREATE DATABASE "${NAME}"`);
  } catch (error) {
    if (!["42P04", "23505"].includes((error as { code?: string }).code ?? "")) throw error;
  } finally {
    await pool.end();
  }
}
