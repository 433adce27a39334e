/** What a snapshot is made of: records, and the gaps where a record should have been. */

/** Names a record. `id` is unique within its kind and parent; ids are the source's own (for Shopify: a GID). */
export interface RecordKey {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
}

/** One node of a source: one line of a bulk export, one row of a table. */
export interface SourceRecord extends RecordKey {
  /** Exactly the source's bytes, without the line terminator. The view is only valid until the next batch is asked for. */
  readonly bytes: Uint8Array;
}

/** Something that should be in the snapshot and is not, or cannot be trusted to be whole. Never holds a value, only places. */
export interface Gap {
  readonly code: GapCode;
  /** The stream it was met in: "customers", or the file's base name. */
  readonly stream: string;
  readonly kind?: string;
  /** 1-based line of that stream. */
  readonly line?: number;
  readonly id?: string;
  /** count.mismatch: what the source says it has, and what was recorded. */
  readonly expected?: number;
  readonly found?: number;
  /** stream.failed: the source's own stable code for it (Shopify: BulkOperationErrorCode). [A-Za-z0-9_.-], at most 64 characters. */
  readonly reason?: string;
}

export type GapCode =
  | "record.invalid_json"
  | "record.not_utf8"
  | "record.missing_id"
  | "record.truncated"
  | "record.duplicate"
  | "record.too_large"
  | "stream.failed"
  | "stream.cut"
  | "stream.partial"
  | "count.mismatch"
  | "count.unknown";
