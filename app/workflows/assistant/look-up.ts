/** Looks up what the run's present question asks the app, and keeps what was found. May be done again: the last one counts. */
import { actorName, type Actor } from "#app/access/index.ts";
import { append, type AssistantPorts } from "./append.ts";
import { look } from "./checks/checks.ts";
import { readRun } from "./read-run.ts";

export type LookedUpNow =
  | { readonly kind: "looked-up"; readonly n: number; readonly outcome: string }
  | { readonly kind: "nothing-to-look-up" }
  | { readonly kind: "conflict"; readonly code: "assistant.conflict" };

export async function lookUp(ports: AssistantPorts, { shop, actor, runId }: { readonly shop: string; readonly actor: Actor; readonly runId: string }): Promise<LookedUpNow> {
  const read = await readRun(ports.assistantRuns, shop, runId);
  if (read === null || read.run.state !== "open" || read.run.current.kind !== "check") return { kind: "nothing-to-look-up" };
  const { id: node, check } = read.run.current;
  const { outcome, facts } = await look(ports, check, { shop, moment: read.run.moment === null ? null : new Date(read.run.moment) });
  const n = read.run.steps + 1;
  const kept = await append(ports, { shop, runId }, read, { n, at: ports.clock.now().toISOString(), by: actorName(actor), what: "looked-up", node, check, outcome, facts });
  return kept === null ? { kind: "conflict", code: "assistant.conflict" } : { kind: "looked-up", n, outcome };
}
