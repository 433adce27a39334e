/** View models of the recovery points screen in every state. Invented figures, no records. */
import type { EmergencyRow, RecoveryPointsModel, RecoveryRow, RecoverySeries } from "#app/ui/models/recovery.ts";
import { ago, NOW } from "./fixtures.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CAPTURED = ["customers", "orders", "draft-orders", "products", "companies", "company-locations", "collections", "discounts", "subscription-contracts"];
const BY_SNAPSHOT = [
  "shop", "metafield-definitions", "metaobject-definitions", "metaobjects", "product-variants", "order-details", "draft-order-details", "subscription-contract-lines", "abandoned-checkouts",
  "gift-cards", "gift-card-details", "segments", "discount-codes", "files", "file-contents", "pages", "blogs", "articles", "comments", "events",
];

function captured(stream: string, over: Partial<RecoveryRow> = {}): RecoveryRow {
  return { stream, basis: "capture", ageMs: 0, objectiveMs: 15 * MINUTE, pending: 0, changesPerHour: 12, advisedMinutes: 1440, why: "proven", ...over };
}
function bySnapshot(stream: string, over: Partial<RecoveryRow> = {}): RecoveryRow {
  return { stream, basis: "snapshot", ageMs: 47 * MINUTE, objectiveMs: 26 * HOUR, pending: 0, changesPerHour: 0, advisedMinutes: 60, why: "no-topics", ...over };
}

/** One figure every six minutes; sealed changes stay young, snapshots make teeth, and for the two hours before the last one nothing was measured. */
function day(stream: string, ageAt: (n: number) => number | null): RecoverySeries {
  const points = Array.from({ length: 240 }, (_, n) => ({ at: ago((239 - n) * 6 * MINUTE), ageMs: ageAt(n) }));
  return { stream, points: points.filter((_, n) => n < 200 || n > 220) };
}
const teeth = (n: number): number => ((n % 60) + 1) * 6 * MINUTE;
const young = (n: number): number => (n % 37 === 5 ? 48_000 : n % 11 === 0 ? 6_000 : 0);

const emergencies: readonly EmergencyRow[] = [
  { id: "run_09", requestedAt: ago(40_000), reason: "attack", incident: null, assistantRun: null, holdUntil: null, state: "waiting", code: null, snapshotId: null },
  { id: "run_10", requestedAt: ago(90 * MINUTE), reason: "incident", incident: null, assistantRun: "asst_3", holdUntil: null, state: "held", code: null, snapshotId: "20261122T123011Z-1a2b3c50" },
  { id: "run_08", requestedAt: ago(26 * HOUR), reason: "incident", incident: "2026-014", assistantRun: null, holdUntil: null, state: "held", code: null, snapshotId: "20261121T120511Z-1a2b3c4d" },
  { id: "run_07", requestedAt: ago(50 * HOUR), reason: "before-change", incident: null, assistantRun: null, holdUntil: new Date(Date.parse(NOW) + 22 * HOUR).toISOString(), state: "held", code: null, snapshotId: "20261120T120511Z-1a2b3c4e" },
  { id: "run_06", requestedAt: ago(30 * 24 * HOUR), reason: "exercise", incident: null, assistantRun: null, holdUntil: ago(27 * 24 * HOUR), state: "released", code: null, snapshotId: "20261023T140511Z-1a2b3c4f" },
  { id: "run_05", requestedAt: ago(31 * 24 * HOUR), reason: "data-loss", incident: null, assistantRun: null, holdUntil: null, state: "failed", code: "store.no_space", snapshotId: null },
];

const base: RecoveryPointsModel = { now: NOW, linked: true, hours: 24, rows: [], series: [], emergencies: [], openRuns: [] };
const some = [
  bySnapshot("metaobjects", { ageMs: 5 * HOUR + 12 * MINUTE }), captured("draft-orders", { ageMs: 48_000, pending: 3, changesPerHour: 31 }), bySnapshot("orders", { why: "missed", changesPerHour: 84, pending: 2 }),
  bySnapshot("companies", { why: "not-reconciled" }), bySnapshot("customers-metafields", { why: "metafields-unconfirmed" }), captured("customers", { ageMs: 6_000, pending: 1, changesPerHour: 1_204 }),
];

export const recoveryPages: Record<string, RecoveryPointsModel> = {
  unlinked: { ...base, linked: false },
  empty: base,
  noSnapshot: { ...base, rows: ["customers", "orders", "metaobjects"].map((stream) => bySnapshot(stream, { basis: "none", ageMs: null, why: "no-snapshot" })) },
  safe: { ...base, rows: some, series: [day("metaobjects", teeth), day("draft-orders", young), day("orders", teeth), day("companies", teeth), day("customers", young)], emergencies: emergencies.slice(3, 4) },
  breached: {
    ...base, rows: [bySnapshot("metaobjects", { ageMs: 31 * HOUR + 4 * MINUTE }), captured("draft-orders", { ageMs: 22 * MINUTE, pending: 14, changesPerHour: 31 }), ...some.slice(2)],
    series: [day("metaobjects", (n) => 7 * HOUR + (n + 1) * 6 * MINUTE), day("customers", young)], emergencies,
  },
  inIncident: {
    ...base, rows: some, emergencies, openRuns: [{ id: "asst_3", title: "Ransomware or extortion: somebody has changed records and asks for money", startedAt: ago(2 * HOUR) }, { id: "asst_2", title: "An app overwrote metafields", startedAt: ago(26 * HOUR) }],
  },
  notSubscribed: { ...base, rows: [bySnapshot("metaobjects", { why: "not-subscribed" }), ...some.slice(1)] },
  long: { ...base, rows: [...BY_SNAPSHOT.map((stream) => bySnapshot(stream)), ...CAPTURED.map((stream, n) => captured(stream, { ageMs: n * 1_000 }))], series: [day("shop", teeth)] },
};
