import { describe, expect, it } from "@jest/globals";
import { MeteredStore, meteredStores } from "#app/platform/metrics/metered-store.ts";
import { meteredRuns } from "#app/platform/metrics/metered-runs.ts";
import { databaseGauges } from "#app/platform/metrics/from-database.ts";
import { alertRecords } from "#app/platform/alerts/records.ts";
import { watchTurns } from "#app/platform/alerts/watch-turns.ts";
import { openPgBossQueue } from "#app/platform/jobs/pg-boss-queue.ts";
import { createLog } from "#app/platform/log.ts";
import { StoreError } from "#app/vault/index.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";
import { FakeMetrics } from "#tests/support/fakes-alerts.ts";
import { FakeProcess } from "#tests/support/fakes-ports.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";

const database = useDatabase();
const SHOP = "maple-synthetic.myshopify.com";

describe("a metered store", () => {
  it("counts calls, bytes and failures by adapter, and changes nothing", async () => {
    const process = new FakeProcess();
    const inner = new MemoryStore();
    process.byUrl.set("memory://v", inner);
    const store = await meteredStores(process.stores, process.metrics, process.log).open("memory://v", { shop: SHOP });
    expect(await store.putIfAbsent("packs/a", Buffer.from("12345"))).toBe("stored");
    expect(await store.putIfAbsent("packs/a", Buffer.from("12345"))).toBe("already-there");
    expect(Buffer.from((await store.get("packs/a", { offset: 1, length: 2 }))!).toString()).toBe("23");
    expect(await store.get("packs/b")).toBeNull();
    for await (const { key } of store.list("packs/")) expect(key).toBe("packs/a");
    await store.remove("probe/a");
    await expect(store.putIfAbsent("bad key", Buffer.from("x"))).rejects.toMatchObject({ code: "store.bad_key" });
    expect(Object.fromEntries([...process.metrics.values])).toMatchObject({
      "holdfast_store_calls_total{store=memory,call=put,outcome=ok}": 2,
      "holdfast_store_calls_total{store=memory,call=put,outcome=store.bad_key}": 1,
      "holdfast_store_calls_total{store=memory,call=get,outcome=ok}": 2,
      "holdfast_store_calls_total{store=memory,call=list,outcome=ok}": 1,
      "holdfast_store_calls_total{store=memory,call=remove,outcome=ok}": 1,
      "holdfast_store_bytes_total{store=memory,direction=sent}": 5,
      "holdfast_store_bytes_total{store=memory,direction=fetched}": 2,
    });
    expect(process.lines).toEqual([{ level: "warn", event: "store.call_failed", fields: { store: "memory", call: "put", object: "bad key", code: "store.bad_key" } }]);
  });

  it("counts a listing that fails half-way as failed, and one that is left early as fine", async () => {
    const metrics = new FakeMetrics();
    const inner = new MemoryStore();
    await inner.putIfAbsent("a", Buffer.from("1"));
    await inner.putIfAbsent("b", Buffer.from("1"));
    const log = new FakeProcess().log;
    for await (const _ of new MeteredStore(inner, metrics, log).list("")) break;
    inner.list = async function* () { yield await Promise.resolve({ key: "a", size: 1 }); throw new StoreError("store.unreachable", "away"); };
    await expect((async () => { for await (const _ of new MeteredStore(inner, metrics, log).list("")); })()).rejects.toThrow("away");
    expect([...metrics.values]).toEqual([["holdfast_store_calls_total{store=memory,call=list,outcome=ok}", 1], ["holdfast_store_calls_total{store=memory,call=list,outcome=store.unreachable}", 1]]);
  });
});

describe("metered runs", () => {
  it("count how they end and how long they took", async () => {
    const process = new FakeProcess();
    const runs = meteredRuns({ create: process.runs.create, get: process.runs.get, list: process.runs.list, requestCancel: process.runs.requestCancel, claim: process.runs.claim }, process.metrics, () => new Date("2026-11-22T10:00:00Z"));
    await runs.create({ id: "r", shop: SHOP, kind: "snapshot", requestedBy: "cli", requestedAt: new Date(), input: {} });
    process.runs.runs.get("r")!.startedAt = new Date("2026-11-22T09:59:30Z");
    const lease = (await runs.claim("r"))!;
    expect(await lease.heartbeat()).toBe("held");
    await lease.finish({ state: "succeeded", code: "snapshot.committed" });
    expect(await runs.claim("r")).toBeNull();
    expect([...process.metrics.values]).toEqual([["holdfast_runs_total{kind=snapshot,outcome=succeeded}", 1]]);
    expect([...process.metrics.observed]).toEqual([["holdfast_run_seconds{kind=snapshot}", [30]]]);
  });
});

describe("gauges from the database", () => {
  it("tell what waits, what runs, what is open and how old copies are, with no shop's name", async () => {
    const { prisma, pool } = database();
    const clock = new FixedClock();
    const metrics = new FakeMetrics();
    const queue = await openPgBossQueue({ pool, log: createLog({ level: "silent" }) });
    const collect = databaseGauges({ pool, metrics, clock, kinds: ["snapshot", "drill"] });
    const now = clock.now();
    const hour = (n: number) => new Date(now.getTime() - n * 3_600_000);
    for (const [n, shop] of [SHOP, "oak-synthetic.myshopify.com", "gone-synthetic.myshopify.com"].entries()) {
      await prisma.shop.create({ data: { domain: shop, installedAt: now, uninstalledAt: n === 2 ? now : null, scopes: [] } });
      await pool.query(`INSERT INTO "Schedule" ("shop", "cron", "timezone", "enabled") VALUES ($1, '0 * * * *', 'UTC', $2)`, [shop, n === 0]);
    }
    const row = { vaultId: "v", takenAt: now, root: "", manifestDigest: "", complete: true, records: 1, added: 0, changed: 0, removed: 0, unchanged: 0, bytesRead: 0, bytesWritten: 0, kinds: {}, gaps: [], gapCount: 0 };
    for (const [id, age] of [["s1", 5], ["s2", 2]] as const) await prisma.snapshot.create({ data: { ...row, snapshotId: id, shop: SHOP, startedAt: hour(age) } });
    const alert = { shop: SHOP, code: "alert.gap", subject: "stream:a", severity: "warning", id: "a1", at: now } as const;
    await alertRecords(pool).sight(alert);
    await collect();
    const values = Object.fromEntries(metrics.values);
    expect(values).toMatchObject({
      "holdfast_shops{schedule=on}": 1, "holdfast_shops{schedule=off}": 1,
      "holdfast_runs_under_way{kind=snapshot,state=queued}": 0,
      "holdfast_recovery_point_age_seconds{of=oldest}": 7200, "holdfast_recovery_point_age_seconds{of=median}": 7200,
      "holdfast_alerts_open{code=alert.gap,severity=warning}": 1,
    });
    expect(Object.keys(values).join(" ")).not.toMatch(/synthetic/);
    await alertRecords(pool).resolve(alert);
    await collect();
    expect(metrics.values.get("holdfast_alerts_open{code=alert.gap,severity=warning}")).toBe(0);
    await queue.close(0);
  }, 30_000);
});

describe("whose turn it is to be looked at", () => {
  it("goes once round per minute over all processes, for installed shops and those with a request open", async () => {
    const { pool, prisma } = database();
    const clock = new FixedClock();
    const turns = watchTurns(pool, clock);
    const all = async () => (await Promise.all([turns(60_000, 10), turns(60_000, 10), turns(60_000, 10)])).flat().map(({ shop }) => shop).sort();
    expect(await all()).toEqual([SHOP, "oak-synthetic.myshopify.com"]);
    expect(await all()).toEqual([]);
    clock.advance(59_000);
    expect(await all()).toEqual([]);
    await prisma.complianceRequest.create({ data: { id: "c1", shop: "gone-synthetic.myshopify.com", topic: "shop/redact", orderIds: [], receivedAt: clock.now(), dueAt: clock.now() } });
    expect(await turns(60_000, 10)).toEqual([{ shop: "gone-synthetic.myshopify.com", installed: false }]);
    clock.advance(1_000);
    expect(await turns(60_000, 1)).toHaveLength(1);
    expect(await turns(60_000, 10)).toHaveLength(1);
  });
});
