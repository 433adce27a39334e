/**
 * One step of a run: an answer, a correction, something that was done, a reason to set an order aside and the second person's word on it, the end. Steps are
 * only ever added. `after` is the last step that the person had seen: when somebody else was quicker, nothing is written and both see what stands.
 */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import { accept, canonical, type NewStep, type OrderRule, type ReasonFault, type RunState, type RunStep, type StepRefusal } from "#app/response/index.ts";
import { keepEvent } from "../shared/outbox.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";
import { append, type AssistantPorts } from "./append.ts";
import { lookUp } from "./look-up.ts";
import { readRun, type ReadRun } from "./read-run.ts";

export type TakenStep =
  | { readonly kind: "taken"; readonly n: number }
  /** Somebody else took a step meanwhile. */
  | { readonly kind: "conflict"; readonly code: "assistant.conflict" }
  | { readonly kind: "not-found"; readonly code: "assistant.not_found" }
  | { readonly kind: "refused"; readonly code: StepRefusal; readonly rule?: OrderRule; readonly fault?: ReasonFault }
  | { readonly kind: "not-allowed"; readonly code: AccessRefusal };

export interface AskedStep {
  readonly shop: string;
  readonly actor: Actor;
  readonly runId: string;
  readonly after: number;
  /** What is looked up is looked up here, not told. */
  readonly step: Exclude<NewStep, { readonly what: "looked-up" }>;
}

export async function takeStep(ports: AssistantPorts & RefusalPorts, asked: AskedStep): Promise<TakenStep> {
  const { shop, actor, runId, after } = asked;
  const read = await readRun(ports.assistantRuns, shop, runId);
  if (read === null) return { kind: "not-found", code: "assistant.not_found" };
  const barred = await mayTake(ports, asked, read.run);
  if (barred !== null) return { kind: "not-allowed", code: barred };
  const by = actorName(actor);
  if (read.run.steps !== after) return isMine(read, asked, by) ? { kind: "taken", n: after + 1 } : { kind: "conflict", code: "assistant.conflict" };
  const now = ports.clock.now().toISOString();
  // Which plan a restore was taken from is known here (restores.ts), never told.
  const accepted = accept(read.run, asked.step.what === "recorded" ? { what: "recorded", act: asked.step.act, waiver: asked.step.waiver } : asked.step, { by, now });
  if (accepted.kind === "refused") {
    if (accepted.rule !== undefined) await keepEvent(ports, shop, { actor: by, action: "assistant.out_of_order", subject: { shop, run: runId, act: accepted.rule.then, rule: accepted.rule.id }, outcome: "refused" });
    return accepted;
  }
  const step = { ...accepted.step, n: after + 1, at: now, by } as RunStep;
  const run = await append(ports, { shop, runId }, read, step);
  if (run === null) return { kind: "conflict", code: "assistant.conflict" };
  if (run.state === "open" && run.current.kind === "check" && run.lookup === null) await lookUp(ports, { shop, actor, runId });
  return { kind: "taken", n: step.n };
}

/** The second person's word is theirs to give; whoever gave a reason may take it back as they may everything else. */
async function mayTake(ports: AssistantPorts & RefusalPorts, { shop, actor, step }: AskedStep, run: RunState): Promise<AccessRefusal | null> {
  const approves = step.what === "waiver-decided" && !(step.approved === false && run.waivers.some(({ n, by }) => n === step.asked && by === actorName(actor)));
  const action = approves ? "assistant.waive" : "assistant.run";
  const requestedBy = step.what === "waiver-decided" ? run.waivers.find(({ n }) => n === step.asked)?.by : undefined;
  const roles = (await ports.responseTeam?.rolesOf(shop, actorName(actor))) ?? [];
  const decision = mayRequest(action, actor, shop, { roles, ...(requestedBy === undefined ? {} : { requestedBy }) });
  if (decision.allowed) return null;
  await recordRefusal(ports, { shop, actor, asked: action, code: decision.code });
  return decision.code;
}

/** The same answer of the same person came a second time: its own first answer was lost on the way back. */
function isMine({ steps }: ReadRun, { after, step }: AskedStep, by: string): boolean {
  const there = steps[after]?.step;
  if (there === undefined || there.by !== by) return false;
  const { n: _n, at: _at, by: _by, ...said } = there;
  return canonical(said) === canonical(step);
}
