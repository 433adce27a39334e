/** What of a step goes into the ledger: codes and places, and a digest of the whole step that only its salt lets anybody check. */
import type { NewLedgerEntry } from "#app/ledger/index.ts";
import { codeOfAnswer, digestOf, outcomeOf, type RunState, type RunStep } from "#app/response/index.ts";
import type { AssistantRunRow, KeptStep } from "../ports.ts";

/** SHA-256 over the canonical step with its salt, hex. */
export function digestOfStep({ step, salt }: KeptStep): string {
  return digestOf({ salt, step });
}

export function startEntry({ shop, id, scenario, treeVersion, treeDigest, startedBy, startedAt }: Pick<AssistantRunRow, "shop" | "id" | "scenario" | "treeVersion" | "treeDigest" | "startedBy" | "startedAt">): NewLedgerEntry {
  return { at: startedAt.toISOString(), actor: startedBy, action: "assistant.started", subject: { shop, run: id, scenario, version: treeVersion, tree: treeDigest }, outcome: "done" };
}

/** `before`: the run as it stood when the step was taken; `after`: as it stands with it. The same step gives the same entry, byte for byte. */
export function stepEntry({ shop, id }: Pick<AssistantRunRow, "shop" | "id">, kept: KeptStep, before: RunState, after: RunState): NewLedgerEntry {
  const { step } = kept;
  const common = { shop, run: id, step: step.n, digest: digestOfStep(kept) };
  const entry = (action: string, subject: Record<string, string | number | boolean>, reason?: string): NewLedgerEntry => ({ at: step.at, actor: step.by, action, subject: { ...common, ...subject }, ...(reason === undefined ? {} : { reason }), outcome: "done" });
  switch (step.what) {
    case "answered": {
      const waiver = step.answer.kind === "done" ? step.answer.waiver : undefined;
      return entry("assistant.answered", { node: step.node, answer: codeOfAnswer(step.answer, before.lookup) ?? step.answer.kind, ...(waiver === undefined ? {} : { waiver }) });
    }
    case "looked-up":
      return entry("assistant.looked_up", { node: step.node, check: step.check, found: step.outcome });
    case "went-back":
      return entry("assistant.corrected", { from: step.to });
    case "recorded":
      return entry("assistant.recorded", { act: step.act, ...(step.waiver === null ? {} : { waiver: step.waiver }) });
    case "waiver-asked":
      return entry("assistant.waiver_asked", { rule: step.rule }, step.reason);
    case "waiver-decided":
      return entry("assistant.waiver_decided", { asked: step.asked, approved: step.approved, askedBy: before.waivers.find(({ n }) => n === step.asked)?.by ?? "system" });
    case "finished":
    case "abandoned": {
      const outcome = outcomeOf(after)?.outcome;
      return entry("assistant.ended", { code: `assistant.${step.what}`, ...(outcome === undefined ? {} : { outcome }) });
    }
    default:
      step satisfies never;
      throw new TypeError("a step of no known sort");
  }
}

/** Everything a run entered, in order; made anew from its steps. */
export function entriesOf(row: AssistantRunRow, states: readonly RunState[], steps: readonly KeptStep[]): readonly NewLedgerEntry[] {
  return [startEntry(row), ...steps.map((kept, at) => stepEntry(row, kept, states[at]!, states[at + 1]!))];
}

export function isOver({ what }: RunStep): boolean {
  return what === "finished" || what === "abandoned";
}
