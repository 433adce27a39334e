/** Weekly drills: when they are due, and what stands in the catalog about them. Ids, counts, codes, names of kinds and fields: never a value of a record. */

/**
 * synthetic: made-up records of every kind and every type, put through a whole restore. sanitized: the newest snapshot with nobody recognisable in it, put through the
 * same. real: the newest snapshot, every record opened and compared with its keyed digest, and nothing else. full: the real snapshot put through a restore.
 */
export type LaneName = "synthetic" | "sanitized" | "real" | "full";
/** What a run is asked for (its `input.lane`): "both" is the weekly drill. Absent: "full". */
export type DrillLane = "synthetic" | "real" | "both" | "full";

export interface LaneDifference {
  readonly kind: string;
  readonly field: string;
  readonly records: number;
}

/** One lane's part of a drill. Times in milliseconds. */
export interface LaneResult {
  readonly lane: LaneName;
  readonly passed: boolean;
  readonly code: string;
  readonly startedAt: string;
  readonly ms: number;
  /** Records opened and equal to their digest. */
  readonly compared: number;
  /** Created in the sandbox shop; 0 in the real lane, which restores nothing. */
  readonly restored: number;
  readonly refused: number;
  readonly erased: number;
  readonly steps: readonly { readonly step: string; readonly ms: number }[];
  readonly differences: readonly LaneDifference[];
  readonly losses: readonly { readonly kind: string; readonly field: string; readonly reason: string }[];
  readonly costPoints: number;
  readonly plusEstimateMs: number;
  /** How many kinds of record went through it, and of which types its metafields and metaobjects' fields were. */
  readonly kinds: number;
  readonly types: readonly string[];
  /** Records that were looked through for identifiers before they came anywhere near a shop. 0: a lane that keeps its records in this process. */
  readonly scanned: number;
  /** The damaged object's name, when it failed on one. */
  readonly object?: string;
}

/** Who answered for a drill's result. From a second signed record. */
export interface DrillCertification {
  readonly object: string;
  /** SHA-256 of the stored bytes, hex. */
  readonly digest: string;
  readonly certifiedAt: string;
  readonly certifiedBy: string;
  readonly verdict: DrillVerdict;
  readonly remarks: string;
  readonly correctiveAction: string;
}
export const VERDICTS = ["accepted", "accepted_with_action", "not_accepted"] as const;
export type DrillVerdict = (typeof VERDICTS)[number];

/** From `at` on drills were due so. What the ledger says of it, in the order of entering. */
export interface DrillEpoch {
  readonly at: Date;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  readonly timezone: string;
  readonly enabled: boolean;
}

export interface DrillSchedule {
  readonly shop: string;
  readonly cron: string;
  readonly timezone: string;
  readonly enabled: boolean;
  /** Null when switched off. In the past: a drill is due and nobody has asked for it. */
  readonly nextAt: Date | null;
  /** Oldest first, the one in force last. */
  readonly epochs: readonly DrillEpoch[];
}

export interface DrillSchedules {
  get(shop: string): Promise<DrillSchedule | null>;
  /** Sets the shop's schedule from `at` on. Throws RequestError "request.invalid" for a cron line or time zone nobody knows. */
  save(shop: string, epoch: DrillEpoch): Promise<void>;
  /** Shops that have a snapshot and no drill schedule yet, at most `limit`. */
  without(limit: number): Promise<readonly string[]>;
}
