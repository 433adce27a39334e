/**
 * A workflow's step asks for something. The request is kept and answered from its row, so that it costs two statements whatever was asked for: the work is
 * done by whoever advances it (flow/advance.ts), and Flow asks again, under the same id, until there is an answer.
 */
import type { FlowAction, FlowActions, FlowActionState, Ports } from "../ports.ts";
import { isAction, parseInput, type ActionField, type FlowActionName, type ReturnOf } from "./actions.ts";

export type AskPorts = Pick<Ports, "clock" | "log" | "metrics"> & {
  readonly actions: Pick<FlowActions, "ask" | "get">;
  /** Something is there to be begun. */
  readonly wake?: () => void;
};

export interface FlowRequest {
  readonly shop: string;
  readonly actionRunId: string;
  /** Of the action. */
  readonly handle: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export type FlowAnswer =
  /** It is under way; ask again after so many seconds. */
  | { readonly kind: "pending"; readonly afterSeconds: number }
  | { readonly kind: "done"; readonly result: ReturnOf<FlowActionName> }
  /** Final, with the reason's stable code. */
  | { readonly kind: "refused"; readonly code: string }
  /** Final: a field does not say what it may. */
  | { readonly kind: "bad-field"; readonly field: ActionField }
  | { readonly kind: "unknown-action" };

/** Flow takes 5 to 3600 seconds. A snapshot of a small shop takes less than a minute, a check of a large vault hours. */
const SOONEST_S = 5;
const LATEST_S = 300;

export async function askFromFlow(ports: AskPorts, { shop, actionRunId, handle, properties }: FlowRequest): Promise<FlowAnswer> {
  if (!isAction(handle)) return { kind: "unknown-action" };
  const known = await ports.actions.get(shop, actionRunId);
  if (known !== null) return answerOf(known, handle, ports.clock.now());
  const parsed = parseInput(handle, properties);
  if (parsed.kind === "bad") {
    ports.metrics.count("holdfast_flow_actions_total", { action: handle, outcome: "refused" });
    return { kind: "bad-field", field: parsed.field };
  }
  const askedAt = ports.clock.now();
  const { action, created } = await ports.actions.ask({ shop, actionRunId, action: handle, input: { ...parsed.input }, askedAt });
  if (created) {
    ports.log.info("flow.asked", { shop, action: handle, step: actionRunId });
    ports.metrics.count("holdfast_flow_actions_total", { action: handle, outcome: "asked" });
    ports.wake?.();
  }
  return answerOf(action, handle, askedAt);
}

function answerOf({ action, state, askedAt, code, result }: FlowAction, asked: FlowActionName, now: Date): FlowAnswer {
  // The same step as something else: it is answered what it is, and not begun.
  if (action !== asked) return { kind: "refused", code: "flow.other_action" };
  switch (state satisfies FlowActionState) {
    case "done":
      return result === null ? { kind: "refused", code: "unexpected" } : { kind: "done", result };
    case "refused":
      return { kind: "refused", code: code ?? "unexpected" };
    default: {
      // The longer it takes, the less often it is asked after.
      const age = (now.getTime() - askedAt.getTime()) / 1000;
      return { kind: "pending", afterSeconds: Math.round(Math.min(LATEST_S, Math.max(SOONEST_S, age / 4))) };
    }
  }
}
