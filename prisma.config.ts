/** Prisma's command line: reads the database's address from DATABASE_URL and speaks through our driver instead of its engines. */
import { defineConfig } from "prisma/config";
import { migrationAdapter } from "#app/platform/database/pool.ts";

export default defineConfig({
  schema: "prisma/schema.prisma",
  experimental: { adapter: true },
  engine: "js",
  adapter: () => Promise.resolve(migrationAdapter(process.env["DATABASE_URL"] ?? "postgresql://localhost/holdfast")),
});
