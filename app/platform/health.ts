/** Whether this process can do its work, part by part, in words for whoever runs it. Nothing secret, nothing of a shop. */
import { join } from "node:path";
import type pg from "pg";
import { readMigrations } from "./database/migrate.ts";

export interface HealthPart {
  readonly name: "database" | "migrations" | "queue" | "draining";
  readonly ok: boolean;
  readonly words: string;
}

export interface HealthReport {
  readonly ready: boolean;
  readonly parts: readonly HealthPart[];
}

export interface Health {
  /** False as soon as the process drains, or while something it needs does not answer. */
  ready(): Promise<boolean>;
  report(): Promise<HealthReport>;
}

/** A database that takes longer than this to say "1" is not one to send people to. */
const WITHIN_MS = 3_000;

export function health({ pool, draining, migrations = readMigrations(join(import.meta.dirname, "../../prisma/migrations")).map(({ name }) => name) }: {
  readonly pool: Pick<pg.Pool, "query">;
  readonly draining: AbortSignal;
  readonly migrations?: readonly string[];
}): Health {
  const report = async (): Promise<HealthReport> => {
    const parts = draining.aborted
      ? [part("draining", false, "This process is ending; it takes no more work.")]
      : await Promise.all([databasePart(pool), migrationsPart(pool, migrations), queuePart(pool)]);
    return { ready: parts.every(({ ok }) => ok), parts };
  };
  return { report, ready: async () => (await report()).ready };
}

const part = (name: HealthPart["name"], ok: boolean, words: string): HealthPart => ({ name, ok, words });

async function databasePart(pool: Pick<pg.Pool, "query">): Promise<HealthPart> {
  return (await answered(pool.query("SELECT 1"))) === null ? part("database", false, "The database does not answer. Nothing can be taken or shown until it does.") : part("database", true, "The database answers.");
}

async function migrationsPart(pool: Pick<pg.Pool, "query">, wanted: readonly string[]): Promise<HealthPart> {
  const found = await answered(pool.query<{ name: string }>(`SELECT "migration_name" AS name FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL`));
  if (found === null) return part("migrations", false, "It cannot be seen which migrations the database has.");
  const have = new Set(found.rows.map(({ name }) => name));
  const missing = wanted.filter((name) => !have.has(name)).length;
  return missing === 0 ? part("migrations", true, "The database has every migration of this version.") : part("migrations", false, `The database lacks ${missing} of this version's migrations. Start this version once so that it brings them in.`);
}

async function queuePart(pool: Pick<pg.Pool, "query">): Promise<HealthPart> {
  const found = await answered(pool.query(`SELECT "version" FROM "jobs"."version"`));
  return found !== null && (found.rowCount ?? 0) > 0 ? part("queue", true, "The job queue is there.") : part("queue", false, "The job queue is not there: no snapshot, drill or check is begun.");
}

/** Null: it failed, or took too long. */
async function answered<T>(query: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, WITHIN_MS, null);
  });
  try {
    return await Promise.race([query, late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
