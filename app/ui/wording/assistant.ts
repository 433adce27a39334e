/** The assistant in words: how far it is, what was done, what was found, and where things are done. */
import type { Act, Answer, AssistantModel, AssistantRunModel, AssistantStateName, AssistantStepModel } from "../models/assistant.ts";
import { kindName, kindTitle } from "./kinds.ts";
import { count, number } from "./numbers.ts";
import { dayAndTime, exact, relative } from "./time.ts";

export const ROLE_WORDS: Readonly<Record<AssistantRunModel["node"]["who"], string>> = {
  responder: "A responder", approver: "An approver", "security-official": "The security official", "store-owner": "The store's owner", counsel: "Counsel", anyone: "Whoever is here",
};

/** What was done, as the timeline says it. */
export const ACT_WORDS: Readonly<Record<Act, string>> = {
  "open-incident": "Incident written down", contain: "Contained", "emergency-snapshot": "Emergency snapshot taken", "hold-snapshots": "Snapshots held", "rotate-keys": "Keys rotated", verify: "Storage checked",
  drill: "Drill run", "emergency-view": "Records read in the downtime viewer", restore: "Restored from backup", failover: "Switched to a redundant system", notify: "People told",
};

/** Where in the app it is done. Absent: elsewhere. */
export const ACT_PLACES: Readonly<Partial<Record<Act, { readonly name: string; readonly url: string }>>> = {
  "emergency-snapshot": { name: "Open the overview", url: "/app" },
  "hold-snapshots": { name: "Open Retention", url: "/app/retention" },
  "rotate-keys": { name: "Open Keys", url: "/app/keys" },
  verify: { name: "Open Runs", url: "/app/runs" },
  drill: { name: "Run a drill", url: "/app/drills/new" },
};

export const OUTCOME_PLACES: Readonly<Partial<Record<NonNullable<AssistantRunModel["outcome"]>["outcome"], { readonly name: string; readonly url: string }>>> = {
  "hold-snapshots": { name: "Open Retention", url: "/app/retention" },
  "rotate-keys": { name: "Open Keys", url: "/app/keys" },
  verify: { name: "Open Snapshots", url: "/app/snapshots" },
};

export const RUN_STATES: Readonly<Record<AssistantStateName, string>> = { open: "Under way", decided: "Decided", finished: "Finished", abandoned: "Abandoned" };

export const STATUS_WORDS = { in_force: "law in force", proposed: "proposed, not law", contract: "promised in a contract", goal: "a goal of ours", guidance: "guidance" } as const;

export function assistantAnswer({ runs, now }: Pick<AssistantModel, "runs" | "now">): string {
  const open = runs.filter(({ state }) => state === "open" || state === "decided");
  const first = open[0];
  if (first === undefined) return "What has happened? Choose what comes closest. You can go back at any time.";
  if (open.length > 1) return `${count(open.length, "run is", "runs are")} under way. Go on with one, or say what else has happened.`;
  return `One run is under way: ${first.title}, last answered ${relative(first.lastAt, now)}. Go on with it, or say what else has happened.`;
}

/** The live region, and the small line above the question. */
export function progressWords({ progress: { done, least, most }, state }: Pick<AssistantRunModel, "progress" | "state">): string {
  if (state === "abandoned") return `Abandoned after ${count(done, "answer")}.`;
  if (state !== "open") return `Decided after ${count(done, "answer")}.`;
  const left = least === most ? count(least, "more step") : `${number(least)} to ${number(most)} more steps`;
  return `Step ${number(done + 1)}, ${left} at the most`.replace(/(\d+) to (\d+) more steps at the most/, "between $1 and $2 more steps");
}

/** What was answered, where the tree has no words for it. */
export function answerWords({ said, answer }: Pick<AssistantStepModel, "said" | "answer">, now: string, zone: string): string {
  if (said !== null || answer === null) return said ?? "";
  if (answer.kind === "moment" && answer.at !== null) return `${dayAndTime(answer.at, now, zone)} (${exact(answer.at, zone)})`;
  if (answer.kind === "what") return selectionWords(answer);
  return "";
}

export function selectionWords({ selection }: Extract<Answer, { kind: "what" }>): string {
  switch (selection.what) {
    case "everything":
      return "Everything";
    case "kinds":
      return selection.kinds.map((kind) => kindTitle(kind)).join(", ");
    case "namespace":
      return `The fields of ${selection.namespace}`;
    default:
      return count(selection.ids.length, "record");
  }
}

export const OFFER_WORDS = {
  everything: { say: "Everything", help: "The whole store, as far as it can be put back." },
  kinds: { say: "Whole kinds of data", help: "All customers, for example, with what belongs to them." },
  namespace: { say: "The fields of one app", help: "Every field that one app keeps, on whatever it hangs." },
  records: { say: "Single records", help: "By their ids. Each comes with all that belongs to it." },
} as const;

const FACTS: Readonly<Record<string, string>> = {
  snapshots: "Snapshots", before: "From before the damage", snapshot: "Snapshot", takenAt: "Taken", records: "Records", checkedAt: "Storage last checked", check: "The check found", finding: "First finding", problem: "Why not",
  from: "Compared with the snapshot of", until: "Up to", journal: "Captured changes counted", added: "Added", changed: "Changed", removed: "Removed", streams: "Kinds of data", captured: "Captured as they change", snapshotsOnly: "Only in snapshots",
  holds: "Holds in force", ofAll: "Of all snapshots", damaged: "Holds that cannot be read", responders: "Responders named", approvers: "Approvers named", lookedAt: "Looked at", apps: "Apps installed", writing: "That may write", app: "Permissions to write",
  gaps: "Gaps", gap: "Gaps in", openTasks: "Questions not answered", why: "What has changed", waiting: "Requests that wait", erased: "Carried out", nextDue: "Next is due",
};
const CODES: Readonly<Record<string, string>> = {
  "vault.sound": "Nothing wrong", "vault.findings": "Something missing or altered", "source.unreachable": "Shopify could not be reached", "vault.not_linked": "No storage is connected", "store.unreachable": "The storage could not be reached",
  "revalidation.version": "The version of Shopify's interface", "revalidation.extractor": "What this app asks for", "revalidation.schema": "What Shopify offers",
};

/** A fact's name and value, for people; times are left as they are, to be shown with their zone. */
export function factWords({ name, value }: AssistantRunModel["shown"][number]["facts"][number]): { readonly name: string; readonly value: string; readonly time: boolean } {
  const [first = name, ...rest] = name.split(":");
  const about = rest.join(":");
  const label = `${FACTS[first] ?? first}${about === "" ? "" : `: ${/^[A-Z]/.test(about) && !about.includes(" ") && first !== "app" ? kindName(about) : about}`}`;
  const time = typeof value === "string" && /^\d{4}-\d\d-\d\dT.*Z$/.test(value);
  return { name: label, time, value: typeof value === "number" ? number(value) : typeof value === "boolean" ? (value ? "Yes" : "No") : (CODES[value] ?? value) };
}

/** One line of the timeline, for what is not a question and its answer. */
export function stepWords({ what, act, approved, asked }: AssistantStepModel): string {
  switch (what) {
    case "went-back":
      return `Went back to: ${asked ?? ""}`;
    case "recorded":
      return act === null ? "Recorded" : `Recorded: ${ACT_WORDS[act]}`;
    case "waiver-asked":
      return "Asked to set the order of steps aside";
    case "waiver-decided":
      return approved === true ? "Approved the reason" : "Refused the reason";
    case "finished":
      return "Finished the run";
    case "abandoned":
      return "Abandoned the run";
    default:
      return asked ?? "";
  }
}
