/** Recovery: what is asked for, where the records go, and what is said at the end. */
import type { ObjectStore } from "../object-store.ts";
import type { KeyOpener } from "../ports.ts";
import type { RecordKey, SourceRecord } from "../record.ts";
import type { SnapshotManifest } from "../types.ts";
import type { SalvageFinding } from "./findings.ts";
import type { SalvagedChange } from "./salvage-journal.ts";

export interface SalvageOptions {
  readonly store: ObjectStore;
  readonly opener: KeyOpener;
  /** "latest", "latest~N", an id or the start of one. */
  readonly snapshot: string;
  /** The vault's id as it is known from elsewhere: nothing signed by another key is believed. */
  readonly vaultId?: string;
  readonly sink: SalvageSink;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SalvageProgress) => void;
}

/** Bytes are only valid until the promise resolves. What a sink throws ends the recovery. */
export interface SalvageSink {
  /** Records of the snapshot, in order of arrival. */
  members(records: readonly SourceRecord[]): Promise<void>;
  /** Records whose membership nothing left can prove, every version there is, oldest pack first where the order is known. */
  unproven(records: readonly UnprovenRecord[]): Promise<void>;
  /** Records of the snapshot that are not to be had any more. */
  lost(keys: readonly RecordKey[]): Promise<void>;
  /** What the journal captured, oldest first, each change with its records. Absent: not wanted. */
  change?(change: SalvagedChange): Promise<void>;
}

export interface UnprovenRecord extends SourceRecord {
  readonly pack: string;
  readonly frame: number;
  readonly ordinal: number;
}

export interface SalvageProgress {
  readonly packs: number;
  readonly packsTotal: number;
  readonly records: number;
}

export interface SalvageReport {
  /** Everything of the snapshot is there, every digest and signature held, and nothing in the way was damaged. */
  readonly whole: boolean;
  readonly vaultId: string | null;
  /** The vault's signed description, or a copy of it, was read; without it no signature could be checked. */
  readonly signaturesChecked: boolean;
  /** Null: no manifest that answers to the name could be read, so nothing says what belonged to the snapshot. */
  readonly manifest: SnapshotManifest | null;
  /** Snapshots whose manifests could not be read, newest first: object names. */
  readonly unreadableSnapshots: readonly string[];
  readonly members: number;
  /** Of these, without a digest to compare with, because the index does not open: their seals held, and the signed list of packs vouches for them. */
  readonly membersByPackList: number;
  readonly unproven: number;
  /** Of the snapshot. Null: cannot be told. */
  readonly lost: number | null;
  /** Erased on purpose, by a signed redaction. */
  readonly erased: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** The recomputed root over the index, equal to the signed one. */
  readonly rootProven: boolean;
  readonly packsRead: number;
  /** Captured changes that were handed over. */
  readonly changes: number;
  /** The first 10,000. */
  readonly findings: readonly SalvageFinding[];
  readonly findingCount: number;
}
