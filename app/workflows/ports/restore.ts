/** Plans of restores as rows, and who may make, approve and start them. Ids, names of fields, counts and codes: what a plan says of records lies sealed in the vault. */
import type { Role } from "#app/access/index.ts";
import type { RestoreTarget } from "#app/sources/port.ts";

/**
 * planning: being worked out. draft: worked out; its conflicts may be decided. awaiting-approval: sealed under its digest, for a second person. approved. running, paused: being
 * put back. done, refused, cancelled, failed (could not be worked out, or put back). stale: too old, or the store moved on: it has to be made anew.
 */
export type RestoreState = "planning" | "draft" | "awaiting-approval" | "approved" | "running" | "paused" | "done" | "refused" | "cancelled" | "failed" | "stale";

/** What to bring back. `ids`: GIDs of root records. */
export type RestoreSelection =
  | { readonly scope: "everything" }
  /** Kinds of root records, with all that belongs to them. */
  | { readonly scope: "kinds"; readonly kinds: readonly string[] }
  /** All metafields of one namespace, whatever they hang on. */
  | { readonly scope: "namespace"; readonly namespace: string }
  /** People with all that belongs to them: their customers, what names them. */
  | { readonly scope: "person"; readonly ids: readonly string[] }
  /** Records with all that belongs to them. */
  | { readonly scope: "records"; readonly ids: readonly string[] }
  /** One field of one record, as the schema spells it; metafields as "metafield:namespace.key". */
  | { readonly scope: "field"; readonly ids: readonly [string]; readonly field: string };

/** Where to. Another shop is named by its domain, and takes records only while its own team says so. */
export type RestoreDestination = { readonly kind: "same-shop" } | { readonly kind: "shop"; readonly shop: string } | { readonly kind: "sandbox" } | ExportDestination;

/** A file for one recipient, whom the people who approve it know by `name`; nobody else can read it, this host included. */
export interface ExportDestination {
  readonly kind: "export";
  readonly name: string;
  readonly recipient: { readonly keyId: string; readonly jwk: { readonly kty: "EC"; readonly crv: "P-256" | "P-384"; readonly x: string; readonly y: string } | { readonly kty: "RSA"; readonly n: string; readonly e: string } };
}

/** Records that changed since the chosen moment, or were made anew: asked one by one, or all alike. */
export type ConflictRule = "ask" | "overwrite" | "keep";

export interface RestoreCounts {
  readonly create: number;
  readonly update: number;
  readonly remove: number;
  /** As they were; nothing to do. */
  readonly none: number;
  /** The platform does not take them back at all. */
  readonly refuse: number;
  /** Erased for good; never brought back. */
  readonly erased: number;
}

/** A kind of root records that the platform tells nothing of, and the moment (of a snapshot, ISO 8601 UTC) that it goes back to instead of the chosen one. */
export interface KindMoment {
  readonly kind: string;
  readonly at: string;
}

export interface RestoreTotals extends RestoreCounts {
  readonly kinds: Readonly<Record<string, RestoreCounts>>;
  readonly editedSince: number;
  readonly reCreated: number;
  /** Conflicts that nobody has decided. */
  readonly undecided: number;
  /** Fields that cannot come back, by kind, field and the platform's reason. */
  readonly losses: readonly { readonly kind: string; readonly field: string; readonly reason: string; readonly records: number }[];
  readonly costPoints: number;
  /** Kinds that go back to an earlier moment than the chosen one; absent: none, or not worked out. */
  readonly moments?: readonly KindMoment[] | undefined;
  /** What writing all of it takes, as the platform spells it: "write_customers". Absent: the target asks for nothing, or the plan is from before it was noted. */
  readonly rights?: readonly string[] | undefined;
}

export interface RestorePlanRow {
  readonly planId: string;
  readonly shop: string;
  readonly vaultId: string;
  readonly state: RestoreState;
  readonly target: RestoreDestination;
  readonly at: Date;
  readonly selection: RestoreSelection;
  readonly rule: ConflictRule;
  /** What the shop has and the moment had not, beneath a record that comes back. */
  readonly extras: "keep" | "remove";
  /** The snapshot that the moment is read from, and the one taken before anything is put back. */
  readonly base: string | null;
  readonly before: string | null;
  /** SHA-256 hex of the plan as it was sealed; null until its approval is asked for. */
  readonly digest: string | null;
  /** Which sealing of the plan counts. */
  readonly version: number;
  readonly totals: RestoreTotals | null;
  readonly estimateMs: number | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly plannedAt: Date | null;
  readonly submittedBy: string | null;
  readonly submittedAt: Date | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  /** The approver's remark: one line, no e-mail address. */
  readonly remark: string | null;
  readonly appliedBy: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly pauseAsked: boolean;
  /** The run that plans or applies. */
  readonly runId: string | null;
  /** Why it is not what one would hope, or what it came to. */
  readonly code: string | null;
  /** Counts of the report: restored, restoredWithLosses, refused, skipped. */
  readonly outcome: Readonly<Record<string, number>> | null;
  /** The report's object in the vault. */
  readonly report: string | null;
  /** The run of the assistant that led here. */
  readonly assistantRun: string | null;
}

/** Shops that records are put back into. */
export interface RestoreTargets {
  /** `pointsPerSecond`: what the shop's rate limit restores. Throws SourceError. */
  open(shop: string, target: RestoreDestination, signal: AbortSignal): Promise<{ readonly target: RestoreTarget; readonly pointsPerSecond: number }>;
}

export interface RestorePlans {
  create(row: Pick<RestorePlanRow, "planId" | "shop" | "vaultId" | "target" | "at" | "selection" | "rule" | "extras" | "createdBy" | "createdAt" | "runId" | "assistantRun">): Promise<void>;
  get(shop: string, planId: string): Promise<RestorePlanRow | null>;
  /** Newest first. */
  list(shop: string, options?: { readonly states?: readonly RestoreState[]; readonly assistantRun?: string; readonly limit?: number }): Promise<readonly RestorePlanRow[]>;
  /** Of all shops, whose records go into this one; newest first. */
  into(shop: string, options?: { readonly states?: readonly RestoreState[]; readonly limit?: number }): Promise<readonly RestorePlanRow[]>;
  /** Changes the row only while it is in one of these states: of two people at once, one. Answers the row as it is now, null where it was in another state. */
  change(shop: string, planId: string, from: readonly RestoreState[], to: Partial<Omit<RestorePlanRow, "planId" | "shop">>): Promise<RestorePlanRow | null>;
  /** Of one shop, when it is erased. */
  forget(shop: string): Promise<void>;
}

/** Somebody who was named for an emergency. `actor`: as the ledger names them; `label`: what the settings call them. No role: asked to be named, and was not yet. */
export interface ResponseTeamMember {
  readonly actor: string;
  readonly label: string;
  readonly roles: readonly Role[];
  readonly changedAt: Date;
  readonly changedBy: string;
}

export interface ResponseTeam {
  list(shop: string): Promise<readonly ResponseTeamMember[]>;
  /** With nobody named yet, every member of staff has every role (and nobody else any). */
  rolesOf(shop: string, actorName: string): Promise<readonly Role[]>;
  /** Somebody asks to be named. Changes nothing about who is known already. False: too many wait. */
  ask(shop: string, member: { readonly actor: string; readonly label: string; readonly at: Date }): Promise<boolean>;
  /** Sets the whole team. */
  save(shop: string, members: readonly ResponseTeamMember[]): Promise<void>;
}
