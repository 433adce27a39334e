import { describe, expect, it } from "@jest/globals";
import { acknowledgeAlert } from "#app/workflows/alerts/acknowledge.ts";
import { BACK_OFF_MS } from "#app/workflows/alerts/deliver.ts";
import { GATHER_MS } from "#app/workflows/alerts/raise.ts";
import { isPublicHttps, saveAlertSettings, sendTestAlert } from "#app/workflows/alerts/settings.ts";
import { WATCH_EVERY_MS } from "#app/workflows/alerts/watch.ts";
import type { RaisedAlert } from "#app/workflows/ports.ts";
import { ledgerActions } from "./ledger.ts";
import { SHOP, STAFF } from "../support/linked-shop.ts";
import { MINUTE, watchedShop } from "./support.ts";

const gap = (n: number) => ({ shop: SHOP, code: "alert.api_change", subject: `field:${n}`, severity: "warning" }) as const;

describe("people are told", () => {
  it("within five minutes at the most", () => expect(WATCH_EVERY_MS + GATHER_MS + WATCH_EVERY_MS).toBeLessThan(5 * MINUTE));

  it("in one message of many alerts that come together, worst first", async () => {
    const { ports, minute, senders } = await watchedShop();
    for (let n = 0; n < 40; n++) await ports.alerts.raise(gap(n));
    await ports.alerts.raise({ ...gap(99), code: "alert.verify_finding", subject: "vault", severity: "critical", facts: { finding: "pack.missing" } });
    await minute(3);
    // The last one was resolved by nobody, but no check has run: its watcher knows nothing, and leaves it.
    expect(senders.sent).toHaveLength(2);
    const mail = senders.sent[0]!;
    expect(mail.message.subject).toBe(`[Holdfast] Critical: 41 alerts: The vault is not as it was written and more (${SHOP})`);
    expect(mail.message.text).toContain("31 more alerts in the list.");
    expect(senders.sent[1]?.message.slack.blocks.length).toBeLessThanOrEqual(50);
    await minute(10);
    expect(senders.sent).toHaveLength(2);
  });

  it("once, however often the same thing is seen", async () => {
    const { ports, minute, senders, process } = await watchedShop({ levels: [{ emails: ["a@clinic.example"], webhookUrl: null }] });
    for (let n = 0; n < 30; n++) {
      await ports.alerts.raise(gap(1));
      await minute();
    }
    expect(senders.sent).toHaveLength(1);
    expect(process.alertRecords.rows).toMatchObject([{ count: 30 }]);
  });

  it("level by level while nobody acknowledges, and nobody further once somebody has", async () => {
    const { ports, minute, senders, process } = await watchedShop();
    await ports.alerts.raise(gap(1));
    await minute(14);
    expect(senders.sent.map(({ to }) => to[0])).toEqual(["officer@clinic.example", "https://hooks.example/services/T/B/x"]);
    await minute(2);
    expect(senders.sent.slice(2).map(({ to, message }) => [to[0], /Nobody has acknowledged this yet, so it goes to level 2/.test(message.text)])).toEqual([["owner@clinic.example", true]]);
    await minute(60);
    expect(senders.sent).toHaveLength(3);
    await ports.alerts.raise(gap(2));
    await minute(3);
    const second = process.alertRecords.rows.find(({ subject }) => subject === "field:2")!;
    expect(await acknowledgeAlert({ ...process, alertRecords: process.alertRecords }, { shop: SHOP, actor: STAFF, id: second.id, note: "looking" })).toMatchObject({ kind: "acknowledged" });
    await minute(60);
    expect(senders.sent.slice(3).map(({ to }) => to[0])).toEqual(["officer@clinic.example", "https://hooks.example/services/T/B/x"]);
    expect(process.alertRecords.rows.map(({ state, level }) => [state, level])).toEqual([["open", 1], ["acknowledged", 0]]);
  });

  it("again later when a channel fails, later and later, and never again when it does not want it", async () => {
    const { ports, minute, senders, deliveries, process } = await watchedShop({ levels: [{ emails: ["a@clinic.example"], webhookUrl: null }] });
    senders.outcome = { kind: "failed", code: "delivery.unreachable", retry: "later" };
    await ports.alerts.raise(gap(1));
    const total = GATHER_MS + BACK_OFF_MS.reduce((sum, ms) => sum + ms, 0);
    for (let spent = 0; spent < 4 * MINUTE; spent += MINUTE) await minute();
    expect(deliveries.rows).toMatchObject([{ state: "waiting", attempts: 2, code: "delivery.unreachable" }]);
    senders.outcome = { kind: "sent" };
    await minute(3);
    expect(deliveries.rows).toMatchObject([{ state: "sent", attempts: 3, code: null }]);
    senders.outcome = { kind: "failed", code: "delivery.unreachable", retry: "later" };
    await ports.alerts.raise(gap(2));
    await minute(Math.ceil(total / MINUTE) + 10);
    expect(deliveries.rows[1]).toMatchObject({ state: "failed", attempts: BACK_OFF_MS.length + 1 });
    senders.outcome = { kind: "failed", code: "delivery.refused", retry: "never" };
    await ports.alerts.raise(gap(3));
    await minute(3);
    expect(deliveries.rows[2]).toMatchObject({ state: "failed", attempts: 1, code: "delivery.refused" });
    expect(process.lines.filter(({ event, level }) => event === "alert.not_told" && level === "error").length).toBeGreaterThan(8);
    expect([...process.metrics.values].filter(([key]) => key.includes("deliveries"))).toContainEqual(["holdfast_alert_deliveries_total{channel=email,outcome=sent}", 1]);
  }, 20_000);

  it("of the others too when one message cannot be made, which is tried again and given up like any that is not taken", async () => {
    const { ports, minute, senders, deliveries } = await watchedShop({ levels: [{ emails: ["a@clinic.example"], webhookUrl: "https://hooks.example/x" }] });
    const email = senders.email;
    Object.assign(senders, { email: () => Promise.reject(new Error("fell over")) });
    await ports.alerts.raise(gap(1));
    const faults: unknown[] = [];
    for (let n = 0; n < 3; n++) await minute().catch((error: unknown) => faults.push(error));
    expect(faults).toEqual([new Error("fell over"), new Error("fell over")]);
    expect(deliveries.rows).toMatchObject([{ channel: "email", state: "waiting", attempts: 2, code: "delivery.failed" }, { channel: "webhook", state: "sent", attempts: 1 }]);
    Object.assign(senders, { email });
    await minute(2);
    expect(deliveries.rows[0]).toMatchObject({ state: "sent", attempts: 3, code: null });
  });

  it("by the list alone when nobody is set down, or alerts are switched off", async () => {
    for (const settings of [null, { enabled: false }]) {
      const { ports, minute, senders, deliveries, unresolved } = await watchedShop(settings);
      await ports.alerts.raise(gap(1));
      await minute(30);
      expect([senders.sent.length, deliveries.rows.length, unresolved().length]).toEqual([0, 0, 1]);
    }
  });
});

describe("an alert", () => {
  it("takes no subject and no fact that could be somebody's data", async () => {
    const { ports, process } = await watchedShop();
    for (const alert of [{ ...gap(1), subject: "Maria Muster" }, { ...gap(1), subject: "Muster" }, { ...gap(1), subject: "stream:1980-02-30" }, { ...gap(1), facts: { who: "maria@clinic.example" } }, { ...gap(1), facts: { note: "asthma; see file" } }, { ...gap(1), facts: { n: Number.NaN } }]) {
      const error = await ports.alerts.raise(alert as RaisedAlert).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: "alert.bad_fact", message: expect.not.stringMatching(/maria|asthma/i) });
    }
    expect(process.alertRecords.rows).toEqual([]);
  });

  it("stands in the vault's log: raised, acknowledged by whom and why, escalated, resolved", async () => {
    const shop = await watchedShop();
    await shop.ports.alerts.raise(gap(1));
    await shop.minute(17);
    const [alert] = shop.process.alertRecords.rows;
    await acknowledgeAlert(shop.process, { shop: SHOP, actor: STAFF, id: alert!.id, note: " called the maker of the app " });
    await shop.ports.alerts.resolve(gap(1));
    await shop.ports.alerts.resolve(gap(1));
    expect((await ledgerActions(shop)).filter(({ action }) => action.startsWith("alert."))).toMatchObject([
      { action: "alert.raised", actor: "system", subject: { about: "field:1", severity: "warning" } },
      { action: "alert.escalated", subject: { level: 1 } },
      { action: "alert.acknowledged", actor: "staff:42", reason: "called the maker of the app" },
      { action: "alert.resolved" },
    ]);
  });

  it("is acknowledged by somebody of its shop, once, with a note of one line", async () => {
    const { ports, process } = await watchedShop();
    await ports.alerts.raise(gap(1));
    const { id } = process.alertRecords.rows[0]!;
    const ask = (o: object) => acknowledgeAlert(process, { shop: SHOP, actor: STAFF, id, note: "", ...o });
    expect(await ask({ actor: { kind: "schedule", shop: SHOP } })).toMatchObject({ kind: "refused" });
    expect(await ask({ actor: { ...STAFF, shop: "other.myshopify.com" } })).toMatchObject({ kind: "refused" });
    expect(await ask({ note: "write to maria@clinic.example" })).toEqual({ kind: "bad-note", code: "alert.bad_note" });
    expect(await ask({ note: "two\nlines" })).toMatchObject({ kind: "bad-note" });
    expect(await ask({ id: "another" })).toEqual({ kind: "not-open" });
    expect(await ask({})).toMatchObject({ kind: "acknowledged", alert: { note: null, acknowledgedBy: "staff:42" } });
    expect(await ask({})).toEqual({ kind: "not-open" });
  });
});

describe("whom to tell", () => {
  const level = { emails: ["a@clinic.example"], webhookUrl: null };
  it("is checked field by field before it is saved, and its change stands in the log", async () => {
    const shop = await watchedShop(null);
    const save = (o: object) => saveAlertSettings({ ...shop.process, alertSettings: shop.alertSettings }, { shop: SHOP, actor: STAFF, settings: { enabled: true, escalateAfterMinutes: 15, levels: [level], ...o } });
    expect(await save({ levels: [{ emails: ["not an address"], webhookUrl: "http://hooks.example/x" }], escalateAfterMinutes: 0 })).toEqual({
      kind: "invalid", fields: { "levels.0.emails.0": "bad_email", "levels.0.webhookUrl": "bad_webhook", escalateAfterMinutes: "bad_minutes" },
    });
    expect(shop.alertSettings.rows.size).toBe(0);
    expect(await save({ levels: [level, { emails: [], webhookUrl: null }, { emails: [], webhookUrl: "https://hooks.example/x" }] })).toMatchObject({ kind: "saved", settings: { levels: [level, { webhookUrl: "https://hooks.example/x" }] } });
    expect(await ledgerActions(shop)).toContainEqual(expect.objectContaining({ action: "setting.changed", subject: expect.objectContaining({ setting: "alerts" }) }));
    expect(JSON.stringify([await ledgerActions(shop), shop.process.lines])).not.toMatch(/clinic\.example|hooks\.example/);
  });

  it.each([["https://hooks.slack.com/services/T/B/x", true], ["http://hooks.slack.com/x", false], ["https://user:pw@hooks.slack.com/x", false], ["https://127.0.0.1/x", false], ["https://[::1]/x", false], ["https://localhost/x", false], ["https://2130706433/x", false], ["file:///etc/passwd", false], ["words", false]])("takes %s: %s", (url, taken) => {
    expect(isPublicHttps(url)).toBe(taken);
  });

  it("can be tried: a test goes to what is saved, says what each channel answered, and holds nothing of any alert", async () => {
    const { ports, process, senders, deliveries } = await watchedShop();
    await ports.alerts.raise(gap(1));
    const test = () => sendTestAlert({ ...process, ...ports }, { shop: SHOP, actor: STAFF });
    expect(await test()).toEqual({ kind: "tested", channels: [{ channel: "email", code: null }, { channel: "webhook", code: null }] });
    expect(senders.sent.map(({ message }) => /field:1/.test(JSON.stringify(message)))).toEqual([false, false]);
    senders.outcome = { kind: "failed", code: "delivery.refused", retry: "never" };
    senders.canEmail = false;
    expect(await test()).toEqual({ kind: "tested", channels: [{ channel: "email", code: "delivery.no_channel" }, { channel: "webhook", code: "delivery.refused" }] });
    expect(deliveries.rows.filter(({ reason }) => reason === "test").map(({ state }) => state)).toEqual(["sent", "sent", "failed", "failed"]);
    expect(await sendTestAlert({ ...process, ...ports }, { shop: SHOP, actor: STAFF, level: 2 })).toEqual({ kind: "nobody" });
  });
});
