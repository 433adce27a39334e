/** The entries of a segment: columns of nothing, one after another, zstd, sealed with a key of the index key (docs/design.md 9.3). Hostile bytes in. */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { aadOf, deriveKey, open, positionNonce, seal } from "../crypto/seal.ts";
import { damaged } from "../errors.ts";
import { ByteReader, ByteWriter } from "../format/bytes.ts";
import { childKey, fromByteString, MAX_NAME_BYTES, nameBytes, partsOf, recordKeyOf, topKey } from "../format/sort-key.ts";
import type { RecordKey } from "../record.ts";
import type { EntryRecord, JournalEntry } from "./types.ts";

const UPSERT = 1;
const TOMBSTONE = 2;
const HAS_PLACE = 2;
const DIGEST_BYTES = 16;
/** Entries of one segment, records of one entry, and packs named: what a reader must take. */
export const MAX_ENTRIES = 65_536;
const MAX_RECORDS = 1 << 20;
const MAX_RAW = 256 * 1024 * 1024;
/** Milliseconds of any date a JavaScript clock can show. */
const MAX_TIME = 8_640_000_000_000_000;

export function sortKeyOfRecord({ kind, id, parentId }: RecordKey): string {
  const k = nameBytes(kind, "kind");
  const i = nameBytes(id, "id");
  return parentId === null ? topKey(i, k) : childKey(nameBytes(parentId, "parent id"), k, i);
}

/** `packs`: ids in the order of the segment's table. */
export function encodeEntries(entries: readonly JournalEntry[], packs: readonly string[]): Buffer {
  const out = new ByteWriter(16 * 1024);
  const numbers = new Map(packs.map((id, i) => [id, i]));
  out.varint(entries.length);
  for (const entry of entries) {
    out.u8(entry.change === "upsert" ? UPSERT : TOMBSTONE);
    put(out, nameBytes(entry.kind, "kind"));
    put(out, nameBytes(entry.id, "id"));
    out.varint(entry.occurredAt === null ? 0 : Math.max(1, entry.occurredAt.getTime()));
    out.varint(entry.receivedAt.getTime());
    out.varint(entry.fetchedAt.getTime());
    out.varint(entry.records.length);
    for (const record of entry.records) {
      out.u8(record.place === null ? 0 : HAS_PLACE);
      put(out, sortKeyOfRecord(record.key));
      out.put(record.digest);
      out.varint(numbers.get(record.pack) as number);
      out.varint(record.frame);
      out.varint(record.ordinal);
      if (record.place !== null) out.varint(record.place);
    }
  }
  return out.copy();
}

function put(out: ByteWriter, bytes: string): void {
  out.varint(bytes.length);
  out.latin1(bytes);
}

/** Throws vault.damaged_object, said of `object`. */
export function decodeEntries(raw: Uint8Array, packs: readonly string[], object: string): JournalEntry[] {
  const reader = new ByteReader(raw, object);
  const entries: JournalEntry[] = [];
  const count = reader.varint(MAX_ENTRIES);
  for (let i = 0; i < count; i++) {
    const type = reader.u8();
    if (type !== UPSERT && type !== TOMBSTONE) reader.fail("an entry is of an unknown type");
    const kind = fromByteString(reader.latin1(reader.varint(MAX_NAME_BYTES)));
    const id = fromByteString(reader.latin1(reader.varint(MAX_NAME_BYTES)));
    if (kind === "" || id === "") reader.fail("an entry has no name");
    const occurred = reader.varint(MAX_TIME);
    const received = reader.varint(MAX_TIME);
    const fetched = reader.varint(MAX_TIME);
    const records = decodeRecords(reader, packs);
    const [root] = records;
    if (type === UPSERT && root === undefined) reader.fail("an entry has no record");
    if (root !== undefined && (root.key.kind !== kind || root.key.id !== id || root.key.parentId !== null)) reader.fail("an entry does not begin with its root");
    entries.push({
      change: type === UPSERT ? "upsert" : "tombstone",
      kind,
      id,
      occurredAt: occurred === 0 ? null : new Date(occurred),
      receivedAt: new Date(received),
      fetchedAt: new Date(fetched),
      records,
    });
  }
  reader.finish();
  return entries;
}

function decodeRecords(reader: ByteReader, packs: readonly string[]): EntryRecord[] {
  const count = reader.varint(MAX_RECORDS);
  const records: EntryRecord[] = [];
  for (let i = 0; i < count; i++) {
    const flags = reader.u8();
    if (flags !== 0 && flags !== HAS_PLACE) reader.fail("a record has unknown flags");
    const sortKey = reader.latin1(reader.varint(3 * MAX_NAME_BYTES + 8));
    if (partsOf(sortKey) === null) reader.fail("a record has no sort key");
    const digest = Buffer.from(reader.take(DIGEST_BYTES));
    const pack = packs[reader.varint()];
    if (pack === undefined) reader.fail("a record lies in a pack that the segment does not name");
    const frame = reader.varint();
    const ordinal = reader.varint();
    const place = flags === HAS_PLACE ? reader.varint() : null;
    records.push({ key: recordKeyOf(sortKey), digest, pack, frame, ordinal, place });
  }
  return records;
}

/** What a segment's entries are bound to: vault, number, salt, and the packs they point into. */
export interface EntriesPlace {
  /** Hex. */
  readonly vaultId: string;
  readonly sequence: number;
  readonly salt: Uint8Array;
  readonly packs: readonly string[];
  readonly object: string;
}

function aad({ vaultId, sequence, salt, packs }: EntriesPlace): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(sequence));
  return aadOf("holdfast journal v1", Buffer.from(vaultId, "hex"), number, salt, ...packs.map((id) => Buffer.from(id, "hex")));
}

export function sealEntries(raw: Uint8Array, indexKey: Uint8Array, place: EntriesPlace): Buffer {
  const key = deriveKey(indexKey, place.salt, "holdfast journal v1");
  const head = Buffer.alloc(4);
  head.writeUInt32BE(raw.length);
  const packed = Buffer.concat([head, zstdCompressSync(raw, { params: { [constants.ZSTD_c_compressionLevel]: 3 } })]);
  const sealed = seal(key, positionNonce(0), aad(place), packed);
  key.fill(0);
  return sealed;
}

/** Throws vault.damaged_object. */
export function openEntries(sealed: Uint8Array, indexKey: Uint8Array, place: EntriesPlace): JournalEntry[] {
  const { object } = place;
  const key = deriveKey(indexKey, place.salt, "holdfast journal v1");
  const packed = open(key, positionNonce(0), aad(place), sealed, object);
  key.fill(0);
  if (packed.length < 4) throw damaged(object, "its entries are cut short");
  const length = packed.readUInt32BE(0);
  if (length > MAX_RAW) throw damaged(object, "its entries claim to be too large");
  let raw: Buffer;
  try {
    raw = zstdDecompressSync(packed.subarray(4), { maxOutputLength: Math.max(1, length) });
  } catch (cause) {
    throw damaged(object, "its entries do not inflate", cause);
  }
  if (raw.length !== length) throw damaged(object, "its entries are shorter than they say");
  return decodeEntries(raw, place.packs, object);
}
