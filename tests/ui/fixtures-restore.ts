/** View models of the screens about restores and the response team. Invented figures, no records. */
import type { FamilyModel, RestoreModel, RestoreNewModel, RestoreRow, RestoresModel, TeamModel } from "#app/ui/models/restore.ts";
import { vaultKeys } from "./fixtures-privacy.ts";
import { ago, NOW } from "./fixtures.ts";

const HOUR = 3_600_000;
const gid = (kind: string, n: number): string => `gid://shopify/${kind}/${7_712_300_000 + n}`;

const row = (over: Partial<RestoreRow> = {}): RestoreRow => ({ id: "7f0c4a0e-1", state: "draft", at: ago(3 * HOUR), createdAt: ago(HOUR), selection: { scope: "everything" }, target: "This store", createdBy: "Ana, night shift", records: 1216, outcome: null, ...over });
const list: RestoresModel = { now: NOW, ready: true, rows: [row()], forYou: 0, mayPlan: true, teamNamed: true };
export const restoreLists: Record<string, RestoresModel> = {
  empty: { ...list, rows: [] },
  beforeSetup: { ...list, ready: false, rows: [] },
  waiting: { ...list, forYou: 1, rows: [row({ state: "awaiting-approval" }), row({ id: "2", state: "done", createdAt: ago(30 * 24 * HOUR), selection: { scope: "person", ids: [gid("Customer", 1)] }, records: 9 })] },
  every: {
    ...list,
    teamNamed: false,
    rows: (["planning", "draft", "awaiting-approval", "approved", "running", "paused", "done", "refused", "cancelled", "failed", "stale"] as const).map((state, n) => row({ id: String(n), state, target: n % 4 === 3 ? "a-second-store-with-a-long-name.myshopify.com" : "This store", selection: n % 3 === 0 ? { scope: "kinds", kinds: ["Customer", "DraftOrder", "Metaobject"] } : n % 3 === 1 ? { scope: "namespace", namespace: "prescriptions_of_an_app_with_a_long_name" } : { scope: "field", ids: [gid("Customer", 1)], field: "metafield:clinic.allergies" } })),
  },
  notAResponder: { ...list, mayPlan: false },
};

const fresh: RestoreNewModel = {
  now: NOW, ready: true, mayPlan: true, first: ago(90 * 24 * HOUR),
  points: [{ at: ago(HOUR), complete: true, records: 48_211 }, { at: ago(25 * HOUR), complete: false, records: 48_190 }],
  kinds: ["Customer", "DraftOrder", "Metaobject", "Order"], namespaces: ["clinic", "loyalty"], shop: "maple-synthetic.myshopify.com", receivers: [], from: null,
};
const ELSEWHERE = "a-second-store-with-a-long-name.myshopify.com";
export const restoreNews: Record<string, RestoreNewModel> = {
  ready: fresh,
  empty: { ...fresh, first: null, points: [] },
  notAResponder: { ...fresh, mayPlan: false },
  receivers: { ...fresh, receivers: [{ shop: ELSEWHERE, until: ago(-5 * 24 * HOUR), writes: [] }, { shop: "birch-synthetic.myshopify.com", until: ago(-24 * HOUR), writes: ["write_customers", "write_orders"] }] },
  fromAssistant: { ...fresh, from: { run: "run-1", at: ago(3 * HOUR), selection: { scope: "namespace", namespace: "clinic" }, rule: "ask", extras: "keep" } },
  records: { ...fresh, from: { run: "run-2", at: null, selection: { scope: "records", ids: Array.from({ length: 12 }, (_, n) => gid("Customer", n)) }, rule: "overwrite", extras: "remove" } },
  field: { ...fresh, namespaces: [], from: { run: "run-3", at: ago(HOUR), selection: { scope: "field", ids: [gid("Customer", 1)], field: "note" }, rule: "keep", extras: "keep" } },
};

const family = (n: number, over: Partial<FamilyModel> = {}): FamilyModel => ({ kind: "Customer", id: gid("Customer", n), action: "update", changes: [{ kind: "Metafield", id: gid("Metafield", n), fields: ["value"] }], losses: [], conflict: null, decision: "overwrite", ...over });
const zero = { create: 0, update: 0, remove: 0, none: 0, refuse: 0, erased: 0 };
const counts = { ...zero, create: 12, update: 1204, refuse: 2, erased: 1 };
const draft: RestoreModel = {
  now: NOW, id: "7f0c4a0e-1", state: "draft", at: ago(3 * HOUR), selection: { scope: "everything" }, target: "This store", disclosedTo: null, rule: "ask", extras: "keep", digest: null,
  counts, kinds: [{ kind: "Customer", ...counts }, { kind: "Metaobject", ...zero, update: 3 }], editedSince: 2, reCreated: 1, undecided: 2,
  losses: [{ kind: "Customer", field: "createdAt", reason: "platform.assigns", records: 12 }, { kind: "Customer", field: "numberOfOrders", reason: "platform.computes", records: 12 }, { kind: "Order", field: "fulfillments", reason: "platform.history", records: 2 }],
  export: null, moments: [], estimateMs: 372_000,
  families: [
    family(1), family(2, { action: "create", changes: [{ kind: "Customer", id: gid("Customer", 2), fields: ["firstName", "lastName", "defaultEmailAddress", "defaultPhoneNumber", "tags", "note", "locale", "taxExempt", "taxExemptions", "state", "amountSpent", "addresses", "image", "unsubscribeUrl"] }], losses: [{ kind: "Customer", field: "createdAt", reason: "platform.assigns" }] }),
    family(3, { conflict: "edited-since", decision: null }), family(4, { conflict: "edited-since", decision: "keep" }), family(5, { conflict: "re-created", nowId: gid("Customer", 99), decision: null }),
    family(6, { action: "refuse", changes: [], losses: [{ kind: "Order", field: "fulfillments", reason: "platform.history" }] }),
  ],
  page: 0, more: true, onlyConflicts: false,
  people: { createdBy: "Ana, night shift", createdAt: ago(HOUR), submittedBy: null, decidedBy: null, decidedAt: null, remark: null, appliedBy: null, startedAt: null, finishedAt: null },
  may: { plan: true, approve: true, apply: true, cancel: true }, teamNamed: true, rights: { needed: ["write_customers"], missing: [], spare: [], here: true }, pauseAsked: false, keys: null, keyService: "none", waiting: false, run: null, outcome: null, report: null,
};
const planning: RestoreModel = { ...draft, state: "planning", counts: null, kinds: [], families: [], losses: [], editedSince: 0, reCreated: 0, undecided: 0, estimateMs: null, more: false };
const submitted = { ...draft, state: "awaiting-approval", undecided: 0, digest: "9f".repeat(32), people: { ...draft.people, submittedBy: "Ana, night shift" } } as const satisfies RestoreModel;
const approved = { ...submitted, state: "approved", keys: vaultKeys, people: { ...submitted.people, decidedBy: "Ben", decidedAt: ago(HOUR / 4), remark: "Seen with the clinic, case 2026-14" } } as const satisfies RestoreModel;
const running = { job: "restore", id: "run_31", phase: "write", startedAt: ago(60_000), records: 480, expected: 1216 } as const;
const outcome = { restored: 1190, restoredWithLosses: 12, refused: 2, skipped: 12, differing: 0 };
const ended = { ...approved, keys: null, people: { ...approved.people, appliedBy: "Ana, night shift", startedAt: ago(600_000), finishedAt: ago(60_000) } };
const done: RestoreModel = {
  ...ended, state: "done", outcome,
  report: { more: true, lines: [
    { kind: "Customer", id: gid("Customer", 1), outcome: "restored", losses: [], differs: [] },
    { kind: "Customer", id: gid("Customer", 2), newId: gid("Customer", 902), outcome: "restored-with-losses", losses: [{ field: "createdAt", reason: "platform.assigns" }, { field: "numberOfOrders", reason: "platform.computes" }], differs: [] },
    { kind: "Order", id: gid("Order", 3), outcome: "refused", code: "TAKEN", losses: [], differs: null },
    { kind: "Customer", id: gid("Customer", 4), outcome: "skipped", code: "changed_since", losses: [], differs: null },
  ] },
};
export const restorePages: Record<string, RestoreModel> = {
  waiting: { ...planning, waiting: true, run: { job: "snapshot", id: "run_30", phase: "downloading", startedAt: ago(20_000), records: 12_000, expected: 48_211 } },
  keys: { ...planning, keys: vaultKeys },
  unattended: { ...planning, keys: vaultKeys, keyService: "opens" },
  serviceAway: { ...planning, keys: vaultKeys, keyService: "away" },
  planning: { ...planning, run: { job: "planning", id: "run_30", phase: "assess", startedAt: ago(20_000), records: 200, expected: 1216 } },
  planningFailed: { ...planning, keys: vaultKeys, problem: { code: "restore.identity_needed_again" } },
  draft,
  draftWithNothing: { ...draft, counts: { ...zero, none: 4 }, kinds: [], families: [], losses: [], editedSince: 0, reCreated: 0, undecided: 0, estimateMs: 0, more: false },
  snapshotKinds: { ...draft, moments: ["Article", "GenericFile", "GiftCard", "MediaImage"].map((kind) => ({ kind, at: ago(9 * HOUR) })) },
  snapshotKindsDone: { ...done, moments: [{ kind: "Article", at: ago(9 * HOUR) }] },
  exportToBeApproved: { ...submitted, target: "An export for Dr. Weiss", export: { keyId: "k3Vd".repeat(10) + "abc", parts: 0 }, counts: { ...zero, create: 9 }, estimateMs: 0, losses: [] },
  exportDone: { ...done, target: "An export for Dr. Weiss", export: { keyId: "k3Vd".repeat(10) + "abc", parts: 2 }, outcome: { ...outcome, restored: 9, restoredWithLosses: 0, refused: 0, skipped: 0 }, losses: [] },
  conflicts: { ...draft, onlyConflicts: true, families: draft.families.filter(({ conflict }) => conflict !== null), more: false },
  toBeApproved: submitted,
  waitingForSomebodyElse: { ...submitted, may: { ...submitted.may, approve: false } },
  approved,
  approvedUnattended: { ...approved, keyService: "opens" },
  approvedServiceAway: { ...approved, keyService: "away" },
  rightsMissing: { ...approved, rights: { needed: ["write_customers", "write_store_credit_account_transactions"], missing: ["write_customers", "write_store_credit_account_transactions"], spare: [], here: true } },
  rightsMissingElsewhere: { ...submitted, target: ELSEWHERE, disclosedTo: ELSEWHERE, rights: { needed: ["write_orders"], missing: ["write_orders"], spare: [], here: false } },
  intoAnotherStore: { ...submitted, target: ELSEWHERE, disclosedTo: ELSEWHERE, counts: { ...zero, create: 9 }, kinds: [{ kind: "Customer", ...zero, create: 9 }], losses: [] },
  anotherStoreNoLonger: { ...approved, target: ELSEWHERE, disclosedTo: ELSEWHERE, keys: null, may: { ...approved.may, plan: false, approve: false, apply: false }, problem: { code: "access.invitation_over" } },
  intoAnotherStoreDone: { ...done, target: ELSEWHERE, disclosedTo: ELSEWHERE },
  rightsToGiveBack: { ...done, rights: { needed: ["write_customers", "write_metaobjects"], missing: null, spare: ["write_customers", "write_metaobjects"], here: true } },
  running: { ...approved, keys: null, state: "running", run: running },
  paused: { ...approved, keys: null, state: "paused", pauseAsked: true, run: running },
  interrupted: { ...approved, state: "running", problem: { code: "restore.identity_needed_again" } },
  done,
  differs: { ...done, state: "failed", outcome: { ...outcome, differing: 1 }, problem: { code: "restore.differs", at: ago(60_000) }, report: { more: false, lines: [{ kind: "Customer", id: gid("Customer", 1), outcome: "restored", losses: [], differs: [{ kind: "Customer", fields: ["note", "tags"] }] }] } },
  refused: { ...ended, state: "refused" },
  cancelled: { ...ended, state: "cancelled", problem: { code: "restore.cancelled", at: ago(60_000) } },
  stale: { ...submitted, state: "stale", problem: { code: "restore.shop_moved_on", at: ago(60_000) } },
};

const member = (actor: string, label: string, responder: boolean, approver: boolean): TeamModel["members"][number] => ({ actor, label, responder, approver, changedAt: ago(5 * HOUR) });
const alone: TeamModel["receiving"] = { shop: "maple-synthetic.myshopify.com", ready: true, mayInvite: true, mayWithdraw: true, invitations: [], rights: null };
const received: TeamModel["receiving"] = {
  ...alone,
  invitations: [{ from: ELSEWHERE, until: ago(-5 * 24 * HOUR), over: false, by: "Ana, night shift", plans: 2 }, { from: "birch-synthetic.myshopify.com", until: ago(3 * 24 * HOUR), over: true, by: "Staff member 70000000002", plans: 0 }],
};
const team: TeamModel = { receiving: alone, now: NOW, you: "staff:70000000001", mayConfigure: true, members: [member("staff:70000000001", "Ana, night shift", true, true), member("staff:70000000002", "Ben", false, true), member(`responder:${"k3Vd".repeat(10)}abc`, "Dr. Weiss at the clinic, out of hours only", true, false), member("staff:70000000003", "Cara", false, false)] };
export const teams: Record<string, TeamModel> = {
  named: team,
  nobody: { ...team, members: [] },
  onlyOneApprover: { ...team, members: team.members.slice(0, 1) },
  notYours: { ...team, you: "staff:70000000009", mayConfigure: false, receiving: { ...received, mayInvite: false, mayWithdraw: false } },
  receiving: { ...team, receiving: received },
  receivingWithoutVault: { ...team, members: [], receiving: { ...alone, ready: false } },
  receivingTakesRights: { ...team, receiving: { ...received, rights: { missing: ["write_customers", "write_store_credit_account_transactions"], spare: [] } } },
  receivingGivesBack: { ...team, receiving: { ...received, invitations: received.invitations.slice(1), rights: { missing: [], spare: ["write_customers"] } } },
};
