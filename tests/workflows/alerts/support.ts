/** A linked shop whose alerts are really raised, escalated and told, with time that passes only when it is told to. */
import { deliverAlerts } from "#app/workflows/alerts/deliver.ts";
import { alertsOf } from "#app/workflows/alerts/raise.ts";
import { watchShop, type WatchMemory, type WatchPorts } from "#app/workflows/alerts/watch.ts";
import { alertMessage } from "#app/ui/wording/alert-message.ts";
import type { AlertSettings, AlertWords } from "#app/workflows/ports/alerts.ts";
import { FakeDeliveries, FakeAlertSettings, FakeSenders } from "#tests/support/fakes-alerts.ts";
import { linkedShop, SHOP, type LinkedShop } from "../support/linked-shop.ts";

export const MINUTE = 60_000;
export const words: AlertWords = (told) => alertMessage({ ...told, link: (path) => `https://${told.shop}/admin/apps/key${path}` });

export async function watchedShop(settings: Partial<AlertSettings> | null = {}) {
  const shop: LinkedShop = await linkedShop();
  const { process } = shop;
  const alertSettings = new FakeAlertSettings();
  const deliveries = new FakeDeliveries();
  const senders = new FakeSenders();
  if (settings !== null) {
    await alertSettings.save({ shop: SHOP, enabled: true, escalateAfterMinutes: 15, levels: [{ emails: ["officer@clinic.example"], webhookUrl: "https://hooks.example/services/T/B/x" }, { emails: ["owner@clinic.example"], webhookUrl: null }], ...settings });
  }
  const schedule = { enabled: false, nextAt: null as Date | null };
  const base = { ...process, alertSettings, deliveries };
  const ports: WatchPorts & { capture?: NonNullable<WatchPorts["capture"]>; senders: FakeSenders; words: AlertWords } = { ...base, alerts: alertsOf(base), senders, words, schedules: { due: () => Promise.resolve({ ...schedule }) } };
  const memory: WatchMemory = new Map();
  const unresolved = () => process.alertRecords.rows.filter(({ state }) => state !== "resolved").map(({ code, subject, severity }) => [code, subject, severity]);
  /** One minute: what the chores of a worker do in it. */
  const minute = async (n = 1): Promise<void> => {
    for (let i = 0; i < n; i++) {
      process.time.advance(MINUTE);
      await watchShop(ports, { shop: SHOP, memory });
      await deliverAlerts(ports);
    }
  };
  return { ...shop, ports, alertSettings, deliveries, senders, schedule, memory, unresolved, minute };
}
