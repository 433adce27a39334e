/** Coverage in words: what of the store is copied, what is not, and what somebody has to say. */
import type { CoverageReasonCode } from "#app/workflows/coverage/exposure.ts";
import type { ExposureModel, FindingRow, TaskRow } from "../models-exposure.ts";
import { kindName } from "./kinds.ts";
import { count, list, number } from "./numbers.ts";
import { duration, relative } from "./time.ts";

type Reason = ExposureModel["reasons"][number];

export const COVERAGE_REASONS: Record<CoverageReasonCode, (reason: Reason) => string> = {
  "coverage.not_checked": () => "Nobody has looked yet at which apps, fields and permissions this store has. That happens by itself before the next snapshot.",
  "coverage.check_overdue": ({ amount = 0 }) => `The last look at the store's apps, fields and API was ${duration(amount)} ago; it should be weekly.`,
  "coverage.api_broken": ({ amount = 1 }) => `Shopify's API no longer has ${count(amount, "thing")} that reading needs.`,
  "coverage.gaps": ({ amount = 1 }) => `The last full snapshot has ${count(amount, "gap")}.`,
  "coverage.tasks_overdue": ({ amount = 1 }) => `${count(amount, "question")} about something new in the store ${amount === 1 ? "has" : "have"} been left unanswered for more than a week.`,
  "coverage.tasks_open": ({ amount = 1 }) => `${count(amount, "question")} about something new in the store ${amount === 1 ? "waits" : "wait"} for an answer.`,
  "coverage.no_snapshot": () => "No full snapshot has been taken yet.",
  "revalidation.required": ({ detail }) => `Revalidation required: ${WHY[detail ?? ""] ?? "something that matters has changed"} since the last drill that passed. Snapshots go on; none counts as restorable until a drill of a newer one passes.`,
};

export const WHY: Readonly<Record<string, string>> = {
  "revalidation.version": "the store is read with another version of Shopify's API",
  "revalidation.extractor": "an update of this app reads other things than before",
  "revalidation.schema": "Shopify's API has lost or changed something that is read",
};

/** Is all of this store copied that we know of? */
export function exposureAnswer(model: ExposureModel, now: string): string {
  const read = model.readAt === null ? null : `${count(model.records, "record")} of ${count(model.kinds.length, "kind")}, read ${relative(model.readAt, now)}`;
  const first = model.reasons[0];
  if (read === null) return "We do not know yet what this store holds: nothing has been read.";
  if (first === undefined) return `Everything we know of is copied: ${read}.`;
  switch (first.code) {
    case "coverage.not_checked": return `Copied so far: ${read}. Whether that is all, nobody has looked yet.`;
    case "coverage.gaps": return `Not all of it is copied: the last full snapshot has ${count(first.amount ?? 1, "gap")}.`;
    case "coverage.api_broken": return `Not all of it can be read any more: Shopify's API lacks ${count(first.amount ?? 1, "thing")} that we need.`;
    case "coverage.tasks_overdue": return `Not certain: ${count(first.amount ?? 1, "question")} about something new in the store ${first.amount === 1 ? "was" : "were"} left unanswered.`;
    case "coverage.tasks_open": return `Everything known until now is copied (${read}). ${count(first.amount ?? 1, "new thing")} in the store ${first.amount === 1 ? "waits" : "wait"} for your answer.`;
    case "revalidation.required": return `Copied: ${read}. Not proven since a change: revalidation required.`;
    default: return `Copied: ${read}. It is a while since somebody looked whether that is all.`;
  }
}

/** What a task is about, and what to answer. Names are the store's own. */
export function taskWords({ kind, subject, facts }: TaskRow): { readonly title: string; readonly question: string } {
  const name = subject.slice(subject.indexOf(":") + 1);
  const [owner = "", ...rest] = name.split("/");
  const of = kindName(OWNERS[owner] ?? owner.toLowerCase());
  const what = rest.join("/");
  switch (kind) {
    case "app":
      return {
        title: facts["added"] === undefined ? `App: ${String(facts["title"] ?? name)}` : `App with more access: ${String(facts["title"] ?? name)}`,
        question: facts["added"] === undefined ? "Does this app keep customers' data of its own, outside the store? Shopify lets no other app read that: have its maker's word, or take the gap." : `It may now also use: ${String(facts["added"])}. Does it keep what it reads?`,
      };
    case "namespace":
      return { title: `New namespace: ${what} (${of})`, question: `${count(Number(facts["keys"] ?? 1), "field")} of ${of} that nobody had seen before. The next snapshot copies ${Number(facts["keys"] ?? 1) === 1 ? "it" : "them"}; say whose they are, and whether they hold health data.` };
    case "definition":
      return owner === "METAOBJECTDEFINITION" ? { title: `New type of metaobject: ${what}`, question: "Its entries are copied from the next snapshot on. Say what it is for." } : { title: `New field: ${what} (${of})`, question: "Its values are copied from the next snapshot on. Say what it is for." };
    case "scope":
      return { title: `Permission missing: ${name}`, question: "Without it some kinds cannot be read. Open the app in the admin and approve the permission, or take the gap." };
    case "unreadable":
      return { title: `Private to another app: ${what} (${of})`, question: `${count(Number(facts["definitions"] ?? 1), "field")} that Shopify shows to no other app. Have its maker's word for a backup, or take the gap.` };
  }
}

const OWNERS: Readonly<Record<string, string>> = { PRODUCTVARIANT: "product variant", COMPANYLOCATION: "company location", DRAFTORDER: "draft order" };

const USE_WORDS: Readonly<Record<FindingRow["use"], string>> = { read: "Needed to read", restore: "Needed to restore", watch: "Needed to hear of changes" };

export function findingSentence({ code, member, use, version, streams }: FindingRow, pinned: string): string {
  const what = { "schema.removed": `${member} is gone`, "schema.retyped": `${member} is of another type now`, "schema.required": `${member} must be given now`, "schema.deprecated": `${member} is announced to go` }[code] ?? `${member}: ${code}`;
  const when = version === pinned ? "" : ` in version ${version}, which is not read with yet`;
  const names = streams.filter((stream) => stream !== "every").map((stream) => stream.replaceAll("-", " "));
  return `${what}${when}. ${USE_WORDS[use]}${names.length === 0 ? "" : ` ${list(names.slice(0, 5))}${names.length > 5 ? ` and ${number(names.length - 5)} more` : ""}`}.`;
}
