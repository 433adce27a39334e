/**
 * kill -9 at ten random moments of a snapshot, on the real command and a real folder: what lies there afterwards is whole or absent,
 * verify finds nothing wrong, and the rerun succeeds.
 */
import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { seededRandom, writeExportFile } from "#tests/bench/export-file.ts";

const HOLDFAST = resolve(import.meta.dirname, "../../bin/holdfast");
const KILLS = 10;

describe("a snapshot killed at a random moment", { timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-kill-"));
  const vault = join(folder, "vault");
  const url = `file://${vault}`;
  const identity = join(folder, "keys/identity.jwk");
  const env = { ...process.env, HOLDFAST_HOME: join(folder, "home") };
  const days = [join(folder, "day0.jsonl"), join(folder, "day1.jsonl")] as const;
  /** How long an undisturbed snapshot of either day takes here, so that the moments fall inside of it. */
  let whole = 0;

  const run = (...args: string[]): Record<string, unknown> => {
    const done = spawnSync(HOLDFAST, [...args, "--json"], { env, encoding: "utf8" });
    assert.equal(done.status, 0, `${args.join(" ")}: ${done.stderr}${done.stdout}`);
    return JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  };

  before(async () => {
    mkdirSync(vault);
    await writeExportFile({ path: days[0], bytes: 10 << 20, seed: 7 });
    await writeExportFile({ path: days[1], bytes: 10 << 20, seed: 7, changeFraction: 0.3 });
    run("keys", "new", "--out", join(folder, "keys"));
    run("vault", "create", url, "--recipient", join(folder, "keys/recipient.jwk"));
    const began = performance.now();
    run("snapshot", url, "--source", `jsonl:${days[0]}`);
    whole = performance.now() - began;
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it(`leaves each snapshot whole or absent, ${String(KILLS)} times, and the rerun succeeds`, async () => {
    const random = seededRandom(2026);
    let killed = 0;
    for (let round = 1; round <= KILLS; round += 1) {
      const day = days[round % 2] as string;
      const before = (run("snapshots", url)["snapshots"] as unknown[]).length;
      const child = spawn(HOLDFAST, ["snapshot", url, "--source", `jsonl:${day}`, "--json"], { env, stdio: "ignore" });
      const over = once(child, "exit") as Promise<[number | null, string | null]>;
      const timer = setTimeout(() => child.kill("SIGKILL"), whole * (0.15 + 0.8 * random()));
      const [, signal] = await over;
      clearTimeout(timer);
      if (signal === "SIGKILL") killed += 1;

      const after = (run("snapshots", url)["snapshots"] as { complete: boolean }[]);
      assert.ok(after.length === before || after.length === before + 1, "a half snapshot is listed");
      assert.ok(after.every(({ complete }) => complete));
      const verdict = run("verify", url, "--read-data", "--identity", identity);
      assert.deepEqual([verdict["ok"], verdict["findings"]], [true, []]);

      const rerun = run("snapshot", url, "--source", `jsonl:${day}`);
      assert.equal(rerun["complete"], true);
      const out = join(folder, "out.jsonl");
      run("export", url, "latest", "--identity", identity, "--out", out);
      assert.deepEqual(sortedLines(out), sortedLines(day));
    }
    assert.ok(killed >= KILLS / 2, `only ${String(killed)} of ${String(KILLS)} were killed before they had ended`);
    assert.equal(run("ledger", "verify", vault)["ok"], true);
  });
});

function sortedLines(path: string): string[] {
  return readFileSync(path, "utf8").split("\n").sort();
}
