/** The one place that chooses adapters: from the environment to a running application. */
import { randomBytes, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock, CurrentState, Ids, Ports, Random, RunKind, ShopConnections } from "#app/workflows/ports.ts";
import { recoveryOfThisVersion } from "#app/recover/index.ts";
import { lookAfterAllRequests } from "#app/workflows/compliance/look-after.ts";
import { askForDueDrill, scheduleNewShops } from "#app/workflows/drill/schedule-drills.ts";
import { pruneDue } from "#app/workflows/retention/prune-due.ts";
import { requestDueSnapshot } from "#app/workflows/snapshot/request-due.ts";
import { composeAlerting } from "./alerts/alerting.ts";
import type { HoldfastApp } from "./app.ts";
import { openDatabase } from "./database/connect.ts";
import { databaseClock } from "./database/database-clock.ts";
import { changesSchedules } from "./schedules/changes.ts";
import { drillSchedules } from "./schedules/drills.ts";
import { openPool } from "./database/pool.ts";
import type { Env } from "./env.server.ts";
import { MAINTENANCE_MS, startMaintenance } from "./jobs/maintenance.ts";
import type { Chore } from "./jobs/maintenance.ts";
import { openPgBossQueue } from "./jobs/pg-boss-queue.ts";
import { roomOn, thisHost } from "./jobs/room.ts";
import { RUN_JOBS, RUN_KINDS, URGENT_JOB } from "./jobs/run-jobs.ts";
import { runWorkers } from "./jobs/run-workers.ts";
import type { RunWorkers } from "./jobs/run-workers.ts";
import { lookAtPlatforms } from "./jobs/platform-checks.ts";
import { askForChecks, enterWaiting } from "./jobs/shop-chores.ts";
import { captureChores } from "./capture/chores.ts";
import { composeCapture } from "./capture/compose-capture.ts";
import { capturedChanges } from "./capture/records.ts";
import type { CaptureLoop } from "./capture/loop.ts";
import { composeFlow } from "./flow/compose-flow.ts";
import type { FlowLoop } from "./flow/loop.ts";
import { flowSender, noFlow } from "./flow/send.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";
import { health } from "./health.ts";
import { databaseGauges } from "./metrics/from-database.ts";
import { meteredRuns } from "./metrics/metered-runs.ts";
import { meteredStores } from "./metrics/metered-store.ts";
import { prometheusMetrics } from "./metrics/prometheus.ts";
import { assistantRuns } from "./records/assistant.ts";
import { catalog } from "./records/catalog.ts";
import { choreTurns } from "./records/chores.ts";
import { coverageTasks, inventoryRecords, platformRecords } from "./records/coverage.ts";
import { complianceRequests } from "./records/compliance.ts";
import { invitations } from "./records/invitations.ts";
import { refusals } from "./records/refusals.ts";
import { responseTeam } from "./records/response-team.ts";
import { restorePlans } from "./records/restores.ts";
import { restoreTargets } from "./restore-targets.ts";
import { retentionPolicies } from "./records/retention.ts";
import { storageCredentials } from "./records/storage-credentials.ts";
import { unattendedKeys } from "./secrets/unattended.ts";
import { ledgerOutbox } from "./records/ledger-outbox.ts";
import { ledgerSigner, vaultKeyring } from "./records/keyring.ts";
import { vaultLinks } from "./records/links.ts";
import { PROCESS_BEAT_MS, processRecord } from "./records/processes.ts";
import { leasedRuns } from "./records/runs.ts";
import { shops as shopRecords } from "./records/shops.ts";
import { sandboxShops } from "./sandbox-shops.ts";
import { schedules as shopSchedules } from "./schedules/snapshots.ts";
import { scratchRooms } from "./scratch.ts";
import { keyCustody } from "./secrets/custody.ts";
import { hostSecret } from "./secrets/host-secret.ts";
import { sealer } from "./secrets/seal.ts";
import { connectShopify } from "./shopify.server.ts";
import { adminLink } from "./shopify/admin-link.ts";
import { countsExplainedBy, shopConnections } from "./shopify/shop-connections.ts";
import { shopLock } from "./shopify/shop-lock.ts";
import { allowedStores, storageTests } from "./stores.ts";
import { VERSION } from "./version.ts";
import { composeViewer, keptViewerSettings } from "./viewer/compose-viewer.ts";
import { forgetOldDeliveries, webhookInbox } from "./webhooks.server.ts";

export interface Given {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly ids?: Ids;
  readonly log?: Log;
  /** Shops from elsewhere than Shopify: what a simulation of many needs. */
  readonly shops?: ShopConnections;
  readonly currentState?: CurrentState;
}

/** At the end of the process a run may take this long to finish by itself; then it is told to stop where it is, and goes on elsewhere. */
const FINISH_MS = 6_000;
/** How long it may take to stop once told to. What has not by then is given away all the same. */
const DRAIN_MS = 10_000;
const CHECKS_MS = 300_000;

export async function compose(env: Env, given: Given = {}): Promise<HoldfastApp> {
  const clock = given.clock ?? { now: () => new Date() };
  const random = given.random ?? ((bytes: number) => new Uint8Array(randomBytes(bytes)));
  const ids = given.ids ?? { next: () => randomUUID() };
  const log = given.log ?? createLog({ level: env.logLevel });
  const workerId = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;

  const database = await openDatabase({ home: env.home, process: "holdfast", ...(env.databaseUrl ? { url: env.databaseUrl.reveal() } : {}) });
  const { prisma, pool } = database;
  const locks = openPool({ url: database.url, name: "holdfast-locks", max: 5 });
  const intake = openPool({ url: database.url, name: "holdfast-intake", max: 2 });
  let beats: NodeJS.Timeout | undefined;
  try {
    const secret = hostSecret(env.hostSecret ?? undefined, env.home);
    const queue = await openPgBossQueue({ pool, log });
    for (const job of [...RUN_KINDS.map((kind) => RUN_JOBS[kind]), URGENT_JOB]) await queue.declare(job);

    const shops = shopRecords(prisma, clock);
    const lock = shopLock(locks, "shopify-token");
    const shopify = await connectShopify({
      apiKey: env.apiKey,
      apiSecret: env.apiSecret,
      oldApiSecret: env.oldApiSecret,
      appUrl: env.appUrl,
      prisma,
      sealer: sealer(secret, "shopify tokens"),
      lock,
      shops,
      log,
    });

    // Leases go by one clock on all machines. A clock that was handed in is one already.
    const leaseClock = databaseClock(pool, clock);
    if (given.clock === undefined) await leaseClock.sync();
    const keyring = vaultKeyring(prisma, sealer(secret, "vault host keys"), clock);
    const custody = keyCustody(clock);
    let workers: RunWorkers | null = null;
    const runs = leasedRuns({ prisma, pool, clock: leaseClock, queue, workerId, holdsKeys: (runId) => custody.holds(runId), wakeHere: (kind) => workers?.wakeHere(kind), onLost: (kind) => { metrics.count("holdfast_lease_losses_total", { kind }); } });
    const presence = processRecord({ pool, clock: leaseClock, id: workerId, role: env.role, version: VERSION });
    await presence.beat();
    beats = setInterval(() => void presence.beat().catch((error: unknown) => { log.failure("process.not_seen", error); }), PROCESS_BEAT_MS).unref();
    const scratch = scratchRooms(join(env.home, "scratch"));
    const platforms = platformRecords(prisma);
    const connections = shopConnections({ shopify, clock, ...(env.stalledMs === null ? {} : { stalledMs: env.stalledMs }), platforms, captured: countsExplainedBy(capturedChanges(pool)) });
    const invited = invitations(prisma);
    const targets = restoreTargets({ client: (shop) => connections.client(shop), clock, invitations: invited });
    const compliance = complianceRequests(prisma);
    const metrics = prometheusMetrics({ processMetrics: env.mode !== "test", onError: (error) => { log.failure("metrics.failed", error); } });
    const links = vaultLinks(prisma);
    const credentials = storageCredentials(prisma, sealer(secret, "storage credentials"), clock);
    const stores = meteredStores(allowedStores({ fileStores: env.fileStores, credentials: credentials.open, privateNetworks: env.privateStorage }), metrics, log);
    const signer = ledgerSigner(keyring);
    const outbox = ledgerOutbox(pool, shopLock(locks, "ledger"), clock);
    const secrets = [env.apiSecret, ...(env.oldApiSecret === null ? [] : [env.oldApiSecret])];
    const link = adminLink(env.apiKey);
    const snapshots = catalog(prisma);
    // Shops that are no Shopify shops have no Flow.
    const sender = given.shops === undefined ? flowSender((shop) => connections.client(shop)) : noFlow;
    const flow = composeFlow({ pool, clock, ids, log, metrics, links, stores, signer, outbox, catalog: snapshots, shops, secrets, sender, link });
    const { alerts, alertRecords, alerting, chores: alertChores } = composeAlerting({ pool, secret, env, ids, clock, log, metrics, links, stores, signer, outbox, link, around: (records) => flow.alerts(records) });
    metrics.onCollect(databaseGauges({ pool, metrics, clock, kinds: RUN_KINDS }));
    const capture = composeCapture({ pool, intakePool: intake, clock, metrics, log, workerId, secrets, current: connections, client: (shop) => connections.client(shop), appUrl: env.appUrl, ...(given.currentState === undefined ? {} : { currentState: given.currentState }) });
    const drills = drillSchedules(prisma, pool, clock);
    const viewerSetting = keptViewerSettings(pool, secret);
    const ports: Ports = {
      capture: capture.ports,
      clock,
      random,
      ids,
      runs: flow.runs(meteredRuns(runs, metrics, () => leaseClock.now())),
      catalog: snapshots,
      flow: flow.events,
      links,
      keyring,
      stores,
      signer,
      outbox,
      recovery: recoveryOfThisVersion(),
      custody,
      shops: given.shops ?? connections,
      sandboxShops: sandboxShops(clock),
      drillSchedules: drills,
      scratch,
      compliance,
      ...(env.unattendedKey === null ? {} : { unattended: unattendedKeys(env.unattendedKey) }),
      current: connections,
      credentials,
      retention: retentionPolicies(prisma),
      log,
      alerts,
      alertRecords,
      metrics,
      platforms,
      surveys: connections,
      coverageTasks: coverageTasks(prisma),
      inventory: inventoryRecords(prisma),
      restorePlans: restorePlans(prisma),
      viewerSettings: viewerSetting,
      restoreTargets: targets,
      invitations: invited,
      refusals: refusals(),
      responseTeam: responseTeam(prisma),
      assistantRuns: assistantRuns(prisma),
    };

    const viewer = composeViewer({ settings: viewerSetting, env, ports, clock, random, ids });
    const schedules = shopSchedules(prisma, pool, clock);
    const betweenSchedules = changesSchedules(pool, clock);
    const webhooks = webhookInbox({ prisma, ports, log, shopify, shops, bulkFinished: (shop) => { connections.nudge(shop); } });

    const draining = new AbortController();
    const interrupting = new AbortController();
    const room = roomOn(thisHost(env.home), () => workers?.busy ?? 0, (lacks) => { log.warn("worker.no_room", { lacks }); });
    workers = await runWorkers({ queue, runs, ports, kinds: kindsOf(env.role), log, room, stopTaking: draining.signal, signal: interrupting.signal, ...(env.snapshotsAtOnce === null ? {} : { snapshotsAtOnce: env.snapshotsAtOnce }) });
    const chores: Chore[] = [
      { name: "custody", run: () => { custody.sweep(); return Promise.resolve(0); } },
      { name: "scratch", run: () => scratch.sweep() },
      { name: "clock", run: async () => { if (given.clock === undefined) await leaseClock.sync(); return 0; } },
      { name: "runs", run: () => runs.requeueAbandoned() },
      { name: "schedules", run: () => schedules.runDue((shop, dueAt) => requestDueSnapshot(ports, { shop, dueAt, scope: "whole" })) },
      { name: "changes", run: () => betweenSchedules.runDue((shop, dueAt) => requestDueSnapshot(ports, { shop, dueAt, scope: "changes" })) },
      { name: "drills", run: () => drills.runDue(async (shop, dueAt) => { await askForDueDrill(ports, shop, dueAt); }) },
      { name: "drill schedules", everyMs: CHECKS_MS, run: () => scheduleNewShops(ports) },
      { name: "ledger", everyMs: MAINTENANCE_MS, run: () => enterWaiting(pool, ports) },
      { name: "verify", everyMs: CHECKS_MS, run: () => askForChecks(pool, clock, ports) },
      { name: "requests", everyMs: CHECKS_MS, run: () => lookAfterAllRequests(ports) },
      { name: "retention", everyMs: CHECKS_MS, run: () => pruneDue(ports) },
      { name: "platforms", everyMs: CHECKS_MS, run: () => lookAtPlatforms(pool, clock, ports) },
      { name: "deliveries", everyMs: CHECKS_MS, run: () => forgetOldDeliveries(prisma, clock) },
      ...captureChores(pool, ports, join(env.home, "scratch")),
      ...alertChores(ports, schedules),
      ...flow.chores(ports),
    ];
    const maintenance = startMaintenance([...(env.role === "web" ? chores.slice(0, 3) : chores), ...viewer.chores], log, choreTurns(pool, leaseClock));
    const telling: FlowLoop | null = env.role === "web" ? null : flow.start(ports);
    const capturing: CaptureLoop | null = env.role === "web" ? null : capture.start(ports, join(env.home, "scratch"));
    if (database.migrated.length > 0) log.info("database.migrated", { migrations: database.migrated.length });

    let closing: Promise<void> | undefined;
    return {
      settings: { apiKey: env.apiKey, appBridgeUrl: env.appBridgeUrl, production: env.mode === "production", version: VERSION, fileStores: env.fileStores },
      log,
      shopify,
      ports,
      storageTests: storageTests(ports.stores, random),
      schedules,
      changesSchedules: betweenSchedules,
      shops,
      webhooks,
      changes: capture.inbox,
      health: health({ pool, draining: draining.signal }),
      alerting,
      viewer,
      flow: flow.app,
      metrics,
      metricsToken: env.metricsToken,
      close: () =>
        (closing ??= (async () => {
          await queue.pause();
          draining.abort(new Error("the process is ending"));
          await within(FINISH_MS, workers.idle());
          interrupting.abort(new Error("the process is ending"));
          await within(DRAIN_MS, Promise.all([workers.idle(), maintenance.stop(), capturing?.stop(), telling?.stop()]));
          await runs.releaseAll();
          await queue.close(1000);
          clearInterval(beats);
          await presence.leave();
          await viewer.close();
          await targets.close();
          custody.clear();
          await Promise.all([locks.end(), intake.end()]);
          await database.close();
        })()),
    };
  } catch (error) {
    clearInterval(beats);
    await Promise.all([locks.end(), intake.end()]);
    await database.close();
    throw error;
  }
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((done) => (timer = setTimeout(done, milliseconds)))]);
  clearTimeout(timer);
}

/** Keys that a browser opened lie in the memory of the process that took them: a run with such is that process's own (Run.custodian). One without is anybody's. */
function kindsOf(role: Env["role"]): readonly RunKind[] {
  switch (role) {
    case "all":
      return RUN_KINDS;
    case "web":
      return ["drill", "custody", "restore"];
    case "worker":
      return ["snapshot", "drill", "verify", "custody", "emergency", "restore"];
    default:
      role satisfies never;
      return [];
  }
}
