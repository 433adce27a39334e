/**
 * Begins what workflows have asked for, and follows the runs that do it. A request is begun under a name that is made of its own id, so that a process that dies
 * between beginning it and noting that leaves no second run behind.
 */
import { createHash } from "node:crypto";
import type { FlowAction, FlowActionChange, FlowActions, Ports, Run } from "../ports.ts";
import { eachDue } from "../shared/each-due.ts";
import { failureOf } from "../shared/failure.ts";
import { keepEvent } from "../shared/outbox.ts";
import { beginRun, type BeginPorts, type Begun } from "./begin.ts";
import { holdForFlow, type HoldForFlowPorts } from "./hold.ts";
import { resultOf } from "./result.ts";
import type { FlowActionName, ReturnOf } from "./actions.ts";

export type AdvancePorts = BeginPorts & HoldForFlowPorts & Pick<Ports, "catalog" | "metrics"> & {
  readonly actions: FlowActions;
  readonly link: (shop: string, path: string) => string;
};

const MINUTE = 60_000;
/** Above what opening a storage takes that does not answer. */
export const ACTION_CLAIM_MS = 2 * MINUTE;
const AT_ONCE = 40;
const SIDE_BY_SIDE = 8;
/** How often a run is looked at. */
const LOOK_MS = 2000;
const LOOK_LATER_MS = 15_000;
/** Flow asks for 36 hours; what could not be begun by then is not begun any more. */
export const GIVE_UP_MS = 36 * 60 * MINUTE;
const AGAIN_MS: readonly number[] = [5000, 15_000, MINUTE, 5 * MINUTE, 15 * MINUTE];

/** Answers how many requests came to their end. */
export function advanceActions(ports: AdvancePorts): Promise<number> {
  return eachDue({ clock: ports.clock, line: ports.actions, claimMs: ACTION_CLAIM_MS, atOnce: AT_ONCE, sideBySide: SIDE_BY_SIDE }, (action) => advance(ports, action));
}

/** As a run's id: the request's own, whoever begins it and however often. */
export function runIdOf({ shop, actionRunId }: Pick<FlowAction, "shop" | "actionRunId">): string {
  return `flow_${createHash("sha256").update(`${shop}\n${actionRunId}`).digest("hex").slice(0, 40)}`;
}

async function advance(ports: AdvancePorts, action: FlowAction): Promise<boolean> {
  try {
    if (action.state === "waiting") return await begin(ports, action);
    return await follow(ports, action);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) {
      await ports.actions.update(action.shop, action.actionRunId, { nextAt: later(ports, action), code: "unexpected" });
      throw error;
    }
    if (failure.retry === "later" && !isTooOld(ports, action)) {
      ports.log.warn("flow.not_begun", { shop: action.shop, action: action.action, step: action.actionRunId, code: failure.code, attempt: action.attempts });
      await ports.actions.update(action.shop, action.actionRunId, { nextAt: later(ports, action), code: failure.code });
      return false;
    }
    return refuse(ports, action, failure.code);
  }
}

async function begin(ports: AdvancePorts, action: FlowAction): Promise<boolean> {
  if (isTooOld(ports, action)) return refuse(ports, action, "flow.gave_up");
  if (action.action === "hold-snapshots") {
    const held = await holdForFlow(ports, action, runIdOf(action));
    if (held.kind === "refused") return refuse(ports, action, held.code);
    const { holdId, until } = held;
    const result = { holdId, heldUntil: until.toISOString(), page: ports.link(action.shop, "/app/retention") };
    await enter(ports, action, {});
    return done(ports, action, result, { holdId, holdUntil: until });
  }
  const id = runIdOf(action);
  // A process before this one may have begun it.
  const before = await ports.runs.get(id);
  const begun: Begun = before === null ? await beginRun(ports, action, id) : { kind: "begun", run: before };
  if (begun.kind === "refused") return refuse(ports, action, begun.code);
  await enter(ports, action, { run: begun.run.id });
  await ports.actions.update(action.shop, action.actionRunId, { state: "working", runId: begun.run.id, code: null, nextAt: new Date(ports.clock.now().getTime() + LOOK_MS) });
  return false;
}

async function follow(ports: AdvancePorts, action: FlowAction): Promise<boolean> {
  const run = action.runId === null ? null : await ports.runs.get(action.runId);
  if (run === null) return refuse(ports, action, "unexpected");
  if (run.state === "queued" || run.state === "running") {
    const age = ports.clock.now().getTime() - action.askedAt.getTime();
    await ports.actions.update(action.shop, action.actionRunId, { nextAt: new Date(ports.clock.now().getTime() + (age < 5 * MINUTE ? LOOK_MS : LOOK_LATER_MS)) });
    return false;
  }
  const result = await resultOf(ports, action, run);
  return result === null ? refuse(ports, action, codeOf(run)) : done(ports, action, result);
}

function codeOf({ code }: Run): string {
  return code ?? "unexpected";
}

async function done(ports: AdvancePorts, action: FlowAction, result: ReturnOf<FlowActionName>, change: FlowActionChange = {}): Promise<true> {
  await ports.actions.update(action.shop, action.actionRunId, { state: "done", endedAt: ports.clock.now(), code: null, result, ...change });
  ports.metrics.count("holdfast_flow_actions_total", { action: action.action, outcome: "done" });
  ports.log.info("flow.done", { shop: action.shop, action: action.action, step: action.actionRunId });
  return true;
}

async function refuse(ports: AdvancePorts, action: FlowAction, code: string): Promise<true> {
  await ports.actions.update(action.shop, action.actionRunId, { state: "refused", endedAt: ports.clock.now(), code });
  ports.metrics.count("holdfast_flow_actions_total", { action: action.action, outcome: "refused" });
  ports.log.warn("flow.refused", { shop: action.shop, action: action.action, step: action.actionRunId, code });
  return true;
}

/** Who asked is in the log even where the work itself has an entry of its own. */
async function enter(ports: AdvancePorts, { shop, action, actionRunId }: FlowAction, more: { readonly run?: string }): Promise<void> {
  await keepEvent(ports, shop, { actor: "platform", action: "flow.asked", subject: { shop, asked: action.replaceAll("-", "_"), step: createHash("sha256").update(actionRunId).digest("hex"), ...more }, outcome: "done" });
}

function isTooOld({ clock }: AdvancePorts, { askedAt }: FlowAction): boolean {
  return clock.now().getTime() - askedAt.getTime() > GIVE_UP_MS;
}

function later({ clock }: AdvancePorts, { attempts }: FlowAction): Date {
  return new Date(clock.now().getTime() + (AGAIN_MS[attempts - 1] ?? AGAIN_MS.at(-1) ?? MINUTE));
}
