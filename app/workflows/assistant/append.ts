/** Adds one step to a run, and tells the ledger. */
import { replay, type RunState, type RunStep } from "#app/response/index.ts";
import type { Ports } from "../ports.ts";
import { keepEvent } from "../shared/outbox.ts";
import type { CheckPorts } from "./checks/checks.ts";
import { stepEntry } from "./entries.ts";
import type { ReadRun } from "./read-run.ts";

export type AssistantPorts = CheckPorts & Pick<Ports, "clock" | "random" | "log"> & Required<Pick<Ports, "assistantRuns">>;

/** What adding a step takes; looking something up takes more. */
export type AssistantTimelinePorts = Pick<Ports, "clock" | "random" | "log" | "links" | "stores" | "signer" | "outbox"> & Required<Pick<Ports, "assistantRuns">>;

/** Keeps a step that fits, and tells the ledger. Null: there is a step of that number already. */
export async function append(ports: AssistantTimelinePorts, { shop, runId }: { readonly shop: string; readonly runId: string }, read: ReadRun, step: RunStep): Promise<RunState | null> {
  const run = replay(read.frozen.tree, [...read.steps.map((kept) => kept.step), step]);
  const kept = { step, salt: Buffer.from(ports.random(16)).toString("hex") };
  if (!(await ports.assistantRuns.append(shop, runId, kept, run.state))) return null;
  await keepEvent(ports, shop, stepEntry({ shop, id: runId }, kept, read.run, run));
  ports.log.info("assistant.step", { shop, run: runId, step: step.n, what: step.what, by: step.by });
  return run;
}
