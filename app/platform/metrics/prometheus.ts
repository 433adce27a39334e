/** Counts in this process, in Prometheus' text format, through prom-client. What is counted stands in app/workflows/ports/metrics.ts. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import { METRICS, type MetricDefinition, type Metrics } from "#app/workflows/ports/metrics.ts";

export interface PrometheusMetrics extends Metrics {
  readonly contentType: string;
  /** The page. `collect` functions are asked first; one that fails leaves its gauges as they were. */
  text(): Promise<string>;
  /** Asked before each page: gauges that are read from the database. */
  onCollect(collect: () => Promise<void>): void;
}

export interface PrometheusOptions {
  /** prom-client's own about the process: CPU, memory, event-loop lag, garbage collection. */
  readonly processMetrics?: boolean;
  readonly onError?: (error: unknown) => void;
}

export function prometheusMetrics({ processMetrics = true, onError = () => undefined }: PrometheusOptions = {}): PrometheusMetrics {
  // A registry of its own: two apps in one process (tests) do not share counts.
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, { type, help, labels, buckets }] of Object.entries<MetricDefinition>(METRICS)) {
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === "counter") counters.set(name, new Counter(common));
    else if (type === "gauge") gauges.set(name, new Gauge(common));
    else histograms.set(name, new Histogram({ ...common, ...(buckets === undefined ? {} : { buckets: [...buckets] }) }));
  }
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const collectors: (() => Promise<void>)[] = [];
  return {
    contentType: registry.contentType,
    count: (name, labels, by = 1) => counters.get(name)?.inc({ ...labels }, by),
    gauge: (name, value, labels) => gauges.get(name)?.set({ ...labels }, value),
    observe: (name, seconds, labels) => histograms.get(name)?.observe({ ...labels }, seconds),
    onCollect: (collect) => void collectors.push(collect),
    text: async () => {
      for (const { status, reason } of (await Promise.allSettled(collectors.map((collect) => collect()))).map((settled) => ({ reason: undefined, ...settled }))) {
        if (status === "rejected") onError(reason);
      }
      return registry.metrics();
    },
  };
}
