/** The whole way, on the sandbox: a workflow's step asks for a snapshot, the app takes it, the step is answered, and a workflow hears that it is there. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { HoldfastApp } from "#app/platform/app.ts";
import { compose } from "#app/platform/compose.server.ts";
import { readEnv } from "#app/platform/env.server.ts";
import { createLog } from "#app/platform/log.ts";
import { sealer } from "#app/platform/secrets/seal.ts";
import { Secret } from "#app/platform/secrets/secret.ts";
import { startSandbox, type Faults, type FlowTriggers, type SandboxShop } from "#app/sandbox/index.ts";
import { linkStorage } from "#app/workflows/index.ts";
import { TRIGGERS } from "#app/workflows/flow/triggers.ts";
import { useDatabase } from "#tests/support/database/index.ts";
import { testIdentity } from "#tests/support/vault-kit.ts";

const database = useDatabase();
const HOST_SECRET = "synthetic host secret synthetic host secret";
const CANARY = "CANARY-9c2e-SYNTHETIC-diagnosis";
const DECLARED: FlowTriggers = Object.fromEntries(Object.values(TRIGGERS).map(({ handle, fields }) => [handle, Object.fromEntries(Object.values(fields).map(({ key, type }) => [key, { type }]))]));
const real = globalThis.fetch;

let home = "";
let lines: string[] = [];
let server: Server;
let app: HoldfastApp;
let shop: SandboxShop;

/** The routes of Flow, without the pages around them. */
async function serve(): Promise<Server> {
  const one = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const request = new Request(`http://127.0.0.1${incoming.url ?? "/"}`, { method: incoming.method ?? "GET", headers: new Headers(incoming.headers as Record<string, string>), ...(chunks.length === 0 ? {} : { body: new Uint8Array(Buffer.concat(chunks)) }) });
      const handle = /^\/flow\/actions\/([a-z-]+)$/.exec(incoming.url ?? "")?.[1];
      const response = handle === undefined ? await app.flow.inbox.lifecycle(request) : await app.flow.inbox.action(request, handle);
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(await response.text());
    })();
  });
  await new Promise<void>((listening) => one.listen(0, "127.0.0.1", listening));
  return one;
}

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "holdfast-flow-"));
  lines = [];
  server = await serve();
  const appUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  shop = await startSandbox({ seed: "flow", customers: 12, orders: 6, canary: CANARY, appUrl, flowTriggers: DECLARED, clock: { now: () => new Date(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 250))) } });
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    return url.hostname === shop.shop ? real(new URL(url.pathname + url.search, shop.url), { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), "x-forwarded-host": shop.shop } }) : real(input, init);
  };
  const env = readEnv({
    HOLDFAST_HOME: home, HOLDFAST_FILE_STORES: join(home, "vaults"), DATABASE_URL: database().url, HOLDFAST_ROLE: "all", HOLDFAST_SECRET: HOST_SECRET,
    SHOPIFY_API_KEY: shop.apiKey, SHOPIFY_API_SECRET: shop.apiSecret, SHOPIFY_APP_URL: "http://localhost:3000",
  });
  app = await compose(env, { log: createLog({ level: "info", destination: { write: (line) => void lines.push(line) } }) });
  await app.shops.installed(shop.shop, []);
  const id = `offline_${shop.shop}`;
  const accessToken = await sealer(new Secret(HOST_SECRET), "shopify tokens").seal(shop.accessToken, `session:${id}:access`);
  await database().prisma.session.create({ data: { id, shop: shop.shop, state: "", isOnline: false, accessToken } });
  const { recipient } = await testIdentity();
  const linked = await linkStorage(app.ports, { shop: shop.shop, actor: { kind: "staff", id: "1", shop: shop.shop }, storageUrl: pathToFileURL(join(home, "vaults/one")).href, recipient });
  expect(linked.kind).toBe("linked");
}, 120_000);
afterEach(async () => {
  globalThis.fetch = real;
  await app.close();
  await shop.close();
  await new Promise((closed) => server.close(closed));
  rmSync(home, { recursive: true, force: true });
  for (const table of ["FlowDelivery", "FlowListener", "FlowAction", "Run", "Session", "Shop", "VaultLink", "Snapshot"]) await database().pool.query(`DELETE FROM "${table}"`);
}, 60_000);

async function until<T>(look: () => Promise<T | null | undefined | false> | T | null | undefined | false): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test.each([
  ["in calm weather", {}],
  ["while the shop throttles, fails and loses answers, and each request comes twice", { throttle: 0.15, serverError: 0.08, lostAnswer: 0.08 }],
] as const)("a step takes a snapshot and is answered with it, and a workflow hears of it: %s", async (name, faults: Faults) => {
  shop.setFaults(faults);
  const run = await shop.runFlowAction({ handle: "take-snapshot", properties: { reason: "before-change" }, twice: name !== "in calm weather" });
  expect([run.state, run.answers.at(-1)?.status, run.answers[0]?.status]).toEqual(["done", 200, 202]);
  expect(run.answers.slice(0, -1).every(({ status, retryAfter }) => status === 202 && (retryAfter ?? 0) >= 5)).toBe(true);
  const snapshots = await app.ports.catalog.snapshots(shop.shop);
  expect(snapshots).toHaveLength(1);
  expect(run.returnValue).toMatchObject({ snapshotId: snapshots[0]?.snapshotId, complete: true });
  const receipt = await until(() => shop.flowReceipts().find(({ handle, errors }) => handle === "snapshot-completed" && errors.length === 0));
  expect(receipt.payload).toMatchObject({ "Snapshot id": snapshots[0]?.snapshotId, Emergency: true, Complete: true, Records: snapshots[0]?.records });
  await until(async () => (await app.flow.deliveries.list(shop.shop)).find(({ state }) => state === "sent"));
  // Lost answers may make it several, all of them the same event.
  expect(new Set(shop.flowReceipts().map(({ payload }) => payload["Event id"])).size).toBe(1);
  const everything = [...lines, JSON.stringify(shop.flowReceipts()), JSON.stringify(run), JSON.stringify((await database().pool.query(`SELECT row_to_json(d) FROM "FlowDelivery" d`)).rows), JSON.stringify((await database().pool.query(`SELECT row_to_json(a) FROM "FlowAction" a`)).rows)].join("\n");
  expect(everything).not.toContain("CANARY");
  expect(everything).not.toContain(shop.accessToken);
}, 300_000);

test("a trigger without a workflow is not sent, and one whose workflow is switched on again is", async () => {
  expect(await shop.setFlowListener("snapshot-completed", false)).toBe(200);
  await shop.runFlowAction({ handle: "take-snapshot" });
  await until(async () => (await app.flow.deliveries.list(shop.shop)).find(({ state }) => state === "unwanted"));
  expect(await shop.setFlowListener("snapshot-completed", true)).toBe(200);
  await shop.runFlowAction({ handle: "take-snapshot" });
  await until(() => shop.flowReceipts().length > 0);
  expect(shop.flowReceipts().map(({ handle, errors }) => [handle, errors])).toEqual([["snapshot-completed", []]]);
}, 120_000);

test("what was not told of because a process died is found and told", async () => {
  await shop.runFlowAction({ handle: "take-snapshot" });
  await until(() => shop.flowReceipts().length > 0);
  await database().pool.query(`DELETE FROM "FlowDelivery"`);
  await database().pool.query(`UPDATE "Run" SET "finishedAt" = "finishedAt" - interval '1 minute'`);
  await database().pool.query(`UPDATE "Chore" SET "nextAt" = now() - interval '1 hour' WHERE "name" = 'flow'`);
  await until(() => shop.flowReceipts().length > 1);
  expect(shop.flowReceipts().map(({ payload }) => payload["Snapshot id"])).toEqual(Array.from({ length: 2 }, () => shop.flowReceipts()[0]?.payload["Snapshot id"]));
}, 120_000);
