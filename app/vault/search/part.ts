/** One part of a pack's search tokens as stored (docs/design.md 11.3): a clear head, buckets of rows that are all of one size, blocks of records' names. */
import type { KeyObject } from "node:crypto";
import { sha256, sha256Bytes } from "../crypto/digest.ts";
import { aadOf, manyTimesKey, open, positionNonce, seal, TAG_BYTES } from "../crypto/seal.ts";
import { asBuffer, ByteReader, ByteWriter } from "../format/bytes.ts";
import { MAX_NAME_BYTES } from "../format/sort-key.ts";
import { MAX_ROWS, partKeyOf, SALT_BYTES } from "./tokens.ts";

const MAGIC = Buffer.from("HFSRCH\x00\x01", "latin1");
/** magic, salt, version, bucket bits, part, parts, rows per bucket, table blocks */
export const FIXED_HEAD_BYTES = MAGIC.length + SALT_BYTES + 4 + 4 + 4;
export const ROW_BYTES = 8;
const MAX_BUCKET_BITS = 8;
/** Records named per block of the table. */
export const TABLE_RECORDS = 256;
const MAX_TABLE_BLOCKS = MAX_ROWS / TABLE_RECORDS;
/** No head is longer. */
export const MAX_HEAD_BYTES = FIXED_HEAD_BYTES + 4 * MAX_TABLE_BLOCKS;

export interface PartHead {
  readonly salt: Buffer;
  /** Of the terms: what the program that found them called its way. */
  readonly version: number;
  readonly bucketBits: number;
  /** Which of how many the pack has: 0-based. */
  readonly part: number;
  readonly parts: number;
  readonly rowsPerBucket: number;
  /** Sealed lengths of the table's blocks. */
  readonly table: readonly number[];
}

/** What is known of a part that is there, without opening it. */
export interface StoredPart {
  readonly object: string;
  readonly head: PartHead;
  /** SHA-256 of all its bytes, hex. */
  readonly digest: string;
}

/** Whether these, of one generation, are all its parts. One may be there twice: two programs made it at once. */
export function isWhole(heads: readonly PartHead[]): boolean {
  return heads.length > 0 && new Set(heads.map(({ part }) => part)).size === heads[0]?.parts;
}

/** Names one record, as byte strings. */
export interface NamedRecord {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
}

export interface SealPart {
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  readonly blocksKey: Uint8Array;
  readonly salt: Uint8Array;
  readonly version: number;
  readonly part: number;
  readonly parts: number;
  /** Rows in ascending order, eight bytes each. */
  readonly rows: Buffer;
  /** Blocks of names, TABLE_RECORDS each (RecordNames). */
  readonly tables: readonly Buffer[];
}

/** Buckets hold about a thousand rows: one is a look-up's read. */
function bucketBitsFor(rows: number): number {
  let bits = 0;
  while (bits < MAX_BUCKET_BITS && rows >> bits > 1024) bits++;
  return bits;
}

const PADDED_TO = 32;

export interface SealedPart {
  /** What follows the pack's id in the object's name (searchObject). */
  readonly name: string;
  readonly bytes: Buffer;
  /** SHA-256 of the bytes, hex: the name has the first half of it. */
  readonly digest: string;
}

/** The whole object. */
export function sealPart(o: SealPart, generation: number): SealedPart {
  const rows = o.rows.length / ROW_BYTES;
  const bucketBits = bucketBitsFor(rows);
  const bounds = bucketBounds(o.rows, bucketBits);
  let most = 0;
  for (let i = 0; i + 1 < bounds.length; i++) most = Math.max(most, (bounds[i + 1] as number) - (bounds[i] as number));
  const rowsPerBucket = Math.max(PADDED_TO, Math.ceil(most / PADDED_TO) * PADDED_TO);
  const table = o.tables;
  const head = encodeHead({ salt: Buffer.from(o.salt), version: o.version, bucketBits, part: o.part, parts: o.parts, rowsPerBucket, table: table.map((block) => block.length + TAG_BYTES) });
  const aad = aadOfHead(o.vaultId, head);
  const key = manyTimesKey(partKeyOf(o.blocksKey, o.salt));
  const sealed: Buffer[] = [head];
  const bucket = Buffer.alloc(rowsPerBucket * ROW_BYTES);
  for (let i = 0; i + 1 < bounds.length; i++) {
    const from = (bounds[i] as number) * ROW_BYTES;
    const to = (bounds[i + 1] as number) * ROW_BYTES;
    o.rows.copy(bucket, 0, from, to);
    bucket.fill(0xff, to - from);
    sealed.push(seal(key, positionNonce(i), aad, bucket));
  }
  for (const [i, block] of table.entries()) sealed.push(seal(key, positionNonce((1 << bucketBits) + i), aad, block));
  const bytes = Buffer.concat(sealed);
  const digest = sha256(bytes);
  return { bytes, digest, name: `${generation}.${digest.slice(0, 32)}` };
}

/** Where each bucket's rows begin; one more than there are buckets. */
function bucketBounds(rows: Buffer, bits: number): Uint32Array {
  const bounds = new Uint32Array((1 << bits) + 1);
  for (let row = 0; row * ROW_BYTES < rows.length; row++) {
    // At most eight bits: the first byte has them.
    const bucket = (rows[row * ROW_BYTES] as number) >>> (8 - bits);
    bounds[bucket + 1] = row + 1;
  }
  for (let i = 1; i < bounds.length; i++) if ((bounds[i] as number) < (bounds[i - 1] as number)) bounds[i] = bounds[i - 1] as number;
  return bounds;
}

/** The bucket of a label, by its upper bits. */
export function bucketOf(high: number, bits: number): number {
  return bits === 0 ? 0 : high >>> (32 - bits);
}

function aadOfHead(vaultId: Uint8Array, head: Uint8Array): Buffer {
  return aadOf("holdfast search v1", vaultId, Buffer.from(sha256Bytes(head), "latin1"));
}

function encodeHead({ salt, version, bucketBits, part, parts, rowsPerBucket, table }: PartHead): Buffer {
  const out = new ByteWriter(FIXED_HEAD_BYTES + 4 * table.length);
  out.put(MAGIC);
  out.put(salt);
  for (const byte of [version, bucketBits, part, parts]) out.u8(byte);
  out.u32(rowsPerBucket);
  out.u32(table.length);
  for (const length of table) out.u32(length);
  return out.copy();
}

/** `bytes`: the start of the object, at least the whole head. Throws vault.damaged_object. */
export function decodeHead(bytes: Uint8Array, object: string): { readonly head: PartHead; readonly bytes: Buffer } {
  const reader = new ByteReader(bytes, object);
  if (!reader.take(MAGIC.length).equals(MAGIC)) reader.fail("it does not start as a search part does");
  const salt = Buffer.from(reader.take(SALT_BYTES));
  const [version, bucketBits, part, parts] = [reader.u8(), reader.u8(), reader.u8(), reader.u8()] as [number, number, number, number];
  const rowsPerBucket = reader.u32();
  const blocks = reader.u32();
  if (version === 0 || bucketBits > MAX_BUCKET_BITS || part >= parts || rowsPerBucket === 0 || rowsPerBucket > MAX_ROWS || blocks > MAX_TABLE_BLOCKS) reader.fail("its head is out of bounds");
  const table: number[] = [];
  for (let i = 0; i < blocks; i++) table.push(reader.u32());
  if (table.some((length) => length <= TAG_BYTES || length > MAX_TABLE_BYTES)) reader.fail("its head is out of bounds");
  return { head: { salt, version, bucketBits, part, parts, rowsPerBucket, table }, bytes: asBuffer(bytes).subarray(0, reader.at) };
}
/** 256 records with the longest names there may be. */
const MAX_TABLE_BYTES = 4 * 1024 * 1024;

/** Where blocks lie in a part, and how one opens. */
export class PartBlocks {
  readonly head: PartHead;
  readonly size: number;
  private readonly object: string;
  private readonly start: number;
  private readonly bucketBytes: number;
  private readonly aad: Buffer;
  private readonly key: KeyObject;
  constructor(vaultId: Uint8Array, blocksKey: Uint8Array, start: Uint8Array, object: string) {
    const { head, bytes } = decodeHead(start, object);
    this.object = object;
    this.head = head;
    this.start = bytes.length;
    this.bucketBytes = head.rowsPerBucket * ROW_BYTES + TAG_BYTES;
    this.aad = aadOfHead(vaultId, bytes);
    this.key = manyTimesKey(partKeyOf(blocksKey, head.salt));
    this.size = this.start + this.buckets * this.bucketBytes + head.table.reduce((sum, length) => sum + length, 0);
  }

  get buckets(): number {
    return 1 << this.head.bucketBits;
  }

  /** All buckets, one after another. */
  get rowsRange(): { readonly offset: number; readonly length: number } {
    return { offset: this.start, length: this.buckets * this.bucketBytes };
  }

  bucketRange(bucket: number): { readonly offset: number; readonly length: number } {
    return { offset: this.start + bucket * this.bucketBytes, length: this.bucketBytes };
  }

  tableRange(block: number): { readonly offset: number; readonly length: number } {
    let offset = this.rowsRange.offset + this.rowsRange.length;
    for (let i = 0; i < block; i++) offset += this.head.table[i] as number;
    return { offset, length: this.head.table[block] ?? 0 };
  }

  openBucket(bucket: number, sealed: Uint8Array): Buffer {
    return open(this.key, positionNonce(bucket), this.aad, sealed, this.object);
  }

  openTable(block: number, sealed: Uint8Array): NamedRecord[] {
    return decodeTable(open(this.key, positionNonce(this.buckets + block), this.aad, sealed, this.object), this.object);
  }
}

/** As RecordNames writes it. */
function decodeTable(raw: Buffer, object: string): NamedRecord[] {
  const reader = new ByteReader(raw, object);
  const count = reader.varint(TABLE_RECORDS);
  const kinds: string[] = [];
  const records: NamedRecord[] = [];
  let idBefore = "";
  let parentBefore: string | null = null;
  const name = (length: number, prefix = ""): string => {
    if (prefix.length + length === 0 || prefix.length + length > MAX_NAME_BYTES) reader.fail("a name is out of bounds");
    const text = prefix + reader.latin1(length);
    return text.includes("\0") ? reader.fail("a name has a NUL inside") : text;
  };
  for (let i = 0; i < count; i++) {
    const number = reader.varint(kinds.length);
    if (number === 0) kinds.push(name(reader.varint()));
    const kind = kinds[number === 0 ? kinds.length - 1 : number - 1] as string;
    const shared = reader.varint(idBefore.length);
    idBefore = name(reader.varint(), idBefore.slice(0, shared));
    const parent = reader.u8();
    if (parent > 2 || (parent === 1 && parentBefore === null)) reader.fail("a parent is out of bounds");
    if (parent === 2) parentBefore = name(reader.varint());
    records.push({ kind, id: idBefore, parentId: parent === 0 ? null : parentBefore });
  }
  reader.finish();
  return records;
}
