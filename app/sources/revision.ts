/** What a restore into a living shop says and is told: changes, what would be written, and the log that lets a run go on after a crash. Part of port.ts. */
import type { SourceRecord } from "#app/vault/index.ts";
import type { RestoreRun } from "./port.ts";

/**
 * A root record with all that belongs to it, in snapshot order, then and now. `now` null: it is gone. `then` null: it did not exist then.
 * `id` is the root's id then (now, where there is no then). The records of `now` have the ids of the target; they differ from those of `then` where the
 * root was created anew since, or the target is another shop.
 */
export interface FamilyChange {
  readonly kind: string;
  readonly id: string;
  readonly then: readonly SourceRecord[] | null;
  readonly now: readonly SourceRecord[] | null;
}

/** One pass: the changes whose root is of one of these kinds, in any order. Batches are valid until the next is asked for. */
export type ChangesOf = (rootKinds: ReadonlySet<string>) => AsyncIterable<FamilyChange>;

/** Records, and children of records, that did not exist then: they stay, or go. */
export type Extras = "keep" | "remove";

/** Names only, never values. Metafields of a record stand with its own fields, as "metafield:namespace.key". */
export interface PlannedField {
  readonly kind: string;
  readonly id: string;
  readonly fields: readonly string[];
}

/** `reason`: the catalogue's LossReason, or why a whole kind is not written. */
export interface PlannedLoss {
  readonly kind: string;
  readonly field: string;
  readonly reason: string;
}

export interface Assessment {
  /**
   * - "none": nothing would be written (then and now agree, or an extra that is kept).
   * - "refuse": what differs can be written by nobody; `losses` says why.
   */
  readonly action: "create" | "update" | "remove" | "none" | "refuse";
  /** What will be written; for "create" and "remove" all fields of each record. */
  readonly changes: readonly PlannedField[];
  /** What differs and cannot come back. For "create": everything of the kind that the platform never takes. */
  readonly losses: readonly PlannedLoss[];
  /** Points of the platform's rate limit, as single requests. Many together run as bulk operations, which cost none. */
  readonly costPoints: number;
}

export interface ReviseRun extends RestoreRun {
  readonly extras: Extras;
  /** Durable: what was asked of the platform and what came of it; read at the start of every life of the run. */
  readonly log: RestoreLog;
  /**
   * How ids of the snapshot and ids of the target go together before this run: `known` holds what earlier restores created (old to new, over as many
   * restores as there were); `same`: the target is the shop the snapshot is of, so every other id stands for itself.
   */
  readonly ids: { readonly known: ReadonlyMap<string, string>; readonly same: boolean };
  /** Awaited between batches; resolves when the run may go on. */
  readonly paused?: () => Promise<void>;
  /** The record in the shop is no longer as `now` says. */
  readonly ifChanged: (change: { readonly kind: string; readonly id: string }) => "overwrite" | "skip";
  /** Told once for every root of `changes`, in a later life of the run too for what an earlier one did. */
  readonly onResult?: (result: ReviseResult) => void | Promise<void>;
}

/** What became of a root and all that belongs to it. */
export interface ReviseResult {
  readonly kind: string;
  readonly id: string;
  /** Its id in the target, where it was created anew. */
  readonly newId?: string;
  /**
   * - "restored": all that differed was written.
   * - "restored-with-losses": written, but for what the platform never takes or refused (`code`).
   * - "refused": nothing could be written; `code` says why.
   * - "skipped": nothing was to be done, or the rule for records that were changed meanwhile said so (`code` "changed_since").
   */
  readonly outcome: "restored" | "restored-with-losses" | "refused" | "skipped";
  /** A stable code of ours or of the platform's; never values. */
  readonly code?: string;
}

export interface ReviseOutcome {
  /** Old id to new id, for every record that was created anew by this run, in all its lives. */
  readonly ids: ReadonlyMap<string, string>;
  readonly counts: Readonly<Record<ReviseResult["outcome"], number>>;
  /** Points of the rate limit that were spent, in this life of the run. */
  readonly costPoints: number;
}

/** Kept for as long as the run's report is: a later life of the run starts from it. Ids, codes and instants only. */
export interface RestoreLog {
  /** By which the run's bulk operations are known again: 1 to 40 letters, digits and underscores, of no other run in this shop. */
  readonly name: string;
  /** All steps so far, in the order they were appended. */
  entries(): AsyncIterable<RestoreStep>;
  /** Resolves when they would survive the loss of this machine. Appends are kept in the order in which they were called. */
  append(steps: readonly RestoreStep[]): Promise<void>;
}

export type RestoreStep =
  /**
   * About to be asked for. `batch`: what the request is known again by. `at`: ISO 8601 UTC, by our clock. `ids`: of roots as they were then, in the order of the
   * request's lines. `after`: the newest id of its kind that the target had before creations were asked for; null where there was none.
   */
  | { readonly step: "asked"; readonly batch: string; readonly at: string; readonly what: "create" | "change" | "remove"; readonly kind: string; readonly ids: readonly string[]; readonly after?: string | null }
  /** A bulk operation was started for `batch`. */
  | { readonly step: "started"; readonly batch: string; readonly operation: string }
  /** A record has a new id. */
  | { readonly step: "created"; readonly id: string; readonly newId: string }
  /** A root is done. */
  | ({ readonly step: "done" } & ReviseResult);
