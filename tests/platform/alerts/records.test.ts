import { beforeEach, describe, expect, it } from "@jest/globals";
import { alertDeliveries } from "#app/platform/alerts/deliveries.ts";
import { alertRecords, openByCode } from "#app/platform/alerts/records.ts";
import { alertSettings } from "#app/platform/alerts/settings.ts";
import { sealer } from "#app/platform/secrets/seal.ts";
import { Secret } from "#app/platform/secrets/secret.ts";
import type { RaisedAlert } from "#app/workflows/ports.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const SHOP = "maple-synthetic.myshopify.com";
const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 22, 9, minute));
const gap: RaisedAlert = { shop: SHOP, code: "alert.gap", subject: "stream:customers", severity: "warning", facts: { missing: 3 } };
let n = 0;
const id = (): string => `a${n++}`;
const records = () => alertRecords(database().pool);
const sight = (alert: RaisedAlert, minute: number) => records().sight({ ...alert, id: id(), at: at(minute) });

beforeEach(async () => {
  n = 0;
  await database().pool.query(`TRUNCATE "Alert", "AlertDelivery", "AlertSetting"`);
});

describe("alerts in the database", () => {
  it("are one as long as the same thing is not resolved, and count how often it was seen", async () => {
    expect(await sight(gap, 0)).toMatchObject({ sighting: "opened", alert: { id: "a0", state: "open", count: 1, firstSeen: at(0) } });
    expect(await sight({ ...gap, facts: { missing: 5 } }, 2)).toMatchObject({ sighting: "seen-again", alert: { id: "a0", count: 2, firstSeen: at(0), lastSeen: at(2), facts: { missing: 5 } } });
    expect(await sight({ ...gap, subject: "stream:orders" }, 3)).toMatchObject({ sighting: "opened", alert: { id: "a2" } });
    expect(await records().resolve({ ...gap, at: at(4) })).toMatchObject({ id: "a0", state: "resolved", resolvedAt: at(4) });
    expect(await records().resolve({ ...gap, at: at(5) })).toBeNull();
    expect(await sight(gap, 6)).toMatchObject({ sighting: "opened", alert: { id: "a3", count: 1 } });
    expect((await records().list(SHOP)).map((alert) => alert.id)).toEqual(["a3", "a2", "a0"]);
    expect(await records().count(SHOP, { states: ["resolved"] })).toBe(1);
    expect(await records().list("other-synthetic.myshopify.com")).toEqual([]);
  });

  it("are one also when many processes see it at the same moment", async () => {
    const seen = await Promise.all(Array.from({ length: 12 }, () => sight(gap, 0)));
    expect(seen.filter(({ sighting }) => sighting === "opened")).toHaveLength(1);
    expect((await records().unresolved(SHOP)).map(({ count }) => count)).toEqual([12]);
  });

  it("stay acknowledged while they are seen again, and open again when a warning turns critical", async () => {
    await sight(gap, 0);
    expect(await records().acknowledge({ shop: "other.example", id: "a0", by: "staff:1", note: null, at: at(1) })).toBeNull();
    expect(await records().acknowledge({ shop: SHOP, id: "a0", by: "staff:1", note: "known", at: at(1) })).toMatchObject({ state: "acknowledged", acknowledgedBy: "staff:1", note: "known" });
    expect(await sight(gap, 2)).toMatchObject({ sighting: "seen-again", alert: { state: "acknowledged" } });
    expect(await sight({ ...gap, severity: "critical" }, 3)).toMatchObject({ sighting: "reopened", alert: { state: "open", severity: "critical", level: 0, levelAt: at(3) } });
    // It does not sink back.
    expect(await sight(gap, 4)).toMatchObject({ alert: { severity: "critical" } });
  });

  it("are raised one level at a time, by one process", async () => {
    await sight(gap, 0);
    const tries = await Promise.all(Array.from({ length: 5 }, () => records().escalate({ shop: SHOP, id: "a0", level: 1, at: at(20) })));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await records().get(SHOP, "a0")).toMatchObject({ level: 1, levelAt: at(20) });
    expect(await openByCode(database().pool)).toEqual([{ code: "alert.gap", severity: "warning", n: 1 }]);
    expect(await records().shopsWithOpen()).toEqual([SHOP]);
  });
});

describe("messages on their way", () => {
  const message = { shop: SHOP, channel: "email", level: 0, reason: "opened", createdAt: at(0), nextAt: at(1) } as const;

  it("gather what comes before the first attempt, and are handed out once", async () => {
    const deliveries = alertDeliveries(database().pool);
    await deliveries.add({ ...message, id: "d0", alertIds: ["a0"] });
    await deliveries.add({ ...message, id: "d1", alertIds: ["a1"], nextAt: at(30) });
    await deliveries.add({ ...message, id: "d2", alertIds: ["a1"] });
    expect(await deliveries.claimDue(at(0), at(5), 10)).toEqual([]);
    const claimed = (await Promise.all([deliveries.claimDue(at(1), at(5), 10), deliveries.claimDue(at(1), at(5), 10)])).flat();
    expect(claimed).toEqual([expect.objectContaining({ id: "d0", alertIds: ["a0", "a1"], attempts: 1, state: "waiting" })]);
    // What comes now is another message.
    await deliveries.add({ ...message, id: "d3", alertIds: ["a2"] });
    expect((await deliveries.claimDue(at(2), at(5), 10)).map(({ id }) => id)).toEqual(["d3"]);
    // Nobody said how d0 ended: its process died.
    expect((await deliveries.claimDue(at(6), at(9), 10)).map(({ id, attempts }) => [id, attempts])).toEqual([["d0", 2], ["d3", 2]]);
    await deliveries.ended("d0", { state: "sent", at: at(6), code: null });
    await deliveries.ended("d3", { state: "waiting", at: at(6), nextAt: at(8), code: "delivery.busy" });
    expect((await deliveries.claimDue(at(8), at(9), 10)).map(({ id, code }) => [id, code])).toEqual([["d3", "delivery.busy"]]);
    expect((await deliveries.list(SHOP, { alertId: "a1" })).map(({ id, state, endedAt }) => [id, state, endedAt])).toEqual([["d0", "sent", at(6)]]);
    expect(await deliveries.forget(at(7))).toBe(1);
  });
});

describe("whom to tell", () => {
  it("is sealed in the database, and bound to its shop", async () => {
    const { pool } = database();
    const settings = alertSettings(pool, sealer(new Secret("canary-canary-canary-canary-canary"), "alert settings"), new FixedClock());
    const given = { shop: SHOP, enabled: true, escalateAfterMinutes: 15, levels: [{ emails: ["officer@clinic.example"], webhookUrl: "https://hooks.example/T0/B0/secret-path" }] };
    await settings.save(given);
    expect(await settings.get(SHOP)).toEqual(given);
    expect(await settings.get("other.example")).toBeNull();
    const { rows } = await pool.query<{ sealed: string }>(`SELECT * FROM "AlertSetting"`);
    expect(JSON.stringify(rows)).not.toMatch(/clinic|hooks|secret-path/);
    await pool.query(`UPDATE "AlertSetting" SET "shop" = 'other.example'`);
    await expect(settings.get("other.example")).rejects.toMatchObject({ code: "seal.cannot_open" });
  });
});
