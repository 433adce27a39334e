/**
 * How often drills were held and how they went, for any period: worked out anew each time from the signed records in the vault and the schedule's entries in its ledger, and
 * from nothing else. The ledger names each record by its digest, so one that is taken away, changed or slipped in is a finding. Takes no secret: a public key will do.
 */
import type { Ledger } from "#app/ledger/index.ts";
import { readDrillObjects, type DrillObjects, type ObjectStore, type VaultDescription } from "#app/vault/index.ts";
import type { DrillEpoch, DrillVerdict, LaneName } from "../ports.ts";
import { opensSnapshot } from "./proofs.ts";
import { pairUp } from "./read-drills.ts";
import { drillWeeks, type DrillWeek } from "./weeks.ts";

export interface DrillFinding {
  /** drill.damaged, drill.missing, drill.not_entered; of the ledger: its own codes. */
  readonly code: string;
  readonly object: string;
  readonly detail?: string;
}

export interface ReportedDrill {
  readonly drillId: string;
  readonly object: string;
  readonly digest: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly requestedBy: string;
  readonly snapshotId: string;
  /** Whether that snapshot was opened; false: made-up data only. */
  readonly snapshotOpened: boolean;
  readonly passed: boolean;
  readonly code: string;
  readonly lanes: readonly { readonly lane: LaneName; readonly passed: boolean; readonly code: string }[];
  readonly rtoMs: number;
  readonly rpoMs: number;
  readonly compared: number;
  readonly differences: readonly { readonly kind: string; readonly field: string; readonly records: number }[];
  readonly certified: { readonly at: string; readonly by: string; readonly verdict: DrillVerdict } | null;
}

export interface DrillReport {
  readonly vaultId: string;
  readonly from: string | null;
  readonly to: string;
  /** True: nothing was found, so the figures below stand on every record there ever was. */
  readonly ok: boolean;
  readonly findings: readonly DrillFinding[];
  readonly drills: readonly ReportedDrill[];
  readonly weeks: readonly DrillWeek[];
  readonly figures: DrillFigures;
  /** The ledger's signed head that all of it was held against. */
  readonly ledger: { readonly size: number; readonly root: string } | null;
}

export interface DrillFigures {
  readonly held: number;
  readonly passed: number;
  /** passed of held, 0 to 1; null when none was held. */
  readonly successRate: number | null;
  readonly certified: number;
  readonly medianRtoMs: number | null;
  readonly medianRpoMs: number | null;
  /** Weeks that are over or passed; of the one under way nothing is said until it is. */
  readonly weeksDue: number;
  readonly weeksPassed: number;
  readonly weeksFailed: number;
  readonly weeksMissed: number;
}

export interface ReportInput {
  readonly store: ObjectStore;
  readonly description: Pick<VaultDescription, "vaultId" | "signingPublicKey">;
  readonly ledger: Ledger;
  readonly now: Date;
  readonly from?: Date;
  readonly to?: Date;
  /** A signed checkpoint that was kept elsewhere: a ledger that was set back is found by it. */
  readonly checkpoint?: string;
}

/** Throws StoreError when the storage cannot be read. */
export async function reportDrills(o: ReportInput): Promise<DrillReport> {
  const { kty, crv, x } = o.description.signingPublicKey;
  const checked = await o.ledger.verify({ publicKey: { kty, crv, x }, checkpoint: o.checkpoint, witnesses: undefined, heads: [] });
  const objects = await readDrillObjects(o.store, o.description);
  // A ledger that does not hold proves nothing of what it names; its own findings say so.
  const entered = checked.ok ? await enteredDrills(o.ledger, o.description.vaultId) : { records: new Map<string, string>(), epochs: [] };
  const findings: DrillFinding[] = [...checked.findings, ...(checked.ok ? compareWithLedger(objects, entered) : objects.damaged.map((object) => ({ code: "drill.damaged", object })))];
  const all = pairUp(objects.results, objects.certifications);
  const to = o.to !== undefined && o.to < o.now ? o.to : o.now;
  const within = all.filter(({ row }) => (o.from === undefined || row.startedAt >= o.from) && row.startedAt <= to);
  const drills = within.map(({ record, predicate, certification, row }): ReportedDrill => ({
    drillId: row.drillId, object: record.object, digest: record.digest, startedAt: predicate.startedAt, finishedAt: predicate.finishedAt, requestedBy: predicate.requestedBy, snapshotId: predicate.snapshotId, snapshotOpened: opensSnapshot(row.lanes),
    passed: predicate.passed, code: predicate.code, lanes: predicate.lanes.map(({ lane, passed, code }) => ({ lane, passed, code })), rtoMs: predicate.rtoMs, rpoMs: predicate.rpoMs, compared: row.compared, differences: row.differences,
    certified: certification === null ? null : { at: certification.certifiedAt, by: certification.certifiedBy, verdict: certification.verdict },
  }));
  const weeks = drillWeeks({ epochs: entered.epochs, drills: all.map(({ row, predicate }) => ({ drillId: row.drillId, startedAt: row.startedAt, lanes: predicate.lanes })), now: o.now, ...(o.from === undefined ? {} : { from: o.from }), ...(o.to === undefined ? {} : { to: o.to }) });
  const head = await o.ledger.head();
  return {
    vaultId: o.description.vaultId, from: o.from?.toISOString() ?? null, to: to.toISOString(), ok: findings.length === 0, findings, drills, weeks, figures: figuresOf(drills, weeks),
    ledger: head === null ? null : { size: head.size, root: head.root },
  };
}

export interface EnteredDrills {
  /** Digest of a record or certification, by what it is of. */
  readonly records: ReadonlyMap<string, string>;
  readonly epochs: readonly DrillEpoch[];
}

/** What the ledger says of drills: which records there are, and when drills were due. */
export async function enteredDrills(ledger: Pick<Ledger, "entries">, vaultId: string): Promise<EnteredDrills> {
  const records = new Map<string, string>();
  const epochs: DrillEpoch[] = [];
  for await (const { action, at, subject } of ledger.entries()) {
    if (subject["vault"] !== vaultId) continue;
    if (action === "drill.finished" && typeof subject["record"] === "string") records.set(subject["record"], String(subject["drill"]));
    if (action === "drill.certified") records.set(String(subject["certificate"]), String(subject["drill"]));
    if (action === "drill.scheduled") epochs.push({ at: new Date(at), cron: String(subject["cron"]), timezone: String(subject["timezone"]), enabled: subject["enabled"] === true });
  }
  return { records, epochs };
}

/** Records that are damaged, that the ledger names and the storage lacks, and that nobody entered. */
export function compareWithLedger(objects: DrillObjects, entered: EnteredDrills): DrillFinding[] {
  const there = new Map([...objects.results, ...objects.certifications].map(({ digest, object }) => [digest, object]));
  const damagedIds = new Set(objects.damaged.map((object) => /^drills\/[0-9TZ.]+-([\w-]+?)(?:\.certified-[0-9a-f]{8})?\.json$/.exec(object)?.[1]));
  return [
    ...objects.damaged.map((object) => ({ code: "drill.damaged", object, detail: "not what the vault's key signed" })),
    // One that is there and damaged is named once.
    ...[...entered.records].filter(([digest, drill]) => !there.has(digest) && !damagedIds.has(drill)).map(([digest, drill]) => ({ code: "drill.missing", object: `drills/*-${drill}`, detail: `the ledger names ${digest.slice(0, 16)}…, and it is not in the storage` })),
    ...[...there].filter(([digest]) => !entered.records.has(digest)).map(([, object]) => ({ code: "drill.not_entered", object, detail: "the ledger has no entry for it" })),
  ];
}

export function figuresOf(drills: readonly Pick<ReportedDrill, "passed" | "rtoMs" | "rpoMs" | "certified">[], weeks: readonly Pick<DrillWeek, "state">[]): DrillFigures {
  const passed = drills.filter((drill) => drill.passed);
  const of = (state: DrillWeek["state"]): number => weeks.filter((week) => week.state === state).length;
  return {
    held: drills.length,
    passed: passed.length,
    successRate: drills.length === 0 ? null : passed.length / drills.length,
    certified: drills.filter(({ certified }) => certified !== null).length,
    medianRtoMs: median(passed.map(({ rtoMs }) => rtoMs)),
    medianRpoMs: median(passed.map(({ rpoMs }) => rpoMs)),
    weeksDue: of("passed") + of("failed") + of("missed"),
    weeksPassed: of("passed"),
    weeksFailed: of("failed"),
    weeksMissed: of("missed"),
  };
}

export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}
