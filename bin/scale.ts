/**
 * npm run scale: how the app behaves with many shops and several workers, measured. Real worker processes, real PostgreSQL and pg-boss, real runs with real
 * vaults on this disk; only the shops are made up (bin/scale/shops.ts): each run first waits, as runs wait for Shopify to prepare a bulk operation, and then
 * reads a few records. One shop is huge, and one asks for a snapshot again as soon as it has one.
 *
 *   1. fairness: every shop falls due at the same moment, each with a snapshot of yesterday, with four workers, one of which is killed and one of which is told to end on the way.
 *      Every shop is served; how long the longest waited, and the two difficult shops beside them.
 *   2. throughput: a line that does not run dry, for so many seconds each with 1, 2 and 4 workers: runs a second, processor time per run by worker and
 *      by PostgreSQL, memory.
 *   3. the real source: one small simulated shop that speaks the Admin API, snapshot after snapshot: what a run costs in life.
 *
 * --shops N (1000) --huge N (200,000 customers) --wait MS (2000) --slots N (4 snapshots at once per worker) --seconds S (60 per measurement) --workers 1,2,4
 * --fairness-only leaves out 2 and 3. Progress goes to stderr, one JSON object to stdout. Exit 1 when a shop was not served, was served twice at once, or the line grew unfair.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { newIdentity } from "#app/keys/index.ts";
import { openDatabase } from "#app/platform/database/connect.ts";
import { openPgBossQueue } from "#app/platform/jobs/pg-boss-queue.ts";
import { RUN_JOBS, RUN_KINDS, URGENT_JOB } from "#app/platform/jobs/run-jobs.ts";
import { createLog } from "#app/platform/log.ts";
import { vaultKeyring } from "#app/platform/records/keyring.ts";
import { vaultLinks } from "#app/platform/records/links.ts";
import { leasedRuns } from "#app/platform/records/runs.ts";
import { hostSecret } from "#app/platform/secrets/host-secret.ts";
import { sealer } from "#app/platform/secrets/seal.ts";
import { FilesystemStore } from "#app/stores/index.ts";
import { createVault } from "#app/vault/index.ts";
import { buildPages } from "./demo/build.ts";
import { cpuOf, cpuOfServer, peakOf, startWorker } from "./scale/processes.ts";
import type { Worker } from "./scale/processes.ts";
import { measureRealShop } from "./scale/real-shop.ts";
import { shopName } from "./scale/shops.ts";
import { longRun } from "./support/long-run.ts";

const { values } = parseArgs({
  options: {
    shops: { type: "string", default: "1000" }, huge: { type: "string", default: "200000" }, wait: { type: "string", default: "2000" },
    slots: { type: "string", default: "4" }, seconds: { type: "string", default: "60" }, workers: { type: "string", default: "1,2,4" }, "fairness-only": { type: "boolean", default: false },
  },
});
const [shopCount, hugeSize, waitMs, slots, seconds] = [values.shops, values.huge, values.wait, values.slots, values.seconds].map(Number) as [number, number, number, number, number];
const { home, say, opened, elapsed, carryOut } = longRun("scale", { keepFailed: false });
const clock = { now: (): Date => new Date() };
const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
const round = (value: number, digits = 3): number => Number(value.toFixed(digits));

const database = await openDatabase({ home, process: "scale" });
const { prisma, pool } = database;
const queue = await openPgBossQueue({ pool, log: createLog({ level: "error" }) });
for (const job of [...RUN_KINDS.map((kind) => RUN_JOBS[kind]), URGENT_JOB]) await queue.declare(job);
const runs = leasedRuns({ prisma, pool, clock, queue, workerId: "simulation" });
const postmaster = Number(readFileSync(join(home, "postgres/data/postmaster.pid"), "utf8").split("\n")[0]);
const workers: Worker[] = [];
// Broken off: its database, its workers and its folder go with it.
opened.push({
  stop: async () => {
    for (const worker of workers) await worker.stop();
    await queue.close(0);
    await database.close();
  },
});

await carryOut(simulate);

async function simulate(): Promise<boolean> {
  const small = Array.from({ length: shopCount }, (_, n) => shopName("small", n, 20));
  const huge = shopName("huge", 0, hugeSize);
  const greedy = shopName("greedy", 0, 20);
  const everybody = [...small, huge, greedy];
  say(`${String(everybody.length)} shops get their vaults`);
  await makeVaults(everybody);

  const rowsBefore = await sizes();
  const fairness = await fair(everybody, huge, greedy);
  const rowsAfter = await sizes();
  const sample = small.slice(0, 50);
  const cold = storageOf(sample);
  const first = { objects: round(cold.objects / sample.length, 1), bytes: Math.round(cold.bytes / sample.length) };
  const runsBefore = await prisma.snapshot.count({ where: { shop: { in: sample } } });

  const throughput = [];
  const whole = !values["fairness-only"];
  if (whole) for (const count of values.workers.split(",").map(Number)) throughput.push(await measure(count, small));
  const after = storageOf(sample);
  if (whole) {
    say("one small shop with the real source");
    buildPages(say);
  }
  const realSource = whole ? [await measureRealShop(20, 10), await measureRealShop(2_000, 5)] : [];
  const laterRuns = (await prisma.snapshot.count({ where: { shop: { in: sample } } })) - runsBefore;
  const summary = {
    ok: fairness.notServed === 0 && fairness.servedTwiceAtOnce === 0 && fairness.fair,
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? "" },
    shops: { small: shopCount, customersEach: 20, huge: hugeSize, waitMs, slotsPerWorker: slots },
    fairness,
    throughput,
    realSource,
    perSnapshot: {
      rows: Object.fromEntries(Object.entries(rowsAfter.rows).map(([table, count]) => [table, round((count - (rowsBefore.rows[table] ?? 0)) / fairness.runs)])),
      databaseBytes: Math.round((rowsAfter.bytes - rowsBefore.bytes) / fairness.runs),
      storage: { first, later: { objects: round((after.objects - first.objects * sample.length) / Math.max(1, laterRuns), 1), bytes: Math.round((after.bytes - first.bytes * sample.length) / Math.max(1, laterRuns)) } },
    },
    seconds: Math.round(elapsed() / 1000),
  };
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  return summary.ok;
}

async function makeVaults(shops: readonly string[]): Promise<void> {
  const keyring = vaultKeyring(prisma, sealer(hostSecret(undefined, home), "vault host keys"), clock);
  const links = vaultLinks(prisma);
  const { recipient } = await newIdentity("P-256");
  for (const shop of shops) {
    const directory = join(home, "vaults", shop);
    const { vaultId, hostKeys } = await createVault({ store: new FilesystemStore(directory), recipients: [recipient], clock, random });
    await keyring.keep(hostKeys);
    await links.save({ shop, storageUrl: pathToFileURL(directory).href, vaultId, recipients: [recipient], linkedAt: clock.now() });
  }
}

async function worker(): Promise<Worker> {
  const one = await startWorker({ home, databaseUrl: database.url, slots, waitMs, log: (text) => void process.stderr.write(text) });
  workers.push(one);
  return one;
}

/** Every shop falls due at once. */
async function fair(everybody: readonly string[], huge: string, greedy: string) {
  const crew = [await worker(), await worker(), await worker(), await worker()];
  say("every shop falls due, with four workers");
  await watchStates();
  const due = new Date();
  await rememberYesterday(everybody, huge, due);
  await prisma.schedule.createMany({ data: everybody.map((shop) => ({ shop, cron: "0 3 * * *", timezone: "UTC", enabled: true, nextAt: due })) });
  let killed = false;
  let ended: number | null = null;
  for (;;) {
    await pause(500);
    const counts = await prisma.run.groupBy({ by: ["state"], _count: true, where: { requestedAt: { gte: due } } });
    const of = (state: string): number => counts.find((row) => row.state === state)?._count ?? 0;
    const done = of("succeeded") + of("failed");
    if (!killed && done > everybody.length / 4) {
      killed = true;
      await crew[3]?.stop("SIGKILL");
      say(`a worker was killed at ${String(done)} runs`);
      await worker();
    }
    if (ended === null && done > everybody.length / 2) {
      ended = (await crew[2]?.stop("SIGTERM")) ?? 0;
      say(`a worker was told to end at ${String(done)} runs: ${ended.toFixed(0)} ms`);
      await worker();
    }
    const asked = await prisma.schedule.count({ where: { nextAt: { lte: due } } });
    if (asked === 0 && of("queued") + of("running") === 0) break;
    // It asks again as soon as it has one, as long as others wait.
    if (of("queued") > 0) await runs.create({ id: randomUUID(), shop: greedy, kind: "snapshot", requestedBy: "staff:1", requestedAt: new Date(), input: {} });
  }
  const all = await prisma.run.findMany({ where: { kind: "snapshot", requestedAt: { gte: due } }, orderBy: { startedAt: "asc" } });
  const waits = all.filter(({ shop, requestedBy }) => shop !== huge && requestedBy === "schedule").map(({ startedAt }) => ((startedAt?.getTime() ?? Infinity) - due.getTime()) / 1000).sort((a, b) => a - b);
  const lastBegan = Math.max(...waits);
  const greedyRuns = all.filter(({ shop }) => shop === greedy);
  const hugeRun = all.find(({ shop }) => shop === huge);
  // In line like everybody: in the time in which all others get one turn, it gets one for every quarter of an hour, its first, and its own of the schedule.
  const turns = greedyRuns.filter(({ startedAt }) => (startedAt?.getTime() ?? 0) <= due.getTime() + lastBegan * 1000).length;
  const served = new Set(all.filter(({ state }) => state === "succeeded").map(({ shop }) => shop));
  const total = (Math.max(...all.map(({ finishedAt }) => finishedAt?.getTime() ?? 0)) - due.getTime()) / 1000;
  for (const one of workers.splice(0)) await one.stop();
  say(`all served in ${total.toFixed(0)} s; the longest wait was ${lastBegan.toFixed(0)} s; the shop that asks without end had ${String(turns)} of ${String(all.length)} turns`);
  return {
    runs: all.length,
    notServed: everybody.filter((shop) => !served.has(shop)).length,
    servedTwiceAtOnce: await overlaps(),
    takenUpAgain: all.filter(({ attempt }) => attempt > 1).length,
    seconds: round(total, 1),
    waitSeconds: { median: round(waits[Math.floor(waits.length / 2)] ?? 0, 1), p99: round(waits[Math.floor(waits.length * 0.99)] ?? 0, 1), longest: round(lastBegan, 1) },
    huge: { waited: round(((hugeRun?.startedAt?.getTime() ?? 0) - due.getTime()) / 1000, 1), took: round(((hugeRun?.finishedAt?.getTime() ?? 0) - (hugeRun?.startedAt?.getTime() ?? 0)) / 1000, 1) },
    greedy: { turns, ofAll: all.length },
    drainMs: Math.round(ended ?? 0),
    /** Whoever asks again while others wait gets no turn before those: at most its first as a person, the schedule's, and one that was asked for behind the last. */
    fair: turns <= 4,
  };
}

/** Every shop had a snapshot yesterday, so that it is known which are short; the huge one's took long. */
async function rememberYesterday(everybody: readonly string[], huge: string, due: Date): Promise<void> {
  const began = due.getTime() - 86_400_000;
  await prisma.run.createMany({
    data: everybody.map((shop) => ({
      id: randomUUID(), shop, kind: "snapshot", state: "succeeded", requestedBy: "schedule", requestedAt: new Date(began), startedAt: new Date(began),
      finishedAt: new Date(began + (shop === huge ? 600_000 : 3_000)), attempt: 1, input: {},
    })),
  });
}

/** The database notes when runs begin and end, by its own clock: what machines say of their own differs by more than a run that follows another at once. */
async function watchStates(): Promise<void> {
  await pool.query(`
    CREATE TABLE "StateSeen" ("n" bigserial, "run" text, "shop" text, "state" text, "at" timestamptz DEFAULT clock_timestamp());
    CREATE FUNCTION state_seen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW."state" IS DISTINCT FROM OLD."state" THEN INSERT INTO "StateSeen" ("run", "shop", "state") VALUES (NEW."id", NEW."shop", NEW."state"); END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER state_seen AFTER UPDATE ON "Run" FOR EACH ROW EXECUTE FUNCTION state_seen();`);
}

/** How often a run of a shop began while another of it was running. */
async function overlaps(): Promise<number> {
  const { rows } = await pool.query<{ run: string; shop: string; state: string }>('SELECT "run", "shop", "state" FROM "StateSeen" ORDER BY "at", "n"');
  const running = new Map<string, Set<string>>();
  let found = 0;
  for (const { run, shop, state } of rows) {
    const of = running.get(shop) ?? new Set<string>();
    running.set(shop, of);
    if (state !== "running") of.delete(run);
    else {
      if (of.size > 0 && !of.has(run)) found++;
      of.add(run);
    }
  }
  return found;
}

/** Runs a second with so many workers on a line that does not run dry. */
async function measure(count: number, small: readonly string[]) {
  await prisma.run.deleteMany({ where: { state: "queued" } });
  const refill = async (): Promise<void> => {
    const busy = new Set((await prisma.run.findMany({ where: { state: { in: ["queued", "running"] } }, select: { shop: true } })).map(({ shop }) => shop));
    for (const shop of small.filter((one) => !busy.has(one)).slice(0, 200)) await runs.create({ id: randomUUID(), shop, kind: "snapshot", requestedBy: "schedule", requestedAt: new Date(), input: {} });
  };
  await refill();
  const crew: Worker[] = [];
  for (let n = 0; n < count; n++) crew.push(await worker());
  const ends = performance.now() + (seconds + 5) * 1000;
  // The first seconds fill the slots.
  await pause(5_000);
  const from = new Date();
  const server = cpuOfServer(postmaster);
  const before = crew.map(({ pid }) => cpuOf(pid));
  while (performance.now() < ends) {
    await pause(1_000);
    if ((await prisma.run.count({ where: { state: "queued" } })) < 100) await refill();
  }
  const to = new Date();
  const cpu = crew.reduce((sum, { pid }, n) => sum + cpuOf(pid) - (before[n] ?? 0), 0);
  const serverCpu = cpuOfServer(postmaster) - server;
  const done = await prisma.run.findMany({ where: { state: "succeeded", finishedAt: { gte: from, lte: to } }, select: { startedAt: true, finishedAt: true } });
  const took = done.map(({ startedAt, finishedAt }) => (finishedAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0)).sort((a, b) => a - b);
  const span = (to.getTime() - from.getTime()) / 1000;
  const peak = Math.max(...crew.map(({ pid }) => peakOf(pid)));
  await prisma.run.deleteMany({ where: { state: "queued" } });
  for (const one of workers.splice(0)) await one.stop();
  const figures = {
    workers: count, runs: done.length, runsPerSecond: round(done.length / span), ofIdeal: round(done.length / span / ((count * slots * 1000) / waitMs)), medianRunMs: took[Math.floor(took.length / 2)] ?? 0,
    cpuSecondsPerRun: round(cpu / done.length), postgresCpuSecondsPerRun: round(serverCpu / done.length), coresBusy: round((cpu + serverCpu) / span, 2), peakMemory: peak,
  };
  say(`${String(count)} workers: ${String(figures.runsPerSecond)} runs a second, ${String(figures.cpuSecondsPerRun)} s of processor each, ${String(figures.coresBusy)} cores busy`);
  return figures;
}

/** What lies in the vaults of these shops. */
function storageOf(shops: readonly string[]): { objects: number; bytes: number } {
  let [objects, bytes] = [0, 0];
  for (const shop of shops) {
    for (const entry of readdirSync(join(home, "vaults", shop), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      objects++;
      bytes += statSync(join(entry.parentPath, entry.name)).size;
    }
  }
  return { objects, bytes };
}

async function sizes(): Promise<{ rows: Record<string, number>; bytes: number }> {
  const rows: Record<string, number> = {};
  for (const table of ["Run", "Snapshot", "LedgerEntry"]) rows[table] = Number((await pool.query<{ n: string }>(`SELECT count(*) AS n FROM "${table}"`)).rows[0]?.n ?? 0);
  rows["jobs"] = Number((await pool.query<{ n: string }>(`SELECT count(*) AS n FROM "jobs"."job"`)).rows[0]?.n ?? 0);
  const { rows: size } = await pool.query<{ bytes: string }>("SELECT pg_database_size(current_database()) AS bytes");
  return { rows, bytes: Number(size[0]?.bytes ?? 0) };
}
