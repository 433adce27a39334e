/** What a restore's run is for: working a plan out, or carrying one out. */
import type { Ports } from "../ports.ts";
import { runPlan } from "./plan-run.ts";

export async function runRestore(ports: Ports, { runId, signal }: { readonly runId: string; readonly signal?: AbortSignal }): Promise<unknown> {
  return runPlan(ports, { runId, ...(signal === undefined ? {} : { signal }) });
}
