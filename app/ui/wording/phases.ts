/** What a run is doing, in words, keyed by the phase the workflow reports. */
import type { DrillStepModel } from "../models.ts";
import { kindName } from "./kinds.ts";

export const PHASES: Record<string, string> = {
  queued: "Waiting to start",
  starting: "Starting",
  requesting: "Asking Shopify to prepare the data",
  running: "Shopify is preparing the data",
  preparing: "Shopify is preparing the data",
  downloading: "Reading and sealing records",
  reading: "Reading and sealing records",
  reconciling: "Comparing counts with the store",
  committing: "Finishing the snapshot",
  recording: "Writing it in the log",
  make: "Making up records of every kind",
  sanitize: "Replacing all that identifies anybody",
  open: "Opening the snapshot",
  compare: "Checking every record against its digest",
  restore: "Restoring into a fresh sandbox shop",
  "re-read": "Reading the restored shop back",
  "compare-roots": "Comparing the restored shop with the snapshot",
  search: "Looking through every pack for the records",
  rewrite: "Rewriting packs without them",
  destroy: "Destroying the old keys",
  expire: "Letting snapshots go",
  sweep: "Removing what nothing needs any more",
  gather: "Gathering what is kept about the person",
  seal: "Sealing it to your key",
  wrap: "Wrapping every key anew",
  before: "Taking the snapshot before",
  diff: "Comparing then with now",
  assess: "Opening what differs",
  references: "Looking for what names records that are gone",
  check: "Reading the touched records again and comparing",
  write: "Putting records back",
  verify: "Reading the touched records again and comparing",
  report: "Writing the report",
  cancelling: "Stopping safely",
  done: "Done",
};

export function phaseName(phase: string, stream?: string): string {
  const words = PHASES[phase] ?? "Working";
  return stream ? `${words}: ${kindName(stream, 2)}` : words;
}

/** The steps of a drill, in order, as they stand in its result. */
export const DRILL_STEPS = {
  open: "Open the snapshot with your keys",
  compare: "Check every record against its digest",
  restore: "Restore into a fresh sandbox shop",
  "re-read": "Take a snapshot of the restored shop",
  "compare-roots": "Compare the two, ids aside",
} as const;

/** Steps that only some lanes have. */
const LANE_STEPS: Record<string, string> = { make: "Make up records of every kind and type", sanitize: "Replace all that identifies anybody, and look again" };

/** Where a running drill is: steps before its phase are done, steps after it wait. A drill that has not begun waits with all. */
export function stepsAt(phase: string): readonly DrillStepModel[] {
  const order = Object.keys(DRILL_STEPS);
  const at = order.indexOf(phase);
  return order.map((name, i) => ({ name, state: i < at ? "done" : i === at ? "running" : "waiting" }));
}

export function stepName(step: string): string {
  return (DRILL_STEPS as Record<string, string>)[step] ?? LANE_STEPS[step] ?? step.charAt(0).toUpperCase() + step.slice(1).replace(/[_-]/g, " ");
}
