/**
 * What is counted, by name. Labels are few and their values come from short fixed lists (kinds, codes, channels): no shop, no id, no address, so that the
 * number of series does not grow with the number of shops, and a metrics page tells nothing about anybody. docs/monitoring.md has the table; a test holds it complete.
 */
export interface MetricDefinition {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, seconds. */
  readonly buckets?: readonly number[];
}

const FAST = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SLOW = [1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];

export const METRICS = {
  holdfast_http_requests_total: { type: "counter", help: "Requests answered.", labels: ["method", "route", "status"] },
  holdfast_http_request_seconds: { type: "histogram", help: "From a request's first byte to its answer's end.", labels: ["method", "route"], buckets: FAST },
  holdfast_webhooks_total: { type: "counter", help: "Webhooks answered, by topic and what became of them.", labels: ["topic", "outcome"] },
  holdfast_webhook_seconds: { type: "histogram", help: "From a webhook's arrival to its acknowledgement.", labels: ["topic"], buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] },
  holdfast_runs_total: { type: "counter", help: "Runs that came to an end, by kind and end.", labels: ["kind", "outcome"] },
  holdfast_run_seconds: { type: "histogram", help: "From a run's first claim to its end.", labels: ["kind"], buckets: SLOW },
  holdfast_runs_under_way: { type: "gauge", help: "Runs queued or running, over all shops.", labels: ["kind", "state"] },
  holdfast_lease_losses_total: { type: "counter", help: "Runs whose lease this process lost to another.", labels: ["kind"] },
  holdfast_snapshot_records_total: { type: "counter", help: "Records in snapshots taken: added, changed, removed, unchanged.", labels: ["change"] },
  holdfast_snapshot_bytes_total: { type: "counter", help: "Bytes read from shops and written to storage by snapshots.", labels: ["direction"] },
  holdfast_snapshot_gaps_total: { type: "counter", help: "Gaps named in snapshots taken.", labels: [] },
  holdfast_jobs_total: { type: "counter", help: "Jobs handled by this process.", labels: ["job", "outcome"] },
  holdfast_job_wait_seconds: { type: "histogram", help: "From a job's sending to its start.", labels: ["job"], buckets: [0.1, 0.5, 1, 2.5, 5, 15, 60, 300, 1800] },
  holdfast_queue_depth: { type: "gauge", help: "Jobs that wait to be taken, over all processes.", labels: ["job"] },
  holdfast_alerts_raised_total: { type: "counter", help: "Alerts opened or opened again.", labels: ["code", "severity"] },
  holdfast_alerts_open: { type: "gauge", help: "Alerts that nobody has acknowledged, over all shops.", labels: ["code", "severity"] },
  holdfast_alert_deliveries_total: { type: "counter", help: "Attempts to tell people.", labels: ["channel", "outcome"] },
  holdfast_flow_deliveries_total: { type: "counter", help: "Attempts to tell Shopify Flow of an event.", labels: ["event", "outcome"] },
  holdfast_flow_actions_total: { type: "counter", help: "What workflows in Shopify Flow asked for: asked, done, refused.", labels: ["action", "outcome"] },
  holdfast_watch_seconds: { type: "histogram", help: "One round of the watchers over all shops.", labels: [], buckets: [0.1, 0.5, 1, 5, 15, 60, 300] },
  holdfast_shops: { type: "gauge", help: "Shops that have the app, by whether their snapshots are taken by themselves.", labels: ["schedule"] },
  holdfast_recovery_point_age_seconds: { type: "gauge", help: "Age of the newest snapshot over shops with a schedule: the oldest, and the median.", labels: ["of"] },
  holdfast_capture_seal_seconds: { type: "histogram", help: "From a change's webhook to its segment in the vault.", labels: [], buckets: [0.25, 0.5, 1, 2, 3, 5, 10, 30, 120, 600] },
  holdfast_capture_changes_total: { type: "counter", help: "Changes sealed into journals.", labels: ["change"] },
  holdfast_capture_missed_total: { type: "counter", help: "Changes that a snapshot found and the journal had not heard of.", labels: [] },
  holdfast_capture_waiting: { type: "gauge", help: "Records that changed and are not sealed yet, over all shops.", labels: [] },
  holdfast_store_calls_total: { type: "counter", help: "Calls to storage.", labels: ["store", "call", "outcome"] },
  holdfast_store_call_seconds: { type: "histogram", help: "How long storage took to answer.", labels: ["store", "call"], buckets: FAST },
  holdfast_store_bytes_total: { type: "counter", help: "Bytes sent to and fetched from storage.", labels: ["store", "direction"] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
type Of<T extends MetricDefinition["type"]> = { [N in MetricName]: (typeof METRICS)[N]["type"] extends T ? N : never }[MetricName];
export type CounterName = Of<"counter">;
export type GaugeName = Of<"gauge">;
export type HistogramName = Of<"histogram">;
export type LabelsOf<N extends MetricName> = Readonly<Record<(typeof METRICS)[N]["labels"][number], string>>;

/** Another metric is a line in METRICS and a row in docs/monitoring.md; a name or label that is not there does not compile. */
export interface Metrics {
  count<N extends CounterName>(name: N, labels: LabelsOf<N>, by?: number): void;
  gauge<N extends GaugeName>(name: N, value: number, labels: LabelsOf<N>): void;
  observe<N extends HistogramName>(name: N, seconds: number, labels: LabelsOf<N>): void;
}

/** Where nobody counts: the command line, and tests that do not ask. */
export const NO_METRICS: Metrics = { count: () => undefined, gauge: () => undefined, observe: () => undefined };
