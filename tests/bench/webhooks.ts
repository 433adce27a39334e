/**
 * How fast webhooks are acknowledged: an open loop (each is sent when its time has come, whatever became of the others) against the real route behind Remix and
 * express, with a PostgreSQL of its own. `node tests/bench/webhooks.ts [per second] [seconds]`; prints one JSON object.
 */
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createRequestHandler } from "@remix-run/express";
import type { ServerBuild } from "@remix-run/node";
import express from "express";
import { captureInbox } from "#app/platform/capture/inbox.ts";
import { captureIntake } from "#app/platform/capture/intake.ts";
import { topicRoutes } from "#app/platform/capture/topics.ts";
import { openDatabase } from "#app/platform/database/connect.ts";
import { openPool } from "#app/platform/database/pool.ts";
import { limitBody } from "#app/platform/http/limit-body.ts";
import * as route from "#app/routes/webhooks.changes.ts";
import { CATALOGUE } from "#app/sources/shopify/index.ts";
import { NO_METRICS } from "#app/workflows/ports/metrics.ts";

const perSecond = Number(process.argv[2] ?? 200);
const seconds = Number(process.argv[3] ?? 20);
const SECRET = "bench";

const home = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
const database = await openDatabase({ home, process: "bench" });
const pool = openPool({ url: database.url, name: "bench-intake", max: 2 });
const changes = captureInbox({ intake: captureIntake(pool), topics: topicRoutes(CATALOGUE), secrets: () => [SECRET], clock: { now: () => new Date() }, metrics: NO_METRICS, log: { failure: (event, error) => { throw new Error(event, { cause: error }); } } });
const build = {
  entry: { module: { default: () => new Response(null, { status: 500 }) } },
  routes: { changes: { id: "changes", path: "webhooks/changes", module: route } },
  assets: { entry: { module: "", imports: [] }, routes: {}, url: "", version: "1" },
  publicPath: "/", assetsBuildDirectory: "", future: {}, isSpaMode: false, mode: "production",
} as unknown as ServerBuild;
const web = express();
web.use(limitBody);
const remix = createRequestHandler({ build, mode: "production", getLoadContext: () => ({ app: { changes } }) as never });
web.all("*", (request, response, next) => void remix(request, response, next));
const server = web.listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const port = (server.address() as { port: number }).port;
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

let sent = 0;
const send = (at: number): Promise<{ ms: number; status: number }> => {
  const n = sent++;
  const body = JSON.stringify({ id: n + 1, admin_graphql_api_id: `gid://shopify/Customer/${(n % 5000) + 1}`, updated_at: new Date().toISOString() });
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path: "/webhooks/changes", method: "POST", agent, headers: {
      "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), "X-Shopify-Topic": "customers/update", "X-Shopify-Shop-Domain": `synthetic-${n % 20}.myshopify.com`,
      "X-Shopify-Webhook-Id": `bench-${n}`, "X-Shopify-Event-Id": `event-${n}`, "X-Shopify-Hmac-Sha256": createHmac("sha256", SECRET).update(body).digest("base64"),
    } }, (response) => {
      response.resume();
      // From the moment it was due, so that a sender that falls behind does not flatter.
      response.on("end", () => resolve({ ms: performance.now() - at, status: response.statusCode ?? 0 }));
    });
    request.on("error", reject);
    request.end(body);
  });
};

await Promise.all(Array.from({ length: 100 }, () => send(performance.now())));
const before = loadavg()[0];
const began = performance.now();
const answers: Promise<{ ms: number; status: number }>[] = [];
for (let i = 0; i < perSecond * seconds; ) {
  const now = performance.now();
  while (i < perSecond * seconds && began + (i * 1000) / perSecond <= now) {
    answers.push(send(began + (i * 1000) / perSecond));
    i++;
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
const done = await Promise.all(answers);
const took = performance.now() - began;
const times = done.map(({ ms }) => ms).sort((a, b) => a - b);
const at = (share: number): number => Math.round((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0) * 10) / 10;
const { rows } = await database.pool.query<{ count: string }>(`SELECT count(*) FROM "CaptureEvent"`);
process.stdout.write(`${JSON.stringify({ perSecond, seconds, sent: done.length, ok: done.filter(({ status }) => status === 200).length, kept: Number(rows[0]?.count), p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), achievedPerSecond: Math.round((done.length / took) * 1000), loadBefore: before, loadAfter: loadavg()[0] })}\n`);
agent.destroy();
server.close();
await pool.end();
await database.close();
await rm(home, { recursive: true, force: true });
