/** What a run that was walked to its end says is to be done. */
import type { RunState } from "./replay.ts";
import type { Selection } from "./run.ts";
import type { Outcome, RestoreHints } from "./tree.ts";

export interface RunOutcome {
  readonly outcome: Outcome;
  /** The end's id. */
  readonly node: string;
  /** Of a restore plan. */
  readonly plan: {
    readonly selection: Selection;
    /** The second to go back to, ISO 8601; null: to the snapshot. */
    readonly at: string | null;
    /** The newest good snapshot that was found on the way; null: none was looked up. */
    readonly snapshotId: string | null;
    readonly hints: RestoreHints;
  } | null;
}

/** The last second in which everything was right. */
const BEFORE_MS = 1000;

/** Null: the run is not that far, or was abandoned. */
export function outcomeOf(run: RunState): RunOutcome | null {
  const { current, state, selection, moment, found, hints } = run;
  if (current.kind !== "end" || state === "abandoned") return null;
  const snapshotId = found.get("good-snapshot")?.facts.find(({ name }) => name === "snapshot")?.value;
  const at = current.plan?.to === "before-damage" && moment !== null ? new Date(Date.parse(moment) - BEFORE_MS).toISOString() : null;
  return {
    outcome: current.outcome,
    node: current.id,
    plan: current.plan === undefined || selection === null ? null : { selection, at, snapshotId: typeof snapshotId === "string" ? snapshotId : null, hints },
  };
}
