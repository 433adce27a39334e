/** The one place that chooses adapters: from the environment to a running application. */
import { randomBytes, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock, Ids, Ports, Random, RunKind } from "#app/workflows/ports.ts";
import { recoveryOfThisVersion } from "#app/recover/index.ts";
import { requestSnapshot } from "#app/workflows/snapshot/request-snapshot.ts";
import { enterShopEvents } from "#app/workflows/shared/outbox.ts";
import { requestVerify, verifyIsDue } from "#app/workflows/verify/request-verify.ts";
import { alertsOf } from "#app/workflows/alerts/raise.ts";
import { alertDeliveries } from "./alerts/deliveries.ts";
import { alertRecords } from "./alerts/records.ts";
import { alertSettings } from "./alerts/settings.ts";
import type { HoldfastApp } from "./app.ts";
import { openDatabase } from "./database/connect.ts";
import { openPool } from "./database/pool.ts";
import type { Env } from "./env.server.ts";
import { startMaintenance } from "./jobs/maintenance.ts";
import type { Chore } from "./jobs/maintenance.ts";
import { openPgBossQueue } from "./jobs/pg-boss-queue.ts";
import { RUN_JOBS, RUN_KINDS } from "./jobs/run-jobs.ts";
import { runWorkers } from "./jobs/run-workers.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";
import { prometheusMetrics } from "./metrics/prometheus.ts";
import { catalog } from "./records/catalog.ts";
import { complianceRequests } from "./records/compliance.ts";
import { ledgerOutbox } from "./records/ledger-outbox.ts";
import { ledgerSigner, vaultKeyring } from "./records/keyring.ts";
import { vaultLinks } from "./records/links.ts";
import { leasedRuns } from "./records/runs.ts";
import { shops as shopRecords } from "./records/shops.ts";
import { sandboxShops } from "./sandbox-shops.ts";
import { schedules as shopSchedules } from "./schedules.ts";
import type { Schedules } from "./schedules.ts";
import { scratchRooms } from "./scratch.ts";
import { keyCustody } from "./secrets/custody.ts";
import { hostSecret } from "./secrets/host-secret.ts";
import { sealer } from "./secrets/seal.ts";
import { connectShopify } from "./shopify.server.ts";
import { shopConnections } from "./shopify/shop-connections.ts";
import { shopLock } from "./shopify/shop-lock.ts";
import { allowedStores, storageTests } from "./stores.ts";
import { VERSION } from "./version.ts";
import { forgetOldDeliveries, webhookInbox } from "./webhooks.server.ts";

export interface Given {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly ids?: Ids;
  readonly log?: Log;
}

/** How long running work may take to stop once told to, at the end of the process. */
const DRAIN_MS = 15_000;

export async function compose(env: Env, given: Given = {}): Promise<HoldfastApp> {
  const clock = given.clock ?? { now: () => new Date() };
  const random = given.random ?? ((bytes: number) => new Uint8Array(randomBytes(bytes)));
  const ids = given.ids ?? { next: () => randomUUID() };
  const log = given.log ?? createLog({ level: env.logLevel });
  const workerId = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;

  const database = await openDatabase({ home: env.home, process: "holdfast", ...(env.databaseUrl ? { url: env.databaseUrl.reveal() } : {}) });
  const { prisma, pool } = database;
  const locks = openPool({ url: database.url, name: "holdfast-locks", max: 5 });
  try {
    const secret = hostSecret(env.hostSecret ?? undefined, env.home);
    const queue = await openPgBossQueue({ pool, log });
    for (const kind of RUN_KINDS) await queue.declare(RUN_JOBS[kind]);

    const shops = shopRecords(prisma, clock);
    const lock = shopLock(locks, "shopify-token");
    const shopify = await connectShopify({
      apiKey: env.apiKey,
      apiSecret: env.apiSecret,
      appUrl: env.appUrl,
      prisma,
      sealer: sealer(secret, "shopify tokens"),
      lock,
      shops,
      log,
    });

    const runs = leasedRuns({ prisma, pool, clock, queue, workerId });
    const keyring = vaultKeyring(prisma, sealer(secret, "vault host keys"), clock);
    const custody = keyCustody(clock);
    const scratch = scratchRooms(join(env.home, "scratch"));
    const connections = shopConnections(shopify, clock);
    const compliance = complianceRequests(prisma);
    const metrics = prometheusMetrics({ processMetrics: env.mode !== "test", onError: (error) => { log.failure("metrics.failed", error); } });
    const links = vaultLinks(prisma);
    const stores = allowedStores(env.fileStores);
    const signer = ledgerSigner(keyring);
    const outbox = ledgerOutbox(pool, shopLock(locks, "ledger"), clock);
    const alerting = { alertRecords: alertRecords(pool), alertSettings: alertSettings(pool, sealer(secret, "alert settings"), clock), deliveries: alertDeliveries(pool) };
    const alerts = alertsOf({ ids, clock, log, metrics, links, stores, signer, outbox, ...alerting });
    const ports: Ports = {
      clock,
      random,
      ids,
      runs,
      catalog: catalog(prisma),
      links,
      keyring,
      stores,
      signer,
      outbox,
      recovery: recoveryOfThisVersion(),
      custody,
      shops: connections,
      sandboxShops: sandboxShops(clock),
      scratch,
      compliance,
      log,
      alerts,
      metrics,
    };

    const schedules = shopSchedules(prisma, clock);
    const webhooks = webhookInbox({ prisma, ports, log, shopify, shops, bulkFinished: (shop) => { connections.nudge(shop); } });

    const draining = new AbortController();
    await runWorkers({ queue, ports, kinds: kindsOf(env.role), signal: draining.signal });
    const chores: Chore[] = [
      { name: "custody", run: () => { custody.sweep(); return Promise.resolve(0); } },
      { name: "scratch", run: () => scratch.sweep() },
      { name: "runs", run: () => runs.requeueAbandoned() },
      { name: "schedules", run: () => schedules.runDue(async (shop) => { await requestSnapshot(ports, { shop, actor: { kind: "schedule", shop } }); }) },
      { name: "ledger", run: () => enterWaiting(ports, schedules) },
      { name: "verify", run: () => askForChecks(ports, schedules) },
      { name: "deliveries", run: () => forgetOldDeliveries(prisma, clock) },
    ];
    const maintenance = startMaintenance(env.role === "web" ? chores.slice(0, 2) : chores, log);
    if (database.migrated.length > 0) log.info("database.migrated", { migrations: database.migrated.length });

    let closing: Promise<void> | undefined;
    return {
      settings: { apiKey: env.apiKey, appBridgeUrl: env.appBridgeUrl, production: env.mode === "production", version: VERSION, fileStores: env.fileStores },
      log,
      shopify,
      ports,
      storageTests: storageTests(ports.stores, random),
      schedules,
      shops,
      webhooks,
      health: {
        ready: async () => {
          if (draining.signal.aborted) return false;
          try {
            await pool.query("SELECT 1");
            return true;
          } catch {
            return false;
          }
        },
      },
      close: () =>
        (closing ??= (async () => {
          await queue.pause();
          draining.abort(new Error("the process is ending"));
          await maintenance.stop();
          await queue.close(DRAIN_MS);
          await runs.releaseAll();
          custody.clear();
          await locks.end();
          await database.close();
        })()),
    };
  } catch (error) {
    await locks.end();
    await database.close();
    throw error;
  }
}

/** Events that were kept while a storage was away go into its log when it is back. */
async function enterWaiting(ports: Ports, schedules: Schedules): Promise<number> {
  let entered = 0;
  for (const shop of await schedules.active()) entered += await enterShopEvents(ports, shop);
  return entered;
}

/** Every storage is checked by itself from time to time, whoever is looking. */
async function askForChecks(ports: Ports, schedules: Schedules): Promise<number> {
  let asked = 0;
  for (const shop of await schedules.active()) {
    if (!(await verifyIsDue(ports, shop))) continue;
    if ((await requestVerify(ports, { shop, actor: { kind: "schedule", shop } })).kind === "requested") asked++;
  }
  return asked;
}

/** A drill's keys lie in the memory of the process that took them from the browser, so pages and drills stay together. */
function kindsOf(role: Env["role"]): readonly RunKind[] {
  switch (role) {
    case "all":
      return RUN_KINDS;
    case "web":
      return ["drill"];
    case "worker":
      return ["snapshot", "verify"];
    default:
      role satisfies never;
      return [];
  }
}
