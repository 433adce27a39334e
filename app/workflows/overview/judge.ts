/** Is my data safe? A pure judgement over what is known. "Not observed" is never green: nothing known is not safe. */
import type { Alert, AlertCode, CatalogDrill, CatalogSnapshot, Run } from "../ports.ts";
import type { Revalidation } from "../coverage/revalidation.ts";
import { VAULT_FINDINGS } from "../verify/codes.ts";

export type SafetyState = "safe" | "at-risk" | "not-safe" | "not-observed";

/** Proposed goals; a shop may set its own. */
export interface Objectives {
  /** How old the recovery point may be, milliseconds. */
  readonly recoveryPointMs: number;
  /** How long ago the last passed drill may be, milliseconds. */
  readonly drillMs: number;
}

const HOUR = 3_600_000;
/** A snapshot a day with two hours to take it; a drill a week with a day's grace. */
export const PROPOSED: Objectives = { recoveryPointMs: 26 * HOUR, drillMs: 8 * 24 * HOUR };

export type ReasonCode =
  | "storage.not_linked"
  | "storage.no_host_keys"
  | "snapshot.none"
  | "snapshot.overdue"
  | "snapshot.long_overdue"
  | "snapshot.gaps"
  | "snapshot.last_failed"
  | "drill.none"
  | "drill.overdue"
  | "drill.failed"
  | "verify.findings"
  | "verify.overdue"
  | "alert.unresolved"
  | "revalidation.required";

export interface Reason {
  readonly code: ReasonCode;
  readonly state: Exclude<SafetyState, "safe">;
  /** snapshot.last_failed and drill.failed: the run's or drill's own code. alert.unresolved: the worst one's code. */
  readonly detail?: string;
  /** overdue: how old, milliseconds. gaps, alerts: how many. */
  readonly amount?: number;
}

export type NextStep = "link-storage" | "restore-host-keys" | "take-first-snapshot" | "take-snapshot" | "look-at-failure" | "look-at-gaps" | "run-drill" | "look-at-drill" | "look-at-storage" | "verify" | "look-at-alerts" | "nothing";

export interface Known {
  readonly linked: boolean;
  readonly hostKeys: boolean;
  readonly snapshot: CatalogSnapshot | null;
  /** The newest one that was to hold everything, where the newest of all is one of changes only. */
  readonly full?: CatalogSnapshot | null;
  /** The newest one without a gap. */
  readonly complete: CatalogSnapshot | null;
  readonly lastRun: Run | null;
  /** The newest drill that opened a real snapshot and found every record as it was kept (drill/proofs.ts). */
  readonly proof: CatalogDrill | null;
  /** The newest drill of which a part failed that nothing has made up for since. */
  readonly failedDrill: CatalogDrill | null;
  /** The last check of the storage that came to an end. Null: none yet; it begins by itself soon after the first snapshot. */
  readonly verified: Run | null;
  /** Open or acknowledged, worst first. An acknowledged one has a person, and its cause is still there. */
  readonly alerts: readonly Pick<Alert, "code" | "severity">[];
  /** What was drilled no longer holds: the platform or what is read of it has changed. */
  readonly revalidation?: Revalidation;
  readonly now: Date;
}

export interface Judgement {
  readonly state: SafetyState;
  /** Worst first. */
  readonly reasons: readonly Reason[];
  readonly next: NextStep;
}

const ORDER: readonly SafetyState[] = ["not-observed", "not-safe", "at-risk", "safe"];

export function judge(known: Known, objectives: Objectives): Judgement {
  const reasons = [...storageReasons(known), ...(known.linked ? [...snapshotReasons(known, objectives), ...drillReasons(known, objectives), ...revalidationReasons(known), ...verifyReasons(known)] : []), ...alertReasons(known)];
  reasons.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const first = reasons[0];
  return { state: first?.state ?? "safe", reasons, next: first === undefined ? "nothing" : NEXT[first.code] };
}

function storageReasons({ linked, hostKeys }: Known): Reason[] {
  if (!linked) return [{ code: "storage.not_linked", state: "not-observed" }];
  return hostKeys ? [] : [{ code: "storage.no_host_keys", state: "not-safe" }];
}

function snapshotReasons({ snapshot, full = snapshot, complete, lastRun, now }: Known, { recoveryPointMs }: Objectives): Reason[] {
  const reasons: Reason[] = [];
  const failed = lastRun?.state === "failed" && (snapshot === null || lastRun.requestedAt > snapshot.takenAt);
  if (snapshot === null) {
    if (failed) reasons.push({ code: "snapshot.last_failed", state: "not-safe", ...(lastRun.code === null ? {} : { detail: lastRun.code }) });
    return [...reasons, { code: "snapshot.none", state: failed ? "not-safe" : "not-observed" }];
  }
  const age = now.getTime() - snapshot.startedAt.getTime();
  if (age > 3 * recoveryPointMs) reasons.push({ code: "snapshot.long_overdue", state: "not-safe", amount: age });
  else if (age > recoveryPointMs) reasons.push({ code: "snapshot.overdue", state: "at-risk", amount: age });
  if (failed) reasons.push({ code: "snapshot.last_failed", state: outOfReach(lastRun.code) ? "not-safe" : "at-risk", ...(lastRun.code === null ? {} : { detail: lastRun.code }) });
  // A gap is never hidden under green; without any whole snapshot there may be nothing to go back to.
  if (full === null || !full.complete) reasons.push({ code: "snapshot.gaps", state: complete === null ? "not-safe" : "at-risk", amount: (full ?? snapshot).gapCount });
  return reasons;
}

/** The attempt failed because what is kept could not be read: earlier snapshots may be out of reach too. A full or read-only storage still gives back. */
function outOfReach(code: string | null): boolean {
  return code !== null && /^(?:vault|ledger)\.|^store\.(?:unreachable|refused|bad_address|failed)$/.test(code);
}

/** A restore of made-up data proves nothing of any snapshot: it is neither a drill of one, nor does it make an old one young. */
function drillReasons({ snapshot, proof, failedDrill, now }: Known, { drillMs }: Objectives): Reason[] {
  if (snapshot === null) return [];
  if (failedDrill !== null) return [{ code: "drill.failed", state: "not-safe", detail: failedDrill.code }];
  if (proof === null) return [{ code: "drill.none", state: "at-risk" }];
  const age = now.getTime() - proof.finishedAt.getTime();
  return age > drillMs ? [{ code: "drill.overdue", state: "at-risk", amount: age }] : [];
}

function revalidationReasons({ snapshot, revalidation }: Known): Reason[] {
  if (snapshot === null || revalidation?.required !== true) return [];
  return [{ code: "revalidation.required", state: "at-risk", ...(revalidation.why === null ? {} : { detail: revalidation.why }) }];
}

/** A check every week, with as long again before it counts. */
const VERIFIED_MS = 15 * 24 * HOUR;

function verifyReasons({ verified, now }: Known): Reason[] {
  if (verified === null) return [];
  if (verified.code === VAULT_FINDINGS) return [{ code: "verify.findings", state: "not-safe", ...(verified.result === null ? {} : { detail: verified.result }) }];
  const age = now.getTime() - (verified.finishedAt ?? verified.requestedAt).getTime();
  return age > VERIFIED_MS ? [{ code: "verify.overdue", state: "at-risk", amount: age }] : [];
}

/** Critical ones of these mean that what is kept may not come back; every other alert leaves what is kept as it was. */
const MAY_NOT_COME_BACK: ReadonlySet<AlertCode> = new Set(["alert.storage_unreachable", "alert.verify_finding", "alert.snapshot_failed", "alert.storage_unencrypted"]);

/** What unresolved alerts make of a shop by themselves; "safe" where there are none. */
export function stateOfAlerts(alerts: Known["alerts"]): SafetyState {
  return alertReasons({ alerts })[0]?.state ?? "safe";
}

/** No shop with an alert is green, whatever the figures say; the alert may have been raised by something that no figure shows. */
function alertReasons({ alerts }: Pick<Known, "alerts">): Reason[] {
  const worst = alerts.find(({ code, severity }) => severity === "critical" && MAY_NOT_COME_BACK.has(code));
  const first = worst ?? alerts[0];
  return first === undefined ? [] : [{ code: "alert.unresolved", state: worst === undefined ? "at-risk" : "not-safe", detail: first.code, amount: alerts.length }];
}

const NEXT: Readonly<Record<ReasonCode, NextStep>> = {
  "storage.not_linked": "link-storage",
  "storage.no_host_keys": "restore-host-keys",
  "snapshot.none": "take-first-snapshot",
  "snapshot.overdue": "take-snapshot",
  "snapshot.long_overdue": "take-snapshot",
  "snapshot.gaps": "look-at-gaps",
  "snapshot.last_failed": "look-at-failure",
  "drill.none": "run-drill",
  "drill.overdue": "run-drill",
  "drill.failed": "look-at-drill",
  "verify.findings": "look-at-storage",
  "verify.overdue": "verify",
  "alert.unresolved": "look-at-alerts",
  "revalidation.required": "run-drill",
};
