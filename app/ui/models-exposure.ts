/** What the Exposure screen is given: names of a shop's configuration, counts and codes; never the contents of a record. Times are ISO 8601 UTC. */
import type { Gap } from "#app/vault/index.ts";
import type { CoverageReasonCode } from "#app/workflows/coverage/exposure.ts";
import type { CoverageTaskKind, CoverageTaskState } from "#app/workflows/ports.ts";
import type { SafetyState } from "./models.ts";

export type ExposureView = "inventory" | "coverage" | "tasks";

export interface ExposureModel {
  readonly now: string;
  readonly view: ExposureView;
  readonly state: SafetyState;
  /** Worst first. */
  readonly reasons: readonly { readonly code: CoverageReasonCode; readonly amount?: number; readonly detail?: string }[];
  readonly records: number;
  readonly bytes: number;
  /** When the newest full reading ended; null: there was none. */
  readonly readAt: string | null;
  readonly kinds: readonly KindRow[];
  readonly fields: readonly FieldRow[];
  readonly platform: PlatformModel | null;
  /** Of the newest full snapshot. */
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
  readonly tasks: readonly TaskRow[];
}

export interface KindRow {
  readonly kind: string;
  readonly records: number;
  readonly bytes: number;
  readonly readAt: string;
  /** The shop's own count, where it gives one. */
  readonly shop?: number;
}

/** Metafields of one owner by namespace and key. */
export interface FieldRow {
  readonly owner: string;
  readonly namespace: string;
  readonly key: string;
  /** The definition's; absent: values without a definition. */
  readonly type?: string;
  /** False: another app keeps it to itself. */
  readonly readable: boolean;
  readonly records: number;
  readonly bytes: number;
  /** Absent: defined, and no record carries it. */
  readonly readAt?: string;
}

export interface PlatformModel {
  readonly version: string;
  readonly checkedAt: string;
  /** Other apps in the shop; null: the shop does not say. */
  readonly apps: number | null;
  readonly definitions: number;
  readonly missingScopes: readonly string[];
  readonly findings: readonly FindingRow[];
  readonly extractor: string;
  readonly fingerprint: string;
  readonly revalidation: { readonly required: boolean; readonly since?: string; readonly why?: string };
}

export interface FindingRow {
  readonly code: string;
  readonly member: string;
  readonly use: "read" | "restore" | "watch";
  readonly version: string;
  readonly streams: readonly string[];
}

export interface TaskRow {
  readonly id: string;
  readonly kind: CoverageTaskKind;
  readonly subject: string;
  readonly state: CoverageTaskState;
  readonly raisedAt: string;
  readonly dueAt: string;
  readonly overdue: boolean;
  readonly decidedAt?: string;
  readonly reason?: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}
