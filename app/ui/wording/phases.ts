/** What a run is doing, in words, keyed by the phase the workflow reports. */
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
  open: "Opening the snapshot",
  compare: "Checking every record against its digest",
  restore: "Restoring into a fresh sandbox shop",
  "re-read": "Reading the restored shop back",
  "compare-roots": "Comparing the restored shop with the snapshot",
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

export function stepName(step: string): string {
  return (DRILL_STEPS as Record<string, string>)[step] ?? step.charAt(0).toUpperCase() + step.slice(1).replace(/[_-]/g, " ");
}
