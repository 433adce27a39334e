/**
 * npm run soak: the whole product against a shop that changes all the time while everything goes wrong that can, and then the proof: vault and shop agree,
 * record by record.
 *
 * A simulated shop of its own process, the app's pages and webhooks in another, its worker in a third, PostgreSQL of the app's own. Edits at a pace, faults
 * switched on at random, processes killed. Then calm: the last snapshot, and every record of the shop, read without the app's reading, against every
 * record of the vault, opened with the merchant's identity.
 *
 * --customers N (1,000,000) --orders N (half of them) --minutes M (30) --edits-per-second R (50) --seed S --keep (leaves its folder)
 * --points-per-second N (1,000, as Plus has): the shop's rate limit. A full read of a million customers' timelines alone takes 18 minutes of it.
 * Progress goes to stderr; one JSON object to stdout at the end. Exit 0: no difference and no gap without an explanation. 1: there is one. 2: usage.
 */
import { createReadStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { identityFrom, openerFor } from "#app/keys/index.ts";
import { openStore, ReadOnlyStore } from "#app/stores/index.ts";
import { newIdentity } from "#app/ui/browser/identity.ts";
import type { OverviewModel, ProgressModel } from "#app/ui/models.ts";
import { contentKeys, openVaultWithIdentity, verifyVault } from "#app/vault/index.ts";
import type { Gap, SnapshotManifest } from "#app/vault/index.ts";
import { buildPages } from "./demo/build.ts";
import { Merchant } from "./demo/merchant.ts";
import { freePort } from "./demo/processes.ts";
import { compareRecords } from "./soak/compare.ts";
import { drawFaults, explanations, FAULT_NAMES } from "./soak/faults.ts";
import type { Spell } from "./soak/faults.ts";
import { proveJournal } from "./soak/journal.ts";
import { AppPart, startShop } from "./soak/processes.ts";
import { seeded } from "./soak/random.ts";
import { readShop } from "./soak/shop-records.ts";
import { subscriptions } from "./soak/subscriptions.ts";
import { longRun, number, showUsage } from "./support/long-run.ts";

const options = readOptions();
const random = seeded(options.seed);
const { home, say, opened, elapsed, carryOut } = longRun("soak", { keep: options.keep });

await carryOut(soak);

async function soak(): Promise<boolean> {
  buildPages(say);
  const port = await freePort(3700);
  const appUrl = `http://localhost:${String(port)}`;
  say(`a simulated shop with ${number(options.customers)} customers and ${number(options.orders)} orders, all synthetic, seed ${options.seed}`);
  const shop = await startShop({ customers: options.customers, orders: options.orders, seed: options.seed, host: "localhost", appUrl, webhooks: subscriptions(), rateLimit: { restoreRate: options.pointsPerSecond, maximum: 20 * options.pointsPerSecond } }, join(home, "sandbox.log"));
  opened.unshift(shop);
  const common = { home, shop, appUrl, port, logFile: join(home, "app.log") };
  const web = new AppPart({ ...common, role: "web" });
  const worker = new AppPart({ ...common, role: "worker", env: { HOLDFAST_SNAPSHOTS_AT_ONCE: "1", HOLDFAST_STALLED_SECONDS: "20" } });
  opened.unshift(web, worker);
  await web.start();
  await worker.start();
  const merchant = new Merchant({ url: appUrl, stop: () => web.stop() }, shop);
  await merchant.see("app._index", "/app");
  const identity = await newIdentity();
  const address = pathToFileURL(join(home, "vaults", "soak")).href;
  await merchant.send("app.setup", "/app/setup", { intent: "create", address, recipient: identity.publicHalf });

  say("first snapshot, in calm");
  await merchant.askForSnapshot();
  await idle(merchant);

  const spells: Spell[] = [];
  const kills = { worker: 0, web: 0, ended: 0 };
  const asked = { snapshots: 0 };
  const storm = new AbortController();
  const edits = { from: Date.now(), to: Infinity };
  const counted: Record<string, number> = {};
  if (options.editsPerSecond > 0) await shop.control("edits/start", { perSecond: options.editsPerSecond, seed: options.seed });
  say(`${String(options.editsPerSecond)} edits a second, faults and kills for ${String(options.minutes)} min`);
  const until = performance.now() + options.minutes * 60_000;
  const going = (): boolean => performance.now() < until && !storm.signal.aborted;
  await Promise.all(
    [
      async () => {
        while (going()) {
          const faults = drawFaults(random);
          spells.push({ from: Date.now(), faults: Object.keys(faults) });
          for (const name of Object.keys(faults)) counted[name] = (counted[name] ?? 0) + 1;
          await shop.control("faults", faults);
          await rest(3_000 + 9_000 * random());
        }
      },
      async () => {
        while (going()) {
          await rest(8_000 + 30_000 * random());
          if (!going()) return;
          const fate = random();
          const [part, signal, what] = fate < 0.55 ? ([worker, "SIGKILL", "worker"] as const) : fate < 0.75 ? ([worker, "SIGTERM", "ended"] as const) : ([web, "SIGKILL", "web"] as const);
          kills[what]++;
          await part.stop(signal);
          await rest(500 + 4_000 * random());
          await part.start();
        }
      },
      async () => {
        while (going()) {
          // A page that does not answer because its process was just killed is part of it.
          const run = await merchant.see<ProgressModel>("app.progress", "/app/progress").then(({ run }) => run, () => "away");
          if (run === null && (await merchant.askForSnapshot().then(() => true, () => false))) asked.snapshots++;
          web.look();
          worker.look();
          await rest(1_500);
        }
      },
    ].map(async (task) => {
      try {
        await task();
      } catch (error) {
        storm.abort();
        throw error;
      }
    }),
  );

  say("calm: no more faults, no more edits");
  await shop.control("faults", {});
  spells.push({ from: Date.now(), faults: [] });
  const edited = options.editsPerSecond > 0 ? await shop.control<{ changed: string[]; added: string[]; deleted: string[] }>("edits/stop") : { changed: [], added: [], deleted: [] };
  edits.to = Date.now();
  if (!web.up) await web.start();
  if (!worker.up) await worker.start();
  await idle(merchant);
  const calm = Date.now();
  await merchant.askForSnapshot();
  await idle(merchant);
  const { lastProblem } = await merchant.see<OverviewModel>("app._index", "/app");
  web.look();
  worker.look();

  say("the proof: every record of the shop against every record of the vault");
  const scratch = join(home, "proof");
  mkdirSync(scratch);
  const store = new ReadOnlyStore(await openStore(address));
  const opener = openerFor(identityFrom(JSON.parse(identity.fileText)));
  const vault = await openVaultWithIdentity({ store, scratchDirectory: scratch, opener });
  const snapshots = await vault.snapshots();
  const last = snapshots[0];
  if (last === undefined || new Date(last.startedAt).getTime() < calm) throw new Error(`The last snapshot was not taken: ${lastProblem?.code ?? "no reason given"}.`);
  const reading = readShop(shop);
  const reader = vault.read(last, contentKeys(store, opener, vault.description));
  const comparison = await compareRecords(() => reading.records(), () => reader.records({ order: "key" }), scratch);
  say("the journal's: more edits, no snapshot, webhooks late, twice, overtaken and old");
  const journal = await proveJournal({ shop, home, vault, store, opener, base: last, perSecond: Math.min(20, Math.max(1, options.editsPerSecond)), seed: options.seed, scratch });
  const check = await verifyVault({ store, readData: true });

  const gaps = snapshots.flatMap((snapshot, n) => explained(snapshot, snapshots[n + 1] ?? null, spells, edits));
  const unexplained = gaps.filter(({ because }) => because.length === 0);
  const failures = await failedRuns(join(home, "app.log"), spells);
  const differences = [comparison, journal.comparison].reduce((sum, { missing, extra, differing, repeated }) => sum + missing + extra + differing + repeated, 0);
  const ok = last.complete && differences === 0 && unexplained.length === 0 && failures.every(({ because }) => because.length > 0) && check.findings.length === 0;
  const summary = {
    ok,
    seed: options.seed,
    customers: options.customers,
    orders: options.orders,
    minutes: options.minutes,
    editsPerSecond: options.editsPerSecond,
    pointsPerSecond: options.pointsPerSecond,
    edited: { changed: edited.changed.length, added: edited.added.length, deleted: edited.deleted.length },
    snapshots: { asked: asked.snapshots + 2, taken: snapshots.length, complete: snapshots.filter(({ complete }) => complete).length },
    failedRuns: failures,
    kills,
    faults: { spells: spells.length, times: counted, never: FAULT_NAMES.filter((name) => counted[name] === undefined) },
    last: { snapshotId: last.snapshotId, complete: last.complete, records: last.records, gaps: last.gaps.length },
    comparison,
    journal,
    readIndependently: [...reading.independent],
    readWithTheApp: [...reading.shared],
    gaps: summed(gaps),
    unexplainedGaps: unexplained.slice(0, 50),
    vaultFindings: check.findings.length,
    peakMemory: { web: web.peak, worker: worker.peak },
    seconds: Math.round(elapsed() / 1000),
  };
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  say(ok ? "zero differences, every gap explained" : "NOT all of it held");
  return ok;
}

interface Explained {
  readonly snapshotId: string;
  readonly gap: Gap;
  readonly because: readonly string[];
}

/**
 * A run that was interrupted goes on with what the shop had prepared for it, so what may have gone wrong began with the end of the snapshot before. The
 * last snapshot was asked for in calm, when nothing was under way: nothing explains a gap of it.
 */
function explained(snapshot: SnapshotManifest, before: SnapshotManifest | null, spells: readonly Spell[], edits: { from: number; to: number }): Explained[] {
  const from = new Date(before?.takenAt ?? snapshot.startedAt).getTime();
  const to = new Date(snapshot.takenAt).getTime();
  return snapshot.gaps.map((gap) => ({ snapshotId: snapshot.snapshotId, gap, because: explanations(gap, from, to, spells, edits) }));
}

function summed(gaps: readonly Explained[]): { readonly code: string; readonly stream: string; readonly gaps: number; readonly because: readonly string[] }[] {
  const sums = new Map<string, { code: string; stream: string; gaps: number; because: Set<string> }>();
  for (const { gap, because } of gaps) {
    const sum = sums.get(`${gap.code} ${gap.stream}`) ?? { code: gap.code, stream: gap.stream, gaps: 0, because: new Set() };
    sum.gaps++;
    for (const reason of because) sum.because.add(reason);
    sums.set(`${gap.code} ${gap.stream}`, sum);
  }
  return [...sums.values()].map((sum) => ({ ...sum, because: [...sum.because] }));
}

/** Runs that ended without a snapshot, from the app's log: each must fall into a time of faults that can do so. */
async function failedRuns(log: string, spells: readonly Spell[]): Promise<{ readonly code: string; readonly because: readonly string[] }[]> {
  const failed: { code: string; because: readonly string[] }[] = [];
  for await (const line of createInterface({ input: createReadStream(log) })) {
    if (!line.includes('"snapshot.failed"')) continue;
    const { code, time } = JSON.parse(line) as { code: string; time: string };
    const at = new Date(time).getTime();
    const on = new Set(spells.filter((spell, n) => spell.from <= at && (spells[n + 1]?.from ?? Infinity) >= at - 60_000).flatMap(({ faults }) => faults));
    failed.push({ code, because: code.startsWith("source.") ? [...on] : [] });
  }
  return failed;
}

/** Until nothing is under way. */
function idle(merchant: Merchant): Promise<void> {
  let looks = 0;
  return merchant.idle({
    onLook: (run) => {
      if (++looks % 30 === 0 && run !== null) say(`  ${run.phase} ${run.stream ?? ""} ${number(run.records)} records`);
    },
  });
}

async function rest(milliseconds: number): Promise<void> {
  await pause(milliseconds);
}

function readOptions(): { customers: number; orders: number; minutes: number; editsPerSecond: number; pointsPerSecond: number; seed: string; keep: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        customers: { type: "string", default: "1000000" },
        orders: { type: "string" },
        minutes: { type: "string", default: "30" },
        "edits-per-second": { type: "string", default: "50" },
        "points-per-second": { type: "string", default: "1000" },
        seed: { type: "string", default: "soak" },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const [customers, minutes, editsPerSecond, pointsPerSecond] = [Number(values.customers), Number(values.minutes), Number(values["edits-per-second"]), Number(values["points-per-second"])];
    const orders = Number(values.orders ?? Math.floor(customers / 2));
    if (values.help || [customers, minutes, editsPerSecond, orders, pointsPerSecond - 1].some((value) => !Number.isFinite(value) || value < 0)) throw new TypeError("numbers of 0 and more");
    return { customers, orders, minutes, editsPerSecond, pointsPerSecond, seed: values.seed, keep: values.keep };
  } catch {
    return showUsage(import.meta.filename);
  }
}
