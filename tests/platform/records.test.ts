import { beforeAll, describe, expect, test } from "@jest/globals";
import { catalog } from "#app/platform/records/catalog.ts";
import { complianceRequests } from "#app/platform/records/compliance.ts";
import { ledgerSigner, vaultKeyring } from "#app/platform/records/keyring.ts";
import { vaultLinks } from "#app/platform/records/links.ts";
import { shops } from "#app/platform/records/shops.ts";
import { schedules } from "#app/platform/schedules/snapshots.ts";
import { sealer } from "#app/platform/secrets/seal.ts";
import { Secret } from "#app/platform/secrets/secret.ts";
import type { CatalogDrill, CatalogSnapshot } from "#app/workflows/ports.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const SHOP = "maple-synthetic.myshopify.com";
const clock = new FixedClock();
const at = (minutes: number) => new Date(clock.now().getTime() + minutes * 60_000);

const snapshot = (id: string, minutes: number, complete = true): CatalogSnapshot => ({
  shop: SHOP, vaultId: "v", snapshotId: id, takenAt: at(minutes), startedAt: at(minutes - 1), root: "ab".repeat(32), manifestDigest: "cd".repeat(32), complete,
  records: 5_000_000_000, added: 1, changed: 2, removed: 3, unchanged: 4, bytesRead: 2 ** 50, bytesWritten: 6,
  kinds: { Customer: { records: 5, expected: 6, at: "2026-11-22T09:00:00.000Z" } },
  gaps: complete ? [] : [{ code: "count.mismatch", stream: "customers", kind: "Customer", expected: 6, found: 5 }], gapCount: complete ? 0 : 1,
});
const drill = (id: string, minutes: number, object?: string): CatalogDrill => ({
  shop: SHOP, vaultId: "v", drillId: id, snapshotId: "s1", startedAt: at(minutes - 1), finishedAt: at(minutes), passed: object === undefined, code: "drill.passed", rtoMs: 1, rpoMs: 2,
  compared: 3, restored: 4, refused: 5, steps: [{ step: "open", ms: 6 }], differences: [{ kind: "Customer", field: "note", records: 1 }],
  losses: [{ kind: "Order", field: "createdAt", reason: "not_settable" }], costPoints: 7, plusEstimateMs: 8, requestedBy: "staff:1", ...(object ? { object } : {}),
});

describe("the catalog", () => {
  test("gives back what was put, newest first, once however often it is put, and can be emptied for one shop", async () => {
    const view = catalog(database().prisma);
    for (const row of [snapshot("s1", 0), snapshot("s2", 5, false), snapshot("s1", 0)]) await view.putSnapshot(row);
    await view.putSnapshot({ ...snapshot("s3", 9), shop: "other.myshopify.com" });
    expect(await view.snapshots(SHOP)).toEqual([snapshot("s2", 5, false), snapshot("s1", 0)]);
    expect(await view.snapshots(SHOP, { limit: 1, offset: 1 })).toEqual([snapshot("s1", 0)]);
    expect(await view.snapshot(SHOP, "s2")).toEqual(snapshot("s2", 5, false));
    expect(await view.snapshot(SHOP, "s3")).toBeNull();
    expect(await view.countSnapshots(SHOP)).toEqual({ total: 2, withGaps: 1, first: at(0) });
    for (const row of [drill("d1", 1), drill("d2", 2, "packs/ab/x")]) await view.putDrill(row);
    expect(await view.drills(SHOP)).toEqual([drill("d2", 2, "packs/ab/x"), drill("d1", 1)]);
    expect(await view.drill(SHOP, "d1")).toEqual(drill("d1", 1));
    await view.clear(SHOP);
    expect([await view.snapshots(SHOP), await view.drills(SHOP)]).toEqual([[], []]);
    expect(await view.countSnapshots("other.myshopify.com")).toMatchObject({ total: 1 });
  });
});

describe("the keyring", () => {
  const keys = { vaultId: "v1", indexKey: new Uint8Array(32).fill(7), signingKey: { kty: "OKP", crv: "Ed25519", x: "eHg", d: "c2VjcmV0LXBhcnQ" } };
  const ring = (secret: string) => vaultKeyring(database().prisma, sealer(new Secret(secret), "vault host keys"), clock);

  test("gives back the host's keys, and keeps nothing of them in clear", async () => {
    await ring("one").keep(keys);
    expect(await ring("one").get("v1")).toEqual(keys);
    expect(await ring("one").get("v2")).toBeNull();
    const kept = JSON.stringify(await database().prisma.vaultSecret.findMany());
    expect(kept).not.toContain(keys.signingKey.d);
    expect(kept).not.toContain(Buffer.from(keys.indexKey).toString("base64url"));
    expect(await ledgerSigner(ring("one")).signerFor("v1")).toMatchObject({ name: "holdfast.ledger/v1", privateKey: { d: keys.signingKey.d } });
  });

  test("opens under no other host secret, and not in another vault's row", async () => {
    await ring("one").keep(keys);
    await expect(ring("two").get("v1")).rejects.toMatchObject({ code: "seal.cannot_open" });
    const row = await database().prisma.vaultSecret.findUniqueOrThrow({ where: { vaultId: "v1" } });
    await database().prisma.vaultSecret.create({ data: { ...row, vaultId: "v9" } });
    await expect(ring("one").get("v9")).rejects.toMatchObject({ code: "seal.cannot_open" });
  });
});

describe("the links", () => {
  test("keep which vault is a shop's, with public keys only", async () => {
    const links = vaultLinks(database().prisma);
    const link = { shop: SHOP, storageUrl: "file:///vault", vaultId: "v", recipients: [{ keyId: "k", jwk: { kty: "EC", crv: "P-256", x: "eA", y: "eQ" } }], linkedAt: clock.now() };
    expect(await links.get(SHOP)).toBeNull();
    await links.save(link);
    await links.save({ ...link, storageUrl: "file:///other" });
    expect(await links.get(SHOP)).toEqual({ ...link, storageUrl: "file:///other" });
    const withPrivateHalf = { ...link, recipients: [{ keyId: "k", jwk: { ...link.recipients[0]?.jwk, kty: "EC", d: "private" } }] };
    await expect(links.save(withPrivateHalf)).rejects.toThrow();
    expect(await links.get(SHOP)).toMatchObject({ storageUrl: "file:///other" });
  });
});

describe("shops", () => {
  test("are installed, uninstalled and installed again; opening the app again is no new installation", async () => {
    const own = new FixedClock();
    const known = shops(database().prisma, own);
    await known.installed(SHOP, ["read_orders"]);
    const first = own.now();
    own.advance(1000);
    await known.installed(SHOP, ["read_orders", "read_customers"]);
    expect(await known.get(SHOP)).toEqual({ domain: SHOP, installedAt: first, uninstalledAt: null, scopes: ["read_orders", "read_customers"] });
    expect(await known.uninstalled(SHOP)).toBe(true);
    expect(await known.uninstalled(SHOP)).toBe(false);
    own.advance(1000);
    await known.installed(SHOP, []);
    expect(await known.get(SHOP)).toEqual({ domain: SHOP, installedAt: own.now(), uninstalledAt: null, scopes: [] });
  });
});

describe("privacy requests", () => {
  test("are kept once each, oldest first", async () => {
    const requests = complianceRequests(database().prisma);
    const request = (id: string, minutes: number) =>
      ({ id, shop: SHOP, topic: "customers/redact", customerId: "7", orderIds: ["1", "2"], receivedAt: at(minutes), dueAt: at(minutes + 1) }) as const;
    expect([await requests.add(request("w2", 2)), await requests.add(request("w1", 1)), await requests.add(request("w2", 3))]).toEqual([true, true, false]);
    expect(await requests.open(SHOP)).toEqual([request("w1", 1), request("w2", 2)]);
  });
});

describe("schedules", () => {
  let own: FixedClock;
  beforeAll(() => {
    own = new FixedClock("2026-11-22T09:00:00.000Z");
  });
  const asked: string[] = [];
  const ask = (shop: string) => {
    asked.push(shop);
    return Promise.resolve();
  };

  test("ask when their time has come, once even if two processes look and several times were missed", async () => {
    const plan = schedules(database().prisma, database().pool, own);
    await plan.save({ shop: SHOP, cron: "0 3 * * *", timezone: "Europe/Berlin", enabled: true });
    expect(await plan.next(SHOP)).toEqual(new Date("2026-11-23T02:00:00.000Z"));
    expect(await plan.runDue(ask)).toBe(0);
    own.advance(3 * 86_400_000);
    const counts = await Promise.all([plan.runDue(ask), plan.runDue(ask), plan.runDue(ask)]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(asked).toEqual([SHOP]);
    expect(await plan.next(SHOP)).toEqual(new Date("2026-11-26T02:00:00.000Z"));
  });

  test("ask again when asking failed", async () => {
    const plan = schedules(database().prisma, database().pool, own);
    own.advance(86_400_000);
    await expect(plan.runDue(() => Promise.reject(new Error("database gone")))).rejects.toThrow();
    expect(await plan.runDue(ask)).toBe(1);
  });

  test("that are switched off or make no sense do not ask", async () => {
    const plan = schedules(database().prisma, database().pool, own);
    await plan.save({ shop: SHOP, cron: "0 3 * * *", timezone: "Europe/Berlin", enabled: false });
    expect(await plan.next(SHOP)).toBeNull();
    own.advance(10 * 86_400_000);
    expect(await plan.runDue(ask)).toBe(0);
    await expect(plan.save({ shop: SHOP, cron: "0 25 * * *", timezone: "UTC", enabled: true })).rejects.toMatchObject({ code: "request.invalid", fields: { cron: "bad_cron" } });
    await expect(plan.save({ shop: SHOP, cron: "0 3 * * *", timezone: "Mars/Olympus", enabled: true })).rejects.toMatchObject({ fields: { timezone: "unknown_timezone" } });
    expect(await plan.get(SHOP)).toEqual({ shop: SHOP, cron: "0 3 * * *", timezone: "Europe/Berlin", enabled: false });
  });
});
