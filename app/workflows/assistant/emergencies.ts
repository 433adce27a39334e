/** An emergency snapshot that was taken in a run of the assistant stands in that run's timeline, with its id: taken from the vault, never told by a person. */
import { accept, type RunStep } from "#app/response/index.ts";
import type { Ports } from "../ports.ts";
import { append, type AssistantTimelinePorts } from "./append.ts";
import { readRun } from "./read-run.ts";

/** Somebody answers at the very same moment: looked at again so often. */
const TRIES = 5;

export type RecordedEmergency = "recorded" | "assistant.not_found" | "assistant.ended" | "assistant.conflict";

/** Safe to repeat: one that stands is not entered again. */
export async function recordEmergency(ports: AssistantTimelinePorts & Required<Pick<Ports, "assistantRuns">>, { shop, runId, snapshotId }: { readonly shop: string; readonly runId: string; readonly snapshotId: string }): Promise<RecordedEmergency> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const read = await readRun(ports.assistantRuns, shop, runId);
    if (read === null) return "assistant.not_found";
    if (read.steps.some(({ step }) => step.what === "recorded" && step.snapshot === snapshotId)) return "recorded";
    const now = ports.clock.now().toISOString();
    const accepted = accept(read.run, { what: "recorded", act: "emergency-snapshot", waiver: null, snapshot: snapshotId }, { by: "system", now });
    if (accepted.kind === "refused") return "assistant.ended";
    if ((await append(ports, { shop, runId }, read, { ...accepted.step, n: read.run.steps + 1, at: now, by: "system" } as RunStep)) !== null) return "recorded";
  }
  return "assistant.conflict";
}
