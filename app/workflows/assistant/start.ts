/** Starts the assistant for a scenario. The tree as it is today is kept with the run, so that what a later tree says does not change what was asked. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import { treeOf } from "#app/response/index.ts";
import type { Ports } from "../ports.ts";
import { keepEvent } from "../shared/outbox.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";
import type { AssistantPorts } from "./append.ts";
import { startEntry } from "./entries.ts";
import { lookUp } from "./look-up.ts";

export type StartedAssistant =
  | { readonly kind: "started"; readonly runId: string }
  | { readonly kind: "no-such-scenario"; readonly code: "assistant.no_scenario" }
  | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function startAssistant(ports: AssistantPorts & Pick<Ports, "ids"> & RefusalPorts, { shop, actor, scenario }: { readonly shop: string; readonly actor: Actor; readonly scenario: string }): Promise<StartedAssistant> {
  const decision = mayRequest("assistant.run", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "assistant.run", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  const frozen = treeOf(scenario);
  if (frozen === null) return { kind: "no-such-scenario", code: "assistant.no_scenario" };
  const run = { id: ports.ids.next(), shop, scenario, treeVersion: frozen.tree.version, treeDigest: frozen.digest, tree: frozen.tree, startedBy: actorName(actor), startedAt: ports.clock.now() };
  await ports.assistantRuns.create(run);
  await keepEvent(ports, shop, startEntry(run));
  ports.log.info("assistant.started", { shop, run: run.id, scenario, by: run.startedBy });
  await lookUp(ports, { shop, actor, runId: run.id });
  return { kind: "started", runId: run.id };
}
