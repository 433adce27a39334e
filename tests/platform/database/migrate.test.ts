import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { migrate, readMigrations } from "#app/platform/database/migrate.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const root = fileURLToPath(new URL("../../..", import.meta.url));
const migrations = readMigrations(`${root}prisma/migrations`);

/** Prisma's command line, with the 10 s timer that its schema engine forgets (6.19) let go. */
async function prisma(...args: string[]): Promise<{ code: number; output: string }> {
  const env = { ...process.env, DATABASE_URL: database().url, CHECKPOINT_DISABLE: "1", NODE_OPTIONS: "--require ./tests/support/unref-timers.cjs" };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["node_modules/prisma/build/index.js", ...args], { cwd: root, env });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

describe("the migrations", () => {
  test("make exactly the schema", async () => {
    const { code, output } = await prisma("migrate", "diff", "--from-migrations", "prisma/migrations", "--to-schema-datamodel", "prisma/schema.prisma", "--exit-code");
    expect(output).toMatch(/No difference detected/);
    expect(code).toBe(0);
  }, 60_000);

  test("run here are known to prisma's own command", async () => {
    const { code, output } = await prisma("migrate", "deploy");
    expect(output).toMatch(/No pending migrations to apply/);
    expect(code).toBe(0);
  }, 60_000);

  test("do nothing the second time", async () => {
    expect(await migrate(database().pool, migrations)).toEqual([]);
  });

  test("are refused when one was changed after it ran", async () => {
    const changed = migrations.map((migration) => ({ ...migration, checksum: "0".repeat(64) }));
    await expect(migrate(database().pool, changed)).rejects.toMatchObject({ code: "database.migration_changed" });
  });

  test("are refused when the database is newer than the program", async () => {
    await expect(migrate(database().pool, [])).rejects.toMatchObject({ code: "database.newer_schema" });
  });

  test("leave nothing behind when one fails half way", async () => {
    const broken = { name: "99999999999999_broken", sql: `CREATE TABLE "half" (id INT); SELECT no_such_column;`, checksum: "1".repeat(64) };
    await expect(migrate(database().pool, [...migrations, broken])).rejects.toMatchObject({ code: "database.migration_failed" });
    const { rows } = await database().pool.query(`SELECT to_regclass('half') AS half`);
    expect(rows).toEqual([{ half: null }]);
    expect(await migrate(database().pool, migrations)).toEqual([]);
  });

  test("run once when two processes start together", async () => {
    await database().pool.query(`DROP SCHEMA public CASCADE; CREATE SCHEMA public`);
    const ran = await Promise.all([migrate(database().pool, migrations), migrate(database().pool, migrations)]);
    expect(ran.flat()).toEqual(migrations.map(({ name }) => name));
  });
});
