/** Scenario 3: ransomware, or an app (this one included) in the wrong hands. */
import type { Tree } from "../tree.ts";
import { asksEdits, asksWhen, closing, LAW, NIST, opening } from "./parts.ts";

export const ransomware: Tree = {
  id: "ransomware",
  version: "1.0.1",
  title: "Ransomware, or an app in the wrong hands",
  when: "Data is scrambled or held to ransom, or somebody outside controls an app, a device or an account.",
  sources: [LAW.recovery, LAW.incidents, LAW.breach, NIST.incident, NIST.recoverFrom],
  start: "open-incident",
  nodes: [
    ...opening("what-is-hit"),
    {
      kind: "question", id: "what-is-hit", who: "responder", ask: "What is in the wrong hands?",
      answers: [
        { id: "staff-device", say: "A computer or an account of our staff", next: "isolate" },
        { id: "other-app", say: "Another app, or its vendor", next: "isolate" },
        { id: "this-app", say: "This app, or the machine it runs on", next: "this-app" },
        { id: "storage", say: "The storage of the snapshots", next: "storage" },
        { id: "sign-in", say: "The sign-in service", next: "isolate" },
      ],
    },
    {
      kind: "instruction", id: "this-app", who: "security-official", minutes: 15, act: "contain", built: true, say: "Take this app off the store, and go on from another machine.",
      help: "The host cannot open the snapshots: only your identity can. Do not use an identity on a machine that may be watched.",
      how: ["Uninstall the app from the store, or stop its machine without switching it off.", "Tell the app's operator: their contract says how soon they must tell you what they know.", "Use the recovery program on a clean computer. It needs the storage and an identity, and nothing of this app."],
      done: { say: "It is off", next: "storage" },
      cannot: { say: "Not possible now", next: "storage" },
    },
    {
      kind: "instruction", id: "isolate", who: "responder", minutes: 15, act: "contain", built: true, say: "Cut off everything that is not needed tonight.", sources: [NIST.incident],
      how: ["Revoke tokens and sessions of what is in the wrong hands.", "Freeze releases and imports.", "Take affected machines off the network, but leave them switched on: their memory is evidence."],
      done: { say: "It is cut off", next: "storage" },
      cannot: { say: "Not everything could be cut off", next: "storage" },
    },
    {
      kind: "check", id: "storage", who: "responder", check: "storage", say: "Are the snapshots whole? This is what the last check of the storage found.",
      outcomes: [
        { id: "sound", say: "Whole: nothing is missing or altered.", next: "when" },
        { id: "damaged", say: "Something is missing or altered.", next: "intact-copy" },
        { id: "unknown", say: "There is no recent check, or the storage does not answer.", next: "intact-copy" },
      ],
    },
    {
      kind: "instruction", id: "intact-copy", who: "responder", minutes: 60, built: true, say: "Find a copy that is certainly whole.",
      how: ["Check the storage anew, and compare with the checkpoint that was kept elsewhere.", "Look at locked copies, other regions, and downloads.", "The oldest whole copy is better than a newer doubtful one."],
      done: { say: "There is one", next: "when" },
      cannot: { say: "There is none", next: "nothing-before" },
    },
    asksWhen("changed", "What is the earliest sign of the intruder?"),
    {
      kind: "check", id: "changed", who: "responder", check: "what-changed", say: "What has changed since then?",
      help: "A sudden change of very many records is a sign that the intruder was at work already.",
      outcomes: [
        { id: "removed", say: "Records were removed.", next: "secured" },
        { id: "changed", say: "Records were changed.", next: "secured" },
        { id: "nothing", say: "Nothing was changed that a snapshot or the journal has seen.", next: "secured" },
        { id: "unknown", say: "It could not be compared. Choose an earlier moment rather than a later one.", next: "secured" },
      ],
    },
    {
      kind: "question", id: "secured", who: "security-official", ask: "Can you show that the health data they could reach was encrypted, and the keys were out of their reach?", sources: [LAW.breach],
      help: "Snapshots in the storage are. The live store's data is not: Shopify shows it to whoever is signed in.",
      answers: [
        { id: "yes", say: "Yes, for all of it", next: "clean" },
        { id: "no", say: "No, or not for all of it", next: "breach" },
      ],
    },
    {
      kind: "instruction", id: "breach", who: "security-official", minutes: 30, act: "notify", built: false, say: "Tell the security official and counsel now: ransomware is presumed to be a breach.",
      help: "The law allows at most 60 days from discovery; some states allow less. Whether a ransom is paid is no question for this assistant: counsel and law enforcement.",
      figures: [{ value: "60 days", status: "in_force", cite: "45 CFR 164.404(b)" }],
      how: ["Deadlines are not counted in this app yet, so write the first one down by hand.", "Keep the record of when each snapshot was sealed: it is evidence."],
      done: { say: "They have been told", next: "clean" },
      cannot: { say: "They cannot be reached yet", next: "clean" },
    },
    {
      kind: "question", id: "clean", who: "responder", ask: "Is there a clean place to restore into: new tokens, new secrets, patched, and scanned?",
      answers: [
        { id: "yes", say: "Yes", next: "scope" },
        { id: "no", say: "Not yet", next: "read-only" },
      ],
    },
    {
      kind: "instruction", id: "read-only", who: "responder", minutes: 30, act: "emergency-view", built: true, say: "Until it is clean, read single records in the downtime viewer.", sources: [LAW.emergency],
      how: ["Sign in to the downtime viewer through your own sign-in service.", "Say for what purpose, and open only what is needed.", "New data goes on paper, or into an encrypted file, until the store is back."],
      done: { say: "It is clean now", next: "scope" },
      cannot: { say: "It will take longer", next: "wait-clean" },
    },
    {
      kind: "end", id: "wait-clean", who: "responder", outcome: "hold-snapshots", built: true, say: "Do not restore yet. Keep every snapshot held, and go on reading in the viewer.",
      help: "The proposed rule asks to be back within 72 hours. It is not law.",
      figures: [{ value: "72 hours", status: "proposed", cite: "90 FR 898, proposed 45 CFR 164.308" }],
      how: ["See under Retention that the hold is in force.", "Rebuild with new tokens, new secrets and patched versions.", "Start this assistant anew when it is clean."],
    },
    { kind: "what", id: "scope", who: "responder", ask: "What is to be restored first?", help: "The critical data first. You can come back for the rest.", offers: ["everything", "kinds", "records", "namespace"], next: "edits" },
    asksEdits("snapshot"),
    ...closing({
      say: "Restore into the clean store, as it was before the intruder.",
      how: ["Restore into a rehearsal shop first and look at it.", "Change the keys afterwards: run the scenario A key may be known to others.", "Watch the store closely for the next days."],
    }),
  ],
};
