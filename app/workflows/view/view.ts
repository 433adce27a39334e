/**
 * One responder looking at one shop's records outside the admin: what every step of it is handed. Nothing here knows of a server, a database or a platform: it must work when
 * those are gone.
 */
import type { Actor, Role } from "#app/access/index.ts";
import type { NewLedgerEntry } from "#app/ledger/index.ts";
import type { SourceRecord, StateAt } from "#app/vault/index.ts";
import type { Clock } from "../ports.ts";
import type { StatedPurpose } from "./purpose.ts";

export interface ViewEvents {
  /** Keeps the entries durably, in this order, before it resolves; they go into the vault's ledger then or later. Throws when they cannot be kept: then what they speak of must not happen. */
  keep(entries: readonly NewLedgerEntry[]): Promise<void>;
}

/** How a person is looked for. */
export type FindBy = "id" | "email" | "phone" | "name" | "order";
export const FIND_BY: readonly FindBy[] = ["id", "email", "phone", "name", "order"];

export interface FoundRoot {
  readonly kind: string;
  readonly id: string;
}

export interface Viewer {
  /** 16 hex digits. */
  readonly session: string;
  readonly shop: string;
  readonly vaultId: string;
  readonly actor: Actor;
  readonly roles: readonly Role[];
  readonly events: ViewEvents;
  readonly clock: Clock;
}

/** What reading takes besides. Its records come from the newest snapshot and the journal after it. */
export interface ViewSource {
  readonly state: StateAt;
  /** 32 bytes; names records in the ledger without naming people. */
  readonly indexKey: Uint8Array;
  /** Root records that answer, at most `limit`. */
  search(by: FindBy, value: string, limit: number): Promise<readonly FoundRoot[]>;
  /** Root records that belong to a customer: orders, drafts … `more`: there are others beyond `limit`. */
  belongingTo(customerId: string, limit: number): Promise<{ readonly roots: readonly FoundRoot[]; readonly more: boolean }>;
}

export interface ViewStep {
  readonly viewer: Viewer;
  readonly source: ViewSource;
  readonly purpose: StatedPurpose;
}

/** The members that every event of a stated purpose has. */
export function about({ viewer, purpose }: Pick<ViewStep, "viewer" | "purpose">): { vault: string; shop: string; session: string; purpose: string; case?: string } {
  return { vault: viewer.vaultId, shop: viewer.shop, session: viewer.session, purpose: purpose.code, ...(purpose.caseNumber === null ? {} : { case: purpose.caseNumber }) };
}

/** A record's bytes, copied so that whoever keeps them can wipe them. */
export function ownCopy(record: SourceRecord): SourceRecord {
  return { ...record, bytes: Uint8Array.from(record.bytes) };
}
