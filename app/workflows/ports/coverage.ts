/**
 * What a shop's platform looks like, what of it is kept, and what somebody has to decide. Names of a shop's configuration (namespaces, keys, definitions,
 * apps), numbers and codes: never the contents of a record.
 */

// --- the platform ---------------------------------------------------------------------------------------------------------

/** As the source finds it; see its schema check for the meanings. Codes: schema.removed, schema.retyped, schema.required, schema.deprecated. */
export interface PlatformFinding {
  readonly code: "schema.removed" | "schema.retyped" | "schema.required" | "schema.deprecated";
  /** As the schema names it: "Customer.note". */
  readonly member: string;
  /** watch: what tells of apps, definitions and changes; no record depends on it. */
  readonly use: "read" | "restore" | "watch";
  readonly streams: readonly string[];
}

export interface VersionedFinding extends PlatformFinding {
  /** The API version it was found in: the pinned one, or a newer one that will come. */
  readonly version: string;
}

export interface SchemaSurvey {
  readonly version: string;
  readonly served: string | null;
  readonly findings: readonly PlatformFinding[];
  readonly signatures: Readonly<Record<string, string>>;
  /** SHA-256, hex. */
  readonly fingerprint: string;
}

export interface InstalledApp {
  readonly id: string;
  readonly handle: string | null;
  readonly title: string;
  readonly scopes: readonly string[];
}

export interface DefinedField {
  /** CUSTOMER, ORDER …; METAOBJECT_DEFINITION for a type of metaobject, whose name is then the key. */
  readonly owner: string;
  readonly namespace: string;
  readonly key: string;
  readonly type: string;
  readonly readable: boolean;
}

export interface PlatformSurroundings {
  readonly scopes: readonly string[];
  readonly needed: readonly string[];
  /** Other apps. Null: the shop does not say. */
  readonly apps: readonly InstalledApp[] | null;
  readonly definitions: readonly DefinedField[];
}

/** One shop's platform, looked at without reading a record. Methods throw SourceError. */
export interface PlatformSurvey {
  /** Versions that can be read with, oldest first. */
  readonly supported: readonly string[];
  /** Names the queries: another catalogue, another name. */
  readonly extractor: string;
  /** What the platform offers. Null: it does not say. */
  versions(signal: AbortSignal): Promise<readonly { readonly handle: string; readonly supported: boolean }[] | null>;
  schema(version: string, known: Readonly<Record<string, string>> | null, signal: AbortSignal): Promise<SchemaSurvey>;
  surroundings(version: string, signal: AbortSignal): Promise<PlatformSurroundings>;
}

export interface PlatformSurveys {
  open(shop: string): Promise<PlatformSurvey>;
}

/** What is known of a shop's platform. */
export interface PlatformRecord {
  readonly shop: string;
  /** The version the shop is read with: the newest one that was found to have all that is needed. */
  readonly apiVersion: string;
  readonly extractor: string;
  readonly fingerprint: string;
  readonly signatures: Readonly<Record<string, string>>;
  readonly findings: readonly VersionedFinding[];
  readonly surroundings: PlatformSurroundings;
  readonly checkedAt: Date;
  /** Since when no drill counts: what it proved was proven of something else. Null: nothing has changed since the first look. */
  readonly changedAt: Date | null;
  /** revalidation.version, revalidation.extractor, revalidation.schema. */
  readonly changedWhy: string | null;
}

export interface PlatformRecords {
  get(shop: string): Promise<PlatformRecord | null>;
  save(record: PlatformRecord): Promise<void>;
}

// --- tasks ----------------------------------------------------------------------------------------------------------------

export type CoverageTaskKind = "app" | "namespace" | "definition" | "scope" | "unreadable";
/** "accepted": somebody takes the gap, with a reason. "done": it is covered now, or what it was about has gone. */
export type CoverageTaskState = "open" | "accepted" | "done";

export interface NewCoverageTask {
  readonly shop: string;
  readonly kind: CoverageTaskKind;
  /** "app:reviews", "namespace:CUSTOMER/custom", "definition:ORDER/custom.rx", "scope:read_files". One task per shop and subject. */
  readonly subject: string;
  /** Words of a shop's configuration, numbers, codes. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export interface CoverageTask extends NewCoverageTask {
  readonly id: string;
  readonly state: CoverageTaskState;
  readonly raisedAt: Date;
  /** Undecided beyond this, coverage is red. */
  readonly dueAt: Date;
  readonly decidedAt: Date | null;
  /** "staff:…", "system". */
  readonly decidedBy: string | null;
  readonly reason: string | null;
}

export interface CoverageTasks {
  /** Opens a task; one that is there already is left as it is, unless it was closed because its subject had gone ("system"): then it is opened anew. Null: nothing new. */
  raise(task: NewCoverageTask & { readonly id: string; readonly raisedAt: Date; readonly dueAt: Date }): Promise<CoverageTask | null>;
  get(shop: string, id: string): Promise<CoverageTask | null>;
  /** Open first, then newest first; at most 1000. */
  list(shop: string): Promise<readonly CoverageTask[]>;
  /** False: it is not open any more. */
  decide(decision: { readonly shop: string; readonly id: string; readonly state: "accepted" | "done"; readonly at: Date; readonly by: string; readonly reason: string | null }): Promise<boolean>;
}

// --- inventory ------------------------------------------------------------------------------------------------------------

/** One kind of record; metafields by owner, namespace and key. Empty strings where a column says nothing. */
export interface InventoryEntry {
  readonly kind: string;
  readonly owner: string;
  readonly namespace: string;
  readonly key: string;
  readonly records: number;
  /** Of the records as they came, before compression. */
  readonly bytes: number;
}

export interface InventoryRow extends InventoryEntry {
  readonly firstSeenAt: Date;
  readonly readAt: Date;
  readonly snapshotId: string;
}

export interface InventoryRecords {
  /**
   * What a snapshot read. `whole`: everything was read, so what it did not find is not there any more; otherwise earlier rows of what was not read stay.
   * Answers what had never been seen before; null the first time, when all is new.
   */
  put(shop: string, read: { readonly snapshotId: string; readonly at: Date; readonly whole: boolean; readonly entries: readonly InventoryEntry[] }): Promise<readonly InventoryEntry[] | null>;
  /** By kind, owner, namespace, key. */
  list(shop: string): Promise<readonly InventoryRow[]>;
}

/** How much of the shop a snapshot read: all of it, all but the gaps it names, or only what had changed. */
export type SnapshotReadScope = "whole" | "gapped" | "changes";
