import { beforeEach, describe, expect, test } from "@jest/globals";
import { changesSchedules } from "#app/platform/schedules/changes.ts";
import { schedules as fullSchedules } from "#app/platform/schedules/snapshots.ts";
import { catalog } from "#app/platform/records/catalog.ts";
import type { CatalogSnapshot } from "#app/workflows/ports.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const SHOP = "maple-synthetic.myshopify.com";
const OTHER = "cedar-synthetic.myshopify.com";
const MINUTE = 60_000;
let clock: FixedClock;
const plan = () => changesSchedules(database().pool, clock);
const every15 = { cron: "4,19,34,49 * * * *", timezone: "UTC", enabled: true };

beforeEach(async () => {
  clock = new FixedClock();
  await database().pool.query('DELETE FROM "ChangesSchedule"');
});

describe("schedules of readings of changes", () => {
  test("are kept beside those of full snapshots, and switched off by themselves", async () => {
    const schedules = plan();
    expect(await schedules.get(SHOP)).toBeNull();
    await schedules.save(SHOP, every15);
    expect(await schedules.get(SHOP)).toEqual(every15);
    expect(((await schedules.next(SHOP))!.getTime() - clock.now().getTime()) / MINUTE).toBeLessThanOrEqual(15);
    expect(await fullSchedules(database().prisma, database().pool, clock).get(SHOP)).toBeNull();
    await schedules.save(SHOP, { ...every15, enabled: false });
    expect(await schedules.next(SHOP)).toBeNull();
    await expect(schedules.save(SHOP, { ...every15, cron: "99 * * * *" })).rejects.toMatchObject({ code: "request.invalid" });
  });

  test("ask once for each time, and keep the time of a shop whose run could not be asked for yet, without holding up another's", async () => {
    const schedules = plan();
    await schedules.save(SHOP, every15);
    await schedules.save(OTHER, every15);
    clock.advance(16 * MINUTE);
    const asked: string[] = [];
    const busy = (shop: string): Promise<"asked" | "later"> => {
      asked.push(shop);
      return Promise.resolve(shop === SHOP ? "later" : "asked");
    };
    expect(await schedules.runDue(busy)).toBe(1);
    expect([...asked].sort()).toEqual([OTHER, SHOP]);
    expect((await schedules.next(SHOP))!.getTime()).toBeLessThan(clock.now().getTime());
    expect((await schedules.next(OTHER))!.getTime()).toBeGreaterThan(clock.now().getTime());
    asked.length = 0;
    expect(await schedules.runDue((shop) => Promise.resolve(void asked.push(shop)).then(() => "asked" as const))).toBe(1);
    expect(asked).toEqual([SHOP]);
  });
});

describe("the catalog of a shop whose changes are read often", () => {
  const row = (n: number, over: Partial<CatalogSnapshot>): CatalogSnapshot => ({
    shop: SHOP, vaultId: "v", snapshotId: String(n).padStart(16, "0"), takenAt: new Date(Date.UTC(2026, 10, 22, 0, n)), startedAt: new Date(Date.UTC(2026, 10, 22, 0, n)), root: "aa", manifestDigest: "bb",
    complete: true, records: 1, added: 0, changed: 0, removed: 0, unchanged: 1, bytesRead: 1, bytesWritten: 1, kinds: {}, gaps: [], gapCount: 0, ...over,
  });
  const byPlan = { code: "stream.partial", stream: "customers", reason: "incremental" } as const;

  test("finds the newest full one however many of changes follow it, and counts as gaps only what nobody planned", async () => {
    const kept = catalog(database().prisma);
    await kept.clear(SHOP);
    await kept.putSnapshot(row(1, {}));
    await kept.putSnapshot(row(2, { complete: false, gapCount: 1, gaps: [{ code: "stream.failed", stream: "orders" }] }));
    for (let n = 3; n < 70; n++) await kept.putSnapshot(row(n, { complete: false, gapCount: 1, gaps: [byPlan] }));
    await kept.putSnapshot(row(70, { complete: false, gapCount: 2, gaps: [byPlan, { code: "record.duplicate", stream: "customers" }] }));
    const newest = async (only?: "complete" | "full"): Promise<string | undefined> => (await kept.snapshots(SHOP, { limit: 1, ...(only === undefined ? {} : { only }) }))[0]?.snapshotId;
    expect(await newest()).toBe(row(70, {}).snapshotId);
    expect(await newest("full")).toBe(row(2, {}).snapshotId);
    expect(await newest("complete")).toBe(row(1, {}).snapshotId);
    expect(await kept.countSnapshots(SHOP)).toMatchObject({ total: 70, withGaps: 2 });
  });
});
