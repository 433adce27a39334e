/** Builds the pages when there is no build or one older than its sources. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const SOURCES = ["app", "vite.config.ts", "remix.config.js", "package-lock.json"];

export function buildPages(say: (line: string) => void): void {
  const made = join(ROOT, "build/server/index.js");
  if (existsSync(made) && statSync(made).mtimeMs > Math.max(...SOURCES.map((source) => newest(join(ROOT, source))))) return;
  say("Building the pages …");
  const built = spawnSync(process.execPath, [join(ROOT, "node_modules/@remix-run/dev/dist/cli.js"), "vite:build"], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, NODE_ENV: "production" },
  });
  if (built.status !== 0) throw new Error(`The pages could not be built:\n${built.stdout.slice(-2000)}\n${built.stderr.slice(-4000)}`);
}

function newest(path: string): number {
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}
