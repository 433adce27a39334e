/**
 * A source, as workflows need it: where records come from, and where a restore puts them back.
 * Adapters: jsonl/, shopify/. Contract suites: tests/contracts/source.ts and restore-target.ts.
 */
import type { Gap, RecordBatch, SourceRecord } from "#app/vault/index.ts";
import type { TargetRights } from "./rights.ts";
import type { Assessment, ChangesOf, Extras, FamilyChange, ReviseOutcome, ReviseRun } from "./revision.ts";

export interface SourceDescription {
  readonly type: "jsonl" | "shopify" | "magento" | "http";
  /** For people and the manifest: the shop's domain or the file's base name. Never a path, never a secret. */
  readonly name: string;
  /** The platform's API version, when it has one. */
  readonly apiVersion?: string;
}

export interface Source {
  readonly description: SourceDescription;
  /** Kinds whose children keep the order in which they arrive (line items); elsewhere key order is the order. */
  readonly orderedKinds: ReadonlySet<string>;
  /**
   * Streams in the order they should be read. Reading stops at once when `signal` aborts.
   * `resume` is what an earlier, interrupted run reported through `onProgress` (see Progress.resume); a source that cannot use it ignores it.
   */
  streams(run: SourceRun): AsyncIterable<SourceStream>;
}

export interface SourceRun {
  readonly signal: AbortSignal;
  readonly resume?: ResumeState;
  /**
   * Only what changed is wanted: since `at` (ISO 8601 UTC), and of the streams named since another instant, or all of them (null). A stream that is read
   * so has the gap stream.partial with the reason "incremental"; one of which a source cannot tell what changed is read whole. Absent: everything.
   */
  readonly since?: { readonly at: string; readonly streams: Readonly<Record<string, string | null>> };
  readonly onProgress?: (progress: SourceProgress) => void;
}

/** Plain JSON the source wants back after a restart, for example ids of bulk operations under way. No PHI. */
export type ResumeState = Readonly<Record<string, unknown>>;

export interface SourceProgress {
  readonly stream: string;
  readonly phase: "requesting" | "running" | "downloading" | "done";
  /** Objects the platform says it has prepared, while running. */
  readonly objects?: number;
  /** The stream's turn to be read may be an hour away, and it is known already that it will not be whole: the gap it will have. */
  readonly failed?: "stream.failed";
  readonly resume: ResumeState;
}

export interface SourceStream {
  readonly name: string;
  /** Records in batches (a few hundred to a few thousand). Gaps met on the way are collected for `finish`. Never throws for bad data. */
  records(): AsyncIterable<readonly SourceRecord[]>;
  /** The same in columns, from a source that has them so: one of the two is called, once. */
  batches?(): AsyncIterable<RecordBatch>;
  /** How much of the stream has been read, from 0 to 1, where its size is known beforehand. */
  share?(): number;
  /** After the last batch: the gaps met, and per kind how many records the source itself says there are (null: it cannot say). */
  finish(): Promise<StreamOutcome>;
}

export interface StreamOutcome {
  readonly gaps: readonly Gap[];
  /** By kind. Kinds the source cannot count are absent. `at`: the instant of the count, ISO 8601 UTC. */
  readonly counts: Readonly<Record<string, { readonly expected: number; readonly at: string }>>;
  /** Bytes read from the source for this stream. */
  readonly bytesRead: number;
}

/** Where a restore puts records. */
export interface RestoreTarget {
  readonly description: SourceDescription;
  /** As Source.orderedKinds. */
  readonly orderedKinds: ReadonlySet<string>;
  /**
   * Creates every record anew, parents before children, references rewritten to the new ids.
   * The target asks for the kinds in the order it needs them (definitions before what they define); each call of `records` is one pass.
   */
  apply(records: RecordsOf, run: RestoreRun): Promise<RestoreOutcome>;
  /** What putting this family back into a living shop would do. Pure: no network, the same answer for the same change. Throws SourceError for records that are not JSON objects. */
  assess(change: FamilyChange, options: { readonly extras: Extras; /** How ids go together where the target is not as the snapshot left it. */ readonly ids?: ReviseRun["ids"]; /** Roots that are gone and will be created anew: what names them has to follow. */ readonly gone?: ReadonlySet<string> }): Assessment;
  /** Root records with all that belongs to them as the target has them now; null where it has none of that id. In any order. Throws SourceError. */
  read(roots: readonly { readonly kind: string; readonly id: string }[], signal: AbortSignal): AsyncIterable<{ readonly id: string; readonly records: readonly SourceRecord[] | null }>;
  /**
   * Puts families back into a living shop: changed records are set to what they were, deleted ones are created anew (with new ids), references follow. May be
   * called again with the same changes and the same log after a crash at any point: what was done is found again, nothing is created twice.
   * Each call of `changes` is one pass over the families whose root is of one of these kinds; a pass may be asked for more than once.
   */
  revise(changes: ChangesOf, run: ReviseRun): Promise<ReviseOutcome>;
  /** Absent: whoever can reach the target may do everything there. */
  readonly rights?: TargetRights;
}

/**
 * Records whose root (the ancestor without a parent, or the record itself) is of one of these kinds, each root directly followed by its
 * descendants, parents before children, ordered children in their order. Batches are valid until the next is asked for.
 */
export type RecordsOf = (rootKinds: ReadonlySet<string>) => AsyncIterable<readonly SourceRecord[]>;

export interface RestoreRun {
  readonly signal: AbortSignal;
  readonly onProgress?: (done: { readonly records: number }) => void;
}

export interface RestoreOutcome {
  readonly created: number;
  /** Old id to new id, for every record the target gave an id of its own. */
  readonly ids: ReadonlyMap<string, string>;
  /** Records the target refused, by code; never with values. */
  readonly refused: readonly { readonly id: string; readonly kind: string; readonly code: string }[];
  /** Points of the platform's rate limit the same work would cost, to say how long it would take on a real shop. */
  readonly costPoints: number;
}

export type { TargetRights } from "./rights.ts";
export type { Assessment, ChangesOf, Extras, FamilyChange, PlannedField, PlannedLoss, RestoreLog, RestoreStep, ReviseOutcome, ReviseResult, ReviseRun } from "./revision.ts";

/** A source cannot be read at all (not: bad data, which is a gap). */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly code: SourceErrorCode;
  readonly retry: "never" | "later";
  /** The platform's own stable code for it, where it gave one: "ACCESS_DENIED". */
  readonly reason: string | null;
  constructor(code: SourceErrorCode, message: string, options: { retry?: "never" | "later"; reason?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? "never";
    this.reason = options.reason ?? null;
  }
}

export type SourceErrorCode =
  | "source.not_found"
  | "source.bad_address"
  | "source.unauthorized"
  | "source.unreachable"
  | "source.throttled"
  | "source.schema_mismatch"
  | "source.failed"
  | "source.cancelled";
