/** What the screens about alerts and runs are given. Plain data; facts are numbers, ids and codes. */
import type { AlertCode, AlertDelivery, AlertFacts, AlertSeverity, AlertState } from "#app/workflows/ports/alerts.ts";
import type { RunKind, RunState } from "#app/workflows/ports.ts";
import type { SafetyState } from "#app/workflows/overview/judge.ts";
import type { KindCount, ProblemModel } from "../models.ts";

export interface AlertRow {
  readonly id: string;
  readonly code: AlertCode;
  readonly subject: string;
  readonly severity: AlertSeverity;
  readonly state: AlertState;
  readonly facts: AlertFacts;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

export type AlertView = "unresolved" | "resolved" | "all";

export interface AlertsModel {
  readonly now: string;
  /** What the unresolved ones make of the shop. */
  readonly state: SafetyState;
  readonly view: AlertView;
  readonly severity: AlertSeverity | null;
  readonly code: AlertCode | null;
  readonly page: number;
  readonly pages: number;
  readonly open: number;
  readonly acknowledged: number;
  /** Ever, whatever the filter. */
  readonly total: number;
  readonly rows: readonly AlertRow[];
  /** Whether anybody is told; null: nobody ever said whom to tell. */
  readonly told: { readonly people: number; readonly enabled: boolean } | null;
  /** Messages that could not be delivered lately. */
  readonly undelivered: number;
}

export interface DeliveryRow {
  readonly id: string;
  readonly channel: AlertDelivery["channel"];
  readonly level: number;
  readonly reason: AlertDelivery["reason"];
  readonly state: AlertDelivery["state"];
  readonly at: string;
  readonly nextAt: string;
  readonly attempts: number;
  /** Why it was not delivered: a DeliveryCode, or one of an earlier version. */
  readonly code: string | null;
}

export interface AlertModel extends AlertRow {
  readonly now: string;
  readonly count: number;
  readonly acknowledged: { readonly at: string; readonly by: string; readonly note: string | null } | null;
  readonly resolvedAt: string | null;
  readonly level: number;
  readonly deliveries: readonly DeliveryRow[];
}

/** One level as the form shows it. A webhook's address is a secret: only where it leads is shown. */
export interface LevelModel {
  readonly emails: readonly string[];
  readonly webhookHost: string | null;
}

export interface AlertSettingsModel {
  readonly now: string;
  /** Whether it was ever saved. */
  readonly saved: boolean;
  readonly enabled: boolean;
  readonly escalateAfterMinutes: number;
  readonly levels: readonly LevelModel[];
  /** Whether this host can send e-mail. */
  readonly canEmail: boolean;
  readonly mostLevels: number;
  readonly deliveries: readonly DeliveryRow[];
}

/** What the form sends for one level; null keeps the webhook that is kept, "" removes it. */
export interface LevelForm {
  readonly emails: string;
  readonly webhook: string | null;
}

export interface TestResult {
  readonly channel: AlertDelivery["channel"];
  readonly code: string | null;
}

export interface RunRow {
  readonly id: string;
  readonly kind: RunKind;
  readonly state: RunState;
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** "schedule", "cli", "staff:…", as the ledger names it. */
  readonly requestedBy: string;
  readonly attempt: number;
  readonly phase: string | null;
  readonly stream: string | null;
  readonly records: number | null;
  readonly expected: number | null;
  readonly code: string | null;
  /** The page of what it made. */
  readonly result: string | null;
  readonly gapCount: number;
  readonly kinds: readonly KindCount[];
  readonly cancellable: boolean;
}

export type RunsView = "all" | "under-way" | "failed";

export interface RunsModel {
  readonly now: string;
  readonly view: RunsView;
  readonly rows: readonly RunRow[];
  readonly underWay: number;
  /** Runs of the last 30 days that failed. */
  readonly failed: number;
  readonly problem: ProblemModel | null;
  /** The run an address points at. */
  readonly marked: string | null;
}
