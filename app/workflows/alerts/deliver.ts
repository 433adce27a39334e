/** Sends the messages whose time has come. One that cannot be sent is tried again, later and later, and is kept with how it ended. */
import type { Alert, AlertDeliveries, AlertDelivery, AlertLevel, AlertRecords, AlertSenders, AlertSettingsRecords, AlertWords, DeliveryOutcome, Ports } from "../ports.ts";

export type DeliverPorts = Pick<Ports, "clock" | "log" | "metrics"> & {
  readonly alertRecords: AlertRecords;
  readonly alertSettings: AlertSettingsRecords;
  readonly deliveries: AlertDeliveries;
  readonly senders: AlertSenders;
  readonly words: AlertWords;
};

const MINUTE = 60_000;
/** Pauses after each failed attempt: eight attempts over about seven hours. */
export const BACK_OFF_MS: readonly number[] = [MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 120 * MINUTE, 240 * MINUTE];
/** A message that is being sent is nobody else's for so long. Above what the senders wait at most. */
const CLAIM_MS = 2 * MINUTE;
const AT_ONCE = 20;
/** How long it can be looked up what was sent. */
const KEEP_MS = 90 * 24 * 3_600_000;

/** Answers how many messages left. */
export async function deliverAlerts(ports: DeliverPorts): Promise<number> {
  const now = ports.clock.now();
  let sent = 0;
  const due = await ports.deliveries.claimDue(now, new Date(now.getTime() + CLAIM_MS), AT_ONCE);
  for (const delivery of due) if (await deliver(ports, delivery)) sent++;
  if (due.length === 0) await ports.deliveries.forget(new Date(now.getTime() - KEEP_MS));
  return sent;
}

async function deliver(ports: DeliverPorts, delivery: AlertDelivery): Promise<boolean> {
  const { id, shop, channel, level, reason, attempts } = delivery;
  const alerts = await stillTrue(ports, delivery);
  if (alerts === null) {
    await ports.deliveries.ended(id, { state: "unneeded", at: ports.clock.now(), code: null });
    return false;
  }
  const people = (await ports.alertSettings.get(shop))?.levels[level];
  const message = ports.words({ shop, reason, level, alerts, now: ports.clock.now() });
  const outcome = await send(ports.senders, people, channel, message);
  ports.metrics.count("holdfast_alert_deliveries_total", { channel, outcome: outcome.kind === "sent" ? "sent" : outcome.code });
  const at = ports.clock.now();
  if (outcome.kind === "sent") {
    await ports.deliveries.ended(id, { state: "sent", at, code: null });
    ports.log.info("alert.told", { shop, delivery: id, channel, level, alerts: alerts.length });
    return true;
  }
  const pause = outcome.retry === "later" ? BACK_OFF_MS[attempts - 1] : undefined;
  if (pause === undefined) await ports.deliveries.ended(id, { state: "failed", at, code: outcome.code });
  else await ports.deliveries.ended(id, { state: "waiting", at, nextAt: new Date(at.getTime() + pause), code: outcome.code });
  ports.log.error("alert.not_told", { shop, delivery: id, channel, level, code: outcome.code, attempt: attempts, again: pause !== undefined });
  return false;
}

/** What is over, or has somebody who looks after it, is no news. Null: nothing is left to tell. A test tells of nothing and is always sent. */
async function stillTrue(ports: DeliverPorts, { shop, reason, alertIds }: AlertDelivery): Promise<readonly Alert[] | null> {
  const alerts: Alert[] = [];
  for (const alertId of alertIds) {
    const alert = await ports.alertRecords.get(shop, alertId);
    if (alert?.state === "open") alerts.push(alert);
  }
  return reason === "test" || alerts.length > 0 ? alerts : null;
}

async function send(senders: AlertSenders, people: AlertLevel | undefined, channel: AlertDelivery["channel"], message: ReturnType<AlertWords>): Promise<DeliveryOutcome> {
  const nobody: DeliveryOutcome = { kind: "failed", code: "delivery.no_channel", retry: "never" };
  if (people === undefined) return nobody;
  if (channel === "email") return people.emails.length === 0 || !senders.canEmail ? nobody : senders.email(people.emails, message);
  return people.webhookUrl === null ? nobody : senders.webhook(people.webhookUrl, message);
}
