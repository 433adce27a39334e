/** Many records in columns: what a fast source hands to a snapshot, and what the vault's threads share. No object per record. */
import { MAX_NAME_BYTES } from "./format/sort-key.ts";
import type { SourceRecord } from "./record.ts";

/** Numbers per record in `rows`. */
export const ROW_WIDTH = 7;

/** Where each number of a row stands. Ranges are [start, end). */
export const ROW = {
  /** Range of the record in `bytes`, without line terminator. */
  start: 0,
  end: 1,
  /** Index into `kinds`. */
  kind: 2,
  /** Range of the id's UTF-8: in `bytes`, or beyond its length in `extra` (less `bytes.length`), where the id is written otherwise in the record. */
  idStart: 3,
  idEnd: 4,
  /** Range of the parent's id, as above; `parentStart` -1: none. */
  parentStart: 5,
  parentEnd: 6,
} as const;

export interface RecordBatch {
  /** The records in order of arrival. Valid, like everything else here, only until the next batch is asked for. */
  readonly bytes: Uint8Array;
  readonly extra: Uint8Array;
  readonly count: number;
  readonly kinds: readonly string[];
  /** `count` times ROW_WIDTH numbers (it may be longer). */
  readonly rows: Int32Array;
}

const NONE = new Uint8Array(0);
const utf8 = new TextEncoder();

/** The same records in columns. Names that the format cannot hold are left to the writer to refuse. */
export function batchOf(records: readonly SourceRecord[]): RecordBatch {
  const kinds: string[] = [];
  const numbers = new Map<string, number>();
  const rows = new Int32Array(records.length * ROW_WIDTH);
  let size = 0;
  for (const { bytes } of records) size += bytes.length;
  const bytes = new Uint8Array(size);
  const names: Uint8Array[] = [];
  let named = size;
  const name = (text: string): void => {
    // A string that is no Unicode would be mistaken for others once stored: it becomes the empty name, which the writer refuses.
    if (!text.isWellFormed()) return;
    // Longer than any name may be is all the writer needs to know of it.
    const encoded = utf8.encode(text.length > MAX_NAME_BYTES ? text.slice(0, MAX_NAME_BYTES + 1) : text);
    names.push(encoded);
    named += encoded.length;
  };
  let at = 0;
  for (const [i, record] of records.entries()) {
    let kind = numbers.get(record.kind);
    if (kind === undefined) {
      numbers.set(record.kind, (kind = kinds.length));
      kinds.push(record.kind);
    }
    bytes.set(record.bytes, at);
    const row = i * ROW_WIDTH;
    rows[row + ROW.start] = at;
    at += record.bytes.length;
    rows[row + ROW.end] = at;
    rows[row + ROW.kind] = kind;
    rows[row + ROW.idStart] = named;
    name(record.id);
    rows[row + ROW.idEnd] = named;
    rows[row + ROW.parentStart] = -1;
    if (record.parentId === null) continue;
    rows[row + ROW.parentStart] = named;
    name(record.parentId);
    rows[row + ROW.parentEnd] = named;
  }
  const extra = names.length === 0 ? NONE : Buffer.concat(names);
  return { bytes, extra, count: records.length, kinds, rows };
}
