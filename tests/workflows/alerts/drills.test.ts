/** What people are told of the weekly drill: that it waits for them, that it failed, that a week was missed. */
import { describe, expect, it } from "@jest/globals";
import { watchDrills } from "#app/workflows/alerts/watchers/drills.ts";
import type { CatalogDrill, LaneName } from "#app/workflows/ports.ts";

const SHOP = "test.myshopify.com";
const at = (text: string): Date => new Date(text);
const lane = (name: LaneName, passed = true) => ({ lane: name, passed }) as NonNullable<CatalogDrill["lanes"]>[number];
const drill = (drillId: string, startedAt: string, lanes: readonly { lane: LaneName; passed: boolean }[]): CatalogDrill => ({ drillId, startedAt: at(startedAt), lanes, passed: lanes.every(({ passed }) => passed), code: lanes.every(({ passed }) => passed) ? "drill.passed" : "drill.differs" }) as unknown as CatalogDrill;

function told(now: string, drills: readonly CatalogDrill[], enabled = true) {
  const schedule = { shop: SHOP, cron: "0 3 * * 1", timezone: "UTC", enabled, nextAt: null, epochs: [{ at: at("2026-11-01T00:00:00Z"), cron: "0 3 * * 1", timezone: "UTC", enabled }] };
  const ports = { clock: { now: () => at(now) }, catalog: { drills: () => Promise.resolve(drills) }, drillSchedules: { get: () => Promise.resolve(schedule) } };
  return watchDrills(ports as unknown as Parameters<typeof watchDrills>[0], { shop: SHOP });
}
const codes = async (...asked: Parameters<typeof told>): Promise<string[]> => ((await told(...asked))?.findings ?? []).map(({ code, facts }) => `${code} ${String(facts?.["lacking"] ?? facts?.["cause"])}`);

describe("the weekly drill", () => {
  const both = drill("a", "2026-11-02T03:01:00Z", [lane("synthetic"), lane("real")]);
  const synthetic = drill("b", "2026-11-09T03:01:00Z", [lane("synthetic")]);

  it("is nobody's business while all is well", async () => {
    expect(await codes("2026-11-05T00:00:00Z", [both])).toEqual([]);
    expect(await codes("2026-11-09T03:30:00Z", [both])).toEqual([]);
  });

  it("reminds people while it waits for an identity, and no longer once somebody came", async () => {
    expect(await codes("2026-11-09T04:00:00Z", [both, synthetic])).toEqual(["alert.drill_waiting real"]);
    expect((await told("2026-11-09T04:00:00Z", [both, synthetic]))?.findings[0]).toMatchObject({ severity: "warning", subject: "drill:weekly", facts: { until: "2026-11-16T03:00:00.000Z" } });
    expect(await codes("2026-11-10T04:00:00Z", [both, synthetic, drill("c", "2026-11-10T03:30:00Z", [lane("real")])])).toEqual([]);
  });

  it("is told as late when nobody has begun it an hour after it was due", async () => {
    expect(await codes("2026-11-09T04:30:00Z", [both])).toEqual(["alert.drill_waiting synthetic and real"]);
  });

  it("is told as missed when its week is over, until a week has passed again", async () => {
    expect(await codes("2026-11-16T03:00:01Z", [both, synthetic])).toEqual(["alert.drill_missed real"]);
    expect((await told("2026-11-16T03:00:01Z", [both, synthetic]))?.findings[0]).toMatchObject({ severity: "critical", facts: { dueAt: "2026-11-09T03:00:00.000Z" } });
    expect(await codes("2026-11-23T03:10:00Z", [both, synthetic, drill("d", "2026-11-16T03:01:00Z", [lane("synthetic"), lane("real")])])).toEqual([]);
  });

  it("is told as failed, with the code, until it was tried again and passed", async () => {
    const failed = drill("e", "2026-11-09T03:01:00Z", [lane("synthetic"), lane("real", false)]);
    expect(await codes("2026-11-09T05:00:00Z", [both, failed])).toEqual(["alert.drill_failed drill.differs"]);
    expect((await told("2026-11-09T05:00:00Z", [both, failed]))?.findings[0]).toMatchObject({ severity: "critical", facts: { drill: "e" } });
    expect(await codes("2026-11-09T06:00:00Z", [both, failed, drill("f", "2026-11-09T05:30:00Z", [lane("real")])])).toEqual([]);
  });

  it("is not missed while drills are switched off", async () => {
    const watched = await told("2026-12-20T00:00:00Z", [], false);
    expect(watched?.findings).toEqual([]);
    expect(watched?.codes).toEqual(["alert.drill_missed", "alert.drill_waiting", "alert.drill_failed"]);
  });
});
