/** What is known of platforms, tasks and inventories: the database and the fake behave alike. */
import { describe, expect, test } from "@jest/globals";
import { lookAtPlatforms } from "#app/platform/jobs/platform-checks.ts";
import { coverageTasks, inventoryRecords, platformRecords } from "#app/platform/records/coverage.ts";
import { vaultLinks } from "#app/platform/records/links.ts";
import { shops } from "#app/platform/records/shops.ts";
import type { CoverageTasks, InventoryEntry, InventoryRecords, PlatformRecord, PlatformRecords } from "#app/workflows/ports.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";
import { FakeCoverageTasks, FakeInventory, FakePlatforms, FakeSurvey } from "#tests/support/fakes-coverage.ts";
import { FakeProcess } from "#tests/support/fakes-ports.ts";

const database = useDatabase();
const clock = new FixedClock();
const at = (minutes: number) => new Date(clock.now().getTime() + minutes * 60_000);
const record = (shop: string, o: Partial<PlatformRecord> = {}): PlatformRecord => ({
  shop, apiVersion: "2026-10", extractor: "0123456789abcdef", fingerprint: "ab".repeat(32), signatures: { "Customer.note": "String" },
  findings: [{ code: "schema.removed", member: "Order.note", use: "read", streams: ["orders"], version: "2026-10" }],
  surroundings: { scopes: ["read_customers"], needed: [], apps: null, definitions: [{ owner: "CUSTOMER", namespace: "custom", key: "rx", type: "json", readable: true }] },
  checkedAt: at(0), changedAt: null, changedWhy: null, ...o,
});

describe.each<[string, () => { platforms: PlatformRecords; tasks: CoverageTasks; inventory: InventoryRecords }]>([
  ["the database", () => ({ platforms: platformRecords(database().prisma), tasks: coverageTasks(database().prisma), inventory: inventoryRecords(database().prisma) })],
  ["the fake", () => ({ platforms: new FakePlatforms(), tasks: new FakeCoverageTasks(), inventory: new FakeInventory() })],
])("%s", (_, open) => {
  test("gives back what is known of a platform, the newest of each shop", async () => {
    const { platforms } = open();
    const shop = "one.myshopify.com";
    expect(await platforms.get(shop)).toBeNull();
    await platforms.save(record(shop));
    await platforms.save(record(shop, { changedAt: at(5), changedWhy: "revalidation.schema" }));
    expect(await platforms.get(shop)).toEqual(record(shop, { changedAt: at(5), changedWhy: "revalidation.schema" }));
    expect(await platforms.get("other.myshopify.com")).toBeNull();
  });

  test("keeps one task per subject, decided once, and asked anew only when what it is about had gone", async () => {
    const { tasks } = open();
    const shop = "two.myshopify.com";
    const task = { shop, kind: "app" as const, subject: "app:reviews", facts: { title: "Synthetic" }, raisedAt: at(0), dueAt: at(60) };
    expect(await tasks.raise({ ...task, id: "t1" })).toMatchObject({ id: "t1", state: "open", facts: { title: "Synthetic" } });
    expect(await tasks.raise({ ...task, id: "t2" })).toBeNull();
    expect(await tasks.get("other.myshopify.com", "t1")).toBeNull();
    expect(await tasks.decide({ shop: "other.myshopify.com", id: "t1", state: "done", at: at(1), by: "staff:1", reason: null })).toBe(false);
    expect(await tasks.decide({ shop, id: "t1", state: "done", at: at(1), by: "system", reason: null })).toBe(true);
    expect(await tasks.decide({ shop, id: "t1", state: "accepted", at: at(2), by: "staff:1", reason: "again" })).toBe(false);
    expect(await tasks.raise({ ...task, id: "t3", raisedAt: at(3), dueAt: at(63) })).toMatchObject({ id: "t1", state: "open", raisedAt: at(3), decidedBy: null });
    expect(await tasks.decide({ shop, id: "t1", state: "accepted", at: at(4), by: "staff:1", reason: "the vendor keeps copies" })).toBe(true);
    expect(await tasks.raise({ ...task, id: "t4" })).toBeNull();
    expect(await tasks.list(shop)).toEqual([expect.objectContaining({ id: "t1", state: "accepted", reason: "the vendor keeps copies", decidedAt: at(4) })]);
  });

  test("keeps the inventory of the newest reading, and when a thing was first seen", async () => {
    const { inventory } = open();
    const shop = "three.myshopify.com";
    const entry = (key: string, records = 1): InventoryEntry => ({ kind: "Metafield", owner: "Customer", namespace: "custom", key, records, bytes: 5_000_000_000 });
    expect(await inventory.put(shop, { snapshotId: "s1", at: at(0), whole: true, entries: [entry("a"), entry("b")] })).toBeNull();
    expect(await inventory.put(shop, { snapshotId: "s2", at: at(1), whole: false, entries: [entry("b", 7), entry("c")] })).toEqual([entry("c")]);
    expect((await inventory.list(shop)).map(({ key, records, snapshotId, firstSeenAt, readAt }) => [key, records, snapshotId, firstSeenAt, readAt]).sort()).toEqual([
      ["a", 1, "s1", at(0), at(0)],
      ["b", 7, "s2", at(0), at(1)],
      ["c", 1, "s2", at(1), at(1)],
    ]);
    expect(await inventory.put(shop, { snapshotId: "s3", at: at(2), whole: true, entries: [entry("c")] })).toEqual([]);
    expect((await inventory.list(shop)).map(({ key }) => key)).toEqual(["c"]);
    expect(await inventory.list("other.myshopify.com")).toEqual([]);
  });
});

test("shops are looked at when nobody has for a week, or with other queries than these, and only while the app is installed", async () => {
  const { prisma, pool } = database();
  const records = platformRecords(prisma);
  const process = new FakeProcess();
  const survey = new FakeSurvey();
  const looked: string[] = [];
  const link = { storageUrl: "memory://vault", vaultId: "ab".repeat(16), recipients: [], linkedAt: at(0) };
  const week = 7 * 24 * 60;
  const { ShopifySurvey } = await import("#app/sources/shopify/index.ts");
  for (const [shop, known] of [
    ["never.myshopify.com", null],
    ["lately.myshopify.com", { checkedAt: at(-60), extractor: ShopifySurvey.extractor }],
    ["old.myshopify.com", { checkedAt: at(-week - 1), extractor: ShopifySurvey.extractor }],
    ["other-queries.myshopify.com", { checkedAt: at(-60), extractor: "0000000000000000" }],
    ["gone.myshopify.com", null],
  ] as const) {
    await shops(prisma, clock).installed(shop, []);
    await vaultLinks(prisma).save({ ...link, shop });
    if (known !== null) await records.save(record(shop, known));
  }
  await shops(prisma, clock).uninstalled("gone.myshopify.com");
  survey.extractor = ShopifySurvey.extractor;
  const surveys = {
    open: (shop: string) => {
      looked.push(shop);
      return Promise.resolve(survey);
    },
  };
  const ports = { ...process, clock, platforms: records, surveys, coverageTasks: coverageTasks(prisma), inventory: inventoryRecords(prisma) };
  expect(await lookAtPlatforms(pool, clock, ports)).toBe(3);
  expect(looked.sort()).toEqual(["never.myshopify.com", "old.myshopify.com", "other-queries.myshopify.com"]);
  // The process's clock is fixed: what was looked at now is not due again.
  expect(await lookAtPlatforms(pool, clock, ports)).toBe(0);
});
