/** Shopify Flow in words: what became of an event, what is wrong with a step, and the sentences that Flow itself shows to the merchant. */
import type { FlowActionState, FlowDeliveryState } from "#app/workflows/ports/flow.ts";
import type { FlowEventName } from "#app/workflows/flow/triggers.ts";
import type { Alert } from "#app/workflows/ports/alerts.ts";
import { alertText } from "./alerts.ts";
import { ERROR_WORDS } from "./errors.ts";
import { count } from "./numbers.ts";

interface Words {
  readonly happened: string;
  readonly todo: string;
}

/** Why a step was not done. `happened` and `todo` together are what Flow shows. */
const STEP: Readonly<Record<string, Words>> = {
  "request.invalid": { happened: "Holdfast could not read what this step sent.", todo: "Remove the step from the workflow and add it again." },
  "flow.unknown_shop": { happened: "Holdfast is not installed on this store.", todo: "Install it and finish its set-up, or remove this step." },
  "flow.unknown_action": { happened: "This version of Holdfast has no such action.", todo: "Remove the step from the workflow, or ask whoever runs the app to update it." },
  "flow.other_action": { happened: "This step was asked for before, as another action.", todo: "Run the workflow again." },
  "flow.needs_key_service": { happened: "No key service is set up for Holdfast, so nobody is there to open real snapshots.", todo: "Leave \"Real snapshots too\" empty, or start the drill in Holdfast with your identity file." },
  "flow.no_snapshot": { happened: "There is no snapshot yet.", todo: "Take a snapshot first." },
  "flow.gave_up": { happened: "It could not be begun for 36 hours.", todo: "Look at Storage in Holdfast's settings, then run the workflow again." },
  unexpected: { happened: "Holdfast failed while it did this.", todo: "Run the workflow again. If it fails again, send the code \"unexpected\" to support." },
};

export function stepWords(code: string): Words {
  return STEP[code] ?? ERROR_WORDS[code] ?? { happened: `Holdfast could not do this (${code}).`, todo: "Open Holdfast to see more." };
}

/** One line, as Flow shows it beside the step. */
export function flowRefusal(code: string, ...about: readonly string[]): string {
  if (code === "flow.bad_field") return `"${about[0] ?? ""}" does not say what it may. ${about[1] ?? ""}`.trim();
  const { happened, todo } = stepWords(code);
  return `${happened} ${todo}`;
}

/** What went wrong, in a sentence, for the field "Reason" of a trigger. Codes and names of ours only. */
export function eventReason(event: FlowEventName, facts: Readonly<Record<string, string | number | boolean>>, alert: Alert | null): string {
  if (alert !== null) return alertText(alert).happened;
  const code = String(facts["code"] ?? "");
  const differences = Number(facts["differences"] ?? 0);
  if (event === "drill.failed" && differences > 0) return `${count(differences, "record")} came back other than ${differences === 1 ? "it was" : "they were"}.`;
  return ERROR_WORDS[code]?.happened ?? (code === "" ? "Something is wrong." : `The code is ${code}.`);
}

export const FLOW_STATE_WORD: Readonly<Record<FlowDeliveryState, string>> = { waiting: "Waiting", sent: "Taken by Flow", failed: "Not taken", unneeded: "Over before it was sent", unwanted: "No workflow wants it" };
export const STEP_STATE_WORD: Readonly<Record<FlowActionState, string>> = { waiting: "Waiting", working: "Under way", done: "Done", refused: "Not done" };

/** `known`: Flow has told us of a trigger. `used`: something was told or asked for. */
export function flowAnswer({ failed, waiting, known, used, listening }: { readonly failed: number; readonly waiting: number; readonly known: boolean; readonly used: boolean; readonly listening: number }): string {
  if (failed > 0) return `${count(failed, "event")} did not reach Flow, so workflows that start with ${failed === 1 ? "it" : "them"} did not run.`;
  if (waiting > 0) return `${count(waiting, "event is", "events are")} on the way to Flow.`;
  if (!known && used) return "Flow was told of everything. Which triggers have a workflow it has not said yet.";
  if (!known) return "Flow can be told of six kinds of event and can ask for four kinds of work. No workflow uses them yet, as far as Flow has told us.";
  return listening === 0 ? "No workflow starts with anything of Holdfast, so nothing is sent." : `${count(listening, "trigger has", "triggers have")} a workflow, and every event has reached Flow.`;
}
