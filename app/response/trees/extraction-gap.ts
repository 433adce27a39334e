/** Scenario 6: a snapshot does not hold everything. */
import type { Tree } from "../tree.ts";
import { closing, LAW, NIST, opening } from "./parts.ts";

export const extractionGap: Tree = {
  id: "extraction-gap",
  version: "1.0.1",
  title: "A snapshot is not complete",
  when: "Counts do not agree, a drill failed, or somebody misses records that a snapshot should have.",
  sources: [LAW.backup, LAW.recovery, LAW.evaluation, NIST.contingency],
  start: "open-incident",
  nodes: [
    ...opening("coverage"),
    {
      kind: "check", id: "coverage", who: "responder", check: "coverage", say: "What is missing from the newest full snapshot?",
      outcomes: [
        { id: "whole", say: "Nothing that the store's own counts show.", next: "cause" },
        { id: "gaps", say: "It has gaps, and names them. It is no point to restore from for what they concern.", next: "cause" },
        { id: "changed", say: "What the store is read with has changed since the last drill that passed.", next: "cause" },
        { id: "unknown", say: "There is no full snapshot, or it could not be looked at.", next: "cause" },
      ],
    },
    {
      kind: "question", id: "cause", who: "responder", ask: "Why is it missing?", help: "Exposure, under Coverage, names the gaps and what the platform said.",
      answers: [
        { id: "temporary", say: "The platform was slow, busy or broke off", next: "source-right" },
        { id: "permission", say: "A permission was lost", next: "grant" },
        { id: "new-place", say: "It lies in a place that was not copied before", next: "decide" },
        { id: "version", say: "The platform or an app changed", next: "version" },
        { id: "unsure", say: "I do not know", next: "source-right" },
      ],
    },
    { kind: "instruction", id: "grant", who: "store-owner", minutes: 10, built: true, say: "Grant the permission again, and no more than that one.", how: ["Open the app from the Shopify admin and accept what it asks for.", "Exposure shows which permissions are missing."], done: { say: "It is granted", next: "source-right" }, cannot: { say: "It is refused", next: "source-right" } },
    { kind: "instruction", id: "decide", who: "store-owner", minutes: 10, built: true, say: "Answer the open questions about what is new in the store.", how: ["Open Exposure, Tasks.", "Say for each whether it is covered, or take the gap with a reason."], done: { say: "They are answered", next: "source-right" }, cannot: { say: "Not now", next: "source-right" } },
    { kind: "instruction", id: "version", who: "responder", minutes: 10, built: true, say: "Have the app look at the platform again.", how: ["Press Look again under Exposure.", "If something that is needed has gone, run the scenario An update broke the copying."], done: { say: "It has looked", next: "source-right" }, cannot: { say: "It cannot", next: "source-right" } },
    {
      kind: "question", id: "source-right", who: "responder", ask: "Is the missing data still in the store, and right?",
      answers: [
        { id: "yes", say: "Yes", next: "again" },
        { id: "no", say: "No, it is gone or wrong there, too", next: "moment" },
        { id: "unsure", say: "I cannot tell", next: "again" },
      ],
    },
    { kind: "instruction", id: "again", who: "responder", minutes: 30, act: "verify", built: true, say: "Take a full snapshot now, and look at its counts.", how: ["Press Take a snapshot now.", "Open it: every kind must show as many here as in the store."], done: { say: "It is complete now", next: "since" }, cannot: { say: "It still has gaps", next: "end-vendor" } },
    {
      kind: "question", id: "since", who: "security-official", ask: "Was anything changed or deleted in the meantime that no snapshot has?", help: "Walk back through the snapshots to the last complete one. That is how long you could not have gone back.",
      answers: [
        { id: "no", say: "No", next: "end-drill" },
        { id: "yes", say: "Yes, or we cannot tell", next: "moment" },
      ],
    },
    {
      kind: "moment", id: "moment", who: "responder", ask: "Up to when was it certainly right?", help: "The restore goes back to the second before the moment you give.", next: "scope",
      unknown: { say: "Nobody knows yet", next: "scope" },
    },
    { kind: "what", id: "scope", who: "responder", ask: "What is missing?", offers: ["kinds", "records", "namespace", "everything"], next: "snapshot" },
    ...closing({ say: "Bring back what is missing from the last complete snapshot.", how: ["What is in no snapshot may be had from an app's vendor, or is a loss: write it down by kind and number."] }),
    { kind: "end", id: "end-vendor", who: "security-official", outcome: "open-incident", built: false, say: "This data cannot be copied now. Open an incident, and say what is not protected.", sources: [LAW.incidents], how: ["Incidents cannot be opened in this app yet, so use your own log.", "Write down which kinds are not copied and since when.", "Ask the app's vendor or operator for another way, and keep an export by hand until then."] },
    { kind: "end", id: "end-drill", who: "responder", outcome: "verify", built: true, say: "The copy is complete again. Prove it with a drill.", sources: [LAW.evaluation], how: ["Run a drill of the new snapshot.", "Write down why nobody noticed earlier, and what will notice next time."] },
  ],
};
