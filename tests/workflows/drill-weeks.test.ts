/** Weeks of drills: what was due is told by the schedule, what was done by signed records, and nothing makes up for a week that is over. */
import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { openLedger, originOf } from "#app/ledger/index.ts";
import { readVaultDescription } from "#app/vault/index.ts";
import { askForDueDrill, certifyDrill, checkVault, drillWeeks, prepareDrill, rebuildCatalog, reportDrills, requestDrill, requestLaneDrill, runDrill, scheduleDrills, scheduleNewShops, vaultLedger, type DrillReport } from "#app/workflows/index.ts";
import { weeklyCron, weeklyTime, usualTime } from "#app/workflows/drill/schedule-drills.ts";
import { parseCron } from "#app/workflows/shared/cron.ts";
import { fakeRehearsal, FakeSource, smallShop } from "#tests/support/fakes-source.ts";
import { tmpdir } from "node:os";
import { linkedShop, SHOP, snapshot, STAFF, unwrapped, type LinkedShop } from "./support/linked-shop.ts";

const WEEK = 7 * 24 * 3_600_000;
const MONDAY = weeklyCron({ weekday: 1, hour: 3, minute: 0 });
const at = (text: string): Date => new Date(text);
const drill = (id: string, startedAt: string, lanes: readonly { lane: "synthetic" | "real" | "sanitized" | "full"; passed: boolean }[]) => ({ drillId: id, startedAt: at(startedAt), lanes });
const both = (passed = true) => [{ lane: "synthetic", passed: true }, { lane: "real", passed }] as const;

describe("weeks", () => {
  const epochs = [{ at: at("2026-11-01T00:00:00Z"), cron: MONDAY, timezone: "UTC", enabled: true }];
  const states = (drills: ReturnType<typeof drill>[], now: string, more = {}): string[] => drillWeeks({ epochs, drills, now: at(now), ...more }).map(({ dueAt, state, lacking }) => `${dueAt.toISOString().slice(5, 10)} ${state}${lacking.length > 0 ? ` without ${lacking.join(" and ")}` : ""}`);

  it("begin when a drill is due, and a drill belongs to the one in which it began", () => {
    expect(states([drill("a", "2026-11-02T03:00:05Z", both()), drill("b", "2026-11-10T12:00:00Z", both())], "2026-11-17T00:00:00Z")).toEqual(["11-02 passed", "11-09 passed", "11-16 due without synthetic and real"]);
  });

  it("are missed when they are over, and a later drill makes up for none", () => {
    expect(states([drill("a", "2026-11-16T03:00:00Z", both()), drill("b", "2026-11-16T04:00:00Z", both())], "2026-11-16T05:00:00Z")).toEqual(["11-02 missed without synthetic and real", "11-09 missed without synthetic and real", "11-16 passed"]);
  });

  it("wait for a person when only made-up data was put through, and are missed when nobody came", () => {
    const one = drill("a", "2026-11-02T03:00:00Z", [{ lane: "synthetic", passed: true }]);
    expect(states([one], "2026-11-05T00:00:00Z")).toEqual(["11-02 waiting without real"]);
    expect(states([one], "2026-11-09T04:00:00Z")).toEqual(["11-02 missed without real", "11-09 due without synthetic and real"]);
    expect(states([one, drill("b", "2026-11-04T09:00:00Z", [{ lane: "real", passed: true }])], "2026-11-05T00:00:00Z")).toEqual(["11-02 passed"]);
    expect(states([one, drill("b", "2026-11-04T09:00:00Z", [{ lane: "full", passed: true }])], "2026-11-05T00:00:00Z")).toEqual(["11-02 passed"]);
  });

  it("fail with any part that failed last, and pass when it was tried again within the week", () => {
    const failed = drill("a", "2026-11-02T03:00:00Z", both(false));
    expect(states([failed], "2026-11-20T00:00:00Z")[0]).toBe("11-02 failed");
    expect(states([failed, drill("b", "2026-11-03T03:00:00Z", [{ lane: "real", passed: true }])], "2026-11-20T00:00:00Z")[0]).toBe("11-02 passed");
    expect(states([failed, drill("b", "2026-11-09T03:00:00Z", both())], "2026-11-20T00:00:00Z")[0]).toBe("11-02 failed");
    expect(states([drill("c", "2026-11-02T04:00:00Z", [{ lane: "synthetic", passed: true }, { lane: "sanitized", passed: false }, { lane: "real", passed: true }])], "2026-11-03T00:00:00Z")[0]).toBe("11-02 failed");
  });

  it("follow the schedule that was in force, whatever was set afterwards", () => {
    const changed = [...epochs, { at: at("2026-11-10T00:00:00Z"), cron: weeklyCron({ weekday: 4, hour: 3, minute: 0 }), timezone: "UTC", enabled: true }, { at: at("2026-11-20T00:00:00Z"), cron: MONDAY, timezone: "UTC", enabled: false }];
    expect(drillWeeks({ epochs: changed, drills: [], now: at("2026-12-20T00:00:00Z") }).map(({ dueAt, until }) => [dueAt.toISOString().slice(5, 10), until.toISOString().slice(5, 10)])).toEqual([["11-02", "11-09"], ["11-09", "11-12"], ["11-12", "11-19"], ["11-19", "11-26"]]);
  });

  it("cover every instant from the first due time on once, whatever the time zone", () => {
    fc.assert(
      fc.property(fc.constantFrom("UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), (timezone, weekday, hour, minute) => {
        const weeks = drillWeeks({ epochs: [{ at: at("2026-01-01T00:00:00Z"), cron: weeklyCron({ weekday, hour, minute }), timezone, enabled: true }], drills: [], now: at("2027-01-01T00:00:00Z") });
        expect(weeks.length).toBeGreaterThanOrEqual(52);
        for (const [n, week] of weeks.slice(1).entries()) expect(week.dueAt).toEqual(weeks[n]!.until);
      }),
      { numRuns: 20 },
    );
  });

  it("have a time of their own for each shop, at night, and read back what they wrote", () => {
    for (const shop of ["a.myshopify.com", "b.myshopify.com", "cedar.myshopify.com"]) {
      const time = usualTime(shop);
      expect(time.weekday >= 1 && time.weekday <= 5 && time.hour >= 2 && time.hour <= 5).toBe(true);
      expect(weeklyTime(weeklyCron(time))).toEqual(time);
      expect(parseCron(weeklyCron(time), "UTC")).not.toBeNull();
    }
    expect(weeklyTime("0 3 * * *")).toBeNull();
  });
});

let shop: LinkedShop;
afterEach(() => {
  expect(shop?.process.leftovers() ?? []).toEqual([]);
});

/** What the platform's clock does: at each due time it asks, and a worker runs what was asked for. */
async function weekPasses(o: { readonly down?: boolean } = {}): Promise<void> {
  const { process } = shop;
  const due = process.drillTimes.get(SHOP)!.nextAt!;
  process.time.advance(due.getTime() - process.time.now().getTime() + 1000);
  const { cron, timezone } = process.drillTimes.get(SHOP)!;
  const ask = o.down !== true;
  if (ask) {
    process.startShop = () => Promise.resolve(fakeRehearsal());
    const asked = await askForDueDrill(process, SHOP, due);
    if (asked.kind !== "requested") throw new Error(asked.kind);
    const outcome = await runDrill(process, { runId: asked.run.id });
    if (outcome.kind !== "finished") throw new Error(JSON.stringify(outcome));
  }
  process.drillTimes.set(SHOP, { ...process.drillTimes.get(SHOP)!, nextAt: parseCron(cron, timezone)!.next(process.time.now()) });
}

async function report(o: { readonly from?: Date; readonly to?: Date } = {}): Promise<DrillReport> {
  const description = await readVaultDescription(shop.store);
  // No signer, no host keys: what an auditor has.
  const ledger = openLedger({ store: shop.store, origin: originOf(description.vaultId), clock: shop.process.time });
  return reportDrills({ store: shop.store, description, ledger, now: shop.process.time.now(), ...o });
}

async function fiveWeeks(): Promise<string[]> {
  shop = await linkedShop();
  const { process } = shop;
  process.startFilled = () => Promise.resolve({ shop: "filled.myshopify.com", source: new FakeSource(smallShop(5)), types: ["single_line_text_field"], stop: () => Promise.resolve() });
  process.unattended = { openerFor: () => Promise.resolve(shop.identity.opener) };
  await snapshot(shop);
  expect(await scheduleNewShops(process)).toBe(1);
  expect(await scheduleNewShops(process)).toBe(0);
  await scheduleDrills(process, { shop: SHOP, actor: STAFF, time: { weekday: 1, hour: 3, minute: 0 }, timezone: "UTC", enabled: true });
  await weekPasses();
  await weekPasses();
  // The third week nobody was there: the host was down.
  await weekPasses({ down: true });
  await weekPasses();
  await weekPasses();
  const ids = (await process.catalog.drills(SHOP)).map(({ drillId }) => drillId).reverse();
  for (const drillId of ids) {
    expect(await certifyDrill(process, { shop: SHOP, actor: STAFF, drillId, verdict: "accepted", remarks: "Looked through the figures of both lanes.", correctiveAction: "" })).toMatchObject({ kind: "certified" });
  }
  return ids;
}

describe("five weeks with the clock moved, in one of which the host was down", () => {
  it("give four signed and certified records, and the missed week shows", async () => {
    const ids = await fiveWeeks();
    expect(ids.length).toBe(4);
    const found = await report();
    expect(found).toMatchObject({ ok: true, findings: [], figures: { held: 4, passed: 4, successRate: 1, certified: 4, weeksPassed: 4, weeksMissed: 1, weeksFailed: 0, weeksDue: 5 } });
    expect(found.weeks.map(({ state }) => state)).toEqual(["passed", "passed", "missed", "passed", "passed"]);
    expect(found.drills.every(({ lanes }) => lanes.map(({ lane }) => lane).join() === "synthetic,real,sanitized")).toBe(true);
    expect(found.drills.every(({ certified }) => certified?.by === "staff:42" && certified.verdict === "accepted")).toBe(true);
    for (const [n, week] of found.weeks.slice(1).entries()) expect(week.dueAt.getTime() - found.weeks[n]!.dueAt.getTime()).toBe(WEEK);
    // Never back-filled: another drill now changes nothing about it.
    shop.process.time.advance(3_600_000);
    const asked = await askForDueDrill(shop.process, SHOP, found.weeks[2]!.dueAt);
    if (asked.kind !== "requested") throw new Error(asked.kind);
    await runDrill(shop.process, { runId: asked.run.id });
    expect((await report()).weeks.map(({ state }) => state)).toEqual(["passed", "passed", "missed", "passed", "passed"]);
  });

  it("are reported for any period, from the signed records alone", async () => {
    await fiveWeeks();
    const all = await report();
    const [, second, third, fourth] = all.weeks;
    const part = await report({ from: second!.dueAt, to: fourth!.dueAt });
    expect(part.weeks.map(({ state }) => state)).toEqual(["passed", "missed", "passed"]);
    expect(part.figures).toMatchObject({ held: 1, weeksDue: 3, weeksPassed: 2, weeksMissed: 1 });
    expect(third!.lacking).toEqual(["synthetic", "real"]);
    // The database is a view: dropped and made again, it says the same, and the report never asked it.
    const before = await shop.process.catalog.drills(SHOP);
    shop.process.catalog.drillRows.clear();
    expect(await report()).toEqual(all);
    await rebuildCatalog(shop.process, { shop: SHOP });
    expect(await shop.process.catalog.drills(SHOP)).toEqual(before);
  });

  it.each([
    ["is taken away", (key: string) => shop.store.objects.delete(key), "drill.missing"],
    ["is changed by one bit", (key: string) => shop.store.objects.set(key, Uint8Array.from(shop.store.objects.get(key)!, (byte, n) => (n === 90 ? byte ^ 1 : byte))), "drill.damaged"],
  ])("fail verification when one record or certification %s", async (_, tamper, code) => {
    await fiveWeeks();
    const keys = [...shop.store.objects.keys()].filter((key) => key.startsWith("drills/"));
    expect(keys.length).toBe(8);
    for (const key of keys) {
      const good = shop.store.objects.get(key)!;
      tamper(key);
      const found = await report();
      expect({ key, ok: found.ok, codes: found.findings.map((finding) => finding.code) }).toEqual({ key, ok: false, codes: [code] });
      shop.store.objects.set(key, good);
    }
    expect((await report()).ok).toBe(true);
  });

  it("fail verification when a record of another time is slipped in, or the ledger is set back to before one", async () => {
    const ids = await fiveWeeks();
    const description = await readVaultDescription(shop.store);
    const checked = async (): Promise<string[]> => {
      const { findings } = await checkVault({ store: shop.store, readData: true, opener: null, hostKeys: null, scratchDirectory: tmpdir(), keptCheckpoint: undefined, ledger: (vaultId) => openLedger({ store: shop.store, origin: originOf(vaultId), clock: shop.process.time }), onProgress: () => undefined });
      return findings.map(({ code }) => code);
    };
    expect(await checked()).toEqual([]);
    const [first] = [...shop.store.objects.keys()].filter((key) => key.startsWith("drills/"));
    const good = shop.store.objects.get(first!)!;
    shop.store.objects.delete(first!);
    expect(await checked()).toContain("drill.missing");
    shop.store.objects.set(first!, good);
    // A record with a true signature that nobody entered.
    const { putDrillResult } = await import("#app/vault/index.ts");
    const hostKeys = [...shop.process.hostKeys.values()][0]!;
    await putDrillResult({ store: shop.store, description, signingKey: hostKeys.signingKey }, [{ name: "x", digest: { sha256: "00".repeat(32) } }], { vaultId: description.vaultId, drillId: "slipped-in", startedAt: "2026-12-08T03:00:00.000Z" });
    expect((await report()).findings).toEqual([{ code: "drill.not_entered", object: "drills/20261208T030000.000Z-slipped-in.json", detail: expect.any(String) as unknown }]);
    expect(ids.length).toBe(4);
  });
});

/** Of the whole ledger: who, what, about what. */
async function events(): Promise<unknown[]> {
  const ledger = await vaultLedger(shop.process, [...shop.process.hostKeys.keys()][0]!, shop.store);
  const found: unknown[] = [];
  for await (const { actor, action, subject } of ledger.entries()) found.push([actor, action, subject]);
  return found;
}

describe("answering for a drill", () => {
  it("takes an approver of this shop who did not run it, and is refused, and entered as refused, to others", async () => {
    await fiveWeeks();
    const { drillId } = (await shop.process.catalog.drills(SHOP))[0]!;
    const before = (await events()).length;
    const asked = { shop: SHOP, drillId, verdict: "accepted", remarks: "", correctiveAction: "" } as const;
    expect(await certifyDrill(shop.process, { ...asked, actor: { kind: "staff", id: "9", shop: "other.myshopify.com" } })).toEqual({ kind: "refused", code: "access.other_shop" });
    expect(await certifyDrill(shop.process, { ...asked, actor: { kind: "schedule", shop: SHOP } })).toEqual({ kind: "refused", code: "access.not_for_you" });
    expect(await certifyDrill(shop.process, { ...asked, actor: { kind: "cli" } })).toEqual({ kind: "refused", code: "access.not_for_you" });
    shop.process.responseTeam.name(SHOP, "staff:43", ["responder"]);
    shop.process.responseTeam.name(SHOP, "staff:44", ["approver"]);
    expect(await certifyDrill(shop.process, { ...asked, actor: STAFF })).toEqual({ kind: "refused", code: "access.not_an_approver" });
    expect(await certifyDrill(shop.process, { ...asked, actor: { ...STAFF, id: "43" } })).toEqual({ kind: "refused", code: "access.not_an_approver" });
    expect((await events()).slice(before)).toEqual([
      ["staff:9", "request.refused", { shop: SHOP, asked: "drill.certify", code: "access.other_shop" }],
      ["schedule", "request.refused", { shop: SHOP, asked: "drill.certify", code: "access.not_for_you" }],
      ["cli", "request.refused", { shop: SHOP, asked: "drill.certify", code: "access.not_for_you" }],
      ["staff:42", "request.refused", { shop: SHOP, asked: "drill.certify", code: "access.not_an_approver" }],
      ["staff:43", "request.refused", { shop: SHOP, asked: "drill.certify", code: "access.not_an_approver" }],
    ]);
    expect(await certifyDrill(shop.process, { ...asked, actor: { ...STAFF, id: "44" }, drillId: "no-such" })).toEqual({ kind: "not-found" });
    expect(await certifyDrill(shop.process, { ...asked, actor: { ...STAFF, id: "44" } })).toMatchObject({ kind: "certified" });
  });

  it("is refused to whoever had it run, whatever they are named for, and the refusal is entered", async () => {
    shop = await linkedShop();
    const { process } = shop;
    await snapshot(shop);
    process.startShop = () => Promise.resolve(fakeRehearsal());
    const asked = await requestDrill(process, { shop: SHOP, actor: STAFF, snapshotId: "latest", keys: await unwrapped(shop) });
    if (asked.kind !== "requested") throw new Error(asked.kind);
    await runDrill(process, { runId: asked.run.id });
    const { drillId } = (await process.catalog.drills(SHOP))[0]!;
    const answer = { shop: SHOP, drillId, verdict: "accepted", remarks: "", correctiveAction: "" } as const;
    expect(await certifyDrill(process, { ...answer, actor: STAFF })).toEqual({ kind: "refused", code: "access.same_person" });
    expect((await events()).at(-1)).toEqual(["staff:42", "request.refused", { shop: SHOP, asked: "drill.certify", code: "access.same_person" }]);
    expect([...shop.store.objects.keys()].filter((key) => key.includes(".certified-"))).toEqual([]);
    expect(await certifyDrill(process, { ...answer, actor: { ...STAFF, id: "43" } })).toMatchObject({ kind: "certified" });
  });

  it.each([[["approver"]], [[]]] as const)("opens the real snapshot for nobody who is named %j, with handed-in keys or the key service, and zeroes what was sent", async (roles) => {
    shop = await linkedShop();
    const { process } = shop;
    await snapshot(shop);
    const keys = await unwrapped(shop);
    process.responseTeam.name(SHOP, "staff:7", ["responder", "approver"]);
    if (roles.length > 0) process.responseTeam.name(SHOP, "staff:42", roles);
    const before = (await events()).length;
    expect(await prepareDrill(process, { shop: SHOP, actor: STAFF })).toEqual({ kind: "refused", code: "access.not_a_responder" });
    expect(await requestDrill(process, { shop: SHOP, actor: STAFF, snapshotId: "latest", lane: "full", keys })).toEqual({ kind: "refused", code: "access.not_a_responder" });
    expect([...keys.values()].every((key) => key.every((byte) => byte === 0))).toBe(true);
    process.unattended = { openerFor: () => Promise.resolve(shop.identity.opener) };
    expect(await requestLaneDrill(process, { shop: SHOP, actor: STAFF, lane: "both" })).toEqual({ kind: "refused", code: "access.not_a_responder" });
    const entry = ["staff:42", "request.refused", { shop: SHOP, asked: "drill.run", code: "access.not_a_responder" }];
    expect((await events()).slice(before)).toEqual([entry, entry, entry]);
    expect([...process.runs.runs.values()].filter(({ kind }) => kind === "drill")).toEqual([]);
    // Made-up data opens nothing, and the schedule goes on as it was set up.
    expect((await requestLaneDrill(process, { shop: SHOP, actor: STAFF, lane: "synthetic" })).kind).toBe("requested");
    expect((await requestLaneDrill(process, { shop: SHOP, actor: { kind: "schedule", shop: SHOP }, lane: "both" })).kind).toBe("already-running");
  });

  it("does not keep remarks that say who somebody is", async () => {
    await fiveWeeks();
    const { drillId } = (await shop.process.catalog.drills(SHOP))[0]!;
    const asked = { shop: SHOP, actor: STAFF, drillId, verdict: "accepted_with_action", correctiveAction: "Renew the key service's token by 2026-12-31." } as const;
    expect(await certifyDrill(shop.process, { ...asked, remarks: "told jo.doe@clinic-north.com about it" })).toEqual({ kind: "invalid", code: "drill.remarks_identify", field: "remarks", identifier: "email" });
    expect(await certifyDrill(shop.process, { ...asked, remarks: "patient MRN: 8812234 was odd" })).toMatchObject({ kind: "invalid", identifier: "mrn" });
    expect(await certifyDrill(shop.process, { ...asked, remarks: "x".repeat(2001) })).toEqual({ kind: "invalid", code: "drill.remarks_too_long" });
    expect(await certifyDrill(shop.process, { ...asked, correctiveAction: " ", remarks: "" })).toEqual({ kind: "invalid", code: "drill.action_needed" });
    expect(await certifyDrill(shop.process, { ...asked, remarks: "The second opinion counts." })).toMatchObject({ kind: "certified", drill: { certification: { verdict: "accepted_with_action", remarks: "The second opinion counts." } } });
    // The later one counts, and the earlier one stays.
    expect((await report()).drills.at(-1)?.certified).toMatchObject({ verdict: "accepted_with_action" });
    expect([...shop.store.objects.keys()].filter((key) => /^drills\/.*\.certified-/.test(key)).length).toBe(5);
  });
});
