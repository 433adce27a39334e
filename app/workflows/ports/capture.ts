/**
 * What continuous capture needs of the process: a durable list of what has changed, the shop's state record by record, and where its findings are kept.
 * Ids, kinds, times and keyed digests pass through here; never a value of a record, except through CurrentState.
 */
import type { SourceRecord } from "#app/vault/index.ts";
import type { SubscriptionPorts } from "./subscriptions.ts";

/** The id that stands for a whole kind, where the platform's message names no record. */
export const WHOLE_KIND = "*";

// --- intake ---------------------------------------------------------------------------------------------------------------

/** One delivery about one record, as it is kept. */
export interface CaptureEvent {
  /** Of the delivery. */
  readonly webhookId: string;
  /** Shared by all deliveries about one event. */
  readonly eventId: string | null;
  readonly shop: string;
  readonly topic: string;
  readonly kind: string;
  /** A GID, or WHOLE_KIND. */
  readonly recordId: string;
  readonly action: "create" | "update" | "delete";
  readonly occurredAt: Date | null;
  readonly receivedAt: Date;
}

// --- the list of what waits -----------------------------------------------------------------------------------------------

/** A record that changed since it was sealed last, however often. */
export interface PendingChange {
  readonly kind: string;
  readonly recordId: string;
  /** Counts up with every event: what was sealed at an older version waits on. */
  readonly version: number;
  /** Of the oldest event since it was sealed last; null: the platform did not say. */
  readonly occurredAt: Date | null;
  readonly receivedAt: Date;
  readonly attempts: number;
}

export interface CapturedState {
  readonly sequence: number;
  readonly change: "upsert" | "tombstone";
  /** Hex: keyed digest of the whole family. */
  readonly digest: string;
  readonly fetchedAt: Date;
  /** Hex: the same without its metafields and the time of its last change (metafield-proof.ts); null: of a kind that has none, or not known. */
  readonly rest: string | null;
}

export interface Sealed extends CapturedState {
  readonly kind: string;
  readonly recordId: string;
}

export interface CaptureJournalHead {
  readonly vaultId: string;
  readonly sequence: number;
  readonly digest: string;
  /** The last segment that was entered into the vault's own log; 0: none. */
  readonly entered: number;
}

export interface CaptureQueue {
  /** Shops that have something due, the longest waiting first. */
  due(now: Date, limit: number): Promise<readonly string[]>;
  /** The right to write a shop's journal until `until`. Renews it for whoever has it. */
  lease(shop: string, now: Date, until: Date): Promise<boolean>;
  release(shop: string): Promise<void>;
  /** Due changes, the oldest first. */
  take(shop: string, now: Date, limit: number): Promise<readonly PendingChange[]>;
  /** Adds what no delivery told of. Dedup is the caller's. */
  add(shop: string, changes: readonly { readonly kind: string; readonly recordId: string }[], now: Date): Promise<void>;
  /**
   * A segment is durable: its records are noted, the head moves on, and the changes it holds are no longer waiting unless another event came meanwhile.
   * `handled`: those whose state was no news too. All or nothing.
   */
  sealed(shop: string, o: { readonly head: Omit<CaptureJournalHead, "entered"> | null; readonly at: Date; readonly records: readonly Sealed[]; readonly handled: readonly PendingChange[] }): Promise<void>;
  /** They stay, and are due again later. */
  failed(shop: string, changes: readonly PendingChange[], o: { readonly code: string; readonly dueAt: Date }): Promise<void>;
  /** There is no vault to seal into, or a snapshot has it all. */
  drop(shop: string, o: { readonly receivedBefore: Date; readonly kinds?: readonly string[]; readonly onlyWhole?: boolean }): Promise<number>;
  head(shop: string): Promise<CaptureJournalHead | null>;
  /** The vault's log names this segment now. */
  entered(shop: string, sequence: number): Promise<void>;
  captured(shop: string, vaultId: string, records: readonly { readonly kind: string; readonly recordId: string }[]): Promise<readonly (CapturedState & { readonly kind: string; readonly recordId: string })[]>;
  /** Records sealed between two moments, by when they were fetched. At most `limit`. */
  capturedBetween(shop: string, after: Date, until: Date, limit: number): Promise<readonly { readonly kind: string; readonly recordId: string }[]>;
}

/** One record of a shop as it is now, with its children: the records a snapshot would hold, root first. Null: the shop has it no more. */
export interface CurrentState {
  fetch(shop: string, kind: string, id: string, signal: AbortSignal): Promise<readonly SourceRecord[] | null>;
}

/** What the source says about capturing its kinds. */
export interface CaptureKind {
  readonly kind: string;
  readonly stream: string;
  /** Names under which gaps of its records may stand: its stream, and those of further parts that a query of its own reads. */
  readonly streams: readonly string[];
  /** Types in the GIDs of its roots: where there are several, one record may be called by each of them. */
  readonly types: readonly string[];
  /** Kinds of records that belong to the stream, the root's first. */
  readonly kinds: readonly string[];
  /** The platform tells of changes. */
  readonly hasTopics: boolean;
  /** It does so only for what each shop was asked for, by subscriptions of its own (ports/subscriptions.ts). */
  readonly perShop?: true;
  /** Its records have metafields, of which it is not known whether a change of theirs alone is told. */
  readonly metafields?: true;
  /** "record": by its id. "object": there is one, whatever the id. "none": only a snapshot reads it. */
  readonly fetch: "record" | "object" | "none";
}

export interface CaptureCatalogue {
  readonly kinds: readonly CaptureKind[];
  readonly orderedKinds: ReadonlySet<string>;
}

// --- what is measured -----------------------------------------------------------------------------------------------------

/** By kind: what was created and deleted in the shop between two instants, as far as its messages told. Null: the record does not reach back that far. */
export interface CapturedChanges {
  between(shop: string, from: Date, until: Date): Promise<Readonly<Record<string, { readonly created: number; readonly deleted: number }>> | null>;
}

/** capture: sealed as it happens. snapshot: as old as the last one. none: there is nothing to go back to. */
export type RecoveryBasis = "capture" | "snapshot" | "none";

export interface RecoveryPointRow {
  readonly stream: string;
  readonly at: Date;
  readonly basis: RecoveryBasis;
  /** Null: there is no recovery point. */
  readonly ageMs: number | null;
  readonly objectiveMs: number;
  /** Changes that are known and not sealed. */
  readonly pending: number;
  readonly changesPerHour: number;
}

export interface StreamReconciliation {
  /** Records that differ between two snapshots. */
  readonly changed: number;
  /** Of these, those that the journal had as the later snapshot has them, or had heard of. */
  readonly confirmed: number;
  readonly missed: number;
}

export interface Reconciliation {
  readonly shop: string;
  readonly snapshotId: string;
  /** Of the snapshot. */
  readonly startedAt: Date;
  readonly at: Date;
  readonly complete: boolean;
  readonly streams: Readonly<Record<string, StreamReconciliation>>;
}

export interface CaptureRecords {
  /** By kind: how many wait, and the oldest of them. */
  waiting(shop: string): Promise<readonly { readonly kind: string; readonly count: number; readonly oldest: Date }[]>;
  /** Events by kind since a moment. */
  rates(shop: string, since: Date): Promise<readonly { readonly kind: string; readonly events: number }[]>;
  putRecoveryPoints(shop: string, rows: readonly RecoveryPointRow[]): Promise<void>;
  /** Oldest first; the last of each step when there are more than `limit` per stream. */
  recoveryPoints(shop: string, from: Date, to: Date, limit?: number): Promise<readonly RecoveryPointRow[]>;
  /** Minutes by stream, where the shop set its own. */
  objectives(shop: string): Promise<ReadonlyMap<string, number>>;
  saveObjective(shop: string, stream: string, minutes: number | null, at: Date): Promise<void>;
  /** By stream: when a change of nothing but metafields was heard of last. */
  metafieldProofs(shop: string): Promise<ReadonlyMap<string, Date>>;
  /** Null: what was thought proven is not. */
  putMetafieldProof(shop: string, stream: string, at: Date | null): Promise<void>;
  putReconciliation(row: Reconciliation): Promise<void>;
  /** Newest first. */
  reconciliations(shop: string, limit: number): Promise<readonly Reconciliation[]>;
  /** Drops what is older than its use. Answers how many rows. */
  forget(now: Date): Promise<number>;
}

// --- emergencies ----------------------------------------------------------------------------------------------------------

export const EMERGENCY_REASONS = ["incident", "attack", "data-loss", "before-change", "exercise", "other"] as const;
export type EmergencyReason = (typeof EMERGENCY_REASONS)[number];

export interface EmergencySnapshot {
  readonly runId: string;
  readonly shop: string;
  readonly reason: EmergencyReason;
  /** Numbered elsewhere. */
  readonly incident: string | null;
  /** The run of the assistant that it was taken in. */
  readonly assistantRun: string | null;
  /** Null: until the incident is closed or the run of the assistant ends, or a person releases it. */
  readonly holdUntil: Date | null;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly snapshotId: string | null;
  readonly holdId: string | null;
  readonly state: "waiting" | "held" | "released" | "failed";
  readonly code: string | null;
}

export interface EmergencySnapshots {
  add(row: EmergencySnapshot): Promise<void>;
  get(runId: string): Promise<EmergencySnapshot | null>;
  update(runId: string, change: Partial<Pick<EmergencySnapshot, "startedAt" | "holdUntil" | "snapshotId" | "holdId" | "state" | "code">>): Promise<void>;
  /** Newest first. */
  list(shop: string, limit: number): Promise<readonly EmergencySnapshot[]>;
  /** Held ones whose time is over, or whose run of the assistant is no longer open. */
  due(now: Date, limit: number): Promise<readonly EmergencySnapshot[]>;
  /** Those that an incident holds, or will hold when they are taken. */
  ofIncident(shop: string, incident: string): Promise<readonly EmergencySnapshot[]>;
}

/** Everything capture needs, for the composition root. */
export interface CapturePorts {
  readonly captureQueue: CaptureQueue;
  readonly captureRecords: CaptureRecords;
  readonly capturedChanges: CapturedChanges;
  readonly currentState: CurrentState;
  readonly captureCatalogue: CaptureCatalogue;
  readonly emergencies: EmergencySnapshots;
  /** Absent where nothing is subscribed to shop by shop. */
  readonly subscriptions?: SubscriptionPorts;
}
