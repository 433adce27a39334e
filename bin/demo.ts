/**
 * npm run demo: the main job, end to end, on a simulated shop: install, set up, snapshot, change 1 %, snapshot, drill. Stays up afterwards.
 * --check: does not stay, leaves nothing behind, and exits 0 only if all of it held. --customers N (default 2,000: the platform's rate limit makes ten minutes of ten times as many), --orders N.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { SCOPES, WRITE_SCOPES } from "#app/sources/shopify/index.ts";
import { newIdentity, readIdentity } from "#app/ui/browser/identity.ts";
import { unwrapKeys } from "#app/ui/browser/unwrap.ts";
import { phaseName, stepName } from "#app/ui/wording/phases.ts";
import type { DrillModel, DrillNewModel, OverviewModel, SnapshotModel } from "#app/ui/models.ts";
import { buildPages } from "./demo/build.ts";
import { Merchant } from "./demo/merchant.ts";
import { freePort, startAppProcess, startSandboxProcess, WEBHOOKS } from "./demo/processes.ts";

const { values: options } = parseArgs({
  options: { check: { type: "boolean", default: false }, customers: { type: "string", default: "2000" }, orders: { type: "string" }, seed: { type: "string", default: "demo" } },
});
const customers = Number(options.customers);
const orders = Number(options.orders ?? Math.floor(customers * 0.6));
const say = (line = ""): void => void process.stdout.write(`${line}\n`);
const number = (value: number): string => value.toLocaleString("en");
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} s`;
const size = (bytes: number): string => (bytes < 1e6 ? `${number(Math.round(bytes / 1e3))} kB` : `${number(Math.round(bytes / 1e5) / 10)} MB`);

const broken: string[] = [];
/** Says what was expected; with --check a promise that does not hold decides the exit code. */
function hold(promise: string, held: boolean): void {
  say(`  ${held ? "✓" : "✗"} ${promise}`);
  if (!held) broken.push(promise);
}

const home = freshHome();
const logs = { app: join(home, "app.log"), sandbox: join(home, "sandbox.log") };
const opened: { stop(): Promise<void> }[] = [];
let leaving: Promise<never> | null = null;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void leave(options.check ? 1 : 0));

try {
  buildPages(say);
  const appPort = await freePort(3300);
  const appUrl = `http://localhost:${String(appPort)}`;
  say(`Starting a simulated shop with ${number(customers)} customers and ${number(orders)} orders, all synthetic …`);
  const shop = await startSandboxProcess(
    { customers, orders, seed: options.seed, host: "localhost", port: await freePort(4400), appUrl, webhooks: WEBHOOKS, scopes: SCOPES, optionalScopes: WRITE_SCOPES },
    logs.sandbox,
  );
  opened.unshift(shop);
  say("Starting PostgreSQL and the app …");
  const app = await startAppProcess({ home, port: appPort, sandbox: shop, appUrl, logFile: logs.app });
  opened.unshift(app);
  const merchant = new Merchant(app, shop);

  say("\nThe merchant opens the app: it is installed, and nothing is safe yet.");
  const first = await merchant.see<OverviewModel>("app._index", "/app");
  hold("the overview does not call an empty vault safe", first.state !== "safe" && first.lastSnapshot === null);

  say("\nThe browser makes a key pair. Its private half is kept as a file; only the public half is sent.");
  const identity = await newIdentity();
  const identityFile = join(home, identity.fileName);
  writeFileSync(identityFile, identity.fileText, { mode: 0o600 });
  const address = pathToFileURL(join(home, "vaults", shop.shop)).href;
  await merchant.send("app.setup", "/app/setup", { intent: "create", address, recipient: identity.publicHalf });

  say("\nFirst snapshot …");
  const one = await snapshot(merchant, null);
  say(`  ${number(one.model.records)} records in ${seconds(one.ms)}, ${size(one.model.bytesWritten)} sealed and stored.`);
  for (const kind of one.model.kinds) if (kind.shop !== undefined) say(`    ${kind.kind}: ${number(kind.here)} here, ${number(kind.shop)} by the shop`);
  hold("every count agrees with the shop's own, and nothing is missing", one.model.complete && one.model.gapCount === 0);

  const changed = await control<{ changed: string[]; added: string[]; deleted: string[] }>(shop.url, "change", { fraction: 0.01, seed: "second day" });
  say(`\nThe shop changes 1 %: ${number(changed.changed.length)} customers and orders edited, ${number(changed.added.length)} added, ${number(changed.deleted.length)} deleted. Second snapshot …`);
  const two = await snapshot(merchant, one.model.id);
  say(`  ${number(two.model.records)} records in ${seconds(two.ms)}: ${number(two.model.added)} added, ${number(two.model.changed)} changed, ${number(two.model.removed)} removed; ${size(two.model.bytesWritten)} added to the storage.`);
  hold("nothing is missing in the second one either", two.model.complete && two.model.gapCount === 0);
  hold("it costs what changed, not another copy", two.model.changed > 0 && two.model.bytesWritten < one.model.bytesWritten / 10);

  say("\nDrill: the browser opens the snapshot's keys with the identity file and sends only those …");
  const offer = await merchant.see<DrillNewModel>("app.drills.new", "/app/drills/new");
  const kept = await readIdentity(identity.fileText);
  if (offer.snapshot === null || !kept.ok) throw new Error(`The drill cannot start: ${offer.problem?.code ?? "there is no snapshot"}.`);
  const unwrapped = await unwrapKeys(kept.identity, offer.snapshot.sealedKeys, offer.snapshot.recipientKeyIds);
  if (!unwrapped.ok) throw new Error(`The identity does not open the snapshot: ${unwrapped.problem}.`);
  const asked = await merchant.send<{ kind: string }>("app.drills.new", "/app/drills/new", { snapshotId: offer.snapshot.snapshotId, keys: unwrapped.keys, lane: "full" });
  if (asked.redirect === null) throw new Error(`The drill was not taken up: ${asked.data?.kind ?? "no reason given"}.`);
  await idle(merchant);
  const drill = await merchant.see<DrillModel>("app.drills.$id", new URL(asked.redirect, appUrl).pathname);
  for (const step of drill.steps) say(`    ${stepName(step.name)}: ${seconds(step.ms ?? 0)}`);
  say(`  ${number(drill.compared)} records opened and compared with their digests, restored into an empty shop and read back. Time to a usable shop: ${seconds(drill.rtoMs ?? 0)}.`);
  hold("every record is what it was", drill.compared === two.model.records);
  hold("the restored shop and the snapshot have the same root (ids aside)", drill.state === "passed" && drill.differing.length === 0 && drill.refused === 0);
  const last = await merchant.see<OverviewModel>("app._index", "/app");
  hold("the overview now says safe", last.state === "safe");

  if (!options.check) {
    say(`\nEverything is up. Admin page:  ${shop.adminUrl}`);
    say(`Your identity file, for a drill of your own:  ${identityFile}`);
    say(`Log:  ${logs.app}    Vault:  ${address}`);
    say("Ctrl-C ends it.");
    openInBrowser(shop.adminUrl);
  } else {
    say(broken.length === 0 ? "\nAll of it held." : `\n${String(broken.length)} of it did not hold.`);
    await leave(broken.length === 0 ? 0 : 1);
  }
} catch (error) {
  say(`\n${error instanceof Error ? error.message : String(error)}`);
  say(`Logs: ${logs.app}, ${logs.sandbox}`);
  await leave(1, { keepFiles: true });
}

/** Asks for a snapshot and waits for it. */
async function snapshot(merchant: Merchant, previous: string | null): Promise<{ model: SnapshotModel; ms: number }> {
  const started = performance.now();
  await merchant.askForSnapshot();
  await idle(merchant);
  const ms = performance.now() - started;
  const overview = await merchant.see<OverviewModel>("app._index", "/app");
  const row = overview.lastSnapshot;
  if (row === null || row.id === previous) throw new Error(`The snapshot was not taken: ${overview.lastProblem?.code ?? "no reason given"}.`);
  return { model: await merchant.see<SnapshotModel>("app.snapshots.$id", `/app/snapshots/${row.id}`), ms };
}

/** Until nothing is under way, showing how far it is on a terminal. */
function idle(merchant: Merchant): Promise<void> {
  const terminal = process.stdout.isTTY;
  return merchant.idle({
    everyMs: 500,
    onLook: (run) => {
      if (terminal) process.stdout.write(`\r\u001b[K${run === null ? "" : `  ${phaseName(run.phase, run.stream)}: ${number(run.records)} records`}`);
    },
  });
}

async function control<T>(url: string, what: string, body: unknown): Promise<T> {
  const answer = await fetch(`${url}/sandbox/${what}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`The simulated shop refused to ${what}.`);
  return (await answer.json()) as T;
}

/** A folder of the demo's own. What an earlier demo left is cleared; nothing else ever is. */
function freshHome(): string {
  if (options.check) return mkdtempSync(join(tmpdir(), "holdfast-demo-"));
  const folder = join(process.env["HOLDFAST_HOME"] ?? join(homedir(), ".holdfast"), "demo");
  const mark = join(folder, "made-by-npm-run-demo");
  if (existsSync(folder) && !existsSync(mark)) {
    say(`${folder} is not the demo's. Move it away, or set HOLDFAST_HOME to another folder, and start again.`);
    process.exit(1);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(mark, "This folder is cleared at every start of the demo.\n");
  return folder;
}

function leave(code: number, { keepFiles = false } = {}): Promise<never> {
  return (leaving ??= (async () => {
    for (const one of opened) await one.stop();
    if (options.check && !keepFiles) rmSync(home, { recursive: true, force: true });
    process.exit(code);
  })());
}

function openInBrowser(url: string): void {
  if (!process.stdout.isTTY || process.env["CI"] !== undefined) return;
  const [command, args] = process.platform === "darwin" ? ["open", [url]] : process.platform === "win32" ? ["cmd", ["/c", "start", "", url]] : ["xdg-open", [url]];
  if (process.platform === "linux" && process.env["DISPLAY"] === undefined && process.env["WAYLAND_DISPLAY"] === undefined) return;
  spawn(command as string, args as string[], { stdio: "ignore", detached: true }).on("error", () => undefined).unref();
}
