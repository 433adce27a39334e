/** Scenario 2: somebody on the inside deleted data on purpose. */
import type { Tree } from "../tree.ts";
import { asksEdits, asksWhen, assessesBreach, closing, LAW, NIST, opening } from "./parts.ts";

export const staffDeletion: Tree = {
  id: "staff-deletion",
  version: "1.0.1",
  title: "Somebody deleted data on purpose",
  when: "Records are gone, and a person with access is likely to have removed them.",
  sources: [LAW.recovery, LAW.access, LAW.sanctions, NIST.incident, NIST.sequence],
  start: "open-incident",
  nodes: [
    ...opening("who"),
    {
      kind: "question", id: "who", who: "security-official", ask: "Do you know who did it?", help: "Do not write the name here. It belongs into your own restricted record.",
      answers: [
        { id: "yes", say: "Yes", next: "revoke-one" },
        { id: "no", say: "No", next: "revoke-role" },
      ],
    },
    {
      kind: "instruction", id: "revoke-one", who: "store-owner", minutes: 1, act: "contain", built: true, say: "End that person's access everywhere, at once.", sources: [LAW.access],
      help: "The goal is 60 seconds. Keep their sessions and logs as evidence.",
      figures: [{ value: "60 seconds", status: "goal", cite: "Holdfast's goal; the proposed rule allows one hour for a leaver" }],
      how: ["Suspend the account at your identity provider.", "Remove the staff account's access in the Shopify admin.", "Do not delete the account: its history is evidence."],
      done: { say: "Access has ended", next: "left-behind" },
      cannot: { say: "Not possible now", next: "revoke-role" },
    },
    {
      kind: "instruction", id: "revoke-role", who: "store-owner", minutes: 10, act: "contain", built: true, say: "Take deleting and exporting away from everybody who does not need it tonight.",
      how: ["In the Shopify admin, remove the permissions to delete and export customers and orders.", "Make everybody sign in again."],
      done: { say: "Permissions are reduced", next: "left-behind" },
      cannot: { say: "Not possible now", next: "left-behind" },
    },
    {
      kind: "question", id: "left-behind", who: "responder", ask: "Is anything of theirs still at work: automations, exports, access tokens, private apps?",
      answers: [
        { id: "yes", say: "Yes, or we cannot tell", next: "stop-things" },
        { id: "no", say: "No", next: "backups" },
      ],
    },
    {
      kind: "instruction", id: "stop-things", who: "responder", minutes: 20, act: "contain", built: true, say: "Stop what they left behind, and change the secrets they knew.",
      how: ["Turn off Flow workflows they made or changed.", "Uninstall custom apps they made, after the evidence snapshot.", "If they knew a key or a storage password, run the scenario A key may be known to others as well."],
      done: { say: "It is stopped", next: "backups" },
      cannot: { say: "Not everything could be stopped", next: "backups" },
    },
    {
      kind: "check", id: "backups", who: "responder", check: "storage", say: "Did they touch the backups? This is what the last check of the storage found.",
      outcomes: [
        { id: "sound", say: "Nothing wrong: no snapshot was removed or altered.", next: "when" },
        { id: "damaged", say: "Something is missing or altered. Do not rely on snapshots that the check names.", next: "other-copy" },
        { id: "unknown", say: "There is no recent check.", next: "check-now" },
      ],
    },
    {
      kind: "instruction", id: "check-now", who: "responder", minutes: 10, act: "verify", built: true, say: "Have the storage checked, and compare it with a checkpoint that was kept elsewhere.",
      how: ["Press Check the storage under Runs.", "Compare with the checkpoint in your contingency plan: it shows whether anything was rolled back."],
      done: { say: "It is sound", next: "when" },
      cannot: { say: "It is damaged, or cannot be checked", next: "other-copy" },
    },
    {
      kind: "instruction", id: "other-copy", who: "responder", minutes: 60, built: true, say: "Find a copy of the storage that they could not reach.",
      how: ["A replica, another region, a locked bucket, a download from before.", "Only snapshots from before the break may be trusted."],
      done: { say: "There is one, or enough is sound", next: "when" },
      cannot: { say: "There is none", next: "nothing-before" },
    },
    asksWhen("changed", "When was the first thing deleted?"),
    {
      kind: "check", id: "changed", who: "responder", check: "what-changed", say: "What has been deleted since then?",
      outcomes: [
        { id: "removed", say: "These kinds lost records.", next: "scope" },
        { id: "changed", say: "Records were changed, but no deletion was seen. Look at what was emptied rather than removed.", next: "scope" },
        { id: "nothing", say: "Nothing that a snapshot or the journal has seen. Is the time right?", next: "scope" },
        { id: "unknown", say: "It could not be compared. Go by what you see in the store.", next: "scope" },
      ],
    },
    { kind: "what", id: "scope", who: "responder", ask: "What is missing?", help: "Customers come back before orders, and orders before what hangs on them. The plan keeps that order by itself.", offers: ["kinds", "records", "namespace", "everything"], next: "edits" },
    asksEdits("left"),
    ...assessesBreach("snapshot"),
    ...closing({
      say: "Bring back what was deleted.",
      how: ["What the store re-creates gets a new id. The plan shows it, and what cannot come back at all.", "Whoever approves must not report to the person in question."],
    }),
  ],
};
