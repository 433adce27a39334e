/**
 * npm run disaster: a shop is ruined and put back as it was the second before.
 *
 * A simulated shop of its own process, the app's pages and webhooks in another, its worker in a third. A snapshot, then business that only the journal sees. Then the
 * disaster: metafields overwritten, customers deleted, every value of one app's namespace mangled. A plan for the second before, approved by a second person, carried out
 * while everything goes wrong that can and the worker is killed three times. The proof: the shop read again equals the shop as it was, root against root.
 *
 * --customers N (100,000) --orders N (a tenth) --metafields F (0.05) --delete N (1,000, at most a tenth) --namespace S (intake) --edits N (200) --kills N (3)
 * --seed S --points-per-second N (1,000) --calm (no faults, to see what it takes by itself) --keep (leaves its folder)
 * The kills fall by progress: at about 15, 45 and 75 % of what is put back (evenly between, where --kills is not 3), and the output says how far each had come.
 * Progress goes to stderr; one JSON object to stdout at the end. Exit 0: the roots agree. 1: they do not. 2: usage.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { openHolder } from "#app/keys/index.ts";
import type { Faults } from "#app/sandbox/index.ts";
import { openStore, ReadOnlyStore } from "#app/stores/index.ts";
import type { ProgressModel } from "#app/ui/models.ts";
import type { RestoreModel } from "#app/ui/models/restore.ts";
import { openVaultWithIdentity, type RestoreReader } from "#app/vault/index.ts";
import { knownIds, loggedSteps } from "#app/workflows/restore/apply-log.ts";
import { readReport, reportLines } from "#app/workflows/restore/apply-report.ts";
import { CREDENTIALS, FakeKms, REGION } from "#tests/keys/support/fake-kms.ts";
import { buildPages } from "./demo/build.ts";
import { Merchant } from "./demo/merchant.ts";
import { freePort } from "./demo/processes.ts";
import { ShopTwice } from "./disaster/same-shop.ts";
import { AppPart, startShop, type ShopProcess } from "./soak/processes.ts";
import { seeded } from "./soak/random.ts";
import { subscriptions } from "./soak/subscriptions.ts";
import { longRun, number, showUsage } from "./support/long-run.ts";

const SECOND_PERSON = "70000000002";
/** Kinds whose every change the platform tells by webhook. Of the others (files, articles, gift cards, store credit) a moment between two snapshots is not known. */
const TOLD = ["Customer", "Order", "DraftOrder"];
const options = readOptions();
const random = seeded(options.seed);
const { home, say, opened, elapsed, carryOut } = longRun("disaster", { keep: options.keep });

await carryOut(disaster);

async function disaster(): Promise<boolean> {
  if (process.env["HOLDFAST_BUILT"] !== "1") buildPages(say);
  const port = await freePort(3800);
  const appUrl = `http://localhost:${String(port)}`;
  say(`a simulated shop with ${number(options.customers)} customers and ${number(options.orders)} orders, all synthetic, seed ${options.seed}`);
  const shop = await startShop({ customers: options.customers, orders: options.orders, seed: options.seed, host: "localhost", appUrl, webhooks: subscriptions(), rateLimit: { restoreRate: options.pointsPerSecond, maximum: 20 * options.pointsPerSecond } }, join(home, "sandbox.log"));
  opened.unshift(shop);
  // A worker that was killed goes on by itself, because the merchant's own key service lets it.
  const kms = await FakeKms.start();
  opened.push({ stop: () => kms.stop() });
  const keyAddress = kms.create("ECC_NIST_P256");
  const { opener, recipient } = await openHolder(keyAddress, { awsKms: { endpoint: kms.endpoint, credentials: CREDENTIALS } });
  const env = { HOLDFAST_UNATTENDED_KEY: keyAddress, AWS_ENDPOINT_URL_KMS: kms.endpoint, AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_REGION: REGION };
  const common = { home, shop, appUrl, port, logFile: join(home, "app.log"), env };
  const web = new AppPart({ ...common, role: "web" });
  const worker = new AppPart({ ...common, role: "worker" });
  opened.unshift(web, worker);
  await web.start();
  await worker.start();
  const responder = new Merchant({ url: appUrl, stop: () => web.stop() }, shop);
  const approver = new Merchant({ url: appUrl, stop: () => web.stop() }, shop, SECOND_PERSON);
  await responder.see("app._index", "/app");
  const address = pathToFileURL(join(home, "vaults", "disaster")).href;
  await responder.send("app.setup", "/app/setup", { intent: "create", address, recipient: { ...recipient.jwk, kid: recipient.keyId, alg: "ECDH-ES+A256KW", use: "enc" } });
  await shop.control("apps", { title: "Intake forms", metafields: { namespace: options.namespace, key: "form", access: "PUBLIC_READ_WRITE", customers: Math.ceil(options.customers / 4) } });

  say("a snapshot in calm, then business that only the journal sees");
  await responder.send("app._index", "/app?index", { intent: "snapshot" });
  await responder.idle();
  const edited = await shop.control<{ changed: string[]; added: string[]; deleted: string[] }>("edit", { count: options.edits, seed: `${options.seed}/business`, kinds: TOLD });
  await settled(edited.changed.length + edited.added.length + edited.deleted.length);

  say("what the shop is in this second");
  mkdirSync(join(home, "proof"));
  const twice = await ShopTwice.open(shop, join(home, "proof"));
  const { root: rootBefore, counts: countsBefore } = await twice.remember();
  const secondBefore = new Date();
  await pause(2_000);

  say("the disaster");
  const ruined = await shop.control<{ metafields: number; mangled: number; customers: string[]; deleted: string[] }>("corrupt", { seed: options.seed, metafields: options.metafields, deleteCustomers: options.delete, mangleNamespace: options.namespace });
  say(`  ${number(ruined.metafields)} metafields overwritten, ${number(ruined.mangled)} mangled, ${number(ruined.deleted.length)} customers deleted`);
  await settled(ruined.customers.length + ruined.deleted.length);

  say("a plan for the second before, and a second person's approval");
  const asked = await responder.send("app.restore.new", "/app/restore/new", { at: secondBefore.toISOString(), selection: { scope: "everything" }, rule: "overwrite", extras: "remove", sandbox: false, from: null });
  const path = /\/app\/restore\/[\w-]+/.exec(asked.redirect ?? "")?.[0];
  if (path === undefined) throw new Error("The plan was not taken on.");
  const see = (): Promise<RestoreModel> => responder.see<RestoreModel>("app.restore.$id", path);
  const act = (who: Merchant, body: object): Promise<unknown> => who.send("app.restore.$id", path, body);
  const planStarted = performance.now();
  let model = await until(see, (one) => one.state === "planning" && !one.waiting && one.run === null && one.keyService === "opens", "the snapshot of what the shop has now");
  await act(responder, { intent: "plan", keys: null });
  model = await until(see, (one) => one.state === "draft", "the plan");
  const planned = { counts: model.counts, estimateMs: model.estimateMs, losses: model.losses, seconds: Math.round((performance.now() - planStarted) / 1000) };
  say(`  to create ${number(model.counts?.create ?? 0)}, to change ${number(model.counts?.update ?? 0)}, cannot come back ${number(model.counts?.refuse ?? 0)}`);
  await act(responder, { intent: "submit" });
  model = await see();
  await act(approver, { intent: "approve", digest: model.digest, remark: "" });

  const store = new ReadOnlyStore(await openStore(address));
  const vault = await openVaultWithIdentity({ store, scratchDirectory: join(home, "proof"), opener });
  const reader = { store, description: vault.description, indexKey: vault.indexKey };

  say("carried out, with faults on and the worker killed");
  const applyStarted = performance.now();
  const storm = new AbortController();
  const faults: Record<string, number> = {};
  await act(responder, { intent: "apply", keys: null });
  const storms = options.calm ? null : stir(shop, faults, storm.signal);
  const kills: Kill[] = [];
  const expected = (planned.counts?.create ?? 0) + (planned.counts?.update ?? 0) + (planned.counts?.remove ?? 0);
  const marks = killMarks(options.kills);
  let restarts = 0;
  for (let look = 0; ; look++) {
    const { run } = await responder.see<ProgressModel>("app.progress", "/app/progress").catch(() => ({ run: null }));
    // The page itself opens the plan, and is asked less often.
    if (run === null || look % 20 === 0) model = await see().catch(() => model);
    if (["done", "failed", "cancelled"].includes(model.state)) break;
    const mark = marks[kills.length];
    const share = run?.job === "restore" && run.phase === "write" ? run.records / Math.max(1, expected) : null;
    if (mark !== undefined && share !== null && share >= mark) {
      await worker.stop("SIGKILL");
      // The screen is up to two seconds behind: what the log of the restore holds is what was done.
      const { done, created } = await progressOf(reader, model.id);
      kills.push({ wanted: mark, shown: Number(share.toFixed(3)), done, of: expected, share: Number((done / Math.max(1, expected)).toFixed(3)), created });
      say(`  worker killed with ${number(done)} of ${number(expected)} put back, ${number(created)} of them created`);
      await worker.start();
    } else if (model.run === null && run === null && (model.state === "running" || model.state === "paused")) {
      // A fault that lasted longer than the run's patience: a person presses the button again.
      restarts++;
      say(`  started again after ${model.problem?.code ?? "a stop"}`);
      await act(responder, { intent: "apply", keys: null }).catch(() => undefined);
    }
    await pause(250);
  }
  const applySeconds = Math.round((performance.now() - applyStarted) / 1000);
  storm.abort();
  await storms;
  await shop.control("faults", {});

  say("the proof: the shop as it is against the shop as it was");
  const ids = await knownIds(reader, shop.shop);
  const { root, counts: countsAfter, differences } = await twice.compare(ids);
  await twice.close();
  const report = await readReport(reader, model.id, await reportName(store, model.id));
  const notExact: Record<string, number> = {};
  if (report !== null) {
    for await (const line of reportLines(reader, report)) {
      if (line.outcome === "restored") continue;
      const key = `${line.kind} ${line.outcome}${line.code === undefined ? "" : ` ${line.code}`}`;
      notExact[key] = (notExact[key] ?? 0) + 1;
    }
  }
  const { twice: createdTwice, created } = await progressOf(reader, model.id);
  const killedMidway = kills.length === marks.length && kills.every(({ done, of }) => done > 0 && done < of);
  const ok = differences.length === 0 && root === rootBefore && sameCounts(countsBefore, countsAfter) && model.state === "done" && killedMidway && createdTwice === 0;
  const summary = {
    ok,
    seed: options.seed,
    customers: options.customers,
    orders: options.orders,
    ruined: { metafields: ruined.metafields, mangled: ruined.mangled, customers: ruined.customers.length, deleted: ruined.deleted.length },
    journal: { edits: options.edits, changed: edited.changed.length, added: edited.added.length, deleted: edited.deleted.length },
    planned,
    applied: { state: model.state, outcome: model.outcome, created, createdTwice, costPoints: report?.costPoints ?? null, seconds: applySeconds, kills, restarts, faults, notExact },
    /** Records of each kind, before the disaster and after the restore: none too few, none too many. */
    records: { before: countsBefore, after: countsAfter },
    roots: { before: rootBefore, after: root, agree: root === rootBefore },
    differences,
    peakMemory: { web: web.peak, worker: worker.peak },
    seconds: Math.round(elapsed() / 1000),
  };
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  say(ok ? "the roots agree" : "NOT all of it held");
  return ok;

  /** Until the app has been told of all that happened, and the journal has it. */
  async function settled(changes: number): Promise<void> {
    say(`  ${number(changes)} changes on their way into the journal`);
    let before = -1;
    for (let still = 0; still < 8; ) {
      web.look();
      worker.look();
      await pause(1_000);
      const sealed = sealedChanges();
      still = sealed === before && sealed > 0 ? still + 1 : 0;
      before = sealed;
      if (elapsed() > options.patienceMs) throw new Error("The journal did not come to rest.");
    }
  }

  function sealedChanges(): number {
    let sum = 0;
    for (const line of readFileSync(common.logFile, "utf8").split("\n")) {
      if (!line.includes('"journal.sealed"')) continue;
      const { upserts, tombstones } = JSON.parse(line) as { upserts: number; tombstones: number };
      sum += upserts + tombstones;
    }
    return sum;
  }
}

interface Kill {
  /** The share at which it was to fall, and the one that the screen showed. */
  readonly wanted: number;
  readonly shown: number;
  /** Families that the log of the restore calls done, of those planned, when the worker was dead. */
  readonly done: number;
  readonly of: number;
  readonly share: number;
  readonly created: number;
}

/** Three fall at 15, 45 and 75 %; others evenly between the beginning and the end. */
function killMarks(kills: number): readonly number[] {
  return Array.from({ length: kills }, (_, n) => (kills === 3 ? 0.15 + 0.3 * n : (n + 0.5) / kills));
}

/** From the log of the restore in the vault. `twice`: records that have two new ids, of which one is left over. */
async function progressOf(reader: RestoreReader, planId: string): Promise<{ readonly done: number; readonly created: number; readonly twice: number }> {
  const done = new Set<string>();
  const created = new Map<string, Set<string>>();
  for await (const step of loggedSteps(reader, planId)) {
    if (step.step === "done") done.add(step.id);
    if (step.step === "created") created.set(step.id, (created.get(step.id) ?? new Set<string>()).add(step.newId));
  }
  return { done: done.size, created: created.size, twice: [...created.values()].filter((ids) => ids.size > 1).length };
}

function sameCounts(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

/** One fault after another, a few seconds each, with calm between them. */
async function stir(shop: ShopProcess, times: Record<string, number>, signal: AbortSignal): Promise<void> {
  const drawn: readonly (() => Faults)[] = [
    () => ({ throttle: 0.3 }),
    () => ({ serverError: 0.1 }),
    () => ({ lostAnswer: 0.1 }),
    () => ({ slowAnswer: 300, throttle: 0.1 }),
    () => ({ failBulk: { afterObjects: 40, times: 1, errorCode: "INTERNAL_SERVER_ERROR" } }),
    () => ({ cancelBulk: { afterObjects: 40, times: 1 } }),
    () => ({ cutDownload: { atByte: 4_000, times: 2 }, lostAnswer: 0.05 }),
    () => ({ urlLifetime: 1, slowBulk: 1_500 }),
    () => ({ othersRunning: 4 }),
  ];
  for (let n = 0; !signal.aborted; n++) {
    const faults = drawn[n % drawn.length]!();
    for (const name of Object.keys(faults)) times[name] = (times[name] ?? 0) + 1;
    await shop.control("faults", faults as object);
    await pause(2_000 + 3_000 * random(), undefined, { signal }).catch(() => undefined);
    if (n % 4 !== 3) continue;
    await shop.control("faults", {});
    await pause(1_000, undefined, { signal }).catch(() => undefined);
  }
}

async function reportName(store: ReadOnlyStore, planId: string): Promise<string> {
  let last = "";
  for await (const { key } of store.list(`restores/${planId}/report-`)) {
    const name = key.split("/")[2] ?? "";
    if (/^report-\d+$/.test(name) && Number(name.slice(7)) > Number(last.slice(7) || 0)) last = name;
  }
  return last === "" ? "report-0" : last;
}

async function until(see: () => Promise<RestoreModel>, done: (model: RestoreModel) => boolean, what: string): Promise<RestoreModel> {
  for (let told = 0; ; told++) {
    const model = await see();
    if (done(model)) return model;
    if (model.problem !== undefined && model.run === null && !model.waiting) throw new Error(`${what}: ${model.problem.code}`);
    if (told % 30 === 29) say(`  waiting for ${what}: ${model.run?.phase ?? model.state} ${number(model.run?.records ?? 0)}`);
    if (elapsed() > options.patienceMs) throw new Error(`No end of ${what}.`);
    await pause(1_000);
  }
}

function readOptions(): { customers: number; orders: number; metafields: number; delete: number; namespace: string; edits: number; kills: number; pointsPerSecond: number; seed: string; calm: boolean; keep: boolean; patienceMs: number } {
  try {
    const { values } = parseArgs({
      options: {
        customers: { type: "string", default: "100000" },
        orders: { type: "string" },
        metafields: { type: "string", default: "0.05" },
        delete: { type: "string" },
        namespace: { type: "string", default: "intake" },
        edits: { type: "string", default: "200" },
        kills: { type: "string", default: "3" },
        "points-per-second": { type: "string", default: "1000" },
        seed: { type: "string", default: "disaster" },
        calm: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const customers = Number(values.customers);
    const given = { orders: Number(values.orders ?? Math.floor(customers / 10)), metafields: Number(values.metafields), delete: Number(values.delete ?? Math.min(1_000, Math.floor(customers / 10))), edits: Number(values.edits), kills: Number(values.kills), pointsPerSecond: Number(values["points-per-second"]) };
    if (values.help || [customers, ...Object.values(given)].some((value) => !Number.isFinite(value) || value < 0) || given.metafields > 1) throw new TypeError("numbers of 0 and more");
    return { customers, ...given, namespace: values.namespace, seed: values.seed, calm: values.calm, keep: values.keep, patienceMs: 4 * 3_600_000 };
  } catch {
    return showUsage(import.meta.filename);
  }
}
