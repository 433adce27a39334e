/**
 * Gives test files databases. Runs in jest's main process (global-setup.mjs), answers on loopback, and starts PostgreSQL when the first
 * test file asks, so that a run without database tests starts none. Each database is a copy of one migrated template.
 *
 * HOLDFAST_TEST_DATABASE_URL   use this server (a superuser's address) instead of starting one
 * HOLDFAST_TEST_POSTGRES_BIN   start these programs instead of the npm package's, e.g. /usr/lib/postgresql/15/bin
 */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { binariesIn } from "#app/platform/database/binaries.ts";
import { startPostgres } from "#app/platform/database/embedded.ts";
import { migrate, readMigrations } from "#app/platform/database/migrate.ts";
import { databaseUrl, openPool } from "#app/platform/database/pool.ts";

const MIGRATIONS = fileURLToPath(new URL("../../../prisma/migrations", import.meta.url));

/** @returns {Promise<{ url: string, close: () => Promise<void> }>} */
export async function startBroker() {
  /** @type {Promise<Awaited<ReturnType<typeof prepare>>> | undefined} */
  let prepared;
  // One copy at a time: PostgreSQL copies a template only while nobody else uses it.
  let turn = Promise.resolve();
  const http = createServer((request, response) => {
    turn = turn
      .then(async () => {
        const server = await (prepared ??= prepare());
        const body = request.method === "DELETE" ? await server.drop(request.url ?? "") : await server.copy();
        response.end(JSON.stringify(body));
      })
      .catch((/** @type {unknown} */ error) => {
        response.statusCode = 500;
        response.end(JSON.stringify({ error: String(error) }));
      });
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("the database broker has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await (await prepared)?.close();
    },
  };
}

async function prepare() {
  const run = `test_${randomBytes(6).toString("hex")}`;
  const given = process.env["HOLDFAST_TEST_DATABASE_URL"];
  const programs = process.env["HOLDFAST_TEST_POSTGRES_BIN"];
  const directory = mkdtempSync(join(tmpdir(), "holdfast-test-postgres-"));
  // As root the server runs under another account, and PostgreSQL 15 wants to walk to its data.
  chmodSync(directory, 0o711);
  const server = given
    ? { url: given, close: () => Promise.resolve() }
    : await startPostgres({ directory, throwaway: true, ...(programs ? { binaries: binariesIn(programs) } : {}) });
  // A run that is broken off takes its server with it.
  const abandon = () => {
    try {
      if (!given) process.kill(Number(readFileSync(join(directory, "data/postmaster.pid"), "utf8").split("\n")[0]), "SIGQUIT");
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    } catch {
      // It is gone already.
    }
  };
  process.once("exit", abandon);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(signal, () => process.exit(1));
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const template = `${run}_template`;
  await admin.query(`CREATE DATABASE "${template}"`);
  const pool = openPool({ url: databaseUrl(server.url, template), name: "template" });
  await migrate(pool, readMigrations(MIGRATIONS));
  await pool.end();
  /** @type {Set<string>} */
  const copies = new Set();
  let count = 0;
  return {
    copy: async () => {
      const name = `${run}_${++count}`;
      await admin.query(`CREATE DATABASE "${name}" TEMPLATE "${template}"`);
      copies.add(name);
      return { url: databaseUrl(server.url, name), name };
    },
    drop: async (/** @type {string} */ path) => {
      const name = path.slice(1);
      if (!copies.delete(name)) throw new Error("no such test database");
      await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      return {};
    },
    close: async () => {
      for (const name of [...copies, template]) await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      await admin.end();
      await server.close();
      process.off("exit", abandon);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
