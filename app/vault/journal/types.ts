/** The journal's shapes: changes as they come in, entries and segments as they lie in the vault. */
import type { RecordKey, SourceRecord } from "../record.ts";
import type { PackInfo } from "../types.ts";

/** One root record that changed, as it was when it was looked at. */
export type JournalChange = JournalUpsert | JournalTombstone;

interface ChangeTimes {
  /** Of the root. */
  readonly kind: string;
  readonly id: string;
  /** When the source says that it happened; null: it did not say. */
  readonly occurredAt: Date | null;
  /** When the host heard of it. */
  readonly receivedAt: Date;
  /** When the state was fetched: it is the source's state at some moment between `receivedAt` and this. */
  readonly fetchedAt: Date;
}

export interface JournalUpsert extends ChangeTimes {
  readonly change: "upsert";
  /** The whole family, root first, parents before children, ordered children in their order. It replaces whatever the root had before. */
  readonly records: readonly SourceRecord[];
}

export interface JournalTombstone extends ChangeTimes {
  readonly change: "tombstone";
  /** Where the last known state lies; empty: no snapshot and no segment ever had it. */
  readonly last: readonly KeptRecord[];
}

/** A record by its address in a pack of the vault. */
export interface KeptRecord {
  readonly key: RecordKey;
  /** 16 bytes. */
  readonly digest: Uint8Array;
  readonly place: number | null;
  readonly pack: PackInfo;
  /** Digest of the first generation of the content key that opens the pack. */
  readonly keyDigest: string;
  readonly frame: number;
  readonly ordinal: number;
}

/** A record of an entry. */
export interface EntryRecord {
  readonly key: RecordKey;
  /** 16 bytes. */
  readonly digest: Uint8Array;
  readonly place: number | null;
  readonly pack: string;
  readonly frame: number;
  readonly ordinal: number;
}

/** One change as a segment holds it. Takes the index key to read. */
export interface JournalEntry extends ChangeTimes {
  readonly change: "upsert" | "tombstone";
  /** upsert: the family, root first. tombstone: the last known state, or nothing. */
  readonly records: readonly EntryRecord[];
}

export interface JournalHead {
  readonly sequence: number;
  /** SHA-256 hex of the segment's stored bytes. */
  readonly digest: string;
}

export interface JournalSegment extends JournalHead {
  /** ISO 8601 UTC: when it was sealed; later than that of the segment before. */
  readonly at: string;
  readonly objectKey: string;
  readonly previous: JournalHead | null;
  readonly upserts: number;
  readonly tombstones: number;
  /** Records in its own pack. */
  readonly records: number;
  /** Its own pack; null: it has tombstones only. */
  readonly pack: PackInfo | null;
  /** Packs that the tombstones' last states lie in. */
  readonly kept: readonly PackInfo[];
  /** Content keys of all these, with the digest of each one's first generation. */
  readonly keys: readonly { readonly id: string; readonly digest: string }[];
  readonly recipients?: { readonly sequence: number; readonly digest: string } | undefined;
  /** Salt and sealed entries. */
  readonly salt: Buffer;
  readonly sealed: Buffer;
}
