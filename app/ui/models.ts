/**
 * What the screens are given: plain, serialisable data, nothing to call. Routes fill these from workflows.
 *
 * All times are ISO 8601 UTC strings, all durations milliseconds, all digests hex or base64url as they are stored.
 * Nothing here can hold the contents of a record: screens show counts, places and field names, never values.
 */
import type { Gap } from "#app/vault/index.ts";
import type { Reason, SafetyState } from "#app/workflows/overview/judge.ts";

import type { AlertRow } from "./models/alerts.ts";
import type { CertificationModel, DrillLaneModel, DrillWeeksModel } from "./models/drills.ts";

export type * from "./models/alerts.ts";
export type * from "./models/drills.ts";
export type * from "./models/flow.ts";

/** The four states of everything that can be safe (workflows/overview/judge.ts). "not-observed" is never shown as good. */
export type { SafetyState } from "#app/workflows/overview/judge.ts";

/** Why a state is not "safe"; wording/safety.ts has the sentence for each code. */
export type SafetyReason = Pick<Reason, "code" | "detail" | "amount">;

/** A run that did not end well: a stable code, when, and which run. */
export interface ProblemModel {
  readonly code: string;
  readonly at?: string;
  /** Shown behind "Technical details": for engineers, never with record contents. */
  readonly detail?: string;
}

/** A job under way, or just ended: a snapshot or a drill. */
export interface RunModel {
  readonly id: string;
  readonly job: "snapshot" | "drill" | "erasure" | "disclosure" | "rotation" | "prune" | "planning" | "restore";
  /** A word of wording/phases.ts; unknown ones are shown as "Working". */
  readonly phase: string;
  readonly startedAt: string;
  readonly records: number;
  /** How many there are likely to be: the shop's own count, or the previous snapshot's. */
  readonly expected?: number;
  /** Milliseconds still to go, when there is ground for a guess. */
  readonly remainingMs?: number;
  /** Kinds being read now, for people: "customers". */
  readonly stream?: string;
  /** Objects Shopify says it has prepared for us, while it prepares. */
  readonly prepared?: number;
  readonly cancelling?: boolean;
}

/** What the progress route answers while something runs. */
export interface ProgressModel {
  readonly now: string;
  readonly run: RunModel | null;
}

export interface SnapshotRow {
  readonly id: string;
  readonly takenAt: string;
  readonly records: number;
  readonly complete: boolean;
  /** Only what had changed was read; the rest is carried from the one before. */
  readonly changesOnly?: boolean;
  /** Without what one of changes lacks by plan. */
  readonly gapCount: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Bytes this snapshot added to the storage. */
  readonly bytesWritten: number;
}

export interface DrillRow {
  readonly id: string;
  readonly startedAt: string;
  /** Absent: it opened none; what it restored was made up. */
  readonly snapshotId?: string;
  readonly snapshotTakenAt?: string;
  readonly state: "running" | "passed" | "failed" | "stopped";
  readonly records: number;
  readonly differences: number;
  /** Time to the restored shop, milliseconds. Absent while running. */
  readonly rtoMs?: number;
}

export interface ProofModel {
  readonly id: string;
  readonly startedAt: string;
  /** Opened and equal to their digests. */
  readonly records: number;
  /** Of a whole restore of them, milliseconds. */
  readonly rtoMs?: number;
}

/** Steps of setting up, in order; "done" ones stay visible. */
export interface SetupModel {
  readonly storage: { readonly done: boolean; readonly address?: string };
  readonly key: { readonly done: boolean; readonly keyIds: readonly string[] };
  readonly snapshot: { readonly done: boolean };
  readonly drill: { readonly done: boolean };
}

export interface OverviewModel {
  readonly now: string;
  readonly state: SafetyState;
  readonly reasons: readonly SafetyReason[];
  readonly setup: SetupModel;
  readonly lastSnapshot: SnapshotRow | null;
  readonly lastDrill: DrillRow | null;
  /** The newest that opened a real snapshot and passed: its real records, and the time only where they went through a whole restore. */
  readonly lastProof: ProofModel | null;
  /** When a restore of made-up data passed last. */
  readonly lastRehearsal: ProofModel | null;
  /** The instant up to which customers' data could be got back. */
  readonly recoveryPoint: string | null;
  readonly goals: GoalsModel;
  readonly nextSnapshotAt?: string;
  readonly run: RunModel | null;
  readonly lastProblem: ProblemModel | null;
  /** Open or acknowledged, worst first. */
  readonly alerts: readonly AlertRow[];
}

/** Goals are the merchant's own or our proposal; screens always label them as goals. */
export interface GoalsModel {
  readonly recoveryPointMs: number;
  readonly recoveryTimeMs: number;
  readonly proposed: boolean;
}

export interface SnapshotsModel {
  readonly now: string;
  readonly ready: boolean;
  readonly total: number;
  readonly withGaps: number;
  readonly since: string | null;
  readonly filter: SnapshotFilter;
  readonly page: number;
  readonly pages: number;
  readonly rows: readonly SnapshotRow[];
  /** The newest snapshot with gaps and its first gap, to be named in the first line. */
  readonly newestGap: { readonly snapshotId: string; readonly takenAt: string; readonly gap: Gap | null } | null;
  readonly run: RunModel | null;
}

export type SnapshotFilter = "all" | "complete" | "gaps";

export interface KindCount {
  readonly kind: string;
  readonly here: number;
  /** The shop's own count; absent when it cannot say. */
  readonly shop?: number;
  readonly at?: string;
}

export interface SnapshotModel {
  readonly now: string;
  readonly id: string;
  readonly takenAt: string;
  readonly startedAt: string;
  readonly complete: boolean;
  readonly changesOnly?: boolean;
  readonly records: number;
  readonly kinds: readonly KindCount[];
  readonly gaps: readonly Gap[];
  /** May be more than `gaps` holds. */
  readonly gapCount: number;
  readonly previous: { readonly id: string; readonly takenAt?: string } | null;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** How many records of each kind there were in the one before, and are in this one. */
  readonly kindChanges: readonly { readonly kind: string; readonly before: number; readonly now: number }[];
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly shop: string;
  readonly root: string;
  readonly digest: string;
  readonly recipientKeyIds: readonly string[];
}

export interface DrillsModel {
  readonly now: string;
  readonly ready: boolean;
  /** Newest first. */
  readonly rows: readonly DrillRow[];
  readonly total: number;
  readonly passed: number;
  readonly medianMs: number | null;
  readonly goals: GoalsModel;
  readonly run: RunModel | null;
  /** Absent where drills are not scheduled. */
  readonly weekly?: DrillWeeksModel;
}

export interface DrillStepModel {
  readonly name: string;
  readonly state: "waiting" | "running" | "done" | "failed";
  readonly ms?: number;
  readonly records?: number;
}

/** Records that differ between the snapshot and the restored shop, by kind and field name; never a value. */
export interface DifferenceModel {
  readonly kind: string;
  readonly field: string;
  readonly records: number;
}

/** What the platform never gives back, whoever restores (a new id); named, and not a failure. */
export interface LossModel {
  readonly kind: string;
  readonly field: string;
  readonly reason: string;
}

export interface DrillModel extends DrillRow {
  readonly now: string;
  readonly endedAt?: string;
  /** The outcome's code: "drill.passed", "drill.differs", "vault.damaged_object" … */
  readonly code?: string;
  readonly steps: readonly DrillStepModel[];
  /** Records opened and checked against their digest. */
  readonly compared: number;
  readonly restored: number;
  /** Records the sandbox shop would not take. */
  readonly refused: number;
  /** Records of the snapshot that were erased on purpose since, and so are not compared. */
  readonly erased?: number;
  readonly differing: readonly DifferenceModel[];
  readonly losses: readonly LossModel[];
  /** How old the restored state was when the drill began. */
  readonly rpoMs?: number;
  readonly goals: GoalsModel;
  /** How long the same restore would take at the rate limit of a real shop. */
  readonly atShopifyLimit?: { readonly ms: number; readonly points: number };
  /** The damaged object's name, when it failed on one. */
  readonly object?: string;
  readonly run: RunModel | null;
  /** Absent from drills of before there were lanes. */
  readonly lanes?: readonly DrillLaneModel[];
  /** The signed record: only what has one can be answered for. */
  readonly record?: { readonly object: string; readonly digest: string };
  readonly certification?: CertificationModel;
  /** The code of why this person cannot answer for it. */
  readonly mayNotCertify?: string;
}

/** What the browser needs to open one snapshot: every content key, sealed to the recipients (RFC 7516 General JSON). */
export interface DrillKeysModel {
  readonly snapshotId: string;
  readonly takenAt: string;
  readonly records: number;
  readonly recipientKeyIds: readonly string[];
  readonly sealedKeys: readonly { readonly keyId: string; readonly jwe: GeneralJwe }[];
}

export interface GeneralJwe {
  readonly ciphertext: string;
  readonly iv?: string;
  readonly tag?: string;
  readonly aad?: string;
  readonly protected?: string;
  readonly unprotected?: Record<string, unknown>;
  readonly recipients: readonly { readonly header?: Record<string, unknown>; readonly encrypted_key?: string }[];
}

export interface DrillNewModel {
  readonly now: string;
  readonly ready: boolean;
  readonly snapshot: DrillKeysModel | null;
  readonly run: RunModel | null;
  /** Why the snapshot's keys could not be fetched. */
  readonly problem?: ProblemModel;
}

/** What the storage check tried, in the order it tried it. */
export interface StorageCheckModel {
  readonly address: string;
  readonly ok: boolean;
  readonly steps: readonly { readonly step: string; readonly ok: boolean; readonly code?: string }[];
  readonly code?: string;
}

/** What the thorough test of a storage found; its words come from where the checks are. */
export interface StorageReportModel {
  readonly usable: boolean;
  readonly can: readonly { readonly promise: string; readonly text: string }[];
  readonly cannot: readonly { readonly promise: string; readonly text: string; readonly todo: string; readonly essential: boolean }[];
  readonly leftBehind: number;
}

export interface SettingsModel {
  readonly setup: SetupModel;
  readonly storage: { readonly address: string; readonly kind: string } | null;
  /** When what opens the storage was entered; absent: nothing was, or nothing is needed. */
  readonly credentialsAt?: string;
  /** An address to begin with, when this host has one of its own. */
  readonly suggestedAddress?: string;
  /** The folder that this host has for vaults: `file:` addresses must lie in it. */
  readonly vaultsFolder?: string;
  readonly vaultId?: string;
  readonly createdAt?: string;
  readonly recipients: readonly { readonly keyId: string; readonly algorithm: string }[];
  readonly nextSnapshotAt?: string;
  /** Null: a schedule that is none of the choices. */
  readonly frequency: "hour" | "six-hours" | "day" | "off" | null;
  /** How often changes are read between full snapshots, in minutes. Null: at times set elsewhere. */
  readonly between: "off" | "15" | "30" | "60" | "120" | "360" | "720" | null;
  readonly nextChangesAt?: string;
  readonly now: string;
}
