/**
 * The restores that a run of the assistant led to. That something was restored is not told by a person: it is taken from a plan of this run that was carried out, with its
 * report, and stands in the run as a step of the app's own.
 */
import { accept, type RunStep } from "#app/response/index.ts";
import type { Ports, RestorePlanRow } from "../ports.ts";
import { append, type AssistantPorts } from "./append.ts";
import { readRun } from "./read-run.ts";

export type RestoresPorts = Pick<Ports, "restorePlans">;

/** Oldest first: plans that were made from this run. */
export async function restoresOf({ restorePlans }: RestoresPorts, { shop, runId }: { readonly shop: string; readonly runId: string }): Promise<readonly RestorePlanRow[]> {
  const rows = (await restorePlans?.list(shop, { assistantRun: runId, limit: 100 })) ?? [];
  return [...rows].reverse();
}

/** Enters into the run what its plans have come to since. Safe to repeat: of two at once one is kept, and one that stands is not entered again. */
export async function recordRestored(ports: AssistantPorts & RestoresPorts, o: { readonly shop: string; readonly runId: string }): Promise<void> {
  const done = (await restoresOf(ports, o)).filter(({ state, report }) => state === "done" && report !== null);
  for (const { planId } of done) {
    const read = await readRun(ports.assistantRuns, o.shop, o.runId);
    if (read === null || read.run.state === "finished" || read.run.state === "abandoned") return;
    if (read.steps.some(({ step }) => step.what === "recorded" && step.plan === planId)) continue;
    const now = ports.clock.now().toISOString();
    const accepted = accept(read.run, { what: "recorded", act: "restore", waiver: null, plan: planId }, { by: "system", now });
    if (accepted.kind === "refused") return;
    // Somebody answered at this very moment: whoever looks next enters it.
    if ((await append(ports, o, read, { ...accepted.step, n: read.run.steps + 1, at: now, by: "system" } as RunStep)) === null) return;
  }
}
