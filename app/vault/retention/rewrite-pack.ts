/**
 * A pack without some of its records: same frames, same ordinals, everything else as it was. It gets a secret of its own and no dictionary,
 * because a dictionary is made of records' text and could hold what shall go. Layout version 1, which every reader reads.
 */
import { zstdCompress, constants } from "node:zlib";
import { promisify } from "node:util";
import { sha256 } from "../crypto/digest.ts";
import { positionNonce, seal } from "../crypto/seal.ts";
import { asBuffer, ByteWriter } from "../format/bytes.ts";
import { packKey, packSecretKey, searchObject } from "../format/names.ts";
import { fromByteString } from "../format/sort-key.ts";
import { encodeHeader, frameAad, packKeys } from "../pack/header.ts";
import { wrapPackSecret } from "../pack/secret.ts";
import type { Random } from "../ports.ts";
import { FoundTerms } from "../search/found-terms.ts";
import { PartBuilder } from "../search/part-builder.ts";
import type { TermSource } from "../search/terms.ts";
import type { PutObject } from "../tree/blocks.ts";
import type { ReplacedPack } from "./redactions.ts";

const compress = promisify(zstdCompress);
const LEVEL = 3;
const VERSION = 1;

/** A record as a pack reader gives it. Names are byte strings; an erased record has kind "". */
export interface PackRecord {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly bytes: Uint8Array;
}

export interface PackFrame {
  readonly frame: number;
  readonly records: readonly PackRecord[];
}

export interface RewriteOptions {
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  readonly content: { readonly id: string; readonly key: Uint8Array };
  readonly random: Random;
  readonly put: PutObject;
  /** What the records that stay shall be found by. */
  readonly terms?: TermSource | undefined;
}

/** Ordinals to leave empty, by frame. */
export type Erase = ReadonlyMap<number, ReadonlySet<number>>;

/** Writes the new pack's key, then the pack. Frames come in order and without holes; a frame without records stays one. */
export async function rewritePack(frames: AsyncIterable<PackFrame>, erase: Erase, { vaultId, content, random, put, terms }: RewriteOptions): Promise<ReplacedPack> {
  const secret = random(32);
  const salt = random(32);
  const keys = packKeys(secret, salt);
  const search = terms === undefined ? null : new PartBuilder(secret, vaultId, terms.version, random);
  const lines: { sealed: number; raw: number; records: number }[] = [];
  const parts: Buffer[] = [];
  const add = async (records: readonly PackRecord[], gone: ReadonlySet<number>): Promise<void> => {
    const raw = encodeFrame(records, gone);
    if (terms !== undefined) search?.add(termsIn(records, gone, terms));
    const compressed = await compress(raw, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
    const number = lines.length;
    const sealed = seal(keys.frameKey, positionNonce(number), frameAad(VERSION, vaultId, salt, number, 0, raw.length, records.length), compressed);
    lines.push({ sealed: sealed.length, raw: raw.length, records: records.length });
    parts.push(sealed);
  };
  for await (const { frame, records } of frames) {
    // A reader passes over the dictionary's frame; its number must not go to another.
    while (lines.length < frame) await add([], NONE);
    await add(records, erase.get(frame) ?? NONE);
  }
  const bytes = Buffer.concat([encodeHeader(VERSION, salt, keys.commitment, 0, lines), ...parts]);
  const id = sha256(bytes);
  const wrapped = wrapPackSecret(secret, id, content, vaultId, random);
  secret.fill(0);
  keys.frameKey.fill(0);
  await put(packSecretKey(id), wrapped);
  await put(packKey(id), bytes);
  const searched = search?.seal();
  for (const part of searched ?? []) await put(searchObject(id, part.name), part.bytes);
  return { id, size: bytes.length, keyId: content.id, keyDigest: sha256(wrapped), ...(searched === undefined ? {} : { search: searched.map(({ name }) => name) }) };
}

/** What the records of a frame that stay are found by. */
export function termsIn(records: readonly PackRecord[], gone: ReadonlySet<number>, terms: TermSource): FoundTerms {
  const found = new FoundTerms();
  for (const [ordinal, { kind, id, parentId, bytes }] of records.entries()) {
    if (kind === "" || gone.has(ordinal)) continue;
    const name = fromByteString(kind);
    if (terms.kinds.has(name)) found.look(terms, name, () => ({ kind, id, parentId }), bytes, 0, bytes.length);
  }
  return found;
}

const NONE: ReadonlySet<number> = new Set();

/** A raw frame of layout 1 (docs/design.md 2.3). */
export function encodeFrame(records: readonly PackRecord[], gone: ReadonlySet<number>): Buffer {
  const kinds = new Map<string, number>();
  const kindColumn = new ByteWriter(1024);
  const idColumn = new ByteWriter(2048);
  const parentColumn = new ByteWriter(1024);
  const lengthColumn = new ByteWriter(2048);
  const literals = new ByteWriter(1024);
  const body = new ByteWriter(192 * 1024);
  let idBefore: string | null = null;
  let parentBefore: string | null = null;
  let topId: string | null = null;
  for (const [ordinal, { kind, id, parentId, bytes }] of records.entries()) {
    if (kind === "" || gone.has(ordinal)) {
      for (const column of [kindColumn, idColumn, idColumn, parentColumn, lengthColumn]) column.varint(0);
      body.u8(0x0a);
      continue;
    }
    let number = kinds.get(kind);
    if (number === undefined) kinds.set(kind, (number = kinds.size + 1));
    kindColumn.varint(number);
    const at = asBuffer(bytes).indexOf(id, 0, "latin1");
    idColumn.varint(at + 1);
    idColumn.varint(id.length);
    if (at < 0) literals.latin1(id);
    const parent = parentId === null ? 0 : parentId === parentBefore ? 1 : parentId === idBefore ? 2 : parentId === topId ? 3 : 4;
    parentColumn.u8(parent);
    if (parent === 4) {
      literals.varint((parentId as string).length);
      literals.latin1(parentId as string);
    }
    lengthColumn.varint(bytes.length);
    body.put(bytes);
    body.u8(0x0a);
    if (parentId === null) topId = id;
    idBefore = id;
    parentBefore = parentId;
  }
  const head = new ByteWriter(256);
  head.varint(records.length);
  head.varint(kinds.size);
  for (const kind of kinds.keys()) {
    head.varint(kind.length);
    head.latin1(kind);
  }
  const literalLength = new ByteWriter(8);
  literalLength.varint(literals.length);
  return Buffer.concat([head, kindColumn, idColumn, parentColumn, lengthColumn, literalLength, literals, body].map((part) => part.view()));
}
