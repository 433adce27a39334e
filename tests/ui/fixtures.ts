/** View models for every state a screen can be in: empty, running, safe, failing, long. Invented figures, no records. */
import type { Gap } from "#app/vault/index.ts";
import type { DrillKeysModel, DrillModel, DrillNewModel, DrillRow, DrillsModel, GoalsModel, OverviewModel, ProofModel, RunModel, SettingsModel, SetupModel, SnapshotModel, SnapshotRow, SnapshotsModel, StorageCheckModel, StorageReportModel } from "#app/ui/models.ts";

export const NOW = "2026-11-22T14:05:11.000Z";
const DAY = 86_400_000;

export function ago(ms: number): string {
  return new Date(Date.parse(NOW) - ms).toISOString();
}

export const goals: GoalsModel = { recoveryPointMs: 26 * 3_600_000, recoveryTimeMs: 72 * 3_600_000, proposed: true };
export const keyId = "pQ3eB0v1d7nq8R2sXkJ5tYw6zLcM4hUgFaTiOoEbNnA";

export const setupNone: SetupModel = { storage: { done: false }, key: { done: false, keyIds: [] }, snapshot: { done: false }, drill: { done: false } };
export const setupLinked: SetupModel = { storage: { done: true, address: "file:///srv/holdfast" }, key: { done: true, keyIds: [keyId] }, snapshot: { done: false }, drill: { done: false } };
export const setupAll: SetupModel = { ...setupLinked, snapshot: { done: true }, drill: { done: true } };

export function snapshotRow(over: Partial<SnapshotRow> = {}): SnapshotRow {
  return { id: "20261122T140311Z-9f2c1a7b", takenAt: ago(120_000), records: 48_211, complete: true, gapCount: 0, added: 12, changed: 482, removed: 3, bytesWritten: 1_532_000, ...over };
}

export function drillRow(over: Partial<DrillRow> = {}): DrillRow {
  return { id: "drill_01", startedAt: ago(5 * DAY), snapshotId: "20261117T140311Z-1a2b3c4d", state: "passed", records: 48_211, differences: 0, rtoMs: 372_000, ...over };
}

export function proofRow(over: Partial<ProofModel> = {}): ProofModel {
  return { id: "drill_01", startedAt: ago(5 * DAY), records: 48_211, rtoMs: 372_000, ...over };
}
/** One of made-up data: it names no snapshot. */
const madeUp = ((): DrillRow => {
  const { snapshotId: _, ...row } = drillRow({ id: "drill_02", startedAt: ago(2 * DAY), records: 640, rtoMs: 4_100 });
  return row;
})();

export const snapshotRun: RunModel = { id: "run_01", job: "snapshot", phase: "downloading", stream: "customers", startedAt: ago(42_000), records: 21_480, expected: 48_200, remainingMs: 52_000 };
export const drillRun: RunModel = { id: "run_02", job: "drill", phase: "restore", startedAt: ago(20_000), records: 9_000, expected: 48_211, remainingMs: 90_000 };

const overviewBase: OverviewModel = { now: NOW, state: "not-observed", reasons: [{ code: "storage.not_linked" }], setup: setupNone, lastSnapshot: null, lastDrill: null, lastProof: null, lastRehearsal: null, recoveryPoint: null, goals, run: null, lastProblem: null, alerts: [] };
const gapped = snapshotRow({ complete: false, gapCount: 2 });

export const overviews: Record<string, OverviewModel> = {
  empty: overviewBase,
  linked: { ...overviewBase, setup: setupLinked, reasons: [{ code: "snapshot.none" }] },
  running: { ...overviewBase, setup: setupLinked, reasons: [{ code: "snapshot.none" }], run: snapshotRun },
  starting: { ...overviewBase, setup: setupLinked, reasons: [{ code: "snapshot.none" }], run: { id: "run_01", job: "snapshot", phase: "requesting", startedAt: ago(2_000), records: 0 } },
  unproven: { ...overviewBase, state: "at-risk", setup: { ...setupLinked, snapshot: { done: true } }, reasons: [{ code: "drill.none" }], lastSnapshot: snapshotRow(), recoveryPoint: ago(120_000) },
  safe: { ...overviewBase, state: "safe", setup: setupAll, reasons: [], lastSnapshot: snapshotRow(), lastDrill: drillRow(), lastProof: proofRow(), recoveryPoint: ago(120_000), nextSnapshotAt: new Date(Date.parse(NOW) + 3_480_000).toISOString() },
  rehearsed: { ...overviewBase, state: "at-risk", setup: { ...setupLinked, snapshot: { done: true } }, reasons: [{ code: "drill.none" }], lastSnapshot: snapshotRow(), recoveryPoint: ago(120_000), lastDrill: madeUp, lastRehearsal: proofRow({ id: "drill_02", startedAt: ago(2 * DAY), records: 640, rtoMs: 4_100 }) },
  rehearsedSince: { ...overviewBase, state: "at-risk", setup: setupAll, reasons: [{ code: "revalidation.required" }], lastSnapshot: snapshotRow(), lastProof: proofRow(), recoveryPoint: ago(120_000), lastDrill: madeUp, lastRehearsal: proofRow({ id: "drill_02", startedAt: ago(2 * DAY), records: 640, rtoMs: 4_100 }) },
  gaps: { ...overviewBase, state: "at-risk", setup: setupAll, reasons: [{ code: "snapshot.gaps", amount: 2 }], lastSnapshot: gapped, lastDrill: drillRow(), lastProof: proofRow(), recoveryPoint: ago(120_000) },
  failed: { ...overviewBase, state: "not-safe", setup: setupAll, reasons: [{ code: "snapshot.last_failed" }, { code: "snapshot.long_overdue", amount: 3 * DAY }], lastSnapshot: snapshotRow({ takenAt: ago(3 * DAY) }), lastDrill: drillRow(), lastProof: proofRow(), recoveryPoint: ago(3 * DAY), lastProblem: { code: "store.no_space", at: ago(600_000) } },
  drillFailed: { ...overviewBase, state: "not-safe", setup: setupAll, reasons: [{ code: "drill.failed" }], lastSnapshot: snapshotRow(), lastDrill: drillRow({ state: "failed", differences: 4 }), lastProof: proofRow({ startedAt: ago(12 * DAY) }), recoveryPoint: ago(120_000) },
};

const rows = Array.from({ length: 50 }, (_, i) => snapshotRow({
  id: `2026112${i % 3}T1403${String(i % 60).padStart(2, "0")}Z-${(0x9f2c1a7b - i).toString(16)}`, takenAt: ago(120_000 + i * 6 * 3_600_000), ...(i === 7 ? { complete: false, gapCount: 1_204 } : {}), ...(i % 5 === 2 ? { added: 0, changed: 0, removed: 0, bytesWritten: 812 } : {}),
}));
const draftGap: Gap = { code: "count.mismatch", stream: "draftOrders", kind: "DraftOrder", expected: 1_312, found: 1_000 };
const snapshotsBase: SnapshotsModel = { now: NOW, ready: true, total: 0, withGaps: 0, since: null, filter: "all", page: 1, pages: 0, rows: [], newestGap: null, run: null };

export const snapshotLists: Record<string, SnapshotsModel> = {
  beforeSetup: { ...snapshotsBase, ready: false },
  empty: snapshotsBase,
  first: { ...snapshotsBase, run: snapshotRun },
  some: { ...snapshotsBase, total: 3, since: ago(DAY), pages: 1, rows: rows.slice(0, 3) },
  long: { ...snapshotsBase, total: 1_000, withGaps: 1, since: "2026-03-03T02:00:00.000Z", page: 3, pages: 20, rows, newestGap: { snapshotId: rows[7]?.id ?? "", takenAt: "2026-05-09T02:00:00.000Z", gap: draftGap } },
  between: { ...snapshotsBase, total: 4, since: ago(DAY), pages: 1, rows: [snapshotRow({ complete: false, changesOnly: true, gapCount: 0, added: 2, changed: 31, removed: 0 }), snapshotRow({ id: "20261122T130311Z-11aa22cc", takenAt: ago(3_720_000), complete: false, changesOnly: true, gapCount: 1 }), ...rows.slice(1, 3)] },
  noGaps: { ...snapshotsBase, total: 3, since: ago(DAY), filter: "gaps", page: 1, pages: 1, rows: [] },
};

const whole: SnapshotModel = {
  now: NOW, id: "20261122T140311Z-9f2c1a7b", takenAt: "2026-11-22T14:03:11.000Z", startedAt: "2026-11-22T14:01:02.000Z", complete: true, records: 48_211,
  kinds: [{ kind: "Customer", here: 20_000, shop: 20_000, at: "2026-11-22T14:03:11.000Z" }, { kind: "Order", here: 8_211, shop: 8_211, at: "2026-11-22T14:03:11.000Z" }, { kind: "Metafield", here: 20_000 }],
  gaps: [], gapCount: 0, previous: { id: "20261122T130311Z-11aa22bb", takenAt: ago(3_720_000) }, added: 12, changed: 482, removed: 3, unchanged: 47_717,
  kindChanges: [{ kind: "Customer", before: 19_991, now: 20_000 }, { kind: "Metafield", before: 20_000, now: 20_000 }],
  bytesRead: 52_400_000, bytesWritten: 1_532_000, shop: "cedar-synthetic.myshopify.com",
  root: "4f".repeat(32), digest: "a1".repeat(32), recipientKeyIds: [keyId],
};
const manyGaps: Gap[] = Array.from({ length: 1000 }, (_, i) => ({ code: i % 2 ? "record.invalid_json" : "record.duplicate", stream: "customers", kind: "Customer", line: i + 1 }));

export const snapshotPages: Record<string, SnapshotModel> = {
  whole,
  first: { ...whole, previous: null, added: 48_211, changed: 0, removed: 0, unchanged: 0, kindChanges: [] },
  gaps: { ...whole, complete: false, gapCount: 2, gaps: [draftGap, { code: "record.truncated", stream: "customers", kind: "Customer", line: 19_344 }], kinds: [...whole.kinds, { kind: "DraftOrder", here: 1_000, shop: 1_312, at: whole.takenAt }] },
  changesOnly: { ...whole, complete: false, changesOnly: true, removed: 0 },
  longGaps: { ...whole, complete: false, gapCount: 5_431, gaps: manyGaps },
  uncounted: { ...whole, kinds: [{ kind: "SubscriptionContract", here: 48_211 }] },
};

const drillRows = Array.from({ length: 17 }, (_, i) => drillRow({ id: `drill_${i}`, startedAt: ago((5 + 7 * i) * DAY), rtoMs: 340_000 + ((i * 7919) % 60_000), ...(i === 4 ? { state: "failed" as const, differences: 31 } : {}) }));
const drillsBase: DrillsModel = { now: NOW, ready: true, rows: [], total: 0, passed: 0, medianMs: null, goals, run: null };

export const drillLists: Record<string, DrillsModel> = {
  beforeSetup: { ...drillsBase, ready: false },
  empty: drillsBase,
  first: { ...drillsBase, run: drillRun },
  one: { ...drillsBase, rows: drillRows.slice(0, 1), total: 1, passed: 1, medianMs: 40_000 },
  long: { ...drillsBase, rows: drillRows, total: 17, passed: 16, medianMs: 360_000 },
  madeUp: { ...drillsBase, rows: [madeUp], total: 1, passed: 1 },
};

const passed: DrillModel = {
  ...drillRow(), now: NOW, endedAt: ago(5 * DAY - 500_000), code: "drill.passed", snapshotTakenAt: ago(5 * DAY + 3_600_000), compared: 48_211, restored: 48_100, refused: 0, differing: [],
  steps: [{ name: "open", state: "done", ms: 420 }, { name: "compare", state: "done", ms: 61_000 }, { name: "restore", state: "done", ms: 280_000 }, { name: "re-read", state: "done", ms: 31_000 }, { name: "compare-roots", state: "done", ms: 900 }],
  losses: [{ kind: "Customer", field: "id", reason: "platform.assigns" }, { kind: "Customer", field: "createdAt", reason: "platform.assigns" }, { kind: "Order", field: "id", reason: "platform.assigns" }, { kind: "MailingAddress", field: "country", reason: "platform.computes" }], rpoMs: 3_600_000, goals,
  atShopifyLimit: { ms: 812_000, points: 812_400 }, run: null,
};

export const drillPages: Record<string, DrillModel> = {
  passed,
  running: { ...passed, state: "running", run: drillRun, steps: [{ name: "open", state: "done", ms: 420 }, { name: "compare", state: "done", ms: 61_000 }, { name: "restore", state: "running" }, { name: "re-read", state: "waiting" }, { name: "compare-roots", state: "waiting" }], losses: [], compared: 0, restored: 0 },
  differs: { ...passed, state: "failed", code: "drill.differs", differences: 31, refused: 2, differing: [{ kind: "Customer", field: "note", records: 30 }, { kind: "Order", field: "tags", records: 1 }] },
  damaged: { ...passed, state: "failed", code: "vault.damaged_object", object: "packs/ab/abcdef0123456789", compared: 12_000, restored: 0, steps: [{ name: "open", state: "done", ms: 400 }, { name: "compare", state: "failed", ms: 12_000 }] },
  erased: { ...passed, compared: 48_207, erased: 4 },
  madeUp: {
    ...madeUp, now: NOW, endedAt: ago(2 * DAY - 4_100), code: "drill.passed", compared: 640, restored: 640, refused: 0, differing: [], steps: [], losses: [], rpoMs: 3_600_000, goals, run: null,
    lanes: [{ lane: "synthetic", passed: true, code: "drill.passed", ms: 4_100, compared: 640, restored: 640, refused: 0, steps: [{ name: "make", ms: 900 }, { name: "restore", ms: 1_900 }], differing: [], kinds: 23, types: 40, scanned: 640 }],
  },
  stopped: { ...passed, state: "stopped", steps: [{ name: "open", state: "done", ms: 400 }] },
};

export const checks: Record<string, StorageCheckModel> = {
  good: { address: "file:///srv/vaults/cedar", ok: true, steps: ["open", "write", "write-once", "read", "list", "remove"].map((step) => ({ step, ok: true })) },
  bad: { address: "file:///srv/vaults/cedar", ok: false, code: "store.refused", steps: [{ step: "open", ok: true }, { step: "write", ok: false, code: "store.refused" }] },
};

/** As a directory is judged. */
export const storageReport: StorageReportModel = {
  usable: true,
  can: [{ promise: "exact", text: "What is stored comes back byte for byte." }, { promise: "once", text: "An object is written once: nobody can write over it, and of several writers at once exactly one wins." }],
  cannot: [{ promise: "lock", essential: false, text: "Objects cannot be locked: whoever has these credentials can remove them.", todo: "If that matters to you, choose storage with Object Lock, or keep a second copy elsewhere." }],
  leftBehind: 0,
};

export const settings: Record<string, SettingsModel> = {
  empty: { setup: setupNone, frequency: "off", between: "off", storage: null, recipients: [], now: NOW, suggestedAddress: "file:///srv/vaults/cedar", vaultsFolder: "file:///srv/vaults" },
  linked: { setup: setupAll, frequency: "day", between: "60", nextChangesAt: new Date(Date.parse(NOW) + 480_000).toISOString(), storage: { address: "file:///srv/holdfast", kind: "a folder" }, vaultId: "vault_9f2c1a7b", createdAt: ago(90 * DAY), recipients: [{ keyId, algorithm: "ECDH-ES+A256KW" }], nextSnapshotAt: new Date(Date.parse(NOW) + 3_480_000).toISOString(), now: NOW },
};

export function drillNew(sealedKeys: DrillKeysModel["sealedKeys"] = [], recipientKeyIds: readonly string[] = [keyId]): DrillNewModel {
  return { now: NOW, ready: true, snapshot: { snapshotId: whole.id, takenAt: whole.takenAt, records: whole.records, recipientKeyIds, sealedKeys }, run: null };
}

export const drillNews: Record<string, DrillNewModel> = {
  none: { now: NOW, ready: true, snapshot: null, run: null },
  ready: drillNew(),
  busy: { ...drillNew(), run: drillRun },
};
