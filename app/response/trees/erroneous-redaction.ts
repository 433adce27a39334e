/** Scenario 7: a person was erased, or is about to be, by mistake. */
import type { Tree } from "../tree.ts";
import { asksWhen, closing, LAW, NIST, opening } from "./parts.ts";

export const erroneousRedaction: Tree = {
  id: "erroneous-redaction",
  version: "1.0.1",
  title: "A customer was erased by mistake",
  when: "A request to erase somebody was wrong, named the wrong person, or should have been refused.",
  sources: [
    LAW.integrity, LAW.incidents, LAW.recovery, NIST.contingency,
    { cite: "Shopify, privacy law compliance", says: "Erasure within 30 days, unless the law requires the data to be kept.", status: "contract" },
  ],
  start: "open-incident",
  nodes: [
    ...opening("requests"),
    {
      kind: "check", id: "requests", who: "responder", check: "requests", say: "What became of the requests to erase?",
      outcomes: [
        { id: "waiting", say: "At least one waits and has not been carried out.", next: "source" },
        { id: "erased", say: "None waits. At least one was carried out.", next: "source" },
        { id: "none", say: "This app knows of no such request.", next: "source" },
        { id: "unknown", say: "It could not be looked up.", next: "source" },
      ],
    },
    {
      kind: "question", id: "source", who: "responder", ask: "Where did the request come from?",
      answers: [
        { id: "shopify", say: "From Shopify", next: "person" },
        { id: "staff", say: "From somebody on our staff", next: "person" },
        { id: "attacker", say: "From somebody who had no right to ask", next: "attack" },
      ],
    },
    { kind: "instruction", id: "attack", who: "security-official", minutes: 15, act: "contain", built: true, say: "Treat it as an attack, also if it was refused.", sources: [LAW.incidents], how: ["See under Alerts whether messages with a wrong signature arrived.", "Change the secret they would need: run the scenario A key may be known to others.", "An attempt that failed is an incident, too."], done: { say: "It is under way", next: "person" }, cannot: { say: "Not now", next: "person" } },
    {
      kind: "question", id: "person", who: "responder", ask: "Is it the right person?", help: "Merged customers and shared addresses are where it goes wrong.",
      answers: [
        { id: "wrong", say: "No, the wrong one", next: "state" },
        { id: "right-withdrawn", say: "Yes, but it was withdrawn in writing", next: "state" },
        { id: "must-keep", say: "Yes, but the law requires us to keep the data", next: "state" },
        { id: "right", say: "Yes, and it stands", next: "end-complete" },
        { id: "unsure", say: "We cannot tell yet", next: "state" },
      ],
    },
    {
      kind: "question", id: "state", who: "responder", ask: "Has it been carried out in the snapshots?", help: "Privacy shows each request, and the certificate of each that was carried out.",
      answers: [
        { id: "not-yet", say: "Not yet", next: "legal-hold" },
        { id: "done", say: "Yes, there is a certificate", next: "end-gone" },
        { id: "live-only", say: "Only in the store, not in the snapshots", next: "legal-hold" },
      ],
    },
    {
      kind: "instruction", id: "legal-hold", who: "security-official", minutes: 10, act: "hold-snapshots", built: true, say: "Place a legal hold that names this person and the reason.",
      help: "The request must be carried out within 30 days, unless the hold stands on a law. Decide well before: the goal is 25 days.",
      figures: [{ value: "30 days", status: "contract", cite: "Shopify, privacy law compliance" }, { value: "25 days", status: "goal", cite: "Holdfast's goal" }],
      how: ["Open Retention, Hold, and choose a legal hold.", "Name the law, the court's file, or the written withdrawal.", "The request shows as held from then on."],
      done: { say: "It is held", next: "live" },
      cannot: { say: "There is no basis for it", next: "end-complete" },
    },
    {
      kind: "question", id: "live", who: "responder", ask: "Is the person still in the live store?",
      answers: [
        { id: "yes", say: "Yes", next: "end-held" },
        { id: "no", say: "No, erased there", next: "instruct" },
      ],
    },
    {
      kind: "question", id: "instruct", who: "store-owner", ask: "Has the store's owner asked in writing to bring the person back, on a lawful basis?", help: "Shopify cannot undo it. The person comes back as a new customer with a new id.",
      answers: [
        { id: "yes", say: "Yes", next: "when" },
        { id: "no", say: "No", next: "end-held" },
      ],
    },
    asksWhen("scope", "When was the person erased in the store?"),
    { kind: "what", id: "scope", who: "responder", ask: "Which person?", help: "Give the customer's id, as the request names it. Do not write a name or an address.", offers: ["records"], next: "snapshot" },
    ...closing({ say: "Bring this one customer back, with all that belongs to them.", how: ["Somebody who was rightly erased stays erased: the plan refuses them."] }),
    { kind: "end", id: "end-complete", who: "security-official", outcome: "stop", built: true, say: "Nothing is restored. The request is carried out in time.", how: ["Open Privacy and carry the request out with an identity.", "Keep the certificate."] },
    { kind: "end", id: "end-held", who: "security-official", outcome: "hold-snapshots", built: true, say: "The data is held, and nothing has to be restored.", how: ["See that the hold shows in Retention, with its basis.", "Write down when it ends, and who decides then."] },
    {
      kind: "end", id: "end-gone", who: "security-official", outcome: "open-incident", built: false, say: "It cannot be brought back: the keys were destroyed, as they should be.", sources: [LAW.integrity, LAW.breach],
      how: ["Incidents cannot be opened in this app yet, so use your own log.", "Look for other copies: your own export, the accounts, the payment provider, the person.", "Write down what is lost. Data destroyed by mistake is an incident.", "Prevent it: check who asks, and let two people carry it out."],
    },
  ],
};
