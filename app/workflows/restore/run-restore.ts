/** What a restore's run is for: working a plan out, or carrying one out. */
import type { Ports } from "../ports.ts";
import { applyRestore } from "./apply.ts";
import { runPlan } from "./plan-run.ts";

export async function runRestore(ports: Ports, { runId, signal }: { readonly runId: string; readonly signal?: AbortSignal }): Promise<unknown> {
  const run = await ports.runs.get(runId);
  const perform = run?.input["what"] === "apply" ? applyRestore : runPlan;
  return perform(ports, { runId, ...(signal === undefined ? {} : { signal }) });
}
