/** A database of one's own for a test file: `const database = useDatabase();`, then `database().prisma` inside tests. */
import { afterAll, beforeAll } from "@jest/globals";
import { connectDatabase } from "#app/platform/database/connect.ts";
import type { Database } from "#app/platform/database/connect.ts";

/** A fresh, migrated database, empty at the start of the file and gone after it. */
export function useDatabase(): () => Database {
  let database: Database | undefined;
  let name = "";
  const broker = process.env["HOLDFAST_TEST_BROKER"] ?? "";
  beforeAll(async () => {
    const answer = await fetch(broker, { method: "POST" });
    const made = (await answer.json()) as { url: string; name: string; error?: string };
    if (!answer.ok) throw new Error(`no test database: ${made.error ?? ""}`);
    name = made.name;
    database = await connectDatabase(made.url, "test");
  }, 60_000);
  afterAll(async () => {
    await database?.close();
    await fetch(`${broker}/${name}`, { method: "DELETE" });
  });
  return () => {
    if (!database) throw new Error("the test database is there once the tests run");
    return database;
  };
}
