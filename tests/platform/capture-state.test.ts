/** What capture keeps of a shop besides its changes: subscriptions, what was seen of metafields, and which shops are looked at when. */
import { describe, expect, test } from "@jest/globals";
import { captureChores } from "#app/platform/capture/chores.ts";
import { captureQueue } from "#app/platform/capture/queue.ts";
import { captureRecords } from "#app/platform/capture/records.ts";
import { subscriptionRecords } from "#app/platform/capture/subscription-records.ts";
import { SourceError } from "#app/sources/port.ts";
import type { Ports } from "#app/workflows/ports.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const clock = new FixedClock();
const before = (minutes: number): Date => new Date(clock.now().getTime() - minutes * 60_000);

async function shop(name: string, o: { checked: Date | null; uninstalled?: boolean; linked?: boolean }): Promise<string> {
  const { pool } = database();
  await pool.query(`INSERT INTO "Shop" ("domain", "installedAt", "uninstalledAt", "scopes") VALUES ($1, $2, $3, '{}')`, [name, before(9999), o.uninstalled === true ? before(1) : null]);
  if (o.linked !== false) await pool.query(`INSERT INTO "VaultLink" ("shop", "storageUrl", "vaultId", "recipients", "linkedAt") VALUES ($1, 'file:///v', 'v', '[]', $2)`, [name, before(9999)]);
  if (o.checked !== null) await pool.query(`INSERT INTO "ShopPlatform" ("shop", "apiVersion", "extractor", "fingerprint", "signatures", "findings", "surroundings", "checkedAt") VALUES ($1, '2026-10', 'x', 'y', '{}', '[]', '{}', $2)`, [name, o.checked]);
  return name;
}

describe("the chore of subscriptions", () => {
  test("looks at shops that were surveyed since, once an hour besides, and again after five minutes when it could not", async () => {
    const records = subscriptionRecords(database().pool);
    const looked = async (name: string, minutes: number, failures = 0): Promise<void> => records.put({ shop: name, at: before(minutes), since: null, types: 0, missing: 0, failures, code: failures === 0 ? null : "source.unreachable" });
    const due = [await shop("never.looked", { checked: before(200) }), await shop("surveyed.since", { checked: before(3) }), await shop("an.hour", { checked: before(200) }), await shop("failed.before", { checked: before(200) })];
    const fresh = [await shop("just.looked", { checked: before(200) }), await shop("failed.now", { checked: before(1) }), await shop("not.surveyed", { checked: null }), await shop("un.installed", { checked: before(3), uninstalled: true }), await shop("not.linked", { checked: before(3), linked: false })];
    for (const [name, minutes, failures] of [["surveyed.since", 10, 0], ["an.hour", 61, 0], ["failed.before", 6, 1], ["just.looked", 59, 0], ["failed.now", 4, 1]] as const) await looked(name, minutes, failures);
    const asked: string[] = [];
    const ports = {
      clock, log: { info: () => undefined, warn: () => undefined, error: () => undefined }, alerts: { raise: () => Promise.resolve(), resolve: () => Promise.resolve() }, platforms: { get: () => Promise.resolve(null) },
      capture: { subscriptions: { records, address: "https://app.example.org/webhooks/changes", topics: new Map(), open: (name: string) => { asked.push(name); return Promise.reject(new SourceError("source.unreachable", "no")); } } },
    } as unknown as Ports;
    const chore = captureChores(database().pool, ports, "").find(({ name }) => name === "subscriptions")!;
    expect(await chore.run()).toBe(due.length);
    expect(asked.sort()).toEqual([...due].sort());
    expect(asked).not.toEqual(expect.arrayContaining(fresh));
    expect(await records.get("never.looked")).toEqual({ shop: "never.looked", at: clock.now(), since: null, types: 0, missing: 0, failures: 1, code: "source.unreachable" });
    expect(await chore.run()).toBe(0);
  });
});

describe("what was seen of metafields", () => {
  test("is kept by stream, the latest of it, and can be taken back", async () => {
    const records = captureRecords(database().pool);
    for (const [stream, minutes] of [["customers", 5], ["customers", 9], ["orders", 1]] as const) await records.putMetafieldProof("a.shop", stream, before(minutes));
    expect(await records.metafieldProofs("a.shop")).toEqual(new Map([["customers", before(5)], ["orders", before(1)]]));
    await records.putMetafieldProof("a.shop", "customers", null);
    expect([...(await records.metafieldProofs("a.shop")).keys()]).toEqual(["orders"]);
    expect(await records.metafieldProofs("b.shop")).toEqual(new Map());
  });

  test("rests on what a captured record was without them", async () => {
    const queue = captureQueue(database().pool, "w");
    const name = { kind: "Customer", recordId: "gid://shopify/Customer/1" };
    await queue.sealed("a.shop", { head: { vaultId: "v", sequence: 1, digest: "d" }, at: clock.now(), records: [{ ...name, sequence: 1, change: "upsert", digest: "aa", fetchedAt: clock.now(), rest: "bb" }], handled: [] });
    expect(await queue.captured("a.shop", "v", [name])).toEqual([{ ...name, sequence: 1, change: "upsert", digest: "aa", fetchedAt: clock.now(), rest: "bb" }]);
  });
});
