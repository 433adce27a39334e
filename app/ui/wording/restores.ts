/** Restores in words: what was chosen, what will change, who decides, what became of it. */
import type { LossReason, NotRestored } from "#app/sources/shopify/catalogue/kind.ts";
import type { RestoreCountsModel, RestoreModel, RestoreOutcomeModel, RestoresModel, RestoreStateModel, SelectionModel, TeamModel } from "../models/restore.ts";
import { kindName } from "./kinds.ts";
import { count, list, number } from "./numbers.ts";
import { scopeWords } from "./scopes.ts";

export const RESTORE_STATE: Record<RestoreStateModel, string> = {
  planning: "Being planned",
  draft: "Draft",
  "awaiting-approval": "Waits for approval",
  approved: "Approved",
  running: "Under way",
  paused: "Paused",
  done: "Done",
  refused: "Refused",
  cancelled: "Cancelled",
  failed: "Failed",
  stale: "Out of date",
};

export function selectionWords(selection: SelectionModel): string {
  switch (selection.scope) {
    case "everything":
      return "Everything";
    case "kinds":
      return `All ${list(selection.kinds.map((kind) => kindName(kind, 2)))}`;
    case "namespace":
      return `Metafields of the namespace ${selection.namespace}`;
    case "person":
      return `${count(selection.ids.length, "customer")} with all that belongs to them`;
    case "records":
      return count(selection.ids.length, "record");
    case "field":
      return `One field (${selection.field}) of one record`;
  }
}

/** "Puts back 1,204 records and re-creates 12 with new ids." */
export function changeWords({ update, create, remove, refuse }: RestoreCountsModel): string {
  const parts = [
    ...(update > 0 ? [`puts back ${count(update, "changed record")}`] : []),
    ...(create > 0 ? [`re-creates ${count(create, "record")} with new ids`] : []),
    ...(remove > 0 ? [`removes ${count(remove, "record")} that did not exist then`] : []),
  ];
  const cannot = refuse > 0 ? ` ${count(refuse, "record")} cannot come back; the platform's reason is below.` : "";
  if (parts.length === 0) return `Changes nothing: the store is as it was then, as far as it can be.${cannot}`;
  const said = list(parts);
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}.${cannot}`;
}

export function conflictWords({ editedSince, reCreated, undecided }: Pick<RestoreModel, "editedSince" | "reCreated" | "undecided">): string {
  const all = editedSince + reCreated;
  if (all === 0) return "";
  const what = [...(editedSince > 0 ? [`${count(editedSince, "record was", "records were")} worked on since`] : []), ...(reCreated > 0 ? [`${count(reCreated, "record has", "records have")} been made anew by somebody`] : [])];
  return ` ${list(what)}; ${undecided > 0 ? `you decide about ${number(undecided)}` : "all are decided"}.`;
}

/** Kinds that the platform tells nothing of go back further than the rest. */
export function momentsTitle(moments: RestoreModel["moments"], over: boolean): string {
  const kinds = list(moments.map(({ kind }) => kindName(kind, 2)));
  return `${kinds.charAt(0).toUpperCase()}${kinds.slice(1)} ${over ? "went" : "go"} back to the last snapshot before the moment you chose`;
}

export function outcomeWords({ restored, restoredWithLosses, refused, skipped, differing }: RestoreOutcomeModel): string {
  const parts = [`${count(restored, "record")} restored exactly`, ...(restoredWithLosses > 0 ? [`${number(restoredWithLosses)} with named losses`] : []), ...(refused > 0 ? [`${number(refused)} refused`] : []), ...(skipped > 0 ? [`${number(skipped)} left as they were`] : [])];
  return `${list(parts)}.${differing > 0 ? ` ${count(differing, "record differs", "records differ")} from what they should be.` : ""}`;
}

/** The first line: what will change if I press this? */
export function restoreAnswer(model: Pick<RestoreModel, "state" | "counts" | "editedSince" | "reCreated" | "undecided" | "outcome" | "waiting" | "keys" | "keyService" | "run">): string {
  const { state, counts, outcome } = model;
  const change = counts === null ? "" : changeWords(counts);
  switch (state) {
    case "planning":
      if (model.run?.job === "planning") return "Working out what would change. Your store is not touched.";
      if (model.waiting) return "Reading what your store has now. When that is done, what would change can be worked out.";
      if (model.keyService === "opens") return "Everything is there to work out what would change. Your store is not touched.";
      return model.keys === null ? "What would change is not known yet." : "To see what would change, open the copies with your identity. Your store is not touched.";
    case "draft":
      return `${change}${conflictWords(model)} Nothing is changed before a second person has approved it.`;
    case "awaiting-approval":
      return `Waits for a second person. ${change}`;
    case "approved":
      return `Approved, and not begun. ${change}`;
    case "running":
      return `Putting records back. ${change}`;
    case "paused":
      return `Paused between two steps. ${change}`;
    case "done":
      return outcome === null ? "Done." : outcomeWords(outcome);
    case "refused":
      return "Refused by a second person. Nothing was changed.";
    case "cancelled":
      return outcome === null ? "Cancelled. What had been put back by then stays." : `Cancelled. ${outcomeWords(outcome)}`;
    case "failed":
      return outcome === null ? "The restore could not be finished." : `The restore could not be finished. ${outcomeWords(outcome)}`;
    case "stale":
      return "Out of date: what the plan says is not so any more. Nothing was changed.";
  }
}

export function restoresAnswer({ rows, forYou, ready }: Pick<RestoresModel, "rows" | "forYou" | "ready">): string {
  if (!ready) return "There is nothing to restore from yet: set-up is not finished.";
  if (forYou > 0) return `${count(forYou, "restore waits", "restores wait")} for your approval.`;
  const live = rows.filter(({ state }) => state === "running" || state === "paused").length;
  if (live > 0) return `${count(live, "restore is", "restores are")} under way.`;
  const open = rows.filter(({ state }) => state === "planning" || state === "draft" || state === "awaiting-approval" || state === "approved").length;
  if (open > 0) return `${count(open, "plan is", "plans are")} open. Nothing is being changed.`;
  return rows.length === 0 ? "Nothing has been restored. Plan first: nothing changes before two people agree." : "Nothing is being restored.";
}

export function teamAnswer({ members }: Pick<TeamModel, "members">): string {
  const responders = members.filter(({ responder }) => responder).length;
  const approvers = members.filter(({ approver }) => approver).length;
  if (responders + approvers === 0) return "Nobody is named yet, so everybody of your staff may plan and approve restores. It still takes two different people.";
  return `${count(responders, "responder")} may restore, and ${count(approvers, "approver")} may approve. It takes two different people.${approvers < 2 ? " With fewer than two approvers, an approver's own plan waits for ever." : ""}`;
}

export const ACTION_WORD = { create: "Re-created with a new id", update: "Put back", remove: "Removed", none: "Nothing to do", refuse: "Cannot come back" } as const;
export const CONFLICT_WORD = { "edited-since": "Worked on since", "re-created": "Made anew by somebody" } as const;
export const OUTCOME_WORD = { restored: "Restored exactly", "restored-with-losses": "Restored, with losses", refused: "Refused", skipped: "Left as it was" } as const;

type Follows = "references.stay" | "references.not_looked_for";

const REASONS: Record<LossReason | NotRestored | Follows, string> = {
  "references.stay": "it names a record that gets a new id, and nobody can change what it says",
  "references.not_looked_for": "what names a re-created record was not looked for; choose whole kinds to have it follow",
  "platform.assigns": "Shopify assigns it, and takes it from nobody",
  "platform.computes": "Shopify works it out itself",
  "platform.history": "it is the trace of what happened, and cannot be set",
  "platform.secret": "Shopify shows only a part of it, so the whole is in no copy",
  "kind.not_restored": "it refers to something that is not restored",
  "merchant.catalogue": "it belongs to your catalogue; put it back by hand from the copy",
};

export function reasonWords(reason: string): string {
  return (REASONS as Record<string, string | undefined>)[reason] ?? `the platform's reason is ${reason}`;
}

/** "staff:42" → "Staff member 42". Names are not kept. */
export function personWords(actor: string, labels: ReadonlyMap<string, string> = new Map()): string {
  const label = labels.get(actor);
  if (label !== undefined) return label;
  const [kind, id] = actor.split(":");
  return kind === "staff" ? `Staff member ${id ?? ""}` : kind === "responder" ? `Responder ${(id ?? "").slice(0, 8)}` : kind === "cli" ? "The command line" : actor;
}

/** Beneath the list of where records can go: what has to happen before another store stands in it. */
export function intoHelp(shop: string, receivers: number): string {
  return `${receivers === 0 ? "For another store" : "For a store that is not in the list"}, its team allows it first: in that store's admin, open this app, then Settings, Response team, and enter ${shop} there.`;
}

/** What another store has let the app write, before a plan says what it takes. */
export function writesWords(shop: string, writes: readonly string[] | null): string {
  const where = `in that store's admin, in this app, under Settings, Response team`;
  if (writes === null) return `${shop} could not be asked what it lets the app write. The plan will say what it takes; it is granted ${where}.`;
  if (writes.length === 0) return `It lets the app write nothing yet. You can plan all the same; before it begins, somebody who may manage apps there grants what the plan takes, ${where}.`;
  return `It lets the app ${list(writes.map(scopeWords))}. If the plan takes more, that is granted ${where}.`;
}

/** A store's own domain from what people paste: a domain, its first word, an address of its admin. Null: it is none. */
export function domainOf(typed: string): string | null {
  const text = typed.trim().toLowerCase();
  const name = /^(?:https:\/\/)?admin\.shopify\.com\/store\/([a-z0-9][a-z0-9-]{0,62})(?:[/?#].*)?$/.exec(text)?.[1] ?? /^(?:https:\/\/)?([a-z0-9][a-z0-9-]{0,62})\.myshopify\.com(?:[/?#].*)?$/.exec(text)?.[1] ?? /^([a-z0-9][a-z0-9-]{0,62})$/.exec(text)?.[1];
  return name === undefined ? null : `${name}.myshopify.com`;
}
