/** Sends the messages whose time has come. */
import type { Alert, AlertDeliveries, AlertDelivery, AlertLevel, AlertRecords, AlertSenders, AlertSettingsRecords, AlertWords, DeliveryCode, DeliveryOutcome, Ports } from "../ports.ts";
import { deliverDue, type Attempt } from "../shared/deliver.ts";

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
/** Above what the senders wait at most. */
const CLAIM_MS = 2 * MINUTE;

/** Answers how many messages left. */
export function deliverAlerts(ports: DeliverPorts): Promise<number> {
  return deliverDue({
    clock: ports.clock,
    line: ports.deliveries,
    claimMs: CLAIM_MS,
    pausesMs: BACK_OFF_MS,
    fault: "delivery.failed",
    send: (delivery) => tell(ports, delivery),
    notSent: ({ id, shop, channel, level, attempts }, { code, again }) => ports.log.error("alert.not_told", { shop, delivery: id, channel, level, code, attempt: attempts, again }),
  });
}

async function tell(ports: DeliverPorts, delivery: AlertDelivery): Promise<Attempt<"unneeded", DeliveryCode>> {
  const { id, shop, channel, level, reason } = delivery;
  const alerts = await stillTrue(ports, delivery);
  if (alerts === null) return { kind: "over", state: "unneeded" };
  const people = (await ports.alertSettings.get(shop))?.levels[level];
  const message = ports.words({ shop, reason, level, alerts, now: ports.clock.now() });
  const outcome = await send(ports.senders, people, channel, message);
  ports.metrics.count("holdfast_alert_deliveries_total", { channel, outcome: outcome.kind === "sent" ? "sent" : outcome.code });
  if (outcome.kind === "sent") ports.log.info("alert.told", { shop, delivery: id, channel, level, alerts: alerts.length });
  return outcome;
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
