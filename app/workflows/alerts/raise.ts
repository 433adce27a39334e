/** Opens, counts and resolves alerts, and sees to it that the first people are told of what is new. What the port Alerts is made of. */
import type { Alert, AlertDeliveries, AlertFacts, AlertRecords, Alerts, AlertSettings, AlertSettingsRecords, Ports, RaisedAlert } from "../ports.ts";
import { keepEvent } from "../shared/outbox.ts";

export type RaisePorts = Pick<Ports, "ids" | "clock" | "log" | "metrics" | "links" | "stores" | "signer" | "outbox"> & {
  readonly alertRecords: AlertRecords;
  readonly alertSettings: AlertSettingsRecords;
  readonly deliveries: AlertDeliveries;
};

/**
 * What comes within this of the first alert goes into one message, and what is over before it is told to nobody. With a round of the watchers (a minute) it
 * stays well below the five minutes in which people are to know.
 */
export const GATHER_MS = 90_000;

export function alertsOf(ports: RaisePorts): Alerts {
  return {
    raise: async (raised) => {
      const alert = checked(raised);
      const { alert: kept, sighting } = await ports.alertRecords.sight({ ...alert, id: ports.ids.next(), at: ports.clock.now() });
      if (sighting === "seen-again") return;
      const { shop, code, subject, severity } = alert;
      ports.metrics.count("holdfast_alerts_raised_total", { code, severity });
      ports.log.warn("alert.opened", { shop, alert: kept.id, code, severity, subject });
      await tell(ports, kept);
      await enter(ports, kept, "alert.raised");
    },
    resolve: async (key) => {
      const resolved = await ports.alertRecords.resolve({ ...key, at: ports.clock.now() });
      if (resolved === null) return;
      ports.log.info("alert.resolved", { shop: key.shop, alert: resolved.id, code: key.code, subject: key.subject });
      await enter(ports, resolved, "alert.resolved");
    },
  };
}

/** Puts a message to the first level on its way. */
async function tell(ports: RaisePorts, alert: Alert): Promise<void> {
  await announce(ports, await ports.alertSettings.get(alert.shop), alert, 0, "opened");
}

/** One message per channel that this level has; nothing where nobody is set down: the banner and the list are always there. */
export async function announce(ports: Pick<RaisePorts, "ids" | "clock" | "deliveries">, settings: AlertSettings | null, alert: Pick<Alert, "id" | "shop">, level: number, reason: "opened" | "escalated"): Promise<void> {
  const people = settings?.enabled === true ? settings.levels[level] : undefined;
  if (people === undefined) return;
  const now = ports.clock.now();
  const message = { shop: alert.shop, level, reason, alertIds: [alert.id], createdAt: now, nextAt: new Date(now.getTime() + (reason === "opened" ? GATHER_MS : 0)) };
  if (people.emails.length > 0) await ports.deliveries.add({ ...message, id: ports.ids.next(), channel: "email" });
  if (people.webhookUrl !== null) await ports.deliveries.add({ ...message, id: ports.ids.next(), channel: "webhook" });
}

async function enter(ports: RaisePorts, alert: Alert, action: "alert.raised" | "alert.resolved"): Promise<void> {
  const { shop, id, code, subject, severity } = alert;
  await keepEvent(ports, shop, { actor: "system", action, subject: { shop, alert: id, code, about: subject, severity }, outcome: "done" });
}

/** As the ledger takes it: a word of ours, or one with the name of a stream, a kind, a key, a request behind it; not a date. */
const SUBJECT = /^(?!.{129})(?!.*\d{4}-\d\d-\d\d)(?:storage|schedule|snapshot|vault|journal|[a-z]{2,20}:[A-Za-z0-9._:/-]+)$/;
/** Ids, codes, names of fields, times; no sentence, no address of a person. */
const FACT = /^[A-Za-z0-9._:/,+ -]{0,200}$/;

/** A subject or fact of another shape is a mistake of ours, and might be somebody's data: it does not get any further. Its value is not in the message. */
function checked(alert: RaisedAlert): RaisedAlert & { readonly facts: AlertFacts } {
  const { subject, facts = {} } = alert;
  if (!SUBJECT.test(subject)) throw new AlertError(`an alert ${alert.code} about something that is no subject`);
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value === "string" ? !FACT.test(value) : typeof value === "number" && !Number.isFinite(value)) throw new AlertError(`an alert ${alert.code} with a fact that is none (${name})`);
  }
  return { ...alert, facts };
}

export class AlertError extends Error {
  override readonly name = "AlertError";
  readonly code = "alert.bad_fact";
  readonly retry = "never";
}
