/** Several real processes on one PostgreSQL: they race for runs, are killed, stopped and told to end, and no run is done twice or forgotten. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openPgBossQueue } from "#app/platform/jobs/pg-boss-queue.ts";
import type { JobQueue } from "#app/platform/jobs/job-queue.ts";
import { RUN_JOBS, RUN_KINDS, URGENT_JOB } from "#app/platform/jobs/run-jobs.ts";
import { createLog } from "#app/platform/log.ts";
import { leasedRuns } from "#app/platform/records/runs.ts";
import type { LeasedRuns } from "#app/platform/records/runs.ts";
import { seededRandom } from "#tests/bench/export-file.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const LEASE_MS = 4_000;
const log = createLog({ level: "silent" });
const children: { child: ChildProcess; name: string; said: () => string }[] = [];
let queue: JobQueue;
let runs: LeasedRuns;
let names = 0;

interface Mark {
  readonly run: string;
  readonly shop: string;
  readonly attempt: number;
  readonly worker: string;
  readonly what: string;
  readonly at: Date;
}
const marks = async (what?: string): Promise<Mark[]> => {
  const { rows } = await database().pool.query<Mark>(`SELECT * FROM "Mark" ORDER BY "id"`);
  return what === undefined ? rows : rows.filter((mark) => mark.what === what);
};

beforeEach(async () => {
  await database().pool.query(`CREATE TABLE IF NOT EXISTS "Mark" ("id" BIGSERIAL PRIMARY KEY, "run" TEXT, "shop" TEXT, "attempt" INT, "worker" TEXT, "what" TEXT, "at" TIMESTAMPTZ DEFAULT clock_timestamp())`);
  await database().pool.query(`TRUNCATE "Mark"`);
  await database().prisma.run.deleteMany();
  await database().prisma.schedule.deleteMany();
  await database().pool.query(`DELETE FROM "Chore"`);
  queue = await openPgBossQueue({ pool: database().pool, log });
  for (const job of [...RUN_KINDS.map((kind) => RUN_JOBS[kind]), URGENT_JOB]) await queue.declare(job);
  runs = leasedRuns({ ...database(), clock: { now: () => new Date() }, queue, workerId: "test", leaseMs: LEASE_MS });
});
afterEach(async () => {
  for (const { child } of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const over = once(child, "exit");
    child.kill("SIGKILL");
    await over;
  }
  await queue.close(0);
});

async function start(slots = 2): Promise<ChildProcess> {
  const name = `worker-${++names}`;
  const child = spawn(process.execPath, [resolve("tests/scale/support/worker.ts"), JSON.stringify({ url: database().url, name, leaseMs: LEASE_MS, slots, roundMs: 500 })], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const ready = new Promise<void>((yes, no) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString("utf8");
        if (said.startsWith("ready\n") || said.includes("\nready\n")) yes();
      });
    }
    child.once("exit", () => no(new Error(`the worker ended:\n${said.slice(-3000)}`)));
  });
  children.push({ child, name, said: () => said });
  await ready;
  return child;
}

const ask = async (shop: string, ms: number, urgency: "schedule" | "emergency" = "schedule"): Promise<string> =>
  (await runs.create({ id: `r${++names}`, shop, kind: "snapshot", requestedBy: "schedule", requestedAt: new Date(), input: { ms }, urgency })).run.id;

async function until(condition: () => Promise<boolean>, withinMs = 45_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${String(withinMs)} ms:\n${children.map(({ said }) => said().slice(-1500)).join("\n--\n")}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
const allDone = async (): Promise<boolean> => (await database().prisma.run.count({ where: { state: { in: ["queued", "running"] } } })) === 0;

/**
 * No two workers at once on a run, nor on a shop: a run begins anew only after its worker marked that it stopped, or a lease's time after it last could have
 * renewed it; a shop's next run only after the one before was done. A worker that is killed right after its mark leaves it without an end: that run may be
 * done again.
 */
function expectNoOverlap(all: readonly Mark[], killed: ReadonlySet<string> = new Set()): void {
  const of = (what: string, run?: string): Mark[] => all.filter((mark) => mark.what === what && (run === undefined || mark.run === run));
  for (const run of new Set(of("begun").map((mark) => mark.run))) {
    expect(of("done", run).filter(({ worker }) => !killed.has(worker)).length).toBeLessThanOrEqual(1);
    const begun = of("begun", run);
    for (const [n, next] of begun.slice(1).entries()) {
      const before = begun[n]!;
      const stopped = of("interrupted", run).some(({ attempt, at }) => attempt === before.attempt && at <= next.at);
      if (!stopped) expect(next.at.getTime() - before.at.getTime()).toBeGreaterThanOrEqual(LEASE_MS - 100);
    }
    const end = of("done", run).at(-1)?.at ?? new Date(8.64e15);
    for (const other of of("begun")) if (other.shop === begun[0]!.shop && other.run !== run) expect(other.at < begun[0]!.at || other.at >= end).toBe(true);
  }
}

describe("several worker processes", () => {
  test("do each run once and share them, however they race, and schedules and chores are done by one of them", async () => {
    const shops = Array.from({ length: 12 }, (_, n) => `shop-${n}`);
    await database().prisma.schedule.createMany({ data: shops.map((shop) => ({ shop, cron: "0 3 * * *", timezone: "UTC", enabled: true, nextAt: new Date(0) })) });
    await Promise.all([start(), start(), start()]);
    for (let round = 0; round < 3; round++) for (const shop of shops) await ask(shop, 100);
    await until(allDone);
    const all = await marks();
    const done = all.filter(({ what }) => what === "done");
    expect(done).toHaveLength(await database().prisma.run.count({ where: { state: "succeeded" } }));
    expectNoOverlap(all);
    expect(new Set(done.map(({ worker }) => worker)).size).toBeGreaterThan(1);
    expect(all.filter(({ what }) => what === "asked").map(({ shop }) => shop).sort()).toEqual([...shops].sort());
    expect(all.filter(({ what }) => what === "chore")).toHaveLength(1);
  }, 60_000);

  test("that are killed at random moments lose no run and do none twice", async () => {
    const random = seededRandom(5);
    await Promise.all([start(), start()]);
    const ids: string[] = [];
    const killed = new Set<string>();
    for (let n = 0; n < 16; n++) ids.push(await ask(`shop-${n}`, 400));
    for (let kill = 0; kill < 3; kill++) {
      await new Promise((done) => setTimeout(done, 200 + 700 * random()));
      const victim = children.find(({ child }) => child.exitCode === null && child.signalCode === null);
      victim?.child.kill("SIGKILL");
      killed.add(victim?.name ?? "");
      await start();
    }
    await until(allDone);
    const all = await marks();
    expectNoOverlap(all, killed);
    expect(new Set(all.filter(({ what }) => what === "done").map(({ run }) => run))).toEqual(new Set(ids));
    expect(all.filter(({ what, attempt }) => what === "begun" && attempt > 1).length).toBeGreaterThan(0);
  }, 90_000);

  test("go on with what a process hands back when it is told to end: at once, from where it was", async () => {
    const first = await start(1);
    const id = await ask("shop", 60_000);
    await until(async () => (await marks("begun")).length === 1);
    await until(async () => Number((await runs.get(id))?.resume?.["done"] ?? 0) >= 500);
    await start(1);
    const told = new Date();
    first.kill("SIGTERM");
    const [code] = (await once(first, "exit")) as [number | null];
    expect(code).toBe(0);
    await until(async () => (await marks("begun")).length === 2);
    const again = (await marks("begun"))[1];
    expect(again).toMatchObject({ run: id, attempt: 2 });
    // No lease had to run out.
    expect((again?.at.getTime() ?? 0) - told.getTime()).toBeLessThan(LEASE_MS - 1000);
    expect(Number((await runs.get(id))?.resume?.["done"])).toBeGreaterThanOrEqual(500);
    expect((await marks("interrupted")).map(({ run }) => run)).toEqual([id]);
  }, 60_000);

  test("take the run of one that was only stopped for a while; waking, it finds its lease lost and does nothing more", async () => {
    const first = await start(1);
    const id = await ask("shop", 1_500);
    await until(async () => Number((await runs.get(id))?.resume?.["done"] ?? 0) >= 200);
    first.kill("SIGSTOP");
    await start(1);
    await until(async () => (await marks("done")).length === 1);
    first.kill("SIGCONT");
    await until(async () => (await marks("lost")).length === 1);
    const all = await marks();
    expect(all.filter(({ what }) => what === "done")).toMatchObject([{ run: id, attempt: 2 }]);
    expect(await runs.get(id)).toMatchObject({ state: "succeeded", attempt: 2 });
  }, 60_000);

  test("begin an emergency at once though every slot is taken by long runs and others wait", async () => {
    await start(1);
    await ask("huge", 60_000);
    await until(async () => (await marks("begun")).length === 1);
    await ask("waiting", 60_000);
    const asked = Date.now();
    const emergency = await ask("hurt", 100, "emergency");
    await until(async () => (await runs.get(emergency))?.state === "succeeded", 15_000);
    const begun = (await marks("begun")).find(({ run }) => run === emergency);
    expect((begun?.at.getTime() ?? Infinity) - asked).toBeLessThan(10_000);
    expect((await marks("begun")).map(({ shop }) => shop)).toEqual(["huge", "hurt"]);
  }, 60_000);
});
