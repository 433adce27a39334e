/**
 * Alerts in words, keyed by their stable code: what happened, what it means for the data, what to do, and where. Screens, e-mails and messages say the same; that is why
 * the process may read this folder (docs/decisions/0027). Names of streams and times only; an alert holds no value of a record.
 */
import type { Alert, AlertCode, AlertFacts, AlertSeverity, AlertState } from "#app/workflows/ports/alerts.ts";
import { ERROR_WORDS } from "./errors.ts";
import { sendWords } from "./flow-sending.ts";
import { GAP_WORDS } from "./gaps.ts";
import { kindName } from "./kinds.ts";
import { count } from "./numbers.ts";
import { exact } from "./time.ts";

/** As much of an alert as its words need; times as text or as dates. */
export type ToldAlert = Pick<Alert, "code" | "subject" | "severity" | "facts">;

export interface AlertText {
  /** One line for lists, banners and the subject of a message. */
  readonly title: string;
  readonly happened: string;
  readonly meaning: string;
  readonly todo: string;
}

type Say = (alert: ToldAlert) => string;
interface Words {
  /** For filters and the table of codes. */
  readonly name: string;
  readonly title: Say;
  readonly happened: Say;
  readonly meaning: Say;
  readonly todo: Say;
  /** The screen on which to do it. */
  readonly screen: { readonly path: (facts: AlertFacts) => string; readonly label: string };
}

const fact = ({ facts }: ToldAlert, name: string): string => String(facts[name] ?? "");
const num = ({ facts }: ToldAlert, name: string): number => (typeof facts[name] === "number" ? facts[name] : 0);
const when = (alert: ToldAlert, name: string): string => (Number.isNaN(Date.parse(fact(alert, name))) ? "an unknown time" : exact(fact(alert, name), "UTC"));
/** "stream:draft-orders" → "draft orders"; "stream:all" → "some records". */
const stream = ({ subject }: ToldAlert): string => {
  const name = subject.replace(/^stream:/, "");
  return name === "all" ? "some records" : kindName(name.replaceAll("-", "_"), 2);
};
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const phi = ({ facts }: ToldAlert): boolean => facts["phi"] !== false;
const cause = (alert: ToldAlert): string => {
  const code = fact(alert, "cause");
  return ERROR_WORDS[code]?.happened ?? (code === "" ? "" : `The code is ${code}.`);
};
/** What became of a stream, by the gap's code. */
const CUT: Record<string, string> = { "stream.failed": "could not be read", "stream.cut": "were cut off when the connection was lost", "stream.partial": "were prepared by Shopify only in part" };
const gapOf = (alert: ToldAlert): string => (GAP_WORDS as Record<string, { name: string } | undefined>)[fact(alert, "gap")]?.name.toLowerCase() ?? fact(alert, "gap");
const snapshotScreen = { path: (facts: AlertFacts) => (typeof facts["snapshot"] === "string" ? `/app/snapshots/${facts["snapshot"]}` : "/app/snapshots"), label: "See the snapshot" };
const settingsScreen = { path: () => "/app/settings", label: "See the settings" };
const runScreen = { path: (facts: AlertFacts) => (typeof facts["run"] === "string" ? `/app/runs?run=${facts["run"]}` : "/app/runs"), label: "See the runs" };
const drillScreen = { path: () => "/app/drills", label: "See the drills" };
const PARTS: Record<string, string> = { synthetic: "the restore of made-up data", real: "the check of a real snapshot" };
/** "synthetic and real" → "the restore of made-up data, and the check of a real snapshot". */
const partsOf = (alert: ToldAlert): string => fact(alert, "lacking").split(" and ").map((part) => PARTS[part] ?? part).join(", and ");
const SNAPSHOTS_SAFE = "Snapshots taken before are not touched.";

export const ALERT_WORDS: Record<AlertCode, Words> = {
  "alert.stream_failed": {
    name: "Part of a snapshot failed",
    title: (a) => (phi(a) ? `Health data not copied: ${stream(a)}` : `Not copied: ${stream(a)}`),
    happened: (a) => `${capital(stream(a))} ${CUT[fact(a, "gap")] ?? "could not be read to the end"}, while the rest of the snapshot ${fact(a, "run") === "" ? "was" : "is being"} taken.`,
    meaning: (a) => (phi(a) ? `${capital(stream(a))} can hold health data. What changed in them since the snapshot before is in no copy yet; what was copied before is kept.` : "What changed in them since the snapshot before is in no copy yet; what was copied before is kept."),
    todo: (a) => `${fact(a, "run") === "" ? "Take" : "When this one has ended, take"} another snapshot. If it fails in the same place again, look at the gap's own advice on the snapshot.`,
    screen: snapshotScreen,
  },
  "alert.snapshot_failed": {
    name: "Snapshot failed",
    title: () => "The last snapshot was not taken",
    happened: (a) => `The last attempt to take a snapshot failed. ${cause(a)}`.trim(),
    meaning: () => `${SNAPSHOTS_SAFE} What changed since the newest of them is in no copy yet.`,
    todo: (a) => ERROR_WORDS[fact(a, "cause")]?.todo ?? "Take another snapshot. If it fails again, send the code to support.",
    screen: runScreen,
  },
  "alert.schedule_missed": {
    name: "Schedule missed",
    title: () => "A scheduled snapshot was not begun",
    happened: (a) => `The snapshot that was due on ${when(a, "dueAt")} ${fact(a, "why") === "not_begun" ? "was asked for, but no worker has begun it" : "was not asked for"}.`,
    meaning: () => `${SNAPSHOTS_SAFE} The copy grows older than you wanted it to be.`,
    todo: () => "Take a snapshot now. If it does not begin either, whoever runs this app must see that its workers are up.",
    screen: runScreen,
  },
  "alert.storage_unreachable": {
    name: "Storage out of reach",
    title: (a) => (fact(a, "cause") === "vault.not_found" ? "The vault is not where it was" : "The storage cannot be reached"),
    happened: (a) => (fact(a, "cause") === "vault.not_found" ? "The storage answers, but there is no vault at its address any more." : `A look at the storage failed. ${cause(a)}`.trim()),
    meaning: () => "As long as this lasts no snapshot can be taken, and nothing could be restored from this storage.",
    todo: (a) => (fact(a, "cause").startsWith("vault.") ? "Find out who moved or emptied the folder or bucket, and bring it back. Do not set up a new vault in its place." : "See that the storage is up, its credentials are valid and its address is right, then press Check this storage in the settings."),
    screen: settingsScreen,
  },
  "alert.storage_unencrypted": {
    name: "Encryption",
    title: (a) => (a.subject === "vault:packs" ? "Something in the vault is not sealed" : a.subject === "storage:transit" ? "The way to the storage is not encrypted" : "The storage adds no encryption of its own"),
    happened: (a) =>
      a.subject === "vault:packs" ? "An object among the vault's packs does not look sealed: its head is not the format's, or its bytes can be compressed."
      : a.subject === "storage:transit" ? "The storage's address begins with http, so nothing hides what passes between this app and the storage."
      : "The storage's address does not ask the server to encrypt what it keeps.",
    meaning: (a) =>
      a.subject === "vault:packs" ? "What lies in that object may be readable to whoever can read the storage."
      : "Every record is sealed before it leaves this app, so nobody can read one there. A second lock is missing: names, sizes and times of objects, and the credentials on the way, are less protected than they could be.",
    todo: (a) =>
      a.subject === "vault:packs" ? "Verify the vault, find out who wrote that object, and treat its contents as seen until you know."
      : a.subject === "storage:transit" ? "Use an https endpoint." : "Turn encryption on for the bucket and acknowledge this. A storage linked anew can ask for it itself: More settings in set-up, or sse= in its address.",
    screen: settingsScreen,
  },
  "alert.verify_finding": {
    name: "Check found damage",
    title: () => "The vault is not as it was written",
    happened: (a) => `${a.subject === "journal" ? "The journal of captured changes is not as this host left it" : "The last check of the vault found that something is missing or was changed"} (${fact(a, "finding")}).`,
    meaning: () => "One or more snapshots may not come back whole. The check names every object concerned.",
    todo: () => "Run holdfast vault repair, or bring the named objects back from another copy; then check again. Until then, prune nothing.",
    screen: runScreen,
  },
  "alert.key_due": {
    name: "Key due",
    title: (a) => `A key is due: ${fact(a, "todo")}`,
    happened: (a) => `By the rotation plan, "${fact(a, "todo")}" ${a.facts["overdue"] === true ? "was" : "is"} due on ${when(a, "dueAt")}.`,
    meaning: () => "Nothing is lost. A key that is used for longer than planned protects more and more by itself.",
    todo: () => "Rotate the keys with one of your identities at hand. The plan is the one proposed after NIST SP 800-57.",
    screen: settingsScreen,
  },
  "alert.gap": {
    name: "Gap in a snapshot",
    title: (a) => `The last snapshot has gaps: ${stream(a)}`,
    happened: (a) => `${capital(stream(a))}: ${count(Math.max(1, num(a, "gaps")), "gap")} (${gapOf(a) || "not named"}).`,
    meaning: (a) => (phi(a) ? "Some records, which can hold health data, are not in the newest copy, or it is not certain that they are." : "Some records are not in the newest copy, or it is not certain that they are."),
    todo: () => "Take another snapshot: most gaps pass by themselves. The snapshot names each one.",
    screen: snapshotScreen,
  },
  "alert.api_change": {
    name: "Shopify changes",
    title: (a) => `Shopify changes what we read: ${a.subject.replace(/^[a-z]+:/, "")}`,
    happened: () => "A field or type that snapshots rely on is removed, renamed or changed in a version of Shopify's API.",
    meaning: () => "Snapshots go on with the version that works. When Shopify retires that version, what depends on the change would be missing.",
    todo: () => "Update the app when a version for it is out, and run a drill after it.",
    screen: runScreen,
  },
  "alert.coverage_task": {
    name: "New in your store",
    title: (a) => `New in the store, not yet covered: ${a.subject.replace(/^[a-z]+:/, "")}`,
    happened: () => "An app, a namespace or a definition is new in the store, and nobody has decided yet whether it can hold health data.",
    meaning: () => "What other apps keep for themselves cannot be read and is in no copy.",
    todo: () => "Look at it and decide; ask that app's maker how its data is backed up.",
    screen: { path: () => "/app/exposure", label: "See the coverage" },
  },
  "alert.not_subscribed": {
    name: "Not told of changes",
    title: () => "Shopify does not tell of every change to metaobjects",
    happened: (a) => (num(a, "types") > 0 ? `${count(num(a, "types"), "type")} of metaobject with entries ${num(a, "types") === 1 ? "has" : "have"} no webhook subscription.` : `The webhook subscriptions to metaobjects could not be looked after. ${cause(a)}`.trim()),
    meaning: () => "Every snapshot copies all metaobjects. Between two of them, changes to these are in no copy.",
    todo: () => "It is tried again by itself every five minutes. If it stays, take snapshots more often: metaobjects count as copied by snapshots alone until then.",
    screen: { path: () => "/app/recovery-points", label: "See the recovery points" },
  },
  "alert.recovery_point_breached": {
    name: "Recovery point missed",
    title: (a) => `The copy is older than your goal: ${stream(a)}`,
    happened: (a) => `The newest copy of ${stream(a)} is older than the goal that was set.`,
    meaning: () => "If the store were lost now, more would be lost than you decided to accept.",
    todo: () => "Take a snapshot now. If this comes again, take snapshots more often.",
    screen: runScreen,
  },
  "alert.erasure_due": {
    name: "Privacy request due",
    title: (a) => (a.facts["overdue"] === true ? "A privacy request is overdue" : "A privacy request is due soon"),
    happened: (a) => `A privacy request${fact(a, "topic") === "" ? "" : ` (${fact(a, "topic")})`} ${a.facts["overdue"] === true ? "had" : "has"} to be carried out by ${when(a, "dueAt")}.`,
    meaning: () => "The person's data is still in the snapshots. Shopify allows 30 days.",
    todo: () => "Carry it out with one of your identities at hand, or record the legal hold that stands against it.",
    screen: settingsScreen,
  },
  "alert.flow_undelivered": {
    name: "Flow not told",
    title: () => "Shopify Flow was not told of an event",
    happened: (a) => `An event of the kind "${fact(a, "event").replaceAll(/[._]/g, " ")}" did not reach Shopify Flow. ${sendWords(fact(a, "cause")).happened}`,
    meaning: () => "The copies are not touched. Workflows that start with this event did not run.",
    todo: (a) => sendWords(fact(a, "cause")).todo,
    screen: { path: () => "/app/flow", label: "See what Flow was told" },
  },
  "alert.viewer_suspended": {
    name: "Reading in the viewer suspended",
    title: () => "A responder read so much that reading was suspended",
    happened: (a) => `In the downtime viewer one responder drew ${count(num(a, "reads"), "read")}. They can read nothing more for an hour.`,
    meaning: () => "The copies are not touched. Every record and field that was seen is in the ledger, under the session's number.",
    todo: () => "Speak to that person. If it was not them, take them off the response team and end their account's sessions at your identity provider.",
    screen: { path: () => "/app/settings/viewer", label: "See the viewer's settings" },
  },
  "alert.drill_missed": {
    name: "Drill missed",
    title: () => "Last week's drill was missed",
    happened: (a) => `The weekly drill that was due on ${when(a, "dueAt")} was not completed in its week. Missing: ${partsOf(a)}.`,
    meaning: () => "Nothing is lost. For that week there is no proof that the copies restore, and nothing makes up for it: it stays in the report as missed.",
    todo: () => "See to it that this week's drill is held. If the app was down, find out why.",
    screen: drillScreen,
  },
  "alert.drill_waiting": {
    name: "Drill waits for you",
    title: () => "This week's drill waits for somebody with an identity",
    happened: (a) => `The drill due on ${when(a, "dueAt")} is not complete yet. Still to do: ${partsOf(a)}.`,
    meaning: (a) => `Opening a real snapshot takes one of your identities. If nobody does it by ${when(a, "until")}, the week counts as missed.`,
    todo: () => "Run a drill and pick an identity file. It takes a few minutes, and your store is not touched.",
    screen: { path: () => "/app/drills/new", label: "Run the drill" },
  },
  "alert.drill_failed": {
    name: "Drill failed",
    title: () => "This week's drill failed",
    happened: (a) => `A rehearsed restore did not come out as it must. ${cause(a)}`.trim(),
    meaning: () => "Until a drill passes, do not rely on the newest copy coming back whole.",
    todo: () => "Open the drill: it names each kind and field that differs. Verify the vault, then run the drill again.",
    screen: { path: (facts) => (typeof facts["drill"] === "string" ? `/app/drills/${facts["drill"]}` : "/app/drills"), label: "See the drill" },
  },
  "alert.restore_failed": {
    name: "Restore not finished",
    title: () => "A restore did not come to a good end",
    happened: (a) => `Records that were to be put back are not all as they were to be. ${cause(a)}`.trim(),
    meaning: () => "Your store holds what was put back so far, and not the rest. The copies are untouched.",
    todo: () => "Open the restore: its report names each record that differs or was refused. A restore that stopped goes on where it stopped.",
    screen: { path: (facts) => (typeof facts["plan"] === "string" ? `/app/restore/${facts["plan"]}` : "/app/restore"), label: "See the restore" },
  },
};

export function alertText(alert: ToldAlert): AlertText {
  const words = ALERT_WORDS[alert.code];
  return { title: words.title(alert), happened: words.happened(alert), meaning: words.meaning(alert), todo: words.todo(alert) };
}

export function alertName(code: AlertCode): string {
  return ALERT_WORDS[code].name;
}

export function alertScreen({ code, facts }: Pick<ToldAlert, "code" | "facts">): { readonly path: string; readonly label: string } {
  const { path, label } = ALERT_WORDS[code].screen;
  return { path: path(facts), label };
}

export const SEVERITY_WORD: Record<AlertSeverity, string> = { critical: "Critical", warning: "Warning" };
export const ALERT_STATE_WORD: Record<AlertState, string> = { open: "Open", acknowledged: "Acknowledged", resolved: "Resolved" };

/** The first line of the list. */
export function alertsAnswer({ open, acknowledged }: { readonly open: number; readonly acknowledged: number }): string {
  if (open === 0 && acknowledged === 0) return "Nothing needs you right now.";
  const both = acknowledged === 0 ? "" : ` ${count(acknowledged, "other is", "others are")} being looked after.`;
  return open === 0 ? `Nothing new. ${count(acknowledged, "alert is", "alerts are")} being looked after.` : `${count(open, "alert needs", "alerts need")} somebody.${both}`;
}
