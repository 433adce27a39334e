/** Alerts and metrics in memory, for tests of whoever raises and counts. */
import type { AlertCode, AlertKey, Alerts, RaisedAlert } from "#app/workflows/ports/alerts.ts";
import { METRICS, type MetricDefinition, type Metrics } from "#app/workflows/ports/metrics.ts";

/** What may stand in an alert's subject. */
export const SUBJECT = /^[A-Za-z0-9._:/-]{1,128}$/;

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
