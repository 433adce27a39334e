/** The assistant in every state, from the trees themselves. Invented people, no records. */
import type { Answer } from "#app/response/index.ts";
// Past the door: the preview runs in a browser, where the digest's node:crypto is not.
import { stepsToEnd } from "#app/response/paths.ts";
import { nodeOf } from "#app/response/tree.ts";
import { appOverwrite } from "#app/response/trees/app-overwrite.ts";
import { brokenExtraction } from "#app/response/trees/broken-extraction.ts";
import { erroneousRedaction } from "#app/response/trees/erroneous-redaction.ts";
import { extractionGap } from "#app/response/trees/extraction-gap.ts";
import { keyCompromise } from "#app/response/trees/key-compromise.ts";
import { platformOutage } from "#app/response/trees/platform-outage.ts";
import { ransomware } from "#app/response/trees/ransomware.ts";
import { staffDeletion } from "#app/response/trees/staff-deletion.ts";
import type { AssistantModel, AssistantRunModel, AssistantStepModel } from "#app/ui/models/assistant.ts";
import { ago, NOW } from "./fixtures.ts";

const TREES = [appOverwrite, staffDeletion, ransomware, keyCompromise, platformOutage, extractionGap, erroneousRedaction, brokenExtraction];
const scenarios = TREES.map(({ id, title, when }) => ({ id, title, when }));
export const assistantLists: Record<string, AssistantModel> = {
  empty: { now: NOW, scenarios, runs: [] },
  underWay: {
    now: NOW, scenarios,
    runs: [
      { id: "run_a1", title: "An app overwrote data", state: "open", startedAt: ago(900_000), lastAt: ago(180_000), steps: 14 },
      { id: "run_a2", title: "Shopify is down", state: "finished", startedAt: ago(864_000_000), lastAt: ago(860_000_000), steps: 21 },
      { id: "run_a3", title: "A key may be known to others", state: "abandoned", startedAt: ago(964_000_000), lastAt: ago(964_000_000), steps: 0 },
    ],
  },
};

const step = (n: number, o: Partial<AssistantStepModel>): AssistantStepModel => ({ n, at: ago((40 - n) * 60_000), who: n % 2 === 0 ? "Night desk" : "You", what: "answered", asked: null, said: null, answer: null, facts: [], act: null, reason: null, approved: null, waiver: null, snapshot: null, corrected: false, onTheWay: true, ...o });
const shown: AssistantStepModel[] = [
  step(1, { asked: "Write down that this is an incident, and when you first knew of it.", said: "It is written down", act: "open-incident" }),
  step(2, { what: "looked-up", asked: "Are the snapshots safe from being removed while this lasts?", said: "A hold covers every snapshot. None is removed while it lasts.", onTheWay: false }),
  step(3, { asked: "Are the snapshots safe from being removed while this lasts?", said: "A hold covers every snapshot. None is removed while it lasts.", facts: [{ name: "holds", value: 2 }, { name: "ofAll", value: 1 }] }),
  step(4, { asked: "When did the first wrong change happen?", said: null, answer: { kind: "moment", at: ago(7_200_000) }, corrected: true, onTheWay: false }),
  step(5, { what: "went-back", asked: "When did the first wrong change happen?", onTheWay: false }),
  step(6, { asked: "When did the first wrong change happen?", said: null, answer: { kind: "moment", at: ago(9_000_000) } }),
  step(7, { asked: "What did the app change?", answer: { kind: "what", selection: { what: "namespace", namespace: "app--77--labs" } } }),
  step(8, { what: "recorded", act: "contain", onTheWay: false }),
  step(9, { what: "recorded", who: "The app", act: "emergency-snapshot", snapshot: "1a2b3c4d5e6f7081", onTheWay: false }),
];

function page(scenario: string, id: string, o: Partial<AssistantRunModel> = {}): AssistantRunModel {
  const tree = TREES.find((one) => one.id === scenario)!;
  const digest = "ab".repeat(32);
  const node = nodeOf(tree, id)!;
  return {
    now: NOW, id: "run_a1", title: tree.title, version: tree.version, digest, sources: tree.sources, state: node.kind === "end" ? "decided" : "open", startedAt: ago(2_400_000), startedBy: "You", steps: 8, node, lookup: null, before: null,
    progress: { done: 7, ...stepsToEnd(tree, id) }, shown, acts: ["contain"], orders: [], outcome: node.kind === "end" ? { outcome: node.outcome, plan: node.plan !== undefined, at: node.plan === undefined ? null : ago(9_001_000) } : null,
    kinds: ["Customer", "DraftOrder", "Metaobject", "Order"], namespaces: ["app--77--labs", "custom", "health_intake"], restores: [], ...o,
  };
}
const order = { rule: "restore-before-failover", then: "failover", says: "Restoring from backup comes before switching over to a redundant system: a second system that runs on damaged data spreads the damage.", sources: [{ cite: "45 CFR 164.308(a)(7)(ii)(B)", says: "Procedures to restore any loss of data.", status: "in_force" }], waiver: null } as const;
const waiver = { n: 9, who: "Night desk", mine: false, at: ago(60_000), reason: "The pharmacy counter cannot wait for the restore to finish", approved: null };
const before = (answer: Answer) => ({ before: answer });

export const assistantRuns: Record<string, AssistantRunModel> = {
  begun: page("app-overwrite", "open-incident", { steps: 0, shown: [], progress: { done: 0, least: 13, most: 21 }, acts: [] }),
  question: page("app-overwrite", "cut", before({ kind: "choice", id: "no" })),
  figure: page("staff-deletion", "revoke-one"),
  instruction: page("app-overwrite", "uninstall"),
  check: page("app-overwrite", "changed", {
    lookup: {
      n: 8, at: ago(4_000), outcome: "removed", say: "Records were deleted, too. What is deleted comes back with new ids.",
      facts: [{ name: "from", value: ago(86_400_000) }, { name: "until", value: ago(600_000) }, { name: "journal", value: true }, { name: "removed", value: 1_000 }, { name: "changed", value: 24_117 }, { name: "removed:Customer", value: 1_000 }, { name: "changed:Metafield", value: 24_117 }],
    },
  }),
  unknown: page("app-overwrite", "holds", { lookup: { n: 8, at: ago(4_000), outcome: "unknown", say: "It could not be seen whether there is a hold. Place one as soon as the storage answers.", facts: [{ name: "problem", value: "store.unreachable" }] } }),
  moment: page("app-overwrite", "when"),
  what: page("app-overwrite", "scope", before({ kind: "what", selection: { what: "kinds", kinds: ["Customer", "Order"] } })),
  whatRecords: page("erroneous-redaction", "scope"),
  barred: page("platform-outage", "back", { orders: [{ ...order, waiver: { ...waiver, mine: true, who: "You" } }] }),
  approve: page("platform-outage", "back", { orders: [{ ...order, waiver }] }),
  approved: page("platform-outage", "back", { orders: [{ ...order, waiver: { ...waiver, approved: true } }] }),
  plan: page("app-overwrite", "plan"),
  planWaits: page("app-overwrite", "plan", { restores: [{ id: "plan-1", state: "awaiting-approval", plannedAt: ago(900_000), approvedAt: null, begunAt: null, reportAt: null, outcome: null }] }),
  planDone: page("app-overwrite", "plan", { acts: ["contain", "restore"], restores: [
    { id: "plan-1", state: "refused", plannedAt: ago(2_000_000), approvedAt: null, begunAt: null, reportAt: null, outcome: null },
    { id: "plan-2", state: "done", plannedAt: ago(900_000), approvedAt: ago(800_000), begunAt: ago(700_000), reportAt: ago(60_000), outcome: { restored: 1190, restoredWithLosses: 12, refused: 2, skipped: 12, differing: 0 } },
  ] }),
  wait: page("ransomware", "wait-clean"),
  byHand: page("extraction-gap", "end-vendor"),
  finished: page("key-compromise", "end-destroy", { state: "finished", shown: [...shown, step(9, { what: "waiver-asked", reason: waiver.reason, onTheWay: false }), step(10, { what: "waiver-decided", approved: true, waiver: 9, onTheWay: false }), step(11, { what: "recorded", act: "failover", waiver: 9, onTheWay: false }), step(12, { what: "finished", onTheWay: false })] }),
  abandoned: page("app-overwrite", "cut", { state: "abandoned" }),
};
