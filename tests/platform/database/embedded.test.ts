import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { startPostgres } from "#app/platform/database/embedded.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "holdfast-embedded-"));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const start = (throwaway = true) => startPostgres({ directory: join(home, "postgres"), throwaway });
const postmaster = (): number => Number(readFileSync(join(home, "postgres/data/postmaster.pid"), "utf8").split("\n")[0]);

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("the embedded PostgreSQL", () => {
  test("keeps its data over a restart, in a folder only we may enter, behind a password", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept (n INT); INSERT INTO kept VALUES (7)");
    await first.close();
    expect(existsSync(join(home, "postgres/data/postmaster.pid"))).toBe(false);
    const second = await start();
    expect(await query(second.url, "SELECT n FROM kept")).toEqual([{ n: 7 }]);
    expect(statSync(join(home, "postgres/password")).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, "postgres/data")).mode & 0o777).toBe(0o700);
    const wrong = new URL(second.url);
    wrong.password = "guess";
    await expect(query(wrong.href, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    await second.close();
  }, 60_000);

  test("is joined by a second process, and stopped by whoever leaves last", async () => {
    const first = await start();
    const second = await start();
    expect([first.joined, second.joined]).toEqual([false, true]);
    const client = new pg.Client({ connectionString: second.url });
    await client.connect();
    await first.close();
    expect((await client.query("SELECT 1")).rowCount).toBe(1);
    await client.end();
    await second.close();
    expect(existsSync(join(home, "postgres/data/postmaster.pid"))).toBe(false);
  }, 60_000);

  test("starts again after it was killed, and has lost nothing", async () => {
    const first = await start(false);
    await query(first.url, "CREATE TABLE kept (n INT)");
    const pid = postmaster();
    process.kill(pid, "SIGKILL");
    await until(() => statOf(pid) !== "running");
    const second = await start(false);
    expect(second.joined).toBe(false);
    expect(await query(second.url, "SELECT n FROM kept")).toEqual([]);
    await second.close();
  }, 60_000);

  test("is not fooled by a stale pid file that names another program", async () => {
    await (await start()).close();
    const other = spawn("sleep", ["60"], { stdio: "ignore" });
    try {
      writeFileSync(join(home, "postgres/data/postmaster.pid"), `${String(other.pid)}\n/x\n0\n5432\n\n127.0.0.1\n\n`);
      const again = await start();
      expect(again.joined).toBe(false);
      await again.close();
    } finally {
      other.kill();
    }
  }, 60_000);

  test("is started once when two starts meet", async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect([one.joined, two.joined].sort()).toEqual([false, true]);
    expect(one.url).toBe(two.url);
    await one.close();
    await two.close();
  }, 60_000);

  test("clears away a lock whose holder is dead", async () => {
    await (await start()).close();
    writeFileSync(join(home, "postgres/start.lock"), "4194303\n");
    await (await start()).close();
  }, 60_000);
});

function statOf(pid: number): "running" | "gone" {
  try {
    return /^Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1] ?? "Z") ? "gone" : "running";
  } catch {
    return "gone";
  }
}
