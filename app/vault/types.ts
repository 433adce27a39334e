/** What the vault's door hands out: descriptions, manifests, summaries, readers and writers, as plain shapes. */
import type { ObjectStore } from "./object-store.ts";
import type { ContentKeys, PublicJwk, Recipient } from "./ports.ts";
import type { Gap, RecordKey, SourceRecord } from "./record.ts";
import type { RecordBatch } from "./record-batch.ts";
import type { TermSource } from "./search/terms.ts";

export interface VaultDescription {
  /** Of the packs written into it. Readers read both. */
  readonly format: 1 | 2;
  /** Hex, 32 digits: the first half of the SHA-256 thumbprint of the signing key, so it cannot be given to another key. */
  readonly vaultId: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  readonly recipients: readonly Recipient[];
  /** Ed25519. */
  readonly signingPublicKey: PublicJwk;
  readonly suite: "A256GCM-HS256-HKDF256-ED25519";
  /** The object that holds the index key, wrapped to every recipient. */
  readonly indexKeyObject: string;
  /** SHA-256 hex of that object. */
  readonly indexKeyDigest: string;
  /** The object that holds the signing key, wrapped to every recipient, and its digest. Absent from vaults made before there was one. */
  readonly hostKeyObject?: string | undefined;
  readonly hostKeyDigest?: string | undefined;
  /** Which signed list `recipients` was taken from, once there was a rotation. Not in the stored bytes. */
  readonly recipientsAt?: { readonly sequence: number; readonly digest: string } | undefined;
  /** Each object has a parity object, from which `repair` can mend a damaged region of it. */
  readonly parity?: boolean | undefined;
}

export interface SnapshotSource {
  readonly type: string;
  readonly name: string;
  readonly apiVersion?: string | undefined;
}

export interface KindCount {
  /** Records of this kind in the snapshot. */
  readonly records: number;
  /** The source's own count, and the instant it was taken. */
  readonly expected?: number | undefined;
  readonly at?: string | undefined;
}

/** Where one sealed block lies: object number within its run, block number, byte range in the object. */
export interface BlockRef {
  readonly object: number;
  readonly block: number;
  readonly offset: number;
  readonly length: number;
}

/** One sorted run of index entries: a static tree of sealed blocks, kept in one or more tree objects. */
export interface RunDescription {
  /** SHA-256 hex of its objects' names and its roots; equal ids are equal runs. */
  readonly id: string;
  readonly entries: number;
  readonly removals: number;
  readonly leaves: number;
  /** Levels above the leaves. 0: the root is a leaf. */
  readonly height: number;
  readonly objects: readonly { readonly id: string; readonly size: number }[];
  readonly root: BlockRef;
  /** Finds children by their own id. Null when the run has none. */
  readonly locator: { readonly height: number; readonly leaves: number; readonly root: BlockRef; readonly hash?: "half-siphash-2-4" | undefined } | null;
}

/** A pack that a snapshot needs. */
export interface PackInfo {
  readonly id: string;
  /** Bytes stored. */
  readonly size: number;
  /** Id of the content key that wraps its own key. */
  readonly keyId: string;
  /** SHA-256 hex of the `.key` object. */
  readonly keyDigest: string;
  /** Records it holds, and how many of them this snapshot uses. */
  readonly records: number;
  readonly live: number;
  /** Names of its search parts, after its id (`searchObject`), as they were written with it. Absent: written by a program that made none. */
  readonly search?: readonly string[] | undefined;
}

export interface SnapshotManifest {
  readonly format: 1;
  readonly vaultId: string;
  /** Hex, 16 digits. */
  readonly snapshotId: string;
  /** 1 for the first; its parent's plus one. */
  readonly sequence: number;
  /** The moment of commit, ISO 8601 UTC with milliseconds; later than its parent's even if the clock went back. */
  readonly takenAt: string;
  readonly startedAt: string;
  readonly source: SnapshotSource;
  /** Merkle root over every record's key, place and keyed digest. Hex, 64 digits. Depends on content only. */
  readonly root: string;
  readonly records: number;
  /** No gaps. */
  readonly complete: boolean;
  readonly kinds: Readonly<Record<string, KindCount>>;
  /** The first 1000. */
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Of the unchanged and carried records, those that stand elsewhere among their siblings than in the parent. Absent: none. */
  readonly moved?: number | undefined;
  /** Records that were not seen this time but kept from the parent, because a gap may have hidden them. */
  readonly carried: number;
  /** Bytes of the records read. */
  readonly bytesRead: number;
  /** Bytes put into the store, this manifest aside. */
  readonly bytesWritten: number;
  readonly parent: { readonly snapshotId: string; readonly digest: string } | null;
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
  /** The list of recipients that its writer sealed to; absent before the first rotation. */
  readonly recipients?: { readonly sequence: number; readonly digest: string } | undefined;
  /** Content keys needed to open it, with the SHA-256 of the object that holds each. */
  readonly keys: readonly { readonly id: string; readonly digest: string }[];
  /** Newest first. */
  readonly runs: readonly RunDescription[];
  /** The list of packs, a clear object, so that collection and keyless checks need no key. */
  readonly packs: { readonly object: string; readonly size: number; readonly count: number; readonly bytes: number };
  readonly orderedKinds: readonly string[];
  /** Content key ids: `keys` without the digests. */
  readonly keyIds: readonly string[];
  /** Key of the object it was read from, and SHA-256 hex of its stored bytes. Not in the stored bytes. */
  readonly objectKey: string;
  readonly digest: string;
}

export interface SnapshotSummary {
  readonly manifest: SnapshotManifest;
  /** SHA-256 hex of the stored manifest. */
  readonly manifestDigest: string;
  readonly snapshotId: string;
  readonly root: string;
  readonly complete: boolean;
  readonly records: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Of these and the carried ones: in another order among their siblings. */
  readonly moved: number;
  readonly carried: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** The first 1000; `gapCount` has them all. */
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
  readonly kinds: Readonly<Record<string, KindCount>>;
}

export interface BeginSnapshot {
  readonly source: SnapshotSource;
  /** Kinds whose records keep the order of arrival among their siblings; elsewhere order is no content. */
  readonly orderedKinds?: ReadonlySet<string>;
  /** The ledger's head before this snapshot. */
  readonly checkpoint?: { readonly size: number; readonly root: string } | null;
  /** False: write every record anew, sharing nothing with earlier snapshots. Default true. */
  readonly compareWithPrevious?: boolean;
  /** What new and changed records shall be found by. Absent: they are not found but by their ids. */
  readonly terms?: TermSource;
}

export interface SnapshotProgress {
  readonly records: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface SnapshotWriter {
  /** Takes records in; copies them before it returns, and compares them while later ones are read. Answers the gaps that showed meanwhile; others show at commit. */
  write(batch: readonly SourceRecord[] | RecordBatch, stream: string): Promise<readonly Gap[]>;
  gap(gap: Gap): void;
  /** The source's own count of a kind; reconciled at commit, where a mismatch becomes the gap count.mismatch. */
  expect(kind: string, expected: number, at: string): void;
  readonly progress: SnapshotProgress;
  /** Makes the snapshot exist. On any error it does not, and the writer is of no further use. */
  commit(): Promise<SnapshotSummary>;
  /** Drops everything. Harmless after commit or twice. */
  abort(): Promise<void>;
}

export interface SnapshotDiff {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** The same bytes in another place among their siblings, where order is content. */
  readonly moved: number;
  readonly byKind: Readonly<Record<string, { readonly added: number; readonly changed: number; readonly removed: number; readonly moved: number }>>;
  readonly ids: { readonly added: readonly string[]; readonly changed: readonly string[]; readonly removed: readonly string[]; readonly moved: readonly string[] };
  /** True when `ids` was cut at the limit. */
  readonly capped: boolean;
}

export interface IndexEntry extends RecordKey {
  /** 16 bytes. */
  readonly digest: Uint8Array;
  /** 0-based place among its siblings, for ordered kinds. */
  readonly place: number | null;
}

export type EntryBatch = readonly IndexEntry[];

export interface SnapshotReader {
  /** Any record by its own id, child or not; null: the snapshot never had it. */
  get(id: string): Promise<FoundById | null>;
  /** The record, then its descendants, parents before children; empty when there is no such record. What was erased is left out. */
  tree(id: string): Promise<SourceRecord[]>;
  /**
   * Every record, every digest checked; ends with an error if any is missing. What was erased on purpose is left out.
   * "stored": the order of arrival, oldest pack first, the fastest. "key": by id, children after their parent, ordered kinds in their order.
   * Bytes are only valid until the next batch is asked for.
   */
  records(options?: { order?: "stored" | "key" }): AsyncIterable<readonly SourceRecord[]>;
  /** As `records` in stored order, but only the bytes, each record followed by 0A: several times faster. Valid until the next is asked for. */
  lines(): AsyncIterable<{ readonly bytes: Uint8Array; readonly records: number }>;
}

/** `record` null: it was in the snapshot and was erased on purpose since. bytesFetched: what the call read from index and packs. */
export type FoundById =
  | { readonly record: SourceRecord; readonly bytesFetched: number }
  | { readonly record: null; readonly reason: "erased"; readonly bytesFetched: number };

export interface Finding {
  readonly code: FindingCode;
  /** The object's key, or "snapshots/" and the like for a class of objects. */
  readonly object: string;
  /** What was expected and found; never record contents. */
  readonly detail?: string;
  /** Where the vault lies in several copies: which of them it is about. Absent: all. */
  readonly copy?: string | undefined;
}

export type FindingCode =
  | "description.missing"
  | "description.damaged"
  | "description.other_vault"
  | "key.missing"
  | "key.damaged"
  | "key.unopenable"
  | "recipients.missing"
  | "recipients.damaged"
  | "pack.missing"
  | "pack.damaged"
  | "pack_key.missing"
  | "pack_key.damaged"
  | "tree.missing"
  | "tree.damaged"
  | "tree.root_mismatch"
  | "pack_list.missing"
  | "pack_list.damaged"
  | "manifest.damaged"
  | "manifest.parent_missing"
  | "manifest.parent_mismatch"
  | "record.damaged"
  | "record.missing"
  | "parity.missing"
  | "parity.damaged"
  | "redaction.damaged"
  | "redaction.missing"
  | "prune.damaged"
  | "prune.missing"
  | "hold.damaged"
  | "journal.missing"
  | "journal.damaged"
  | "journal.mismatch"
  | "journal.rolled_back"
  | "certificate.damaged"
  | "doomed.damaged"
  | "request.damaged"
  | "restore.damaged"
  | "search.missing"
  | "search.damaged"
  | "search.mismatch"
  | "roster.damaged"
  | "roster.missing"
  | "drill.damaged"
  | "copy.missing"
  | "copy.diverged"
  | "object.unknown";

export interface VerifyProgress {
  readonly phase: "snapshots" | "objects" | "index" | "records" | "search";
  readonly done: number;
  readonly total: number;
  readonly bytesRead: number;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** Objects no snapshot needs: left by an interrupted run. Not a fault. */
  readonly orphans: readonly string[];
  readonly snapshots: number;
  readonly objects: number;
  readonly bytesRead: number;
  /** Records whose digest was recomputed (with an opener). */
  readonly recordsChecked: number;
}

export interface StoreAndKeys {
  readonly store: ObjectStore;
  readonly keys: ContentKeys;
}
