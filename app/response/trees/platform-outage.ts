/** Scenario 5: the platform is down. */
import type { Tree } from "../tree.ts";
import { asksEdits, asksWhen, closing, LAW, NIST, opening } from "./parts.ts";

export const platformOutage: Tree = {
  id: "platform-outage",
  version: "1.0.1",
  title: "Shopify is down",
  when: "The store or its admin cannot be reached, and nobody knows for how long.",
  sources: [LAW.emergency, LAW.emergencyAccess, LAW.recovery, NIST.activation, NIST.sequence],
  start: "open-incident",
  nodes: [
    ...opening("platform"),
    {
      kind: "check", id: "platform", who: "responder", check: "platform", say: "Does Shopify answer?",
      outcomes: [
        { id: "answers", say: "It answers now.", next: "lost" },
        { id: "away", say: "It does not answer.", next: "care" },
        { id: "unknown", say: "It could not be asked from here. Look at Shopify's status page.", next: "care" },
      ],
    },
    {
      kind: "question", id: "care", who: "anyone", ask: "Is somebody's care or medication waiting for a record?", sources: [LAW.emergencyAccess],
      answers: [
        { id: "yes", say: "Yes", next: "read-now" },
        { id: "no", say: "No", next: "long" },
      ],
    },
    {
      kind: "instruction", id: "read-now", who: "responder", minutes: 5, act: "emergency-view", built: true, say: "Read that one record in the downtime viewer.", sources: [LAW.emergencyAccess],
      help: "It works without Shopify. It shows how old the record is: what came later is not in it.",
      how: ["Sign in to the downtime viewer through your own sign-in service.", "Say for what purpose, and uncover only the fields that are needed.", "If the sign-in is down as well, two officers open the storage with an identity: see the page Recover a vault."],
      done: { say: "It has been read", next: "long" },
      cannot: { say: "It does not work", next: "long" },
    },
    {
      kind: "question", id: "long", who: "security-official", ask: "Will it last longer than your processes can stand?", help: "Your analysis of what is critical names the longest time for each.",
      answers: [
        { id: "no", say: "Probably not", next: "watch" },
        { id: "yes", say: "Yes, or we cannot tell", next: "activate" },
      ],
    },
    {
      kind: "instruction", id: "watch", who: "responder", minutes: 15, built: true, say: "Look again every 15 minutes.",
      figures: [{ value: "15 minutes", status: "goal", cite: "Holdfast's decision tree for outages" }],
      how: ["Look at Shopify's status page.", "Keep new data on paper or in an encrypted file."],
      done: { say: "It is back", next: "lost" },
      cannot: { say: "It lasts longer than we thought", next: "activate" },
    },
    {
      kind: "instruction", id: "activate", who: "security-official", minutes: 30, act: "notify", built: false, say: "Activate the contingency plan, and tell those who rely on you.", sources: [NIST.activation],
      help: "Where you work for others under a contract, tell them within 24 hours. That is promised in the contract, and only proposed as a rule.",
      figures: [{ value: "24 hours", status: "contract", cite: "Business associate agreement; proposed 45 CFR 164.314(a)(2)(i)(D)" }],
      how: ["Write down when it was activated. This app does not count the hours yet.", "Work in emergency mode: read in the viewer, write on paper.", "Number the sheets, so that each is entered once."],
      done: { say: "It is activated", next: "back" },
      cannot: { say: "Not yet", next: "back" },
    },
    {
      kind: "question", id: "back", who: "responder", ask: "Is Shopify back?",
      answers: [
        { id: "yes", say: "Yes", next: "lost" },
        { id: "no", say: "No, and it lasts", next: "end-wait" },
      ],
    },
    {
      kind: "question", id: "lost", who: "responder", ask: "Is anything missing or wrong, now that it answers?", help: "Compare the number of customers and orders with the last snapshot.",
      answers: [
        { id: "no", say: "No, everything is there", next: "end-nothing" },
        { id: "yes", say: "Yes, or we cannot tell", next: "when" },
      ],
    },
    asksWhen("changed", "When did the outage begin?"),
    {
      kind: "check", id: "changed", who: "responder", check: "what-changed", say: "What is different from before the outage?",
      outcomes: [
        { id: "removed", say: "Records are missing.", next: "scope" },
        { id: "changed", say: "Records are different.", next: "scope" },
        { id: "nothing", say: "Nothing that a snapshot or the journal has seen. Take a snapshot and look again.", next: "scope" },
        { id: "unknown", say: "It could not be compared. Take a snapshot and look again.", next: "scope" },
      ],
    },
    { kind: "what", id: "scope", who: "responder", ask: "What has to be filled in?", offers: ["kinds", "records", "everything", "namespace"], next: "edits" },
    asksEdits("snapshot"),
    ...closing({
      say: "Fill the gaps first. Think of a second system only after that.",
      how: ["Enter what is on paper after the restore, each sheet once.", "Write down how long the outage was, and how old the data was that you went back to."],
    }),
    {
      kind: "end", id: "end-wait", who: "security-official", outcome: "stop", built: true, say: "Stay in emergency mode. Nothing can be restored while Shopify is away.", sources: [LAW.emergency],
      how: ["Read in the downtime viewer, write on paper.", "A switch to another system comes after a restore. If it cannot wait, record it here: it asks for a written reason that a second person approves.", "Come back to this run when Shopify answers, and go back to this question."],
    },
    { kind: "end", id: "end-nothing", who: "security-official", outcome: "verify", built: true, say: "Nothing was lost. Have it confirmed by a new snapshot.", sources: [LAW.incidents], how: ["Take a snapshot now and look at its counts.", "Write the outage down with its length: an outage is an incident even if nothing leaked."] },
  ],
};
