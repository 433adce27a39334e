/** What the screen of recovery points is given: ages, counts and codes by stream. */

export type RecoveryBasisModel = "capture" | "snapshot" | "none";

export interface RecoveryRow {
  readonly stream: string;
  readonly basis: RecoveryBasisModel;
  /** Milliseconds; null: there is nothing to go back to. */
  readonly ageMs: number | null;
  readonly objectiveMs: number;
  readonly pending: number;
  readonly changesPerHour: number;
  /** Minutes between snapshots. */
  readonly advisedMinutes: number;
  readonly why: "proven" | "no-topics" | "not-reconciled" | "missed" | "no-snapshot" | "not-subscribed" | "metafields-unconfirmed";
}

export interface RecoverySeries {
  readonly stream: string;
  /** Oldest first. */
  readonly points: readonly { readonly at: string; readonly ageMs: number | null }[];
}

export interface EmergencyRow {
  readonly id: string;
  readonly requestedAt: string;
  readonly reason: string;
  readonly incident: string | null;
  /** The run of the assistant that it was taken in. */
  readonly assistantRun: string | null;
  readonly holdUntil: string | null;
  readonly state: "waiting" | "held" | "released" | "failed";
  readonly code: string | null;
  readonly snapshotId: string | null;
}

export interface RecoveryPointsModel {
  readonly now: string;
  readonly linked: boolean;
  readonly hours: number;
  readonly rows: readonly RecoveryRow[];
  readonly series: readonly RecoverySeries[];
  readonly emergencies: readonly EmergencyRow[];
  /** Runs of the assistant that an emergency snapshot can be taken in, newest first. */
  readonly openRuns: readonly { readonly id: string; readonly title: string; readonly startedAt: string }[];
}
