import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { HoldfastApp } from "#app/platform/app.ts";
import { compose } from "#app/platform/compose.server.ts";
import { readEnv } from "#app/platform/env.server.ts";
import { createLog } from "#app/platform/log.ts";
import { inTrace } from "#app/platform/log/trace.ts";
import { LEASE_MS } from "#app/platform/records/runs.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const SHOP = "maple-synthetic.myshopify.com";
const clock = new FixedClock();

let home = "";
let lines: string[] = [];
const running: HoldfastApp[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "holdfast-compose-"));
  lines = [];
});
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
  rmSync(home, { recursive: true, force: true });
});

async function start(role: "all" | "web" | "worker"): Promise<HoldfastApp> {
  const env = readEnv({
    HOLDFAST_HOME: home, DATABASE_URL: database().url, HOLDFAST_ROLE: role, SHOPIFY_API_KEY: "key-synthetic", SHOPIFY_API_SECRET: "canary-of-the-app", SHOPIFY_APP_URL: "http://localhost:3000",
    HOLDFAST_SECRET: "canary-of-the-host-canary-of-the-host",
  });
  const app = await compose(env, { clock, log: createLog({ level: "info", destination: { write: (line) => void lines.push(line) } }) });
  running.push(app);
  return app;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe("the composed app", () => {
  test("is ready, closes once however often it is asked, and is not ready afterwards", async () => {
    const app = await start("all");
    expect(await app.health.ready()).toBe(true);
    await Promise.all([app.close(), app.close()]);
    expect(await app.health.ready()).toBe(false);
    expect(lines.join("")).not.toMatch(/canary/);
  }, 30_000);

  test("does a snapshot that is asked for in one process in another, and ends it with a code when the shop has no vault", async () => {
    const [web] = [await start("web"), await start("worker")];
    const { run } = await web.ports.runs.create({ id: "r1", shop: SHOP, kind: "snapshot", requestedBy: "cli", requestedAt: clock.now(), input: {} });
    await until(async () => (await web.ports.runs.get(run.id))?.state === "failed");
    expect(await web.ports.runs.get(run.id)).toMatchObject({ attempt: 1, code: "vault.not_linked" });
  }, 30_000);

  test("keeps a drill in the process that has its keys, whichever of two that is", async () => {
    await database().prisma.run.deleteMany();
    const apps = [await start("web"), await start("web")];
    for (const round of [0, 1, 2, 3]) {
      const app = apps[round % 2]!;
      const id = `d${round}`;
      await app.ports.custody.deposit(id, new Map([["key", new Uint8Array(32)]]), new Date(clock.now().getTime() + 60_000));
      await app.ports.runs.create({ id, shop: SHOP, kind: "drill", requestedBy: "staff:1", requestedAt: clock.now(), input: { snapshot: "latest" } });
      await until(async () => (await app.ports.runs.get(id))?.state === "failed");
      // A process without the keys would say drill.identity_needed_again.
      expect(await app.ports.runs.get(id)).toMatchObject({ attempt: 1, code: "vault.not_linked" });
    }
  }, 30_000);

  test("says that the identity is needed again for a drill whose process ended before it began", async () => {
    await database().prisma.run.deleteMany();
    const first = await start("web");
    // No slot of its own takes it: it is put in by hand as one that still waits.
    await database().prisma.run.create({ data: { id: "d9", shop: SHOP, kind: "drill", state: "queued", requestedBy: "staff:1", requestedAt: clock.now(), underWay: `drill ${SHOP}`, input: {}, custodian: "gone" } });
    await start("all");
    await until(async () => (await first.ports.runs.get("d9"))?.state === "failed");
    expect(await first.ports.runs.get("d9")).toMatchObject({ code: "drill.identity_needed_again" });
  }, 30_000);

  test("takes up a run whose worker died", async () => {
    await database().prisma.run.deleteMany();
    await database().prisma.run.create({
      data: {
        id: "r2", shop: SHOP, kind: "snapshot", state: "running", requestedBy: "schedule", requestedAt: clock.now(), startedAt: clock.now(), attempt: 1, underWay: `snapshot ${SHOP}`,
        workerId: "dead", heartbeatAt: new Date(clock.now().getTime() - LEASE_MS - 1), input: {},
      },
    });
    const app = await start("worker");
    await until(async () => (await app.ports.runs.get("r2"))?.state === "failed");
    expect(await app.ports.runs.get("r2")).toMatchObject({ attempt: 2, code: "vault.not_linked" });
  }, 30_000);

  test("watches shops by itself, tells of a storage that is not there, and carries one trace from a request over its job to the storage", async () => {
    const { prisma } = database();
    await prisma.run.deleteMany();
    await prisma.shop.create({ data: { domain: SHOP, installedAt: clock.now(), scopes: [] } });
    // A name that leads to itself: whoever reads it fails.
    const folder = join(home, "vaults", "one");
    mkdirSync(folder, { recursive: true });
    symlinkSync("vault.json", join(folder, "vault.json"));
    const vaultId = "ab".repeat(16);
    const vault = async (app: HoldfastApp): Promise<void> => {
      await app.ports.links.save({ shop: SHOP, storageUrl: pathToFileURL(folder).href, vaultId, recipients: [], linkedAt: clock.now() });
      const { privateKey } = generateKeyPairSync("ed25519");
      await app.ports.keyring.keep({ vaultId, indexKey: new Uint8Array(32), signingKey: privateKey.export({ format: "jwk" }) as never });
    };
    const app = await start("all");
    await vault(app);
    const given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    await inTrace(given, () => app.ports.runs.create({ id: "r3", shop: SHOP, kind: "snapshot", requestedBy: "cli", requestedAt: clock.now(), input: {} }));
    const of = (event: string) => lines.map((line) => JSON.parse(line) as { event: string; trace_id?: string; run?: string; store?: string }).filter((line) => line.event === event);
    // The row says so first, the log a moment later.
    await until(async () => (await app.ports.runs.get("r3"))?.state === "failed" && of("snapshot.failed").length > 0);
    expect(of("snapshot.failed").map(({ run, trace_id }) => [run, trace_id])).toEqual([["r3", "4bf92f3577b34da6a3ce929d0e0e4736"]]);
    expect(of("store.call_failed").filter(({ trace_id }) => trace_id === "4bf92f3577b34da6a3ce929d0e0e4736")[0]).toMatchObject({ store: "filesystem" });

    await until(async () => {
      // A minute passes for the watchers; the chores of this process come round by themselves.
      clock.advance(61_000);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const codes = (await app.ports.alertRecords.unresolved(SHOP)).map(({ code }) => code);
      return ["alert.storage_unreachable", "alert.snapshot_failed"].every((code) => codes.some((each) => each === code));
    });
    expect((await app.ports.alertRecords.unresolved(SHOP)).map(({ code }) => code)).toEqual(expect.arrayContaining(["alert.storage_unreachable", "alert.snapshot_failed"]));
    const page = await app.metrics.text();
    expect(page).toMatch(/^holdfast_runs_total\{kind="snapshot",outcome="failed"\} 1$/m);
    expect(page).toMatch(/^holdfast_alerts_open\{code="alert.storage_unreachable",severity="(warning|critical)"\} 1$/m);
    expect(page).toMatch(/^holdfast_store_calls_total\{store="filesystem",call="get",outcome="store\.[a-z_]+"\} \d+$/m);
    expect(page).toMatch(/^holdfast_queue_depth\{job="run_snapshot_v1"\} \d+$/m);
    expect(page).not.toContain("maple");
    expect((await app.health.report()).parts.map(({ name, ok }) => [name, ok])).toEqual([["database", true], ["migrations", true], ["queue", true]]);
  }, 60_000);
});
