/** What the screens of restores and of the response team show. Plain data: ids, names of fields, counts; no value of a record. */
import type { ProblemModel, RunModel } from "../models.ts";
import type { VaultKeysModel } from "./privacy.ts";

export type RestoreStateModel = "planning" | "draft" | "awaiting-approval" | "approved" | "running" | "paused" | "done" | "refused" | "cancelled" | "failed" | "stale";

export type SelectionModel =
  | { readonly scope: "everything" }
  | { readonly scope: "kinds"; readonly kinds: readonly string[] }
  | { readonly scope: "namespace"; readonly namespace: string }
  | { readonly scope: "person"; readonly ids: readonly string[] }
  | { readonly scope: "records"; readonly ids: readonly string[] }
  | { readonly scope: "field"; readonly ids: readonly string[]; readonly field: string };

export interface RestoreRow {
  readonly id: string;
  readonly state: RestoreStateModel;
  readonly at: string;
  readonly createdAt: string;
  readonly selection: SelectionModel;
  readonly target: string;
  readonly createdBy: string;
  readonly records: number;
  readonly outcome: RestoreOutcomeModel | null;
}

export interface RestoreOutcomeModel {
  readonly restored: number;
  readonly restoredWithLosses: number;
  readonly refused: number;
  readonly skipped: number;
  readonly differing: number;
}

export interface RestoresModel {
  readonly now: string;
  readonly ready: boolean;
  readonly rows: readonly RestoreRow[];
  /** Plans that wait for this person's approval. */
  readonly forYou: number;
  readonly mayPlan: boolean;
  readonly teamNamed: boolean;
}

export interface RestoreNewModel {
  readonly now: string;
  readonly ready: boolean;
  readonly mayPlan: boolean;
  /** The first moment that there is a copy of; null: none. */
  readonly first: string | null;
  readonly points: readonly { readonly at: string; readonly complete: boolean; readonly records: number }[];
  /** Root kinds that there are copies of. */
  readonly kinds: readonly string[];
  readonly namespaces: readonly string[];
  /** This store's own domain, as another store's team has to enter it. */
  readonly shop: string;
  /** Other stores that take this one's records now. writes: what they have granted the app to write; null: they could not be asked. */
  readonly receivers: readonly { readonly shop: string; readonly until: string; readonly writes: readonly string[] | null }[];
  /** From the assistant. */
  readonly from: { readonly run: string; readonly at: string | null; readonly selection: SelectionModel; readonly rule: "ask" | "overwrite" | "keep"; readonly extras: "keep" | "remove" } | null;
}

export interface RestoreCountsModel {
  readonly create: number;
  readonly update: number;
  readonly remove: number;
  readonly none: number;
  readonly refuse: number;
  readonly erased: number;
}

export interface FamilyModel {
  readonly kind: string;
  readonly id: string;
  readonly nowId?: string | undefined;
  readonly action: "create" | "update" | "remove" | "none" | "refuse";
  readonly changes: readonly { readonly kind: string; readonly id: string; readonly fields: readonly string[] }[];
  readonly losses: readonly { readonly kind: string; readonly field: string; readonly reason: string }[];
  readonly conflict: "edited-since" | "re-created" | null;
  readonly decision: "overwrite" | "keep" | null;
}

export interface ReportLineModel {
  readonly kind: string;
  readonly id: string;
  readonly newId?: string | undefined;
  readonly outcome: "restored" | "restored-with-losses" | "refused" | "skipped";
  readonly code?: string | undefined;
  readonly losses: readonly { readonly field: string; readonly reason: string }[];
  readonly differs: readonly { readonly kind: string; readonly fields: readonly string[] }[] | null;
}

export interface RestoreModel {
  readonly now: string;
  readonly id: string;
  readonly state: RestoreStateModel;
  readonly at: string;
  readonly selection: SelectionModel;
  readonly target: string;
  /** Another store, to which the records are disclosed by putting them there; null: they go to nobody else. */
  readonly disclosedTo: string | null;
  readonly rule: "ask" | "overwrite" | "keep";
  readonly extras: "keep" | "remove";
  readonly digest: string | null;
  readonly counts: RestoreCountsModel | null;
  readonly kinds: readonly (RestoreCountsModel & { readonly kind: string })[];
  readonly editedSince: number;
  readonly reCreated: number;
  readonly undecided: number;
  readonly losses: readonly { readonly kind: string; readonly field: string; readonly reason: string; readonly records: number }[];
  /** An export for a named recipient: their key, and how many parts there are to download; null: records go into a shop. */
  readonly export: { readonly keyId: string; readonly parts: number } | null;
  /** Kinds that go back to an earlier moment than `at`, because the platform tells nothing of their changes. */
  readonly moments: readonly { readonly kind: string; readonly at: string }[];
  readonly estimateMs: number | null;
  readonly families: readonly FamilyModel[];
  readonly page: number;
  readonly more: boolean;
  readonly onlyConflicts: boolean;
  readonly people: { readonly createdBy: string; readonly createdAt: string; readonly submittedBy: string | null; readonly decidedBy: string | null; readonly decidedAt: string | null; readonly remark: string | null; readonly appliedBy: string | null; readonly startedAt: string | null; readonly finishedAt: string | null };
  readonly may: { readonly plan: boolean; readonly approve: boolean; readonly apply: boolean; readonly cancel: boolean };
  readonly teamNamed: boolean;
  /** What writing takes. Null: nothing of its own, or not worked out yet. missing null: the store was not asked. here: the store is this one. */
  readonly rights: { readonly needed: readonly string[]; readonly missing: readonly string[] | null; readonly spare: readonly string[]; readonly here: boolean } | null;
  readonly pauseAsked: boolean;
  /** What the browser must unwrap for the next step; null: nothing is needed now. keyService "opens": the host's does it, and an identity may be used all the same; "away": only an identity can. */
  readonly keys: VaultKeysModel | null;
  readonly keyService: "none" | "opens" | "away";
  /** The snapshot of what the store has now is being taken. */
  readonly waiting: boolean;
  readonly run: RunModel | null;
  readonly outcome: RestoreOutcomeModel | null;
  readonly report: { readonly lines: readonly ReportLineModel[]; readonly more: boolean } | null;
  readonly problem?: ProblemModel | undefined;
}

export interface TeamMemberModel {
  readonly actor: string;
  readonly label: string;
  readonly responder: boolean;
  readonly approver: boolean;
  readonly changedAt: string;
}

export interface TeamModel {
  readonly now: string;
  readonly members: readonly TeamMemberModel[];
  readonly you: string;
  readonly mayConfigure: boolean;
  readonly receiving: ReceivingModel;
}

/** Which other stores may put their records into this one. */
export interface ReceivingModel {
  /** This store has a vault, so there is a log that can say who let whom in. */
  readonly ready: boolean;
  readonly mayInvite: boolean;
  readonly mayWithdraw: boolean;
  readonly shop: string;
  readonly invitations: readonly { readonly from: string; readonly until: string; readonly over: boolean; readonly by: string; readonly plans: number }[];
  /** What their restores take here. missing null: the store was not asked. Null: there were none. */
  readonly rights: { readonly missing: readonly string[] | null; readonly spare: readonly string[] } | null;
}
