/** Scenario 8: an update broke the copying. */
import type { Tree } from "../tree.ts";
import { closing, LAW, NIST, opening } from "./parts.ts";

export const brokenExtraction: Tree = {
  id: "broken-extraction",
  version: "1.0.1",
  title: "An update broke the copying",
  when: "Snapshots fail or shrink since this app, Shopify or another app was updated.",
  sources: [LAW.backup, LAW.evaluation, LAW.recovery, NIST.contingency],
  start: "open-incident",
  nodes: [
    ...opening("coverage"),
    {
      kind: "check", id: "coverage", who: "responder", check: "coverage", say: "How does the copying stand?",
      outcomes: [
        { id: "whole", say: "The newest full snapshot is whole, and nothing has changed since the last drill that passed.", next: "whose" },
        { id: "gaps", say: "The newest full snapshot has gaps.", next: "whose" },
        { id: "changed", say: "What the store is read with has changed. No snapshot counts until a drill has passed.", next: "whose" },
        { id: "unknown", say: "There is no full snapshot, or it could not be looked at.", next: "whose" },
      ],
    },
    {
      kind: "question", id: "whose", who: "responder", ask: "What was changed?", help: "Exposure names what the platform lacks, and which apps and permissions are new.",
      answers: [
        { id: "ours", say: "This app", next: "roll-back" },
        { id: "platform", say: "Shopify", next: "pin" },
        { id: "other-app", say: "Another app", next: "vendor" },
        { id: "permission", say: "Our permissions", next: "grant" },
      ],
    },
    { kind: "instruction", id: "roll-back", who: "responder", minutes: 15, act: "contain", built: true, say: "Go back to the version of this app that worked.", how: ["Ask the app's operator to roll back. The snapshots stay as they are.", "The next snapshot starts by itself, or press Take a snapshot now."], done: { say: "It is rolled back", next: "wrote" }, cannot: { say: "Not possible now", next: "wrote" } },
    { kind: "instruction", id: "pin", who: "responder", minutes: 10, act: "contain", built: true, say: "Let the app stay on the version of the platform that still works.", help: "It pins the newest version that has all it needs, and goes on by itself while Shopify serves it.", how: ["Press Look again under Exposure.", "If none works any more, tell the app's operator at once."], done: { say: "It reads again", next: "wrote" }, cannot: { say: "It does not", next: "wrote" } },
    { kind: "instruction", id: "vendor", who: "store-owner", minutes: 30, built: true, say: "Ask the app's vendor what changed, and keep an export by hand until it is copied again.", how: ["Answer the question that Exposure raises about the app.", "Store the export where the snapshots are, encrypted."], done: { say: "They have been asked", next: "wrote" }, cannot: { say: "They do not answer", next: "wrote" } },
    { kind: "instruction", id: "grant", who: "store-owner", minutes: 10, built: true, say: "Grant the permission again, and no more than that one.", how: ["Open the app from the Shopify admin and accept what it asks for."], done: { say: "It is granted", next: "wrote" }, cannot: { say: "It is refused", next: "wrote" } },
    {
      kind: "question", id: "wrote", who: "responder", ask: "Did the update also write wrong data into the store?",
      answers: [
        { id: "no", say: "No", next: "silent" },
        { id: "yes", say: "Yes, or we cannot tell", next: "moment" },
      ],
    },
    {
      kind: "question", id: "silent", who: "responder", ask: "Could earlier snapshots that looked whole have missed something?", help: "Compare the counts of each kind with a snapshot from before the update.",
      answers: [
        { id: "no", say: "No, the counts agree", next: "prove" },
        { id: "yes", say: "Yes", next: "end-gap" },
      ],
    },
    { kind: "moment", id: "moment", who: "responder", ask: "When was the update?", help: "The restore goes back to the second before.", next: "changed", unknown: { say: "Nobody knows yet", next: "changed" } },
    {
      kind: "check", id: "changed", who: "responder", check: "what-changed", say: "What has changed in the store since then?",
      outcomes: [
        { id: "removed", say: "Records were removed.", next: "scope" },
        { id: "changed", say: "Records were changed.", next: "scope" },
        { id: "nothing", say: "Nothing that a snapshot or the journal has seen.", next: "scope" },
        { id: "unknown", say: "It could not be compared.", next: "scope" },
      ],
    },
    { kind: "what", id: "scope", who: "responder", ask: "What did the update write wrongly?", offers: ["namespace", "kinds", "records", "everything"], next: "edits-since" },
    {
      kind: "question", id: "edits-since", who: "store-owner", ask: "Have people made good changes to the same data since?",
      answers: [
        { id: "no", say: "No", sets: { conflicts: "restore" }, next: "snapshot" },
        { id: "yes", say: "Yes, or I do not know", sets: { conflicts: "review" }, next: "snapshot" },
      ],
    },
    ...closing({ say: "Restore what the update wrote wrongly.", how: ["Keep the update off until a drill has passed with it."] }).map((node) => (node.id === "prove" ? { ...node, id: "prove-storage" } : node)).map((node) => (node.kind === "check" && node.id === "snapshot" ? { ...node, outcomes: node.outcomes.map((one) => (one.next === "prove" ? { ...one, next: "prove-storage" } : one)) } : node)),
    { kind: "instruction", id: "prove", who: "responder", minutes: 30, act: "drill", built: true, say: "Take a full snapshot, and prove it with a drill.", sources: [LAW.evaluation], how: ["Press Take a snapshot now, and see that its counts agree.", "Run a drill of it."], done: { say: "The drill passed", next: "end-proven" }, cannot: { say: "It failed, or cannot be run", next: "end-red" } },
    { kind: "end", id: "end-proven", who: "responder", outcome: "verify", built: true, say: "The copying works again, and that is proven.", how: ["Lift the hold when the incident is closed.", "Write down what would have noticed it sooner."] },
    { kind: "end", id: "end-red", who: "security-official", outcome: "open-incident", built: false, say: "The copying is not proven. Treat the store as not protected, and open an incident.", sources: [LAW.incidents], how: ["Incidents cannot be opened in this app yet, so use your own log.", "Write down since when no snapshot counts.", "Tell the app's operator, and look again every hour."] },
    { kind: "end", id: "end-gap", who: "responder", outcome: "verify", built: true, say: "Go on with the scenario A snapshot is not complete: earlier snapshots may lack something.", how: ["Start that scenario from the list.", "Have the last snapshots checked one by one, back to the last complete one."] },
  ],
};
