/** What the drill screens are given beyond a list of drills: weeks, lanes, who answered. Codes, counts, times, names of kinds and fields. */
import type { WeekPart, WeekState } from "#app/workflows/drill/weeks.ts";
import type { DrillVerdict, LaneName } from "#app/workflows/ports/drills.ts";
import type { DifferenceModel } from "../models.ts";

export type { DrillVerdict, LaneName } from "#app/workflows/ports/drills.ts";
export type { WeekPart, WeekState } from "#app/workflows/drill/weeks.ts";

export interface DrillWeekModel {
  readonly dueAt: string;
  readonly until: string;
  readonly state: WeekState;
  readonly lacking: readonly WeekPart[];
  /** The last drill of the week, to go to. */
  readonly drillId?: string;
}

export interface DrillScheduleModel {
  /** 0: Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly timezone: string;
  readonly enabled: boolean;
  readonly nextAt?: string;
}

export interface DrillWeeksModel {
  /** Oldest first; of the last year. */
  readonly weeks: readonly DrillWeekModel[];
  /** Weeks that are over or passed, and how many of them passed and were missed. */
  readonly due: number;
  readonly passed: number;
  readonly missed: number;
  /** Null: there is no snapshot yet, or another program has set another one. */
  readonly schedule: DrillScheduleModel | null;
  /** A key service opens the real snapshot, so that nobody has to. */
  readonly unattended: boolean;
}

export interface DrillLaneModel {
  readonly lane: LaneName;
  readonly passed: boolean;
  readonly code: string;
  readonly ms: number;
  readonly compared: number;
  readonly restored: number;
  readonly refused: number;
  readonly steps: readonly { readonly name: string; readonly ms: number }[];
  readonly differing: readonly DifferenceModel[];
  readonly kinds: number;
  readonly types: number;
  readonly scanned: number;
  readonly object?: string;
}

export interface CertificationModel {
  readonly at: string;
  readonly by: string;
  readonly verdict: DrillVerdict;
  readonly remarks: string;
  readonly correctiveAction: string;
}

/** What a period's report says, as the browser shows it. */
export interface DrillReportModel {
  readonly from: string | null;
  readonly to: string;
  readonly ok: boolean;
  readonly findings: readonly { readonly code: string; readonly object: string }[];
  readonly held: number;
  readonly passed: number;
  readonly certified: number;
  readonly medianRtoMs: number | null;
  readonly weeksDue: number;
  readonly weeksPassed: number;
  readonly weeksMissed: number;
  readonly missed: readonly string[];
}
