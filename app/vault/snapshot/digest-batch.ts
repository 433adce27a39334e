/** What is computed for every record of a batch before anything else: its keyed digest, and whether its names can be held. Runs on a thread. */
import { KeyedDigest, DIGEST_BYTES } from "../crypto/digest.ts";
import { MAX_NAME_BYTES } from "../format/sort-key.ts";
import { ROW, ROW_WIDTH } from "../record-batch.ts";

/** Set in `marks`. */
export const HOLDS_NEWLINE = 1;
export const BAD_NAME = 2;

const NEWLINE = 0x0a;

/** The memory of a batch: it goes to the thread and comes back, copied neither way. */
export interface DigestRoom {
  /** Bytes and extra of a RecordBatch, one after the other. */
  readonly data: Uint8Array<ArrayBuffer>;
  readonly rows: Int32Array<ArrayBuffer>;
  /** 16 bytes per record: written. */
  readonly digests: Uint8Array<ArrayBuffer>;
  /** One per record: written. */
  readonly marks: Uint8Array<ArrayBuffer>;
}

export interface DigestTask {
  /** 32 bytes. */
  readonly digestKey: Uint8Array;
  readonly room: DigestRoom;
  readonly count: number;
}

export function buffersOf({ data, rows, digests, marks }: DigestRoom): ArrayBuffer[] {
  return [data.buffer, rows.buffer, digests.buffer, marks.buffer];
}

let kept: { readonly key: string; readonly digest: KeyedDigest } | null = null;

function digestOf(key: Uint8Array): KeyedDigest {
  const name = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
  if (kept?.key !== name) kept = { key: name, digest: new KeyedDigest(key) };
  return kept.digest;
}

export function digestBatch({ digestKey, room, count }: DigestTask): DigestRoom {
  const { data, rows, digests, marks } = room;
  const digest = digestOf(digestKey);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const out = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
  // The next line break at or after the record before; looked for again only once it has been passed.
  let newline = -1;
  let before = 0;
  for (let i = 0, row = 0; i < count; i++, row += ROW_WIDTH) {
    const start = rows[row + ROW.start] as number;
    const end = rows[row + ROW.end] as number;
    digest.shortInto(bytes.subarray(start, end), out, i * DIGEST_BYTES);
    if (newline < start || start < before) {
      const found = bytes.indexOf(NEWLINE, start);
      newline = found < 0 ? Infinity : found;
    }
    before = start;
    let mark = newline < end ? HOLDS_NEWLINE : 0;
    if (!isName(bytes, rows[row + ROW.idStart] as number, rows[row + ROW.idEnd] as number)) mark |= BAD_NAME;
    const parent = rows[row + ROW.parentStart] as number;
    if (parent >= 0 && !isName(bytes, parent, rows[row + ROW.parentEnd] as number)) mark |= BAD_NAME;
    marks[i] = mark;
  }
  return room;
}

/** What the format can hold as a name: 1 to 4096 bytes without 00 (docs/design.md 2.5). */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end <= start || end - start > MAX_NAME_BYTES) return false;
  for (let i = start; i < end; i++) if (bytes[i] === 0) return false;
  return true;
}
