/** Scenario 4: a key is, or may be, known to somebody else. */
import type { Tree } from "../tree.ts";
import { LAW, NIST, opening } from "./parts.ts";

export const keyCompromise: Tree = {
  id: "key-compromise",
  version: "1.0.0",
  title: "A key may be known to others",
  when: "An identity file, a passphrase, a storage password, a token or a signing key was lost, shared or stolen.",
  sources: [LAW.incidents, LAW.breach, LAW.backup, NIST.keys],
  start: "open-incident",
  nodes: [
    ...opening("which"),
    {
      kind: "question", id: "which", who: "responder", ask: "Which key is it?",
      answers: [
        { id: "identity", say: "An identity that opens the snapshots", next: "limit-identity" },
        { id: "host", say: "The host's keys, or the machine that has them", next: "limit-host" },
        { id: "storage", say: "The password of the storage", next: "limit-storage" },
        { id: "platform", say: "A token or secret of Shopify, or of another app", next: "limit-token" },
      ],
    },
    {
      kind: "instruction", id: "limit-identity", who: "responder", minutes: 10, act: "contain", built: true, say: "Keep whoever has the identity away from the storage.", sources: [NIST.keys],
      help: "An identity opens nothing without the sealed data. Suspected counts as certain.",
      how: ["Change the storage's password and review who may read it.", "Take the identity's holder off the list of responders until it is replaced."],
      done: { say: "The storage is closed to them", next: "reach" },
      cannot: { say: "Not possible now", next: "reach" },
    },
    {
      kind: "instruction", id: "limit-host", who: "responder", minutes: 20, act: "contain", built: true, say: "Stop the machine from being used, and keep it as evidence.",
      help: "The host's keys write and compare. They open no record.",
      how: ["Take the machine off the network, but leave it switched on.", "Change the storage's password: the machine knew it.", "Set up a new host, with an identity."],
      done: { say: "It is off", next: "reach" },
      cannot: { say: "Not possible now", next: "reach" },
    },
    {
      kind: "instruction", id: "limit-storage", who: "responder", minutes: 10, act: "contain", built: true, say: "Change the storage's password now.",
      help: "What lies there is sealed. Whoever had the password could remove or copy it, not read it.",
      how: ["Make a new password at the storage and enter it under Settings.", "Disable the old one.", "Look at the storage's own log for what was removed."],
      done: { say: "It is changed", next: "storage" },
      cannot: { say: "Not possible now", next: "storage" },
    },
    {
      kind: "check", id: "storage", who: "responder", check: "storage", say: "Is the storage whole? This is what the last check found.",
      outcomes: [
        { id: "sound", say: "Whole: nothing is missing or altered.", next: "reach" },
        { id: "damaged", say: "Something is missing or altered. Bring it back from another copy.", next: "reach" },
        { id: "unknown", say: "There is no recent check. Have it checked under Runs.", next: "reach" },
      ],
    },
    {
      kind: "instruction", id: "limit-token", who: "responder", minutes: 10, act: "contain", built: true, say: "Replace the token or secret.",
      help: "Whoever had it may have read or changed the live store.",
      how: ["Rotate it where it was issued, with a short overlap.", "See that the old one is refused.", "If records were changed, run the scenario An app overwrote data as well."],
      done: { say: "It is replaced", next: "reach" },
      cannot: { say: "Not possible now", next: "reach" },
    },
    {
      kind: "question", id: "reach", who: "security-official", ask: "Could whoever has the key also reach the sealed data, or the live store?", sources: [LAW.breach, NIST.keys],
      answers: [
        { id: "no", say: "No, and we can show why", next: "kind" },
        { id: "yes", say: "Yes, or we cannot tell", next: "breach" },
      ],
    },
    {
      kind: "instruction", id: "breach", who: "security-official", minutes: 30, act: "notify", built: false, say: "Treat the data as unprotected, and tell the security official.",
      help: "The law allows at most 60 days from discovery; some states allow less.",
      figures: [{ value: "60 days", status: "in_force", cite: "45 CFR 164.404(b)" }],
      how: ["Deadlines are not counted in this app yet, so write the first one down by hand.", "Write down since when the key may have been known."],
      done: { say: "They have been told", next: "kind" },
      cannot: { say: "They cannot be reached yet", next: "kind" },
    },
    {
      kind: "question", id: "kind", who: "responder", ask: "Does the key open or sign snapshots?",
      answers: [
        { id: "opens", say: "Yes: an identity, or the host's keys", next: "rotate" },
        { id: "else", say: "No: a password, a token or a secret", next: "verify" },
      ],
    },
    {
      kind: "instruction", id: "rotate", who: "responder", minutes: 15, act: "rotate-keys", built: true, say: "Make a new identity, and take the old one off the vault.", sources: [NIST.keys],
      help: "Every snapshot's key is wrapped anew. Whoever copied the sealed data and the old identity before today can still open that copy: nothing can change that.",
      how: ["Open Settings, Keys.", "Add the new identity and remove the old one in one step.", "Do not destroy the old one yet."],
      done: { say: "The keys are rotated", next: "test" },
      cannot: { say: "Not possible now", next: "end-rotate" },
    },
    {
      kind: "instruction", id: "test", who: "responder", minutes: 20, act: "drill", built: true, say: "See that the new identity opens the oldest and the newest snapshot.",
      how: ["Run a drill of the newest snapshot with the new identity.", "Run one of the oldest that must be kept.", "If either fails, keep the old identity and call the app's operator."],
      done: { say: "Both open", next: "destroy" },
      cannot: { say: "One does not open", next: "end-keep" },
    },
    {
      kind: "question", id: "destroy", who: "approver", ask: "Are all copies of the old identity known, and does no legal hold need it?",
      answers: [
        { id: "yes", say: "Yes", next: "end-destroy" },
        { id: "no", say: "No, or we cannot tell", next: "end-keep" },
      ],
    },
    {
      kind: "instruction", id: "verify", who: "responder", minutes: 10, act: "verify", built: true, say: "Have the storage checked with all its data.",
      how: ["Press Check the storage under Runs, and choose to read all data.", "Compare with the checkpoint that was kept elsewhere."],
      done: { say: "It was checked", next: "end-verify" },
      cannot: { say: "Not possible now", next: "end-verify" },
    },
    { kind: "end", id: "end-rotate", who: "responder", outcome: "rotate-keys", built: true, say: "Rotate the keys as soon as it is possible.", how: ["Open Settings, Keys, with the new identity at hand.", "Until then nobody uses the old identity but under two pairs of eyes.", "Then run this assistant anew."] },
    { kind: "end", id: "end-keep", who: "approver", outcome: "rotate-keys", built: true, say: "The keys are rotated. Keep the old identity locked away, and do not destroy it.", how: ["Two people lock it away together.", "Write down where, and what still needs it.", "Ask again when that has changed."] },
    { kind: "end", id: "end-destroy", who: "approver", outcome: "rotate-keys", built: true, say: "The keys are rotated. Destroy every copy of the old identity.", how: ["Two people destroy each copy and write down how.", "Review who has custody of which key.", "Plan the next rotation."] },
    { kind: "end", id: "end-verify", who: "responder", outcome: "verify", built: true, say: "The key is replaced. Watch the storage and the store.", how: ["Look at the findings of the check.", "If records were changed or removed, run the scenario that describes it.", "Review who knows which secret."] },
  ],
};
