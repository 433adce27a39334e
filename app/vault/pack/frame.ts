/** Raw frames: records with their keys, before compression and sealing (docs/design.md 2.3). */
import { asBuffer, ByteReader, ByteWriter } from "../format/bytes.ts";
import { MAX_NAME_BYTES } from "../format/sort-key.ts";

export const MAX_RECORD_BYTES = 64 * 1024 * 1024;
export const MAX_RAW_FRAME = 80 * 1024 * 1024;
const MAX_RECORDS = 1 << 22;

/** One record of a frame. Names are byte strings; an erased record has kind "" and nothing else. */
export interface FrameRecord {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly bytes: Buffer;
}

export class FrameBuilder {
  count = 0;
  /** Bytes of records so far. */
  bodyBytes = 0;
  private readonly kinds = new Map<string, number>();
  private readonly kindColumn = new ByteWriter(512);
  private readonly idColumn = new ByteWriter(1024);
  private readonly parentColumn = new ByteWriter(512);
  private readonly lengthColumn = new ByteWriter(1024);
  private readonly literals = new ByteWriter(1024);
  private readonly body = new ByteWriter(192 * 1024);
  private idBefore: string | null = null;
  private parentBefore: string | null = null;
  private topId: string | null = null;

  /** Copies the record; answers its ordinal. Names are byte strings. */
  add(kind: string, id: string, parentId: string | null, bytes: Uint8Array): number {
    let kindNumber = this.kinds.get(kind);
    if (kindNumber === undefined) this.kinds.set(kind, (kindNumber = this.kinds.size + 1));
    this.kindColumn.varint(kindNumber);
    const at = asBuffer(bytes).indexOf(id, 0, "latin1");
    this.idColumn.varint(at + 1);
    this.idColumn.varint(id.length);
    if (at < 0) this.literals.latin1(id);
    this.addParent(parentId);
    this.lengthColumn.varint(bytes.length);
    this.body.put(bytes);
    this.body.u8(0x0a);
    this.bodyBytes += bytes.length + 1;
    if (parentId === null) this.topId = id;
    this.idBefore = id;
    this.parentBefore = parentId;
    return this.count++;
  }

  private addParent(parentId: string | null): void {
    if (parentId === null) this.parentColumn.u8(0);
    else if (parentId === this.parentBefore) this.parentColumn.u8(1);
    else if (parentId === this.idBefore) this.parentColumn.u8(2);
    else if (parentId === this.topId) this.parentColumn.u8(3);
    else {
      this.parentColumn.u8(4);
      this.literals.varint(parentId.length);
      this.literals.latin1(parentId);
    }
  }

  /** The raw frame in a buffer of its own; the builder is empty again. */
  take(): Buffer {
    const head = new ByteWriter(256);
    head.varint(this.count);
    head.varint(this.kinds.size);
    for (const kind of this.kinds.keys()) {
      head.varint(kind.length);
      head.latin1(kind);
    }
    const middle = new ByteWriter(8);
    middle.varint(this.literals.length);
    const raw = Buffer.concat([head.view(), this.kindColumn.view(), this.idColumn.view(), this.parentColumn.view(), this.lengthColumn.view(), middle.view(), this.literals.view(), this.body.view()]);
    for (const column of [this.kindColumn, this.idColumn, this.parentColumn, this.lengthColumn, this.literals, this.body]) column.reset();
    // A record of many megabytes must not keep its room for the rest of the run.
    if (this.body.bytes.length > 1024 * 1024) this.body.bytes = Buffer.allocUnsafe(192 * 1024);
    this.kinds.clear();
    this.count = 0;
    this.bodyBytes = 0;
    this.idBefore = null;
    this.parentBefore = null;
    this.topId = null;
    return raw;
  }
}

/** Decodes a raw frame that must hold `expected` records. Records are views of `raw`. */
export function decodeFrame(raw: Uint8Array, expected: number, object: string): FrameRecord[] {
  const reader = new ByteReader(raw, object);
  const count = reader.varint(MAX_RECORDS);
  if (count !== expected) reader.fail("a frame holds another number of records than its pack says");
  // Each record takes at least six bytes of columns and body: refuse before anything of that size is made.
  if (count * 6 > raw.length) reader.fail("a frame is too short for its records");
  const kindCount = reader.varint(count);
  const kinds: string[] = [""];
  for (let i = 0; i < kindCount; i++) kinds.push(reader.latin1(reader.varint(MAX_NAME_BYTES)));
  const kindColumn = new Uint32Array(count);
  for (let i = 0; i < count; i++) kindColumn[i] = reader.varint(kindCount);
  const idAt = new Uint32Array(count);
  const idLength = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    idAt[i] = reader.varint(MAX_RECORD_BYTES);
    idLength[i] = reader.varint(MAX_NAME_BYTES);
  }
  const parentColumn = reader.take(count);
  const lengths = new Uint32Array(count);
  let total = 0;
  for (let i = 0; i < count; i++) {
    lengths[i] = reader.varint(MAX_RECORD_BYTES);
    total += (lengths[i] as number) + 1;
  }
  const literalLength = reader.varint(raw.length);
  const literals = new ByteReader(reader.take(literalLength), object);
  if (reader.end - reader.at !== total) reader.fail("a frame's records do not fill it");
  const records: FrameRecord[] = [];
  let idBefore: string | null = null;
  let parentBefore: string | null = null;
  let topId: string | null = null;
  for (let i = 0; i < count; i++) {
    const bytes = reader.take(lengths[i] as number);
    if (reader.u8() !== 0x0a) reader.fail("a record does not end where its frame says");
    const kind = kinds[kindColumn[i] as number] as string;
    if (kind === "") {
      if (kindColumn[i] !== 0 || bytes.length !== 0 || idAt[i] !== 0 || idLength[i] !== 0 || parentColumn[i] !== 0) reader.fail("an erased record is not empty");
      records.push({ kind: "", id: "", parentId: null, bytes });
      continue;
    }
    const at = idAt[i] as number;
    const length = idLength[i] as number;
    if (length === 0 || (at > 0 && at - 1 + length > bytes.length)) reader.fail("a record's id lies outside it");
    const id = at > 0 ? bytes.toString("latin1", at - 1, at - 1 + length) : literals.latin1(length);
    const parentId = parentOf(parentColumn[i] as number, idBefore, parentBefore, topId, literals);
    if (parentId === null) topId = id;
    idBefore = id;
    parentBefore = parentId;
    records.push({ kind, id, parentId, bytes });
  }
  literals.finish();
  return records;
}

function parentOf(code: number, idBefore: string | null, parentBefore: string | null, topId: string | null, literals: ByteReader): string | null {
  const known = code === 1 ? parentBefore : code === 2 ? idBefore : code === 3 ? topId : code === 4 ? literals.latin1(literals.varint(MAX_NAME_BYTES)) : null;
  if (code > 4 || (code !== 0 && (known === null || known === ""))) literals.fail("a record's parent is malformed");
  return known;
}
