/** What the screens about privacy requests, erasure, retention and recipients are given. Ids, codes, counts and times; nothing of a record. */
import type { GeneralJwe, ProblemModel, RunModel } from "../models.ts";

/** What a browser needs to open the vault's keys: every one of them, sealed to the recipients (RFC 7516 General JSON). */
export interface VaultKeysModel {
  readonly recipientKeyIds: readonly string[];
  readonly sealedKeys: readonly { readonly keyId: string; readonly jwe: GeneralJwe }[];
}

export type RequestTopic = "data" | "erase" | "erase-shop";

export interface RequestRow {
  readonly id: string;
  readonly topic: RequestTopic;
  readonly receivedAt: string;
  readonly dueAt: string;
  readonly state: "open" | "held" | "answered";
  /** What became of it, or what it waits for. */
  readonly code: string | null;
  readonly answeredAt?: string;
  readonly heldUntil?: string;
}

export interface RequestsModel {
  readonly now: string;
  readonly ready: boolean;
  readonly rows: readonly RequestRow[];
  readonly run: RunModel | null;
}

export interface LegalHoldModel {
  readonly id: string;
  readonly name: string;
  readonly basis: string;
  readonly citation: string;
  readonly until?: string;
}

export interface RequestModel extends RequestRow {
  readonly now: string;
  /** The platform's number of the customer. */
  readonly customerId: string | null;
  readonly orders: number;
  readonly snapshots: number;
  readonly shop: string;
  readonly hold: LegalHoldModel | null;
  readonly certificate: { readonly name: string; readonly digest: string } | null;
  /** A package that can be fetched. */
  readonly package: { readonly digest: string; readonly until: string } | null;
  /** Null: there is nothing to open, or it cannot be fetched. */
  readonly keys: VaultKeysModel | null;
  readonly run: RunModel | null;
  readonly problem?: ProblemModel;
}

export interface EraseModel {
  readonly now: string;
  readonly ready: boolean;
  readonly snapshots: number;
  readonly keys: VaultKeysModel | null;
  readonly run: RunModel | null;
  /** How the last one ended. */
  readonly last: { readonly code: string; readonly at: string; readonly certificate: string | null } | null;
  readonly problem?: ProblemModel;
}

export interface CertificateRow {
  /** Under which it can be fetched. */
  readonly name: string;
  readonly erasedAt: string;
  readonly issuedAt: string;
  readonly records: number;
  readonly versions: number;
  readonly packs: number;
  /** Objects that the storage would not let go. */
  readonly remaining: number;
  readonly reason: string;
  readonly digest: string;
}

export interface CertificatesModel {
  readonly now: string;
  readonly ready: boolean;
  readonly rows: readonly CertificateRow[];
  readonly problem?: ProblemModel;
}

export interface HoldRow {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
  readonly at: string;
  /** "all", or how many snapshots. */
  readonly snapshots: "all" | number;
  readonly legal: { readonly basis: string; readonly citation: string; readonly until?: string; readonly persons: "all" | number } | null;
}

export interface RetentionModel {
  readonly now: string;
  readonly ready: boolean;
  readonly snapshots: number;
  readonly policy: { readonly keep: string; readonly enabled: boolean; readonly prunedAt?: string } | null;
  readonly holds: readonly HoldRow[];
  readonly damagedHolds: readonly string[];
  readonly recent: readonly { readonly id: string; readonly takenAt: string }[];
  readonly run: RunModel | null;
  readonly problem?: ProblemModel;
}

/** What a policy would let go, and why. */
export interface PruneDraft {
  readonly keep: string;
  readonly expire: readonly { readonly id: string; readonly takenAt: string; readonly why: string }[];
  readonly kept: readonly { readonly id: string; readonly takenAt: string; readonly reasons: readonly { readonly code: string; readonly detail?: string }[] }[];
  /** Bytes that would be freed at once, and after the grace. */
  readonly freedNow: number;
  readonly freedLater: number;
  readonly dueAt?: string;
  readonly partlyDead: { readonly packs: number; readonly bytes: number };
  readonly youngerThanSixYears: number;
}

export interface RecipientRow {
  readonly keyId: string;
  readonly algorithm: string;
  readonly since: string;
  /** It alone opens what must be kept until then. */
  readonly neededUntil?: string;
}

export interface KeysModel {
  readonly now: string;
  readonly ready: boolean;
  readonly recipients: readonly RecipientRow[];
  readonly due: readonly { readonly at: string; readonly overdue: boolean; readonly what: string; readonly key: string | null; readonly why: string }[];
  readonly refusals: readonly string[];
  readonly keys: VaultKeysModel | null;
  readonly run: RunModel | null;
  readonly last: { readonly code: string; readonly at: string } | null;
  readonly problem?: ProblemModel;
}
