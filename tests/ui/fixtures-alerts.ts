/** Models of the alert and run screens in every state: empty, open, acknowledged, resolved, long. Invented figures, no records. */
import type { AlertModel, AlertRow, AlertSettingsModel, AlertsModel, DeliveryRow, RunRow, RunsModel } from "#app/ui/models.ts";
import { ALERT_CODES } from "#app/workflows/ports/alerts.ts";
import { ago, NOW } from "./fixtures.ts";

const MINUTE = 60_000;
export const alertRow = (over: Partial<AlertRow> = {}): AlertRow => ({
  id: "alert_01", code: "alert.stream_failed", subject: "stream:metafields", severity: "critical", state: "open", facts: { gap: "stream.failed", phi: true, snapshot: "9f2c1a7b9f2c1a7b" }, firstSeen: ago(4 * MINUTE), lastSeen: ago(MINUTE), ...over,
});

/** Every code once, with the facts its watcher gives it. */
const FACTS: Record<string, AlertRow["facts"]> = {
  "alert.schedule_missed": { why: "not_begun", dueAt: ago(9 * MINUTE), run: "run_1" }, "alert.storage_unreachable": { cause: "store.unreachable" }, "alert.storage_unencrypted": { sealed: true }, "alert.verify_finding": { finding: "pack.missing", run: "run_2" },
  "alert.key_due": { dueAt: ago(-3 * 86_400_000), overdue: false, todo: "replace recipient" }, "alert.gap": { gap: "count.mismatch", gaps: 12, phi: true, snapshot: "s1" }, "alert.snapshot_failed": { cause: "store.no_space", run: "run_3" },
  "alert.erasure_due": { topic: "customers/redact", dueAt: ago(-2 * 86_400_000), overdue: false }, "alert.recovery_point_breached": { ageMs: 7_200_000, objectiveMs: 3_600_000 }, "alert.api_change": { version: "2027-01" }, "alert.coverage_task": {}, "alert.drill_missed": { dueAt: ago(8 * 86_400_000), lacking: "real" }, "alert.drill_waiting": { dueAt: ago(86_400_000), until: ago(-6 * 86_400_000), lacking: "real" }, "alert.drill_failed": { drill: "d-1", cause: "drill.differs" }, "alert.restore_failed": { plan: "7f0c4a0e-1", cause: "restore.differs" }, "alert.flow_undelivered": { event: "snapshot.failed", cause: "flow.unreachable", delivery: "d-1" }, "alert.viewer_suspended": { session: "ab12ab12ab12ab12", reads: 600 },
};
const SUBJECTS: Record<string, string> = {
  "alert.schedule_missed": "schedule", "alert.storage_unreachable": "storage", "alert.storage_unencrypted": "storage:transit", "alert.verify_finding": "vault", "alert.key_due": "key:pQ3eB0v1d7nq8R2sXkJ5tYw6zLcM4hUgFaTiOoEbNnA:replace-recipient",
  "alert.snapshot_failed": "snapshot", "alert.erasure_due": "request:b1946ac9-2492-4d23", "alert.drill_missed": "drill:weekly", "alert.drill_waiting": "drill:weekly", "alert.drill_failed": "drill:weekly", "alert.restore_failed": "restore:shop", "alert.api_change": "field:Customer.note", "alert.flow_undelivered": "flow:snapshot-failed", "alert.viewer_suspended": "viewer:ab12ab12ab12ab12", "alert.coverage_task": "namespace:app--1234567--intake", "alert.recovery_point_breached": "stream:draft-orders", "alert.gap": "stream:customers",
};
export const everyAlert: readonly AlertRow[] = ALERT_CODES.map((code, n) => alertRow({ id: `alert_${n}`, code, subject: SUBJECTS[code] ?? "stream:metafields", facts: FACTS[code] ?? alertRow().facts, severity: n % 3 === 0 ? "critical" : "warning", state: n % 4 === 3 ? "acknowledged" : "open", firstSeen: ago(n * 47 * MINUTE + 1000) }));

const base: AlertsModel = { now: NOW, state: "safe", view: "unresolved", severity: null, code: null, page: 1, pages: 0, open: 0, acknowledged: 0, total: 0, rows: [], told: { people: 2, enabled: true }, undelivered: 0 };
export const alertLists: Record<string, AlertsModel> = {
  empty: { ...base, told: null },
  calm: { ...base, total: 3 },
  some: { ...base, state: "not-safe", open: 9, acknowledged: 3, total: 14, pages: 1, rows: everyAlert, undelivered: 1 },
  acknowledged: { ...base, state: "at-risk", acknowledged: 1, total: 1, pages: 1, rows: [alertRow({ state: "acknowledged" })], told: { people: 1, enabled: false } },
  long: { ...base, state: "at-risk", view: "all", page: 3, pages: 40, open: 200, acknowledged: 12, total: 1000, rows: Array.from({ length: 25 }, (_, n) => alertRow({ id: `a${n}`, subject: `stream:${"a-very-long-name-of-a-stream-".repeat(3)}${n}`, state: n % 2 ? "resolved" : "open" })) },
};

const delivery = (over: Partial<DeliveryRow> = {}): DeliveryRow => ({ id: "d1", channel: "email", level: 0, reason: "opened", state: "sent", at: ago(2 * MINUTE), nextAt: ago(MINUTE), attempts: 1, code: null, ...over });
export const deliveries: readonly DeliveryRow[] = [delivery({ id: "d2", channel: "webhook", state: "waiting", code: "delivery.unreachable", nextAt: ago(-5 * MINUTE) }), delivery(), delivery({ id: "d3", state: "failed", code: "delivery.refused", reason: "escalated", level: 1 }), delivery({ id: "d4", state: "unneeded" })];

const page = (row: AlertRow, over: Partial<AlertModel> = {}): AlertModel => ({ ...row, now: NOW, count: 3, acknowledged: null, resolvedAt: null, level: 0, deliveries: [], ...over });
export const alertPages: Record<string, AlertModel> = {
  ...Object.fromEntries(everyAlert.map((row) => [row.code.replace("alert.", "").replaceAll("_", "-"), page(row)])),
  told: page(alertRow(), { deliveries }),
  acknowledged: page(alertRow({ state: "acknowledged" }), { acknowledged: { at: ago(MINUTE), by: "staff:42", note: "Called the maker of the app; waiting for an answer." } }),
  resolved: page(alertRow({ state: "resolved" }), { acknowledged: { at: ago(3 * MINUTE), by: "staff:42", note: null }, resolvedAt: ago(MINUTE) }),
};

export const alertSettingsPages: Record<string, AlertSettingsModel> = {
  empty: { now: NOW, saved: false, enabled: true, escalateAfterMinutes: 15, levels: [{ emails: [], webhookHost: null }], canEmail: true, mostLevels: 3, deliveries: [] },
  "no-mail": { now: NOW, saved: false, enabled: true, escalateAfterMinutes: 15, levels: [{ emails: [], webhookHost: null }], canEmail: false, mostLevels: 3, deliveries: [] },
  saved: { now: NOW, saved: true, enabled: true, escalateAfterMinutes: 15, levels: [{ emails: ["officer@clinic.example", "second@clinic.example"], webhookHost: "hooks.slack.com" }, { emails: ["owner@clinic.example"], webhookHost: null }], canEmail: true, mostLevels: 3, deliveries },
};

const run = (over: Partial<RunRow> = {}): RunRow => ({
  id: "run_01", kind: "snapshot", state: "succeeded", requestedAt: ago(10 * MINUTE), startedAt: ago(10 * MINUTE), endedAt: ago(4 * MINUTE), requestedBy: "schedule", attempt: 1, phase: null, stream: null, records: 48_211, expected: null, code: "snapshot.committed", result: "/app/snapshots/9f2c1a7b9f2c1a7b", gapCount: 0,
  kinds: [{ kind: "Customer", here: 20_000, shop: 20_000 }, { kind: "Metafield", here: 28_211 }], cancellable: false, ...over,
});
export const runLists: Record<string, RunsModel> = {
  empty: { now: NOW, view: "all", rows: [], underWay: 0, failed: 0, problem: null, marked: null },
  none: { now: NOW, view: "failed", rows: [], underWay: 0, failed: 0, problem: null, marked: null },
  live: {
    now: NOW, view: "all", underWay: 2, failed: 1, problem: null, marked: "run_05",
    rows: [
      run({ id: "run_03", state: "running", code: null, result: null, endedAt: null, phase: "downloading", stream: "draft-orders", records: 21_480, expected: 48_200, kinds: [], cancellable: true, attempt: 2 }),
      run({ id: "run_04", kind: "drill", state: "queued", code: null, startedAt: null, endedAt: null, records: null, result: "/app/drills/run_04", kinds: [], requestedBy: "staff:42", cancellable: true }),
      run({ code: "snapshot.committed_with_gaps", gapCount: 3 }),
      run({ id: "run_05", state: "failed", code: "store.no_space", result: null, kinds: [] }),
      run({ id: "run_06", kind: "verify", code: "vault.sound", records: null, result: null, kinds: [] }),
      run({ id: "run_07", state: "cancelled", code: "snapshot.cancelled", result: null, kinds: [], requestedBy: "cli" }),
    ],
  },
  long: { now: NOW, view: "all", underWay: 0, failed: 0, problem: null, marked: null, rows: Array.from({ length: 50 }, (_, n) => run({ id: `run_${n}`, startedAt: ago(n * 60 * MINUTE + 6 * MINUTE), endedAt: ago(n * 60 * MINUTE) })) },
};
