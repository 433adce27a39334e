/** May this step be taken now? Answers the step, or a refusal with a stable code. Who may take it is decided elsewhere (app/access). */
import { faultOfReason, type ReasonFault } from "./plain-reason.ts";
import { mayRecord, ORDER_RULES, type OrderRule } from "./order.ts";
import { codeOfAnswer, type RunState } from "./replay.ts";
import type { NewStep } from "./run.ts";
import { waysOf, type Act } from "./tree.ts";

export type StepRefusal =
  /** The run was finished or abandoned. */
  | "assistant.ended"
  /** Something else is asked by now. */
  | "assistant.moved_on"
  /** The question has no such answer. */
  | "assistant.bad_answer"
  /** A moment that has not come yet. */
  | "assistant.not_yet"
  /** Nothing that stands was answered there. */
  | "assistant.nothing_to_go_back"
  /** Another step comes first; it may be set aside with a reason that a second person approves. */
  | "assistant.out_of_order"
  /** There is no such rule, it is not in the way, or a reason for it waits already. */
  | "assistant.nothing_to_waive"
  | "assistant.bad_reason"
  /** Whoever gave the reason does not approve it. */
  | "assistant.own_reason"
  /** That a restore was done is taken from its plan, never told. */
  | "assistant.restore_by_plan"
  /** The way to the end has not been walked. */
  | "assistant.not_decided";

export type Accepted = { readonly kind: "accepted"; readonly step: NewStep } | { readonly kind: "refused"; readonly code: StepRefusal; readonly rule?: OrderRule; readonly fault?: ReasonFault };

const refused = (code: StepRefusal, more: { readonly rule?: OrderRule; readonly fault?: ReasonFault } = {}): Accepted => ({ kind: "refused", code, ...more });

/** `by`: who asks; `now`: ISO. */
export function accept(run: RunState, step: NewStep, { by, now }: { readonly by: string; readonly now: string }): Accepted {
  if (run.state === "finished" || run.state === "abandoned") return refused("assistant.ended");
  switch (step.what) {
    case "answered": {
      if (run.current.id !== step.node || run.current.kind === "end") return refused("assistant.moved_on");
      const { answer } = step;
      // Who sets an order aside is found here, never told.
      const code = codeOfAnswer(answer, run.lookup);
      if (!fits(run, answer.kind) || !waysOf(run.current).some((way) => way.answer === code)) return refused("assistant.bad_answer");
      if (answer.kind === "moment" && answer.at !== null && answer.at > now) return refused("assistant.not_yet");
      if (answer.kind === "what" && run.current.kind === "what" && !run.current.offers.includes(answer.selection.what)) return refused("assistant.bad_answer");
      if (run.current.kind === "instruction" && run.current.act !== undefined && code === "done") {
        const order = inOrder(run, run.current.act);
        if (!order.allowed) return refused("assistant.out_of_order", { rule: order.rule });
        const waiver = order.setAside === null ? undefined : usable(run, order.setAside)?.n;
        return { kind: "accepted", step: { ...step, answer: { kind: "done", ...(waiver === undefined ? {} : { waiver }) } } };
      }
      return { kind: "accepted", step };
    }
    case "looked-up":
      return run.current.kind === "check" && run.current.id === step.node && run.current.outcomes.some(({ id }) => id === step.outcome) ? { kind: "accepted", step } : refused("assistant.moved_on");
    case "went-back":
      return run.path.some(({ n }) => n === step.to) ? { kind: "accepted", step } : refused("assistant.nothing_to_go_back");
    case "recorded": {
      if (step.act === "restore" && step.plan === undefined) return refused("assistant.restore_by_plan");
      const order = inOrder(run, step.act);
      if (!order.allowed) return refused("assistant.out_of_order", { rule: order.rule });
      return { kind: "accepted", step: { ...step, waiver: order.setAside === null ? null : (usable(run, order.setAside)?.n ?? null) } };
    }
    case "waiver-asked": {
      const rule = ORDER_RULES.find(({ id }) => id === step.rule);
      const inTheWay = rule !== undefined && !mayRecord(rule.then, { recorded: standing(run), waived: [] }).allowed;
      if (!inTheWay || run.waivers.some((waiver) => waiver.rule === step.rule && (waiver.decided === null || (waiver.decided.approved && waiver.usedBy === null)))) return refused("assistant.nothing_to_waive");
      const fault = faultOfReason(step.reason);
      return fault === null ? { kind: "accepted", step: { ...step, reason: step.reason.trim() } } : refused("assistant.bad_reason", { fault });
    }
    case "waiver-decided": {
      const waiver = run.waivers.find(({ n }) => n === step.asked);
      if (waiver === undefined || waiver.decided !== null) return refused("assistant.nothing_to_waive");
      // Whoever asked may take it back, never approve it.
      return waiver.by === by && step.approved ? refused("assistant.own_reason") : { kind: "accepted", step };
    }
    case "finished":
      return run.state === "decided" ? { kind: "accepted", step } : refused("assistant.not_decided");
    case "abandoned":
      return { kind: "accepted", step };
    default:
      step satisfies never;
      return refused("assistant.bad_answer");
  }
}

/** What stands in the timeline. */
function standing(run: RunState): Act[] {
  return run.acts.filter(({ corrected }) => !corrected).map(({ act }) => act);
}

function usable(run: RunState, rule: string): { readonly n: number } | null {
  return run.waivers.find((waiver) => waiver.rule === rule && waiver.decided?.approved === true && waiver.usedBy === null) ?? null;
}

function inOrder(run: RunState, act: Act): ReturnType<typeof mayRecord> {
  return mayRecord(act, { recorded: standing(run), waived: ORDER_RULES.map(({ id }) => id).filter((id) => usable(run, id) !== null) });
}

const FITS = { question: ["choice"], moment: ["moment"], what: ["what"], instruction: ["done", "cannot"], check: ["seen"], end: [] } as const;

function fits({ current }: RunState, kind: string): boolean {
  return (FITS[current.kind] as readonly string[]).includes(kind);
}
