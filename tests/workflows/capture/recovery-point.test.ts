/** How old the recovery point is: one write a minute in simulated time, more writes, lost messages, a storage that is away, a host that was away. */
import { describe, expect, it } from "@jest/globals";
import { StoreError } from "#app/vault/index.ts";
import { adviseCadence, CADENCES } from "#app/workflows/capture/advise-cadence.ts";
import { isBreached, measureRecoveryPoints, type MeasuredRecoveryPoint } from "#app/workflows/capture/measure-recovery-points.ts";
import { SHOP } from "../support/linked-shop.ts";
import { capturedShop, family, type CapturedShop } from "./kit.ts";

const MINUTE = 60_000;

const customers = async (shop: CapturedShop): Promise<MeasuredRecoveryPoint> => (await measureRecoveryPoints(shop.ports, { shop: SHOP })).find(({ stream }) => stream === "customers") as MeasuredRecoveryPoint;

function write(shop: CapturedShop, n: number, version: string): void {
  shop.capture.currentState.put(family(n, version));
  shop.capture.captureQueue.receive(shop.event(n));
}

/** A shop whose capture has been proven: one snapshot found everything in the journal. */
async function proven(): Promise<CapturedShop> {
  const shop = await capturedShop();
  shop.capture.captureRecords.goals.set("customers", 5);
  shop.capture.currentState.put(family(1, "begin"));
  await shop.snapshot();
  write(shop, 1, "changed");
  await shop.fold();
  await shop.reconcile(await shop.snapshot());
  return shop;
}

/** Minutes of work: `perMinute` writes, folded every five seconds while `fold`; the worst age that was measured. */
async function minutes(shop: CapturedShop, count: number, perMinute: number, fold = true): Promise<{ readonly worst: number; readonly last: MeasuredRecoveryPoint }> {
  let worst = 0;
  let last = await customers(shop);
  for (let minute = 0; minute < count; minute++) {
    for (let tick = 0; tick < 12; tick++) {
      shop.process.time.advance(5_000);
      if (fold) await shop.fold();
      for (let w = 0; w < perMinute; w++) if (Math.floor((w * 12) / perMinute) === tick) write(shop, (minute * perMinute + w) % 50, `m${minute}w${w}`);
      last = await customers(shop);
      worst = Math.max(worst, last.ageMs ?? Number.POSITIVE_INFINITY);
    }
  }
  return { worst, last };
}

describe("the recovery point", () => {
  it("never exceeds its objective with a write a minute, and more writes are advised more frequent snapshots", async () => {
    const shop = await proven();
    const calm = await minutes(shop, 90, 1);
    expect(calm.last.basis).toBe("capture");
    expect(calm.worst).toBeLessThanOrEqual(5 * MINUTE);
    expect(calm.worst).toBeLessThanOrEqual(10_000);
    expect(calm.last.changesPerHour).toBeCloseTo(60, -1);
    // The last hour alone is what counts.
    const busy = await minutes(shop, 61, 24);
    expect(busy.worst).toBeLessThanOrEqual(5 * MINUTE);
    expect(busy.last.advised).toBeLessThan(calm.last.advised);
  }, 120_000);

  it.each([
    ["in a part of it that has a query of its own", { code: "stream.failed", stream: "customer-details" }],
    ["in its count", { code: "count.mismatch", stream: "Customer", kind: "Customer", expected: 2, found: 1 }],
    ["nobody knows in what", { code: "stream.failed", stream: "something else" }],
  ] as const)("is not at a snapshot with a gap %s", async (_, gap) => {
    const shop = await capturedShop();
    shop.capture.currentState.put(family(1, "begin"));
    await shop.snapshot();
    const [whole] = await shop.ports.catalog.snapshots(SHOP);
    shop.process.time.advance(10 * MINUTE);
    const later = { ...(whole as NonNullable<typeof whole>), snapshotId: "b".repeat(16), startedAt: shop.process.time.now(), takenAt: shop.process.time.now() };
    await shop.ports.catalog.putSnapshot({ ...later, complete: false, gaps: [gap], gapCount: 1 });
    expect((await customers(shop)).ageMs).toBeGreaterThanOrEqual(10 * MINUTE);
    await shop.ports.catalog.putSnapshot({ ...later, complete: false, gaps: [{ code: "stream.failed", stream: "order-details" }], gapCount: 1 });
    expect((await customers(shop)).ageMs).toBeLessThan(MINUTE);
  });

  it("is breached when changes cannot be sealed, and heals when they can", async () => {
    const shop = await proven();
    const put = shop.store.putIfAbsent.bind(shop.store);
    shop.store.putIfAbsent = () => Promise.reject(new StoreError("store.unreachable", "away", { retry: "later" }));
    const { last } = await minutes(shop, 6, 1);
    expect(isBreached(last)).toBe(true);
    expect(last).toMatchObject({ basis: "capture", pending: 6 });
    shop.store.putIfAbsent = put;
    shop.process.time.advance(4 * MINUTE);
    await shop.fold();
    expect(isBreached(await customers(shop))).toBe(false);
  });

  it("is as old as the last snapshot where the platform sends no messages, before capture is proven, and after messages were lost", async () => {
    const shop = await capturedShop();
    shop.capture.currentState.put(family(1, "begin"));
    expect(await customers(shop)).toMatchObject({ basis: "none", ageMs: null, why: "no-snapshot" });
    await shop.snapshot();
    shop.process.time.advance(10 * MINUTE);
    const points = await measureRecoveryPoints(shop.ports, { shop: SHOP });
    expect(points.find(({ stream }) => stream === "gift-cards")).toMatchObject({ basis: "snapshot", why: "no-topics" });
    expect(points.find(({ stream }) => stream === "customers")).toMatchObject({ basis: "snapshot", why: "not-reconciled" });
    expect(points.find(({ stream }) => stream === "customers")?.ageMs).toBeGreaterThanOrEqual(10 * MINUTE);
    // An edit whose message never came.
    shop.capture.currentState.put(family(1, "unheard"));
    await shop.reconcile(await shop.snapshot());
    expect(await customers(shop)).toMatchObject({ basis: "snapshot", why: "missed" });
    await shop.reconcile(await shop.snapshot());
    expect(await customers(shop)).toMatchObject({ basis: "capture", why: "proven" });
  });

  it("is in doubt after nobody was there to hear, until messages of then cannot come any more", async () => {
    const shop = await proven();
    await minutes(shop, 3, 1);
    shop.process.time.advance(30 * MINUTE);
    expect((await customers(shop)).ageMs).toBeGreaterThanOrEqual(30 * MINUTE);
    await minutes(shop, 10, 1);
    expect((await customers(shop)).ageMs).toBeGreaterThanOrEqual(40 * MINUTE);
    await shop.snapshot();
    expect((await customers(shop)).ageMs).toBeLessThan(5 * MINUTE);
  });

  it("is kept by the minute", async () => {
    const shop = await proven();
    await minutes(shop, 3, 1);
    const at = shop.capture.captureRecords.points.filter(({ stream }) => stream === "customers").map((point) => point.at.getTime());
    expect(new Set(at).size).toBe(at.length);
    for (const time of at) expect(time % MINUTE).toBe(0);
  });
});

describe("the advised cadence", () => {
  it("follows the number of changes that a snapshot alone protects", () => {
    const at = (changesPerHour: number, basis: "capture" | "snapshot" = "snapshot") => adviseCadence({ basis, changesPerHour, objectiveMs: 24 * 60 * MINUTE, missedShare: null });
    expect([0, 1, 60, 600, 1e6].map((rate) => at(rate))).toEqual([1440, 1440, 60, 15, 15]);
    expect(at(600, "capture")).toBe(720);
    const rising = Array.from({ length: 200 }, (_, i) => at(i * 5));
    for (const [i, cadence] of rising.entries()) if (i > 0) expect(cadence).toBeLessThanOrEqual(rising[i - 1] as number);
    expect(CADENCES).toContain(at(17));
  });
  it("is never longer than the objective allows where nothing is captured", () => {
    expect(adviseCadence({ basis: "snapshot", changesPerHour: 0, objectiveMs: 90 * MINUTE, missedShare: null })).toBe(60);
    expect(adviseCadence({ basis: "capture", changesPerHour: 100, objectiveMs: MINUTE, missedShare: 0.5 })).toBe(120);
  });
});
