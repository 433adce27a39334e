/**
 * How long a change takes from its webhook to its segment in the vault: simulated shops that are edited at a pace, the app's pages and its worker as processes
 * of their own, a PostgreSQL, vaults of files. `node tests/bench/seal.ts [edits per second, of all shops] [seconds] [shops] [customers of each]`; prints one JSON
 * object. The times are the worker's own (`holdfast_capture_seal_seconds`): a share that lies between two buckets is told as the upper one. Each shop has the rate
 * limit of Plus, 1,000 points a second, of which a changed customer takes 19 and a changed order 62: about 25 edits a second are what one shop can be followed at.
 */
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { newIdentity } from "#app/ui/browser/identity.ts";
import { buildPages } from "../../bin/demo/build.ts";
import { Merchant } from "../../bin/demo/merchant.ts";
import { freePort } from "../../bin/demo/processes.ts";
import { AppPart, startShop, type ShopProcess } from "../../bin/soak/processes.ts";
import { subscriptions } from "../../bin/soak/subscriptions.ts";
import { longRun } from "../../bin/support/long-run.ts";

const [perSecond = 200, seconds = 60, shopCount = 10, customers = 500] = process.argv.slice(2).map(Number);
const SERIES = "holdfast_capture_seal_seconds";
/** Without faults nothing is left waiting: what came last is sealed in this time, or the run has failed. */
const DRAINED_WITHIN_MS = 120_000;
const run = longRun("seal");

await run.carryOut(async () => {
  buildPages(run.say);
  const [port, metricsPort] = [await freePort(3700), await freePort(9464)];
  const appUrl = `http://localhost:${String(port)}`;
  const keys = { apiKey: "5ea1".repeat(8), apiSecret: `shpss_${"5ea1".repeat(8)}` };
  const shops: ShopProcess[] = [];
  for (let n = 0; n < shopCount; n++) {
    const shop = await startShop({ ...keys, shop: `seal-${String(n)}-synthetic.myshopify.com`, customers, orders: Math.floor(customers / 4), seed: `seal${String(n)}`, host: "localhost", appUrl, webhooks: subscriptions() }, join(run.home, `sandbox-${String(n)}.log`));
    run.opened.unshift(shop);
    shops.push(shop);
  }
  const [first] = shops;
  if (first === undefined) throw new RangeError("at least one shop");
  const env = { HOLDFAST_SANDBOX_URL: JSON.stringify(Object.fromEntries(shops.map(({ shop, url }) => [shop, url]))) };
  const common = { home: run.home, shop: first, appUrl, port, logFile: join(run.home, "app.log") };
  const [web, worker] = [new AppPart({ ...common, role: "web", env }), new AppPart({ ...common, role: "worker", env: { ...env, HOLDFAST_METRICS: `127.0.0.1:${String(metricsPort)}` } })];
  run.opened.unshift(web, worker);
  await web.start();
  await worker.start();
  run.say("the snapshots that segments belong to");
  const { publicHalf } = await newIdentity();
  for (const [n, shop] of shops.entries()) {
    const merchant = new Merchant({ url: appUrl, stop: () => web.stop() }, shop);
    await merchant.see("app._index", "/app");
    await merchant.send("app.setup", "/app/setup", { intent: "create", address: pathToFileURL(join(run.home, "vaults", String(n))).href, recipient: publicHalf });
    await merchant.askForSnapshot();
    await merchant.idle({ everyMs: 500 });
  }

  const before = await histogram(metricsPort);
  const load = loadavg()[0];
  run.say(`${String(perSecond)} edits a second in ${String(shopCount)} shops for ${String(seconds)} s`);
  const began = performance.now();
  await Promise.all(shops.map((shop, n) => shop.control("edits/start", { perSecond: perSecond / shopCount, seed: `seal${String(n)}` })));
  await pause(seconds * 1_000);
  const reports = await Promise.all(shops.map((shop) => shop.control<{ changed: string[]; added: string[]; deleted: string[] }>("edits/stop")));
  const took = performance.now() - began;
  // Until two looks in a row, ten seconds apart, count the same: the last change has its segment.
  let [last, after] = [before, await histogram(metricsPort)];
  for (const until = performance.now() + DRAINED_WITHIN_MS; after.count !== last.count && performance.now() < until; ) {
    await pause(10_000);
    [last, after] = [after, await histogram(metricsPort)];
  }
  const counts = after.buckets.map(({ le, count }) => ({ le, count: count - (before.buckets.find((one) => one.le === le)?.count ?? 0) }));
  const sealed = after.count - before.count;
  const share = (part: number): number | null => counts.find(({ count }) => count >= sealed * part)?.le ?? null;
  const edits = reports.reduce((sum, { changed, added, deleted }) => sum + changed.length + added.length + deleted.length, 0);
  process.stdout.write(`${JSON.stringify({ perSecond, seconds, shops: shopCount, customers, recordsEdited: edits, webhooksSealed: sealed, webhooksPerSecond: Math.round((sealed / took) * 1000), atMostSeconds: { p50: share(0.5), p95: share(0.95), p99: share(0.99), all: share(1) }, meanSeconds: Math.round(((after.sum - before.sum) / Math.max(1, sealed)) * 1000) / 1000, loadBefore: load, loadAfter: loadavg()[0] })}\n`);
  return sealed > 0;
});

interface Histogram {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
}

async function histogram(port: number): Promise<Histogram> {
  const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
  const value = (name: string): number => Number(new RegExp(`^${SERIES}_${name}(?:\\{\\})? (\\S+)$`, "m").exec(text)?.[1] ?? 0);
  const buckets = [...text.matchAll(new RegExp(`^${SERIES}_bucket\\{le="([^"]+)"\\} (\\S+)$`, "gm"))].map(([, le, count]) => ({ le: le === "+Inf" ? Infinity : Number(le), count: Number(count) }));
  return { count: value("count"), sum: value("sum"), buckets };
}
