/** Scenario 1: an app overwrote data in bulk. */
import type { Tree } from "../tree.ts";
import { asksEdits, asksWhen, assessesBreach, closing, LAW, NIST, opening } from "./parts.ts";

export const appOverwrite: Tree = {
  id: "app-overwrite",
  version: "1.0.1",
  title: "An app overwrote data",
  when: "Many records have changed at once, and nobody on your staff did it.",
  sources: [LAW.recovery, LAW.integrity, NIST.sequence, NIST.recoverFrom],
  start: "open-incident",
  nodes: [
    ...opening("apps"),
    {
      kind: "check", id: "apps", who: "responder", check: "other-apps", say: "Which other apps can write to this store?",
      outcomes: [
        { id: "some", say: "These apps are installed. The one that did it is most likely among them.", next: "known" },
        { id: "none", say: "No other app is known to this app.", next: "known" },
        { id: "unknown", say: "The store does not say. Look under Settings, Apps in the Shopify admin.", next: "known" },
      ],
    },
    {
      kind: "question", id: "known", who: "responder", ask: "Do you know which app it was?", help: "The store's timeline of a changed record often names the app.",
      answers: [
        { id: "yes", say: "Yes", next: "cut" },
        { id: "no", say: "No", next: "pause-all" },
      ],
    },
    {
      kind: "instruction", id: "pause-all", who: "responder", minutes: 15, act: "contain", built: true, say: "Pause what can write, one by one, until the changes stop.",
      how: ["Turn off Flow workflows that change customers or orders.", "Pause apps that you can do without, the newest first.", "After each, look whether records still change."],
      done: { say: "It has stopped, or everything is paused", next: "quiet" },
      cannot: { say: "Some cannot be paused", next: "uninstall" },
    },
    {
      kind: "question", id: "cut", who: "responder", ask: "Can the app's access be cut without uninstalling it?", help: "Uninstalling may remove the app's own data from the store for good.",
      answers: [
        { id: "yes", say: "Yes", next: "cut-access" },
        { id: "no", say: "No", next: "uninstall" },
      ],
    },
    {
      kind: "instruction", id: "cut-access", who: "responder", minutes: 5, act: "contain", built: true, say: "Cut the app's access.",
      how: ["Turn the app off in its own settings, or ask its vendor to stop it.", "Write down when it was cut."],
      done: { say: "It is cut", next: "quiet" },
      cannot: { say: "It did not work", next: "uninstall" },
    },
    {
      kind: "instruction", id: "uninstall", who: "store-owner", minutes: 10, act: "contain", built: true, say: "Uninstall that app, and only that one, once the evidence snapshot is complete.",
      help: "Its own data may vanish with it, so the snapshot must have it first.",
      how: ["See under Snapshots that the emergency snapshot is complete.", "Uninstall the app in the Shopify admin.", "Tell its vendor why."],
      done: { say: "It is uninstalled", next: "quiet" },
      cannot: { say: "It must stay", next: "quiet" },
    },
    {
      kind: "question", id: "quiet", who: "responder", ask: "Has nothing been overwritten for 15 minutes?", help: "The recovery points show how many changes arrive each hour.",
      figures: [{ value: "15 minutes", status: "goal", cite: "Holdfast's decision tree for bulk overwrites" }],
      answers: [
        { id: "yes", say: "Yes, it is quiet", next: "when" },
        { id: "no", say: "No, it goes on", next: "known", again: true },
      ],
    },
    asksWhen("changed"),
    {
      kind: "check", id: "changed", who: "responder", check: "what-changed", say: "What has changed since then?",
      outcomes: [
        { id: "removed", say: "Records were deleted, too. What is deleted comes back with new ids.", next: "scope" },
        { id: "changed", say: "Records were changed, none was deleted.", next: "scope" },
        { id: "nothing", say: "Nothing that a snapshot or the journal has seen. The damage may be newer than both, or the time may be wrong.", next: "scope" },
        { id: "unknown", say: "It could not be compared. Go by what you see in the store.", next: "scope" },
      ],
    },
    { kind: "what", id: "scope", who: "responder", ask: "What did the app change?", help: "If it changed only its own fields, choose its fields: nothing else is touched then.", offers: ["namespace", "kinds", "records", "everything"], next: "edits" },
    asksEdits("left"),
    ...assessesBreach("snapshot"),
    ...closing({ say: "Restore what the app changed, as it was the second before.", how: ["Leave the app off until its permissions have been reduced and looked at."] }),
  ],
};
