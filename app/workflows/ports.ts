/**
 * What workflows need from the process, in our words. platform/ implements these with Prisma, pg-boss and the Shopify client,
 * cli/ over files, tests/support over memory. A workflow takes the smallest `Pick<Ports, …>` it needs.
 *
 * Nothing that passes through these ports, except Source, RestoreTarget, Comparison, KeyCustody and Scratch (which is sealed),
 * may hold PHI: they end in a database, a log or a queue.
 */
import type { AssistantRuns } from "./ports/assistant.ts";
import type { CapturePorts } from "./ports/capture.ts";
import type { GapCode, Clock, Gap, HostKeys, Jwk, KeyOpener, ObjectStore, PutRecoveryKit, Random, Recipient, SourceRecord } from "#app/vault/index.ts";
import type { RestoreTarget, ResumeState, Source } from "#app/sources/port.ts";
import type { AlertRecords, Alerts } from "./ports/alerts.ts";
import type { CoverageTasks, InventoryRecords, PlatformRecords, PlatformSurveys } from "./ports/coverage.ts";
import type { DrillCertification, DrillSchedules, LaneResult } from "./ports/drills.ts";
import type { FlowEvents } from "./ports/flow.ts";
import type { Metrics } from "./ports/metrics.ts";
import type { Invitations } from "./ports/invitations.ts";
import type { Refusals } from "./ports/refusals.ts";
import type { ResponseTeam, RestorePlans, RestoreTargets } from "./ports/restore.ts";
import type { ViewerSettings } from "./ports/viewer.ts";
import type { ComplianceRequests, CurrentRecords, RetentionPolicies, StorageCredential, StorageCredentials, UnattendedKeys } from "./ports/privacy.ts";

export type { Clock, Random } from "#app/vault/index.ts";
export type * from "./ports/alerts.ts";
export type * from "./ports/assistant.ts";
export * from "./ports/capture.ts";
export type * from "./ports/subscriptions.ts";
export type * from "./ports/coverage.ts";
export type * from "./ports/deliveries.ts";
export type * from "./ports/drills.ts";
export type * from "./ports/flow.ts";
export type * from "./ports/invitations.ts";
export type * from "./ports/metrics.ts";
export type * from "./ports/privacy.ts";
export type * from "./ports/restore.ts";
export type * from "./ports/viewer.ts";

/** Names for runs and requests: unique, URL-safe, 1 to 64 characters of [A-Za-z0-9_-]. They say nothing about a person. */
export interface Ids {
  next(): string;
}

// --- runs: work with a lease ---------------------------------------------------------------------------------------------

/** emergency: a snapshot that waits for nothing, not even for one that is under way. custody: work on the vault with keys that a person handed in (an erasure, a disclosure, a rotation); `input.what` says which. restore: `input.what` "plan" works out a plan, "apply" puts back what a plan says; `input.plan` names it. */
export type RunKind = "snapshot" | "drill" | "verify" | "custody" | "emergency" | "restore";
/** How soon a run should begin. "emergency": before all others, within 60 s. Of the others the one that was due first begins first, so none waits for ever. */
export type RunUrgency = "emergency" | "person" | "schedule" | "background";
export type RunState = "queued" | "running" | "succeeded" | "failed" | "cancelled";

/** One piece of long work for one shop. */
export interface Run {
  readonly id: string;
  readonly shop: string;
  readonly kind: RunKind;
  readonly state: RunState;
  /** Who asked: a staff member's opaque id, "schedule", "cli". Goes into the ledger. */
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** 1 for the first worker that claimed it; more after a worker died. 0 while queued. */
  readonly attempt: number;
  readonly progress: RunProgress | null;
  /** What the source wants back after a restart (Lease.remember). */
  readonly resume: ResumeState | null;
  /** Plain JSON, no PHI: for a drill `{ snapshot: "latest" }`. */
  readonly input: Readonly<Record<string, string | number | boolean>>;
  /** The outcome's stable code, once finished ("snapshot.committed", "source.unauthorized" …). */
  readonly code: string | null;
  /** The id of what it made: a snapshot id, a drill id. */
  readonly result: string | null;
}

/** What a screen shows while it runs. Counts only. */
export interface RunProgress {
  /** "starting", "requesting", "running", "downloading", "committing"; for a drill "open", "compare", "restore", "re-read", "compare-roots". */
  readonly step: string;
  /** The stream or kind being worked on. */
  readonly stream?: string;
  readonly records?: number;
  /** How many there will be, when that is known. */
  readonly expected?: number;
  readonly bytes?: number;
  /** How much of the stream is done, from 0 to 1, when that is known. */
  readonly share?: number;
  /** Of a snapshot: streams of which it is known already that they will not be whole, while the rest is read. */
  readonly cut?: readonly { readonly stream: string; readonly code: GapCode }[];
}

export interface Runs {
  /**
   * Keeps a new run durably and sees to it that a worker will pick it up. At most one run of a kind is queued or running per shop:
   * a second request answers that one; an emergency's makes the waiting one urgent. `urgency` absent: told by who asked and for what.
   * `wantedAt`: when it fell due, if that was before it was asked for; its place in the line goes by that.
   */
  create(run: Pick<Run, "id" | "shop" | "kind" | "requestedBy" | "requestedAt" | "input"> & { readonly urgency?: RunUrgency; readonly wantedAt?: Date }): Promise<{ readonly run: Run; readonly created: boolean }>;
  get(id: string): Promise<Run | null>;
  /** Newest first. */
  list(shop: string, options?: { readonly kind?: RunKind; readonly limit?: number }): Promise<readonly Run[]>;
  /** Asks a queued or running run to stop. A queued run ends at once. False when there is nothing to stop. */
  requestCancel(id: string): Promise<boolean>;
  /**
   * Takes the lease: state running, attempt + 1. Null when the run is over or another worker's lease is still alive.
   * A lease that is not renewed within its time (the adapter's choice, about a minute) may be claimed by another worker.
   */
  claim(id: string): Promise<Lease | null>;
}

export type Heartbeat = "held" | "cancel-requested" | "lost";

/** The right to work on one run. Calls after the lease is lost change nothing. */
export interface Lease {
  /** As it was when claimed, attempt already raised. */
  readonly run: Run;
  /** Renews the lease and shows progress. "lost": another worker has it, stop without writing anything more. */
  heartbeat(progress?: RunProgress): Promise<Heartbeat>;
  /** Keeps what the source wants back after a restart. */
  remember(resume: ResumeState): Promise<void>;
  /** Ends the run. Idempotent; a lost lease ends nothing. */
  finish(end: { readonly state: "succeeded" | "failed" | "cancelled"; readonly code: string; readonly result?: string }): Promise<void>;
}

// --- catalog: the rebuildable view ---------------------------------------------------------------------------------------

/** One row per snapshot, all of it from the signed manifest. */
export interface CatalogSnapshot {
  readonly shop: string;
  readonly vaultId: string;
  readonly snapshotId: string;
  readonly takenAt: Date;
  readonly startedAt: Date;
  /** Merkle root, hex. */
  readonly root: string;
  /** SHA-256 of the manifest's stored bytes, hex. */
  readonly manifestDigest: string;
  readonly complete: boolean;
  readonly records: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly kinds: Readonly<Record<string, { readonly records: number; readonly expected?: number; readonly at?: string }>>;
  /** At most 1000; `gapCount` is the true number. Places, never values. */
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
}

/** One row per drill, all of it from the ledger's entry. */
export interface CatalogDrill {
  readonly shop: string;
  readonly vaultId: string;
  readonly drillId: string;
  readonly snapshotId: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly passed: boolean;
  /** "drill.passed", "drill.differs", "vault.damaged_object" … */
  readonly code: string;
  /** Milliseconds from opening the vault to a restored shop proven equal. */
  readonly rtoMs: number;
  /** Age of the restored state when the drill began, milliseconds. */
  readonly rpoMs: number;
  /** Records whose bytes were opened and matched their digest. */
  readonly compared: number;
  readonly restored: number;
  readonly refused: number;
  /** Records of the snapshot that were erased on purpose since it was taken; absent: none. */
  readonly erased?: number;
  readonly steps: readonly { readonly step: string; readonly ms: number }[];
  /** By kind and field name, never a value. */
  readonly differences: readonly { readonly kind: string; readonly field: string; readonly records: number }[];
  /** What the platform never gives back: kind, field, reason code. */
  readonly losses: readonly { readonly kind: string; readonly field: string; readonly reason: string }[];
  /** Points of the platform's rate limit the restore would cost, and the time at Shopify Plus's rate. */
  readonly costPoints: number;
  readonly plusEstimateMs: number;
  readonly requestedBy: string;
  /** The damaged object's name, when the drill failed on one. */
  readonly object?: string;
  /** Lane by lane. Absent from drills of before there were lanes, as are the three below. */
  readonly lanes?: readonly LaneResult[];
  /** The signed record that all of this is from: its object in the vault, and SHA-256 hex of its bytes. */
  readonly record?: { readonly object: string; readonly digest: string };
  /** The time of the schedule that it was asked for at. */
  readonly dueAt?: Date;
  readonly certification?: DrillCertification;
}

/** A view that may be dropped at any time and rebuilt from vault and ledger (snapshot/rebuild-catalog.ts). Writes are idempotent by id. */
export interface Catalog {
  putSnapshot(row: CatalogSnapshot): Promise<void>;
  putDrill(row: CatalogDrill): Promise<void>;
  /** Newest first. `only` "complete": those without a gap; "full": those that were to read everything, which a reading of changes is not. */
  snapshots(shop: string, options?: { readonly limit?: number; readonly offset?: number; readonly only?: "complete" | "full" }): Promise<readonly CatalogSnapshot[]>;
  snapshot(shop: string, snapshotId: string): Promise<CatalogSnapshot | null>;
  /** One that a prune removed. */
  forgetSnapshot(shop: string, snapshotId: string): Promise<void>;
  countSnapshots(shop: string): Promise<{ readonly total: number; readonly withGaps: number; readonly first: Date | null }>;
  drills(shop: string, options?: { readonly limit?: number }): Promise<readonly CatalogDrill[]>;
  drill(shop: string, drillId: string): Promise<CatalogDrill | null>;
  /** Empties the view of one shop. */
  clear(shop: string): Promise<void>;
}

// --- vault, keys, stores -------------------------------------------------------------------------------------------------

/** Which vault is a shop's. */
export interface VaultLink {
  readonly shop: string;
  /** A store URL (design.md section 7). */
  readonly storageUrl: string;
  readonly vaultId: string;
  readonly recipients: readonly Recipient[];
  readonly linkedAt: Date;
}

export interface VaultLinks {
  get(shop: string): Promise<VaultLink | null>;
  /** Whose vault it is; more than one only where the same shop was linked under two names. */
  shopsOf(vaultId: string): Promise<readonly string[]>;
  /** Sets or replaces the shop's link. */
  save(link: VaultLink): Promise<void>;
}

/** The host's half of a vault: writes and compares, opens no record. Kept encrypted at rest. */
export interface VaultKeyring {
  get(vaultId: string): Promise<HostKeys | null>;
  keep(keys: HostKeys): Promise<void>;
}

/** For whom a storage is opened: with this shop's own credentials, never the host's or another shop's. */
export interface StorageUser {
  readonly shop: string;
  /** To be tried instead of the ones that are kept. */
  readonly credential?: StorageCredential;
}

export interface Stores {
  /** Throws StoreError "store.bad_address" for a URL it does not understand or that this host does not open, "store.refused" where there are no credentials. */
  open(url: string, user: StorageUser): Promise<ObjectStore>;
}

/** The key that signs ledger checkpoints of one vault, and the note's key name. The signing key of HostKeys may serve. */
export interface LedgerSigner {
  /** An Ed25519 private JWK with its public half in it. */
  signerFor(vaultId: string): Promise<{ readonly name: string; readonly privateKey: Jwk } | null>;
}

/** An entry as it will be hashed: canonical JSON, and its leaf hash in hex. */
export interface KeptEntry {
  readonly entry: string;
  readonly leaf: string;
}

export interface WaitingEntry extends KeptEntry {
  readonly id: string;
  /** The log's size when a write that may have entered it began; null: none began. */
  readonly tried: number | null;
}

/**
 * Events, kept durably in the order in which they happen here, also while the vault's storage is away; from here they go into the vault's own
 * log (shared/outbox.ts). Append-only: nothing that was kept changes or goes.
 */
export interface LedgerOutbox {
  add(vaultId: string, entries: readonly KeptEntry[]): Promise<void>;
  /** Oldest first, at most 1000. */
  waiting(vaultId: string): Promise<readonly WaitingEntry[]>;
  /** Notes, before a write, how long the log was. */
  trying(ids: readonly string[], size: number): Promise<void>;
  entered(places: readonly { readonly id: string; readonly place: number }[]): Promise<void>;
  /** What was entered at the places [from, to), in their order. Absent where only what waits is kept. */
  placed?(vaultId: string, from: number, to: number): Promise<readonly { readonly place: number; readonly entry: string }[]>;
  /** One at a time per vault, over all processes. */
  exclusively<T>(vaultId: string, work: () => Promise<T>): Promise<T>;
}

/** What a storage promises, in words (app/stores/admission has them). */
export interface StorageReport {
  /** The kind of storage: "filesystem", "s3". */
  readonly store: string;
  /** Everything that a vault cannot do without is promised. */
  readonly usable: boolean;
  readonly can: readonly { readonly promise: string; readonly text: string }[];
  readonly cannot: readonly { readonly promise: string; readonly text: string; readonly todo: string; readonly essential: boolean }[];
  /** Checks. */
  readonly passed: number;
  readonly failed: number;
  /** Test objects that the storage would not let go of yet. */
  readonly leftBehind: number;
}

export interface StorageTests {
  /** Takes seconds on a disk, up to a minute over a network. Throws StoreError when the storage cannot be reached or used at all. */
  test(url: string, user: StorageUser): Promise<StorageReport>;
}

/**
 * Content keys a browser (or the CLI, from an identity file) has unwrapped for one run. In memory only: never a queue, a database or a log.
 * They expire, are given out once, and the taker zeroes them.
 */
export interface KeyCustody {
  /** Keeps copies: the depositor zeroes its own. */
  deposit(runId: string, keys: ReadonlyMap<string, Uint8Array>, expiresAt: Date): Promise<void>;
  /** Null when nothing was deposited, it was taken before, or it has expired. */
  take(runId: string): Promise<ReadonlyMap<string, Uint8Array> | null>;
}

// --- shops ---------------------------------------------------------------------------------------------------------------

export interface ShopConnections {
  /** Fetches the session now (a token is never carried by a job). Throws SourceError "source.unauthorized" when there is none. */
  openSource(shop: string): Promise<Source>;
}

/** A platform's answer to "is what came back the same?": ids aside, and aside from what the platform never gives back. */
export interface Comparison {
  /** One record as it was in the snapshot. Null: this kind is not part of the comparison. Keep one Comparable per side and per pass. */
  original(): Comparable;
  /** One record as the restored shop gives it, with ids and references mapped back. */
  restored(ids: ReadonlyMap<string, string>): Comparable;
  /** Top-level field names in which two comparable records differ, sorted; never values. */
  fields(a: Uint8Array, b: Uint8Array): readonly string[];
  /** What is left out, with the platform's reason. */
  readonly losses: readonly { readonly kind: string; readonly field: string; readonly reason: string }[];
}

export type Comparable = (record: SourceRecord) => SourceRecord | null;

/** A fresh, empty shop for one rehearsal. */
export interface RehearsalShop {
  readonly shop: string;
  readonly source: Source;
  readonly target: RestoreTarget;
  readonly comparison: Comparison;
  stop(): Promise<void>;
}

/** What a made-up shop is made from: names and types of a real shop's configuration, and no data of it. */
export interface SyntheticShape {
  /** Equal seeds give equal data. */
  readonly seed: string;
  readonly definitions: readonly { readonly owner: string; readonly namespace: string; readonly key: string; readonly type: string }[];
}

/** A sandbox shop full of made-up records of every kind. */
export interface FilledShop {
  readonly shop: string;
  readonly source: Source;
  /** Types of which it has a value. */
  readonly types: readonly string[];
  stop(): Promise<void>;
}

export interface SandboxShops {
  start(signal: AbortSignal): Promise<RehearsalShop>;
  startFilled(signal: AbortSignal, shape: SyntheticShape): Promise<FilledShop>;
}

/** Room for one piece of work: what lies in it is sealed to a recipient that exists only in this process, and is gone after `remove`. */
export interface ScratchSpace {
  /** For the vault's own spill files, which it seals. */
  readonly directory: string;
  readonly store: ObjectStore;
  readonly recipient: Recipient;
  readonly opener: KeyOpener;
  remove(): Promise<void>;
}

export interface Scratch {
  open(): Promise<ScratchSpace>;
}

// --- people --------------------------------------------------------------------------------------------------------------

/** Structured, one line an event. Fields are ids, codes and numbers: no values from records. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Everything at once, for the composition root. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly runs: Runs;
  readonly catalog: Catalog;
  readonly links: VaultLinks;
  readonly keyring: VaultKeyring;
  readonly stores: Stores;
  readonly signer: LedgerSigner;
  /** Absent where there is no database (the command line): entries go straight into the vault. */
  readonly outbox?: LedgerOutbox;
  /** The recovery program that vaults carry: its version, and its files when they are asked for. */
  readonly recovery: PutRecoveryKit["kit"];
  readonly custody: KeyCustody;
  readonly shops: ShopConnections;
  readonly sandboxShops: SandboxShops;
  /** Absent on the command line: nothing is scheduled there. */
  readonly drillSchedules?: DrillSchedules;
  readonly scratch: Scratch;
  readonly compliance: ComplianceRequests;
  /** Absent where no key service is set up: a person brings an identity. */
  readonly unattended?: UnattendedKeys;
  /** Absent where nothing can be asked of a shop record by record. */
  readonly current?: CurrentRecords;
  readonly credentials: StorageCredentials;
  readonly retention: RetentionPolicies;
  readonly log: Log;
  readonly alerts: Alerts;
  readonly alertRecords: AlertRecords;
  readonly metrics: Metrics;
  /** Absent on the command line: no workflow is told of what is done there. */
  readonly flow?: FlowEvents;
  /** Absent on the command line: nothing is captured there. */
  readonly capture?: CapturePorts;
  /** Absent where there is no database, as are the three below: nothing is known of a platform but what a run meets. */
  readonly platforms?: PlatformRecords;
  readonly surveys?: PlatformSurveys;
  readonly coverageTasks?: CoverageTasks;
  readonly inventory?: InventoryRecords;
  /** Absent on the command line, as are the three below. */
  readonly assistantRuns?: AssistantRuns;
  readonly restorePlans?: RestorePlans;
  readonly viewerSettings?: ViewerSettings;
  readonly restoreTargets?: RestoreTargets;
  /** Absent on the command line: whoever works there has the machine, and brings an identity. */
  readonly responseTeam?: ResponseTeam;
  /** Absent on the command line, as above: its shops are those it has tokens for. */
  readonly invitations?: Invitations;
  /** Absent where every refusal is entered. */
  readonly refusals?: Refusals;
}
