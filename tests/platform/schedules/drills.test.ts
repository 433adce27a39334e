import { beforeEach, describe, expect, test } from "@jest/globals";
import { drillSchedules } from "#app/platform/schedules/drills.ts";
import { catalog } from "#app/platform/records/catalog.ts";
import type { CatalogDrill, DrillEpoch } from "#app/workflows/ports.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const SHOP = "maple-synthetic.myshopify.com";
const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
let clock: FixedClock;
const plan = () => drillSchedules(database().prisma, database().pool, clock);
const epoch = (over: Partial<DrillEpoch> = {}): DrillEpoch => ({ at: clock.now(), cron: "0 3 * * 1", timezone: "UTC", enabled: true, ...over });

beforeEach(async () => {
  clock = new FixedClock();
  await database().prisma.drillSchedule.deleteMany();
});

describe("drill schedules", () => {
  test("keep every schedule there was, and say when the next drill is due", async () => {
    const schedules = plan();
    expect(await schedules.get(SHOP)).toBeNull();
    const first = epoch();
    await schedules.save(SHOP, first);
    const later = epoch({ at: new Date(clock.now().getTime() + HOUR), cron: "30 4 * * 3" });
    await schedules.save(SHOP, later);
    const kept = await schedules.get(SHOP);
    expect(kept).toMatchObject({ cron: "30 4 * * 3", enabled: true });
    expect(kept?.epochs).toEqual([first, later]);
    expect(kept?.nextAt?.getUTCDay()).toBe(3);
    await schedules.save(SHOP, epoch({ enabled: false }));
    expect((await schedules.get(SHOP))?.nextAt).toBeNull();
    await expect(schedules.save(SHOP, epoch({ cron: "99 4 * * 3" }))).rejects.toMatchObject({ code: "request.invalid", fields: { cron: "bad_cron" } });
    await expect(schedules.save(SHOP, epoch({ timezone: "Mars/Olympus" }))).rejects.toMatchObject({ fields: { timezone: "unknown_timezone" } });
  });

  test("ask once for each shop whose time has come, and for the last time only of weeks in which nobody was there", async () => {
    const schedules = plan();
    await schedules.save(SHOP, epoch());
    const due = (await schedules.get(SHOP))!.nextAt!;
    const asked: [string, Date][] = [];
    const ask = (shop: string, dueAt: Date): Promise<void> => Promise.resolve(void asked.push([shop, dueAt]));
    expect(await schedules.runDue(ask)).toBe(0);
    clock.advance(due.getTime() - clock.now().getTime());
    expect(await Promise.all([schedules.runDue(ask), plan().runDue(ask)])).toEqual(expect.arrayContaining([0, 1]));
    expect(asked).toEqual([[SHOP, due]]);
    clock.advance(3 * WEEK + HOUR);
    await schedules.runDue(ask);
    expect(asked[1]).toEqual([SHOP, new Date(due.getTime() + 3 * WEEK)]);
    expect((await schedules.get(SHOP))?.nextAt).toEqual(new Date(due.getTime() + 4 * WEEK));
  });

  test("keep the time of a shop whose drill could not be asked for, and ask the others", async () => {
    const schedules = plan();
    for (const shop of [SHOP, "other.myshopify.com"]) await schedules.save(shop, epoch());
    clock.advance(WEEK);
    const asked: string[] = [];
    await expect(schedules.runDue((shop) => (shop === SHOP ? Promise.reject(new Error("down")) : Promise.resolve(void asked.push(shop))))).rejects.toThrow("down");
    expect(asked).toEqual(["other.myshopify.com"]);
    expect(await schedules.runDue((shop) => Promise.resolve(void asked.push(shop)))).toBe(1);
  });

  test("name the shops that have a snapshot and no schedule yet, and none that has left", async () => {
    const { prisma } = database();
    const at = clock.now();
    for (const [shop, uninstalledAt] of [["new.myshopify.com", null], ["left.myshopify.com", at], ["bare.myshopify.com", null]] as const) {
      await prisma.shop.create({ data: { domain: shop, installedAt: at, uninstalledAt, scopes: [] } });
      await prisma.vaultLink.create({ data: { shop, storageUrl: "file:///x", vaultId: `v-${shop}`, recipients: [], linkedAt: at } });
      if (!shop.startsWith("bare")) await prisma.snapshot.create({ data: { snapshotId: `s-${shop}`, shop, vaultId: "v", takenAt: at, startedAt: at, root: "r", manifestDigest: "d", complete: true, records: 1, added: 1, changed: 0, removed: 0, unchanged: 0, bytesRead: 1, bytesWritten: 1, kinds: {}, gaps: [], gapCount: 0 } });
    }
    expect(await plan().without(10)).toEqual(["new.myshopify.com"]);
    await plan().save("new.myshopify.com", epoch());
    expect(await plan().without(10)).toEqual([]);
  });
});

test("the catalog keeps lanes, the signed record and who answered for it", async () => {
  const view = catalog(database().prisma);
  const drill: CatalogDrill = {
    shop: SHOP, vaultId: "v", drillId: "with-lanes", snapshotId: "s1", startedAt: clock.now(), finishedAt: clock.now(), passed: true, code: "drill.passed", rtoMs: 1, rpoMs: 2, compared: 3, restored: 4, refused: 0, steps: [], differences: [], losses: [], costPoints: 0, plusEstimateMs: 0, requestedBy: "schedule",
    lanes: [{ lane: "synthetic", passed: true, code: "drill.passed", startedAt: clock.now().toISOString(), ms: 1, compared: 3, restored: 4, refused: 0, erased: 0, steps: [], differences: [], losses: [], costPoints: 0, plusEstimateMs: 0, kinds: 40, types: ["json"], scanned: 3 }],
    record: { object: "drills/x.json", digest: "ab".repeat(32) }, dueAt: clock.now(),
    certification: { object: "drills/x.certified-1.json", digest: "cd".repeat(32), certifiedAt: clock.now().toISOString(), certifiedBy: "staff:1", verdict: "accepted", remarks: "", correctiveAction: "" },
  };
  await view.putDrill(drill);
  expect(await view.drill(SHOP, "with-lanes")).toEqual(drill);
});
