/** Alerts and metrics in memory, for tests of whoever raises and counts. */
import type {
  Alert, AlertCode, AlertDeliveries, AlertDelivery, AlertFilter, AlertKey, AlertMessage, AlertRecords, Alerts, AlertSenders, AlertSettings, AlertSettingsRecords, DeliveryOutcome, RaisedAlert,
} from "#app/workflows/ports/alerts.ts";
import { METRICS, type MetricDefinition, type Metrics } from "#app/workflows/ports/metrics.ts";

/** What may stand in an alert's subject. */
export const SUBJECT = /^(?!.{129})(?!.*\d{4}-\d\d-\d\d)(?:storage|schedule|snapshot|vault|journal|[a-z]{2,20}:[A-Za-z0-9._:/-]+)$/;

export class FakeAlerts implements Alerts {
  /** Unresolved, by key, in the order in which they were raised first. */
  readonly open = new Map<string, RaisedAlert & { readonly count: number }>();
  readonly resolved: AlertKey[] = [];

  readonly raise = (alert: RaisedAlert): Promise<void> => {
    if (!SUBJECT.test(alert.subject)) return Promise.reject(new Error(`no subject of an alert: ${alert.subject}`));
    const key = keyOf(alert);
    this.open.set(key, { ...alert, count: (this.open.get(key)?.count ?? 0) + 1 });
    return Promise.resolve();
  };

  readonly resolve = (alert: AlertKey): Promise<void> => {
    if (this.open.delete(keyOf(alert))) this.resolved.push({ shop: alert.shop, code: alert.code, subject: alert.subject });
    return Promise.resolve();
  };

  codes(shop?: string): readonly AlertCode[] {
    return [...this.open.values()].filter((alert) => shop === undefined || alert.shop === shop).map(({ code }) => code);
  }
}

const keyOf = ({ shop, code, subject }: AlertKey): string => `${shop} ${code} ${subject}`;

/** Keeps what was counted, and checks what prom-client would: the name's labels and no others. */
export class FakeMetrics implements Metrics {
  readonly values = new Map<string, number>();
  readonly observed = new Map<string, number[]>();

  readonly count: Metrics["count"] = (name, labels, by = 1) => {
    const key = keyFor(name, labels);
    this.values.set(key, (this.values.get(key) ?? 0) + by);
  };
  readonly gauge: Metrics["gauge"] = (name, value, labels) => void this.values.set(keyFor(name, labels), value);
  readonly observe: Metrics["observe"] = (name, seconds, labels) => {
    const key = keyFor(name, labels);
    this.observed.set(key, [...(this.observed.get(key) ?? []), seconds]);
  };
}

/** "holdfast_runs_total{kind=snapshot,outcome=succeeded}" */
function keyFor(name: keyof typeof METRICS, labels: Readonly<Record<string, string>>): string {
  const definition: MetricDefinition = METRICS[name];
  if (Object.keys(labels).sort().join() !== [...definition.labels].sort().join()) throw new Error(`${name} has other labels`);
  return `${name}{${definition.labels.map((label) => `${label}=${labels[label]!}`).join(",")}}`;
}

/** Alerts in memory, under the same rules as the database's (app/platform/alerts/records.ts). */
export class FakeAlertRecords implements AlertRecords {
  readonly rows: Alert[] = [];
  readonly #unresolved = ({ shop, code, subject }: AlertKey): Alert | undefined => this.rows.find((row) => row.state !== "resolved" && row.shop === shop && row.code === code && row.subject === subject);
  #set(row: Alert, change: Partial<Alert>): Alert {
    const changed = { ...row, ...change };
    this.rows[this.rows.indexOf(row)] = changed;
    return changed;
  }

  readonly sight: AlertRecords["sight"] = ({ id, shop, code, subject, severity, facts = {}, at }) => {
    const known = this.#unresolved({ shop, code, subject });
    if (known === undefined) {
      const alert: Alert = { id, shop, code, subject, severity, state: "open", facts, firstSeen: at, lastSeen: at, count: 1, acknowledgedAt: null, acknowledgedBy: null, note: null, resolvedAt: null, level: 0, levelAt: at };
      this.rows.push(alert);
      return Promise.resolve({ alert, sighting: "opened" });
    }
    const worse = known.severity === "warning" && severity === "critical";
    const reopened = worse && known.state === "acknowledged";
    const alert = this.#set(known, { facts, lastSeen: at, count: known.count + 1, ...(worse ? { severity } : {}), ...(reopened ? { state: "open", level: 0, levelAt: at } : {}) });
    return Promise.resolve({ alert, sighting: reopened ? "reopened" : "seen-again" });
  };
  readonly resolve: AlertRecords["resolve"] = ({ at, ...key }) => {
    const known = this.#unresolved(key);
    return Promise.resolve(known === undefined ? null : this.#set(known, { state: "resolved", resolvedAt: at }));
  };
  readonly acknowledge: AlertRecords["acknowledge"] = ({ shop, id, by, note, at }) => {
    const known = this.rows.find((row) => row.shop === shop && row.id === id && row.state === "open");
    return Promise.resolve(known === undefined ? null : this.#set(known, { state: "acknowledged", acknowledgedBy: by, acknowledgedAt: at, note }));
  };
  readonly escalate: AlertRecords["escalate"] = ({ shop, id, level, at }) => {
    const known = this.rows.find((row) => row.shop === shop && row.id === id && row.state === "open" && row.level === level - 1);
    if (known !== undefined) this.#set(known, { level, levelAt: at });
    return Promise.resolve(known !== undefined);
  };
  readonly get: AlertRecords["get"] = (shop, id) => Promise.resolve(this.rows.find((row) => row.shop === shop && row.id === id) ?? null);
  readonly list: AlertRecords["list"] = (shop, filter = {}, { limit = 50, offset = 0 } = {}) =>
    Promise.resolve(this.#matching(shop, filter).sort((a, b) => Number(a.state === "resolved") - Number(b.state === "resolved") || b.lastSeen.getTime() - a.lastSeen.getTime()).slice(offset, offset + limit));
  readonly count: AlertRecords["count"] = (shop, filter = {}) => Promise.resolve(this.#matching(shop, filter).length);
  readonly unresolved: AlertRecords["unresolved"] = (shop) => Promise.resolve(this.rows.filter((row) => row.shop === shop && row.state !== "resolved"));
  readonly shopsWithOpen: AlertRecords["shopsWithOpen"] = () => Promise.resolve([...new Set(this.rows.filter(({ state }) => state === "open").map(({ shop }) => shop))]);
  #matching(shop: string, { states, codes, severity }: AlertFilter): Alert[] {
    return this.rows.filter((row) => row.shop === shop && (states?.includes(row.state) ?? true) && (codes?.includes(row.code) ?? true) && (severity === undefined || row.severity === severity));
  }
}

export class FakeAlertSettings implements AlertSettingsRecords {
  readonly rows = new Map<string, AlertSettings>();
  readonly get: AlertSettingsRecords["get"] = (shop) => Promise.resolve(this.rows.get(shop) ?? null);
  readonly save: AlertSettingsRecords["save"] = (settings) => Promise.resolve(void this.rows.set(settings.shop, settings));
}

export class FakeDeliveries implements AlertDeliveries {
  readonly rows: AlertDelivery[] = [];
  readonly add: AlertDeliveries["add"] = (message) => {
    const same = message.reason === "test" ? undefined : this.rows.find((row) => row.state === "waiting" && row.attempts === 0 && row.shop === message.shop && row.channel === message.channel && row.level === message.level && row.reason === message.reason);
    if (same === undefined) this.rows.push({ ...message, state: "waiting", attempts: 0, endedAt: null, code: null });
    else this.rows[this.rows.indexOf(same)] = { ...same, alertIds: [...new Set([...same.alertIds, ...message.alertIds])] };
    return Promise.resolve();
  };
  readonly claimDue: AlertDeliveries["claimDue"] = (now, until, limit) => {
    const due = this.rows.filter(({ state, nextAt }) => state === "waiting" && nextAt <= now).slice(0, limit);
    return Promise.resolve(due.map((row) => (this.rows[this.rows.indexOf(row)] = { ...row, attempts: row.attempts + 1, nextAt: until })));
  };
  readonly ended: AlertDeliveries["ended"] = (id, { state, at, nextAt, code }) => {
    const place = this.rows.findIndex((row) => row.id === id);
    const row = this.rows[place]!;
    this.rows[place] = { ...row, state, endedAt: state === "waiting" ? null : at, nextAt: nextAt ?? row.nextAt, code };
    return Promise.resolve();
  };
  readonly list: AlertDeliveries["list"] = (shop, { alertId, limit = 50 } = {}) => Promise.resolve(this.rows.filter((row) => row.shop === shop && (alertId === undefined || row.alertIds.includes(alertId))).reverse().slice(0, limit));
  readonly forget: AlertDeliveries["forget"] = (before) => {
    const kept = this.rows.filter(({ state, endedAt }) => state === "waiting" || endedAt === null || endedAt >= before);
    return Promise.resolve(this.rows.length - this.rows.splice(0, this.rows.length, ...kept).length);
  };
}

/** People who get every message, until told otherwise. */
export class FakeSenders implements AlertSenders {
  canEmail = true;
  outcome: DeliveryOutcome = { kind: "sent" };
  readonly sent: { readonly channel: "email" | "webhook"; readonly to: readonly string[]; readonly message: AlertMessage }[] = [];
  readonly email: AlertSenders["email"] = (to, message) => this.#send("email", to, message);
  readonly webhook: AlertSenders["webhook"] = (url, message) => this.#send("webhook", [url], message);
  #send(channel: "email" | "webhook", to: readonly string[], message: AlertMessage): Promise<DeliveryOutcome> {
    if (this.outcome.kind === "sent") this.sent.push({ channel, to, message });
    return Promise.resolve(this.outcome);
  }
}
