import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { judge, overview, PROPOSED, type CatalogDrill, type CatalogSnapshot, type Judgement, type Run } from "#app/workflows/index.ts";
import { ALERT_CODES } from "#app/workflows/ports/alerts.ts";
import { linkedShop, SHOP, snapshot } from "./support/linked-shop.ts";

const NOW = new Date("2026-11-22T09:00:00.000Z");
const HOUR = 3_600_000;
const ago = (hours: number): Date => new Date(NOW.getTime() - hours * HOUR);

const snap = (hours: number, o: Partial<CatalogSnapshot> = {}): CatalogSnapshot =>
  ({ shop: SHOP, snapshotId: "s", startedAt: ago(hours), takenAt: ago(hours), complete: true, gapCount: 0, ...o }) as CatalogSnapshot;
const drilled = (hours: number, passed = true): CatalogDrill => ({ shop: SHOP, drillId: "d", finishedAt: ago(hours), passed, code: passed ? "drill.passed" : "drill.differs" }) as CatalogDrill;
const run = (hours: number, state: Run["state"], code: string | null = null): Run => ({ id: "r", shop: SHOP, kind: "snapshot", state, requestedAt: ago(hours), code }) as Run;

const verified = (hours: number, code = "vault.sound"): Run => ({ id: "v", shop: SHOP, kind: "verify", state: "succeeded", requestedAt: ago(hours), finishedAt: ago(hours), code, result: code === "vault.sound" ? null : "pack.damaged" }) as Run;

const about = (o: Partial<Parameters<typeof judge>[0]>): Judgement =>
  judge({ linked: true, hostKeys: true, snapshot: snap(1), complete: snap(1), lastRun: run(1, "succeeded"), proof: drilled(24), failedDrill: null, verified: verified(24), alerts: [], now: NOW, ...o }, PROPOSED);

describe("is my data safe?", () => {
  it("yes, when a whole snapshot is young and a drill passed this week", () => {
    expect(about({})).toEqual({ state: "safe", reasons: [], next: "nothing" });
  });

  it("yes, when one of changes follows a whole one: it lacks by plan what the whole one has", () => {
    expect(about({ snapshot: snap(1, { complete: false, gapCount: 2 }), full: snap(5), complete: snap(5) })).toEqual({ state: "safe", reasons: [], next: "nothing" });
  });

  it.each<[string, Parameters<typeof about>[0], Judgement["state"], string, string]>([
    ["no storage is linked", { linked: false, hostKeys: false, snapshot: null, complete: null, lastRun: null, proof: null }, "not-observed", "storage.not_linked", "link-storage"],
    ["there is no snapshot yet", { snapshot: null, complete: null, lastRun: null, proof: null }, "not-observed", "snapshot.none", "take-first-snapshot"],
    ["the first snapshot failed", { snapshot: null, complete: null, lastRun: run(1, "failed", "source.unauthorized"), proof: null }, "not-safe", "snapshot.last_failed", "look-at-failure"],
    ["the newest snapshot is a day and a half old", { snapshot: snap(36), complete: snap(36) }, "at-risk", "snapshot.overdue", "take-snapshot"],
    ["the newest snapshot is a week old", { snapshot: snap(168), complete: snap(168) }, "not-safe", "snapshot.long_overdue", "take-snapshot"],
    ["the newest snapshot has a gap", { snapshot: snap(1, { complete: false, gapCount: 3 }) }, "at-risk", "snapshot.gaps", "look-at-gaps"],
    ["no snapshot was ever whole", { snapshot: snap(1, { complete: false, gapCount: 3 }), complete: null }, "not-safe", "snapshot.gaps", "look-at-gaps"],
    ["the last run failed", { lastRun: run(0.5, "failed", "store.no_space") }, "at-risk", "snapshot.last_failed", "look-at-failure"],
    ["the last run could not read the storage", { lastRun: run(0.5, "failed", "store.unreachable") }, "not-safe", "snapshot.last_failed", "look-at-failure"],
    ["the last run found the vault damaged", { lastRun: run(0.5, "failed", "vault.damaged_object") }, "not-safe", "snapshot.last_failed", "look-at-failure"],
    ["no drill ever opened a real snapshot", { proof: null }, "at-risk", "drill.none", "run-drill"],
    ["the last drill is two weeks old", { proof: drilled(336) }, "at-risk", "drill.overdue", "run-drill"],
    ["the last drill failed", { failedDrill: drilled(1, false) }, "not-safe", "drill.failed", "look-at-drill"],
    ["the last check of the storage found something", { verified: verified(1, "vault.findings") }, "not-safe", "verify.findings", "look-at-storage"],
    ["the storage was not checked for three weeks", { verified: verified(21 * 24) }, "at-risk", "verify.overdue", "verify"],
    ["an alert is not resolved", { alerts: [{ code: "alert.stream_failed", severity: "critical" }] }, "at-risk", "alert.unresolved", "look-at-alerts"],
    ["an alert says that the storage is away", { alerts: [{ code: "alert.key_due", severity: "warning" }, { code: "alert.storage_unreachable", severity: "critical" }] }, "not-safe", "alert.unresolved", "look-at-alerts"],
    ["the platform has changed since the last drill", { revalidation: { required: true, since: ago(5), why: "revalidation.version" } }, "at-risk", "revalidation.required", "run-drill"],
    ["the newest full snapshot has a gap, whatever one of changes says", { snapshot: snap(1, { complete: false, gapCount: 2 }), full: snap(5, { complete: false, gapCount: 3 }), complete: snap(9) }, "at-risk", "snapshot.gaps", "look-at-gaps"],
    ["the host has lost its keys", { hostKeys: false }, "not-safe", "storage.no_host_keys", "restore-host-keys"],
  ])("is answered with care when %s", (_, known, state, code, next) => {
    const { reasons, ...rest } = about(known);
    expect(rest).toEqual({ state, next });
    expect(reasons[0]).toMatchObject({ code });
  });

  it("does not hold a failure against a shop that has a newer snapshot", () => {
    expect(about({ snapshot: snap(1), lastRun: run(2, "failed", "x.y") }).state).toBe("safe");
  });

  it("is never green when anything is missing, whatever else is well", () => {
    const known = fc.record({
      linked: fc.boolean(),
      hostKeys: fc.boolean(),
      snapshot: fc.option(fc.integer({ min: 0, max: 400 }).chain((h) => fc.boolean().map((complete) => snap(h, { complete, gapCount: complete ? 0 : 1 }))), { nil: null }),
      alerts: fc.array(fc.record({ code: fc.constantFrom(...ALERT_CODES), severity: fc.constantFrom("warning" as const, "critical" as const) }), { maxLength: 2 }),
      drill: fc.option(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()).map(([h, passed]) => drilled(h, passed)), { nil: null }),
    });
    fc.assert(
      fc.property(known, (one) => {
        const { state, reasons } = judge({ ...one, proof: one.drill?.passed === true ? one.drill : null, failedDrill: one.drill?.passed === false ? one.drill : null, complete: one.snapshot?.complete === true ? one.snapshot : null, lastRun: null, verified: null, alerts: one.alerts, now: NOW }, PROPOSED);
        const well =
          one.alerts.length === 0 && one.linked && one.hostKeys && one.snapshot?.complete === true && NOW.getTime() - one.snapshot.startedAt.getTime() <= PROPOSED.recoveryPointMs &&
          one.drill?.passed === true && NOW.getTime() - one.drill.finishedAt.getTime() <= PROPOSED.drillMs;
        expect(state === "safe").toBe(well);
        expect(reasons.length === 0).toBe(well);
      }),
    );
  });
});

describe("the overview of a shop", () => {
  it("rests on the newest snapshot and says how far back one can go", async () => {
    const shop = await linkedShop();
    const before = await overview(shop.process, { shop: SHOP });
    expect(before).toMatchObject({ state: "not-observed", next: "take-first-snapshot", recoveryPoint: null, linked: true });
    await snapshot(shop);
    const after = await overview(shop.process, { shop: SHOP });
    expect(after).toMatchObject({ state: "at-risk", next: "run-drill" });
    expect(after.recoveryPoint).toEqual(after.lastSnapshot?.startedAt);
  });

  it("tells an unknown shop to link its storage", async () => {
    const shop = await linkedShop();
    expect(await overview(shop.process, { shop: "new.myshopify.com" })).toMatchObject({ state: "not-observed", next: "link-storage", linked: false });
  });
});
