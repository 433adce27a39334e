/** From the platform's rows to what a screen shows. */
import { describe, expect, test } from "@jest/globals";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentDrillKeys } from "#app/ui/present/drill-keys.ts";
import { pickSnapshots } from "#app/ui/present/pick-snapshots.ts";
import { drillFigures, drillPage, drillPageOfRun, drillRows, kindCounts, proofRow, snapshotRow } from "#app/ui/present/rows.ts";
import * as rows from "#app/ui/present/kinds-of-rows.ts";
import { presentRun, underWay } from "#app/ui/present/run.ts";
import { presentGoals, presentOverview } from "#app/ui/present/overview.ts";
import * as exposures from "#app/workflows/coverage/exposure.ts";
import { opensSnapshot } from "#app/workflows/drill/proofs.ts";
import { parseCron } from "#app/workflows/shared/cron.ts";
import { BETWEEN, betweenOf, cronBetween, cronFor, frequencyOf, timezoneOr } from "#app/ui/present/schedule.ts";
import { tryStorage } from "#app/ui/present/try-storage.ts";
import { StoreError } from "#app/vault/object-store.ts";
import { presentSettings, storageKind } from "#app/ui/present/setup.ts";
import { presentSnapshot, presentSnapshots } from "#app/ui/present/snapshots.ts";
import { PROPOSED } from "#app/workflows/overview/judge.ts";
import type { Overview } from "#app/workflows/overview/overview.ts";
import type { CatalogDrill, CatalogSnapshot, Run, VaultLink } from "#app/workflows/ports.ts";
import { snapshotAnswer } from "#app/ui/wording/snapshots.ts";
import { announcement } from "#app/ui/parts/progress-card.tsx";
import { ticksUpTo } from "#app/ui/parts/drill-trend.tsx";

const NOW = new Date("2026-11-22T14:05:11.000Z");
const at = (msAgo: number) => new Date(NOW.getTime() - msAgo);
const HOUR = 3_600_000;

const run = (over: Partial<Run> = {}): Run => ({
  id: "r1", shop: "a.myshopify.com", kind: "snapshot", state: "running", requestedBy: "staff:1", requestedAt: at(11_000), startedAt: at(10_000), finishedAt: null,
  attempt: 1, progress: null, resume: null, input: {}, code: null, result: null, ...over,
});
const snapshot = (n: number, over: Partial<CatalogSnapshot> = {}): CatalogSnapshot => ({
  shop: "a.myshopify.com", vaultId: "v", snapshotId: `s${n}`, takenAt: at(n * HOUR), startedAt: at(n * HOUR + 60_000), root: "aa", manifestDigest: "bb", complete: true, records: 100,
  added: 1, changed: 2, removed: 3, unchanged: 94, bytesRead: 10, bytesWritten: 20, kinds: { Metafield: { records: 60 }, Customer: { records: 40, expected: 40, at: at(0).toISOString() } }, gaps: [], gapCount: 0, ...over,
});
const drill = (over: Partial<CatalogDrill> = {}): CatalogDrill => ({
  shop: "a.myshopify.com", vaultId: "v", drillId: "d1", snapshotId: "s1", startedAt: at(HOUR), finishedAt: at(HOUR - 40_000), passed: true, code: "drill.passed", rtoMs: 40_000, rpoMs: 1000,
  compared: 100, restored: 90, refused: 0, steps: [{ step: "open", ms: 1 }, { step: "compare", ms: 2 }], differences: [], losses: [], costPoints: 10, plusEstimateMs: 20, requestedBy: "staff:1", ...over,
});
const link = { shop: "a.myshopify.com", storageUrl: "file:///srv/x", vaultId: "v", recipients: [{ keyId: "k1", jwk: { kty: "EC", crv: "P-256", x: "x", y: "y" } }], linkedAt: at(0) } as unknown as VaultLink;

const GOALS = presentGoals(PROPOSED);

test("the overview shows the verdict with its reasons, and why the last attempt failed", () => {
  const found: Overview = { linked: true, storageUrl: "file:///srv/x", state: "at-risk", reasons: [{ code: "snapshot.last_failed", state: "at-risk", detail: "store.no_space" }], next: "look-at-failure", lastSnapshot: snapshot(1), recoveryPoint: at(HOUR), lastVerify: null, alerts: [], lastDrill: drill(), lastProof: drill(), lastRehearsal: null, running: [run()], objectives: PROPOSED, now: NOW };
  const model = presentOverview(found, at(-HOUR), ["k1"]);
  expect(model).toMatchObject({ state: "at-risk", lastProblem: { code: "store.no_space" }, recoveryPoint: at(HOUR).toISOString(), nextSnapshotAt: at(-HOUR).toISOString(), run: { id: "r1", job: "snapshot" } });
  expect(model.setup).toEqual({ storage: { done: true, address: "file:///srv/x" }, key: { done: true, keyIds: ["k1"] }, snapshot: { done: true }, drill: { done: true } });
});

test("a drill of made-up data names no snapshot, and what it took says nothing of this shop", () => {
  const lane = (name: "synthetic" | "real" | "sanitized", over: object = {}) => ({ lane: name, passed: true, code: "drill.passed", startedAt: at(HOUR).toISOString(), ms: 7_000, compared: 30, restored: 30, refused: 0, erased: 0, steps: [], differences: [], losses: [], costPoints: 0, plusEstimateMs: 0, kinds: 1, types: [], scanned: 0, ...over });
  const madeUp = drill({ drillId: "m", lanes: [lane("synthetic")], compared: 30, rtoMs: 7_000 });
  const weekly = drill({ drillId: "w", lanes: [lane("synthetic"), lane("real", { compared: 900, restored: 0, ms: 300 }), lane("sanitized", { compared: 900, ms: 44_000 })], compared: 1_830, rtoMs: 44_000 });
  const compared = drill({ drillId: "c", lanes: [lane("real", { compared: 900, restored: 0, ms: 300 })], rtoMs: 300 });
  expect(drillRows([madeUp, weekly], []).map(({ id, snapshotId }) => [id, snapshotId])).toEqual(expect.arrayContaining([["m", undefined], ["w", "s1"]]));
  expect(drillPage(madeUp, NOW, GOALS, null)).not.toHaveProperty("snapshotId");
  expect(proofRow(weekly)).toMatchObject({ id: "w", records: 900, rtoMs: 44_000 });
  expect(proofRow(compared)).toEqual({ id: "c", startedAt: compared.startedAt.toISOString(), records: 900 });
  expect(proofRow(drill())).toMatchObject({ records: 100, rtoMs: 40_000 });
  expect(drillFigures([madeUp, weekly, compared])).toMatchObject({ total: 3, medianMs: 44_000 });
  expect(drillRows([], [run({ kind: "drill", input: { lane: "synthetic", snapshot: "latest" } })])[0]).not.toHaveProperty("snapshotId");
});

describe("a run", () => {
  test("has an estimate only once there is ground for one", () => {
    expect(presentRun(run({ progress: { step: "downloading", records: 50 } }), NOW, 100)).toMatchObject({ records: 50, expected: 100, remainingMs: 10_000, phase: "downloading" });
    expect(presentRun(run({ startedAt: at(1000), progress: { step: "downloading", records: 50 } }), NOW, 100)).not.toHaveProperty("remainingMs");
    expect(presentRun(run({ progress: { step: "downloading", records: 150 } }), NOW, 100)).not.toHaveProperty("expected");
    expect(presentRun(run(), NOW)).toMatchObject({ phase: "starting", records: 0 });
  });
  test("shows what Shopify has prepared while it prepares, and does not take it for the total", () => {
    expect(presentRun(run({ progress: { step: "running", records: 0, expected: 700, stream: "customers" } }), NOW)).toMatchObject({ prepared: 700, stream: "customers" });
    expect(presentRun(run({ progress: { step: "running", records: 0, expected: 700 } }), NOW)).not.toHaveProperty("expected");
  });
  test("is over when it is over", () => {
    expect(underWay([run({ state: "succeeded" }), run({ kind: "verify" })], NOW)).toBeNull();
    expect(underWay([run({ kind: "drill", id: "d" }), run({ id: "s", state: "queued" })], NOW)).toMatchObject({ id: "s", phase: "queued" });
  });
  test("tells a screen reader of phases and tenths, not of every record", () => {
    const model = presentRun(run({ progress: { step: "downloading", records: 50 } }), NOW, 100)!;
    expect(announcement(model, "Reading", 52)).toBe(announcement({ ...model, records: 57 }, "Reading", 58));
    expect(announcement(model, "Reading", 52)).not.toBe(announcement(model, "Reading", 61));
  });
});

describe("snapshots", () => {
  const rows = Array.from({ length: 450 }, (_, i) => snapshot(i, i % 100 === 99 ? { complete: false, gapCount: 1, gaps: [{ code: "stream.cut", stream: "orders" }] } : {}));
  const catalog = { snapshots: (_: string, o?: { limit?: number; offset?: number }) => Promise.resolve(rows.slice(o?.offset ?? 0, (o?.offset ?? 0) + (o?.limit ?? 50))) };
  test("of one sort are found over all pages, in order", async () => {
    const found = await pickSnapshots(catalog, "a", (s) => !s.complete, { offset: 1, limit: 2 });
    expect(found.map((s) => s.snapshotId)).toEqual(["s199", "s299"]);
    expect(await pickSnapshots(catalog, "a", (s) => !s.complete, { offset: 4, limit: 5 })).toEqual([]);
  });
  test("pages are counted over those that match the view", () => {
    const base = { link, rows: [], total: 450, withGaps: 4, first: at(450 * HOUR), running: null, newestWithGaps: rows[99]!, newest: rows[0]!, page: 1, now: NOW };
    expect(presentSnapshots({ ...base, filter: "all" }).pages).toBe(9);
    expect(presentSnapshots({ ...base, filter: "gaps" })).toMatchObject({ pages: 1, newestGap: { snapshotId: "s99", gap: { code: "stream.cut" } } });
  });
  test("counted kinds come first, beside the shop's own count", () => {
    expect(kindCounts(rows[0]!.kinds).map((k) => [k.kind, k.here, k.shop])).toEqual([["Customer", 40, 40], ["Metafield", 60, undefined]]);
  });
  test("one is shown beside the one before it", () => {
    const model = presentSnapshot(snapshot(1), link, snapshot(2, { kinds: { Customer: { records: 38 } } }), NOW);
    expect(model.kindChanges).toEqual([{ kind: "Customer", before: 38, now: 40 }, { kind: "Metafield", before: 0, now: 60 }]);
    expect(model.recipientKeyIds).toEqual(["k1"]);
    expect(presentSnapshot(snapshot(1), null, null, NOW)).toMatchObject({ previous: null, kindChanges: [] });
  });
});

describe("drills", () => {
  test("are counted, and the median is over those that passed", () => {
    expect(drillFigures([drill({ rtoMs: 10 }), drill({ rtoMs: 20 }), drill({ rtoMs: 40 }), drill({ rtoMs: 1, passed: false })])).toEqual({ total: 4, passed: 3, medianMs: 20 });
    expect(drillFigures([drill({ rtoMs: 10 }), drill({ rtoMs: 21 })]).medianMs).toBe(16);
    expect(drillFigures([]).medianMs).toBeNull();
  });
  test("under way or stopped stand in the list, and none twice", () => {
    const rows = drillRows([drill()], [run({ id: "x", kind: "drill", requestedAt: at(1), startedAt: null }), run({ id: "y", kind: "drill", state: "succeeded", result: "d1" }), run({ id: "z", kind: "drill", state: "cancelled", requestedAt: at(2 * HOUR), startedAt: null })]);
    expect(rows.map((r) => [r.id, r.state])).toEqual([["x", "running"], ["d1", "passed"], ["z", "stopped"]]);
  });
  test("that broke off show where", () => {
    expect(drillPage(drill({ passed: false, restored: 0, code: "vault.damaged_object" }), NOW, GOALS, null).steps.map((s) => s.state)).toEqual(["done", "failed", "waiting", "waiting", "waiting"]);
    expect(drillPageOfRun(run({ kind: "drill", progress: { step: "restore" } }), NOW, GOALS).steps.map((s) => s.state)).toEqual(["done", "done", "running", "waiting", "waiting"]);
  });
  test("hand the browser the sealed keys, and say so when one is no envelope", () => {
    const ready = { kind: "ready" as const, snapshotId: "s", takenAt: "t", records: 1, recipients: ["k1"] };
    expect(presentDrillKeys({ ...ready, keys: [{ keyId: "a", jwe: '{"recipients":[],"ciphertext":"x"}' }] }).snapshot?.sealedKeys[0]?.jwe.ciphertext).toBe("x");
    expect(presentDrillKeys({ ...ready, keys: [{ keyId: "a", jwe: "{" }] })).toEqual({ snapshot: null, problem: { code: "vault.damaged_object" } });
    expect(presentDrillKeys({ kind: "failed", code: "store.unreachable" })).toEqual({ snapshot: null, problem: { code: "store.unreachable" } });
    expect(presentDrillKeys({ kind: "no-snapshot" })).toEqual({ snapshot: null });
  });
});

test("an action's answer is a problem when it carries a code", () => {
  expect(problemOf(undefined)).toBeNull();
  expect(problemOf({ ok: true, data: { kind: "requested" } })).toBeNull();
  expect(problemOf({ ok: true, data: { kind: "refused", code: "access.not_for_you" } })).toEqual({ code: "access.not_for_you" });
  expect(problemOf({ ok: false, error: { code: "request.invalid" } })).toEqual({ code: "request.invalid" });
});

test("settings name the storage in words and the keys by id", () => {
  expect(presentSettings(link, NOW, {})).toMatchObject({ storage: { kind: "a folder" }, recipients: [{ keyId: "k1", algorithm: "ECDH-ES+A256KW" }] });
  expect(presentSettings(null, NOW, { suggestedAddress: "file:///x" })).toMatchObject({ storage: null, recipients: [], suggestedAddress: "file:///x" });
  expect(storageKind("s3://b/p")).toBe("an S3 bucket");
});

test("the chart's lines stand at round times", () => {
  expect(ticksUpTo(372_000)).toEqual([0, 120_000, 240_000, 360_000, 480_000]);
  expect(ticksUpTo(1000)).toEqual([0, 500, 1000]);
});

describe("the storage check", () => {
  const store = {} as never;
  test("lists what was tried, up to the step that failed", async () => {
    expect(await tryStorage(() => Promise.resolve(store), "file:///x", () => Promise.resolve({ ok: false, step: "read", code: "store.failed" }))).toEqual({
      address: "file:///x", ok: false, code: "store.failed",
      steps: [{ step: "open", ok: true }, { step: "write", ok: true }, { step: "write-once", ok: true }, { step: "read", ok: false, code: "store.failed" }],
    });
    expect((await tryStorage(() => Promise.resolve(store), "file:///x", () => Promise.resolve({ ok: true }))).steps.map((s) => s.ok)).toEqual([true, true, true, true, true, true]);
  });
  test("answers for an address it does not understand, and does not hide a fault of ours", async () => {
    const refuse = (error: Error) => () => Promise.reject(error);
    const check = () => Promise.resolve({ ok: true } as const);
    expect(await tryStorage(refuse(new StoreError("store.bad_address", "no")), "ftp://x", check)).toMatchObject({ ok: false, code: "store.bad_address", steps: [{ step: "address", ok: false }] });
    expect(await tryStorage(refuse(new StoreError("store.unreachable", "no")), "s3://x", check)).toMatchObject({ ok: false, steps: [{ step: "open", ok: false }] });
    await expect(tryStorage(refuse(new TypeError("bug")), "file:///x", check)).rejects.toThrow("bug");
  });
});

test("a schedule is one of a few choices, each shop at a minute of its own", () => {
  for (const frequency of ["hour", "six-hours", "day"] as const) {
    expect(parseCron(cronFor(frequency, "a.myshopify.com"), "UTC")).not.toBeNull();
    expect(frequencyOf({ cron: cronFor(frequency, "a.myshopify.com"), enabled: true })).toBe(frequency);
  }
  expect(new Set(["a", "b", "c", "d", "e", "f"].map((s) => cronFor("hour", `${s}.myshopify.com`))).size).toBeGreaterThan(3);
  expect(frequencyOf(null)).toBe("off");
  expect([timezoneOr("Europe/Berlin"), timezoneOr("Mars/Olympus"), timezoneOr(undefined)]).toEqual(["Europe/Berlin", "UTC", "UTC"]);
  expect(frequencyOf({ cron: "1 3 * * *", enabled: false })).toBe("off");
  expect(frequencyOf({ cron: "*/5 * * * 1", enabled: true })).toBeNull();
});

test.each(BETWEEN.filter((one) => one !== "off"))("changes every %s minutes are a schedule of as many minutes, which is known again", (between) => {
  const cron = parseCron(cronBetween(between, "a.myshopify.com"), "UTC")!;
  const times: number[] = [];
  for (let at = new Date("2026-11-22T00:00:00Z"); times.length < 20; times.push(at.getTime())) at = cron.next(at)!;
  expect(new Set(times.slice(1).map((time, n) => (time - times[n]!) / 60_000))).toEqual(new Set([Number(between)]));
  expect(betweenOf({ cron: cronBetween(between, "a.myshopify.com"), enabled: true })).toBe(between);
  expect(betweenOf({ cron: "0 3 * * 1", enabled: true })).toBeNull();
  expect(betweenOf({ cron: cronBetween(between, "a.myshopify.com"), enabled: false })).toBe("off");
});

test("screens and workflows agree on what is of changes only, and what opened a snapshot", () => {
  const byPlan = { code: "stream.partial", stream: "customers", reason: "incremental" } as const;
  const cut = { code: "stream.partial", stream: "customers", reason: "TIMEOUT" } as const;
  for (const gaps of [[], [byPlan], [cut], [byPlan, cut], [byPlan, byPlan]]) {
    const row = { gaps, gapCount: gaps.length };
    expect([rows.isOfChanges(row), rows.gapsBesides(row)]).toEqual([exposures.isOfChanges(row), exposures.gapsBesides(row)]);
  }
  const lanes = (["synthetic", "sanitized", "real", "full"] as const).map((lane) => ({ lane }) as NonNullable<CatalogDrill["lanes"]>[number]);
  for (const some of [undefined, [], ...lanes.map((lane) => [lane]), lanes]) expect(rows.opensSnapshot(some)).toBe(opensSnapshot(some));
});

test("a snapshot of changes is neither whole nor one with gaps, unless it has one that nobody planned", () => {
  const byPlan = { code: "stream.partial", stream: "customers", reason: "incremental" } as const;
  const changes = snapshot(1, { complete: false, gapCount: 1, gaps: [byPlan] });
  expect(snapshotRow(changes)).toMatchObject({ complete: false, changesOnly: true, gapCount: 0 });
  expect(snapshotRow(snapshot(1, { complete: false, gapCount: 2, gaps: [byPlan, { code: "stream.cut", stream: "orders" }] }))).toMatchObject({ changesOnly: true, gapCount: 1 });
  expect(snapshotRow(snapshot(1))).not.toHaveProperty("changesOnly");
  const page = presentSnapshot(changes, null, null, NOW);
  expect(page).toMatchObject({ complete: false, changesOnly: true, gaps: [], gapCount: 0 });
  expect(snapshotAnswer(page, "UTC")).toMatch(/^Changes only\. .* next full one\.$/);
});
