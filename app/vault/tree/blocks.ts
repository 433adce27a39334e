/** Sealed blocks in tree objects: writing them one after another, and reading one by its reference (docs/design.md 2.5). */
import type { KeyObject } from "node:crypto";
import { zstdCompressSync, zstdDecompressSync, constants } from "node:zlib";
import { aadOf, deriveKey, manyTimesKey, open, positionNonce, seal } from "../crypto/seal.ts";
import { sha256 } from "../crypto/digest.ts";
import { damaged, missing } from "../errors.ts";
import { asBuffer, ByteWriter } from "../format/bytes.ts";
import { treeKey } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Random } from "../ports.ts";
import type { BlockRef } from "../types.ts";

export type BlockType = 1 | 2 | 3 | 4;
export const LEAF = 1;
export const INNER = 2;
export const LOCATOR_LEAF = 3;
export const LOCATOR_INNER = 4;

const MAGIC = Buffer.from("HFTREE\x00\x01", "latin1");
const SALT_BYTES = 32;
export const TREE_HEADER_BYTES = MAGIC.length + SALT_BYTES;
const OBJECT_TARGET = 4 * 1024 * 1024;
/** A leaf of 4096 entries with the longest keys stays below this. */
const MAX_RAW = 64 * 1024 * 1024;

/** Whose index it is, and the key that opens it. */
export interface IndexKeys {
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  readonly indexKey: Uint8Array;
  /** Of the vault, for what is written. Readers are told by what they read. */
  readonly format?: 1 | 2;
}

function blockAad(vaultId: Uint8Array, salt: Uint8Array, block: number, type: BlockType): Buffer {
  const position = Buffer.alloc(5);
  position.writeUInt32BE(block, 0);
  position[4] = type;
  return aadOf("holdfast tree v1", vaultId, salt, position);
}

/** Puts bytes under a name that follows from them, and counts them. */
export type PutObject = (key: string, bytes: Uint8Array) => Promise<void>;

export class BlockWriter {
  readonly objects: { id: string; size: number }[] = [];
  /** Reused from object to object. */
  private readonly bytes = new ByteWriter(64 * 1024);
  private block = 0;
  private salt: Buffer = Buffer.alloc(0);
  private key: KeyObject | null = null;
  private readonly keys: IndexKeys;
  private readonly random: Random;
  private readonly put: PutObject;
  constructor(keys: IndexKeys, random: Random, put: PutObject) {
    this.keys = keys;
    this.random = random;
    this.put = put;
  }

  async append(type: BlockType, raw: Uint8Array): Promise<BlockRef> {
    if (this.bytes.length >= OBJECT_TARGET) await this.finish();
    if (this.bytes.length === 0) {
      this.salt = Buffer.from(this.random(SALT_BYTES));
      const key = deriveKey(this.keys.indexKey, this.salt, "holdfast tree v1");
      this.key = manyTimesKey(key);
      key.fill(0);
      this.bytes.put(MAGIC);
      this.bytes.put(this.salt);
      this.block = 0;
    }
    const sealed = seal(this.key as KeyObject, positionNonce(this.block), blockAad(this.keys.vaultId, this.salt, this.block, type), pack(raw));
    const ref = { object: this.objects.length, block: this.block, offset: this.bytes.length, length: sealed.length };
    this.bytes.put(sealed);
    this.block++;
    return ref;
  }

  /** Writes what is pending. */
  async finish(): Promise<void> {
    if (this.bytes.length === 0) return;
    const bytes = this.bytes.view();
    this.key = null;
    const id = sha256(bytes);
    this.objects.push({ id, size: bytes.length });
    await this.put(treeKey(id), bytes);
    this.bytes.reset();
  }
}

function pack(raw: Uint8Array): Buffer {
  const small = zstdCompressSync(raw, { chunkSize: Math.max(1024, raw.length + 64), pledgedSrcSize: raw.length, params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  if (small.length + 4 >= raw.length) return Buffer.concat([Buffer.of(0), raw]);
  const head = Buffer.alloc(5);
  head[0] = 1;
  head.writeUInt32BE(raw.length, 1);
  return Buffer.concat([head, small]);
}

function unpack(text: Buffer, object: string): Buffer {
  if (text[0] === 0) return text.subarray(1);
  if (text[0] !== 1 || text.length < 5) throw damaged(object, "a block is packed in an unknown way");
  const rawLength = text.readUInt32BE(1);
  if (rawLength > MAX_RAW) throw damaged(object, "a block claims to be too large");
  let raw;
  try {
    raw = zstdDecompressSync(text.subarray(5), { maxOutputLength: Math.max(1, rawLength), chunkSize: rawLength + 64 });
  } catch (cause) {
    throw damaged(object, "a block does not inflate", cause);
  }
  if (raw.length !== rawLength) throw damaged(object, "a block is shorter than it says");
  return raw;
}

interface Window {
  readonly object: number;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** The first read of a walk fetches no more than this; each that goes on where one ended fetches twice as much as that one. */
const FIRST_AHEAD = 32 * 1024;
/** A walk skips inner blocks between leaves: it goes on even if it does not start where the last fetch ended. */
const GAP = 4 * 1024;

/**
 * Reads blocks of one run. Up to `readAhead` bytes are fetched at once while reads follow one another, 0: exactly the block (for point reads).
 * Look-ups here and there, as of records that come shuffled, are thus not paid for with a window each.
 */
export class BlockReader {
  bytesFetched = 0;
  private readonly windows: Window[] = [];
  private readonly headers = new Map<number, Buffer>();
  private readonly derived = new Map<number, { salt: Buffer; key: KeyObject }>();
  private readonly store: ObjectStore;
  private readonly keys: IndexKeys;
  private readonly objects: readonly { readonly id: string; readonly size: number }[];
  private readonly readAhead: number;
  constructor(store: ObjectStore, keys: IndexKeys, objects: readonly { readonly id: string; readonly size: number }[], readAhead: number) {
    this.store = store;
    this.keys = keys;
    this.objects = objects;
    this.readAhead = readAhead;
  }

  async read(ref: BlockRef, type: BlockType): Promise<{ raw: Buffer; object: string }> {
    const object = this.objects[ref.object];
    if (object === undefined) throw damaged("the index", "a block lies in no object of its run");
    const name = treeKey(object.id);
    if (ref.offset < TREE_HEADER_BYTES || ref.offset + ref.length > object.size) throw damaged(name, "a block lies outside it");
    // Walks find both in a window; a point read waits for the slower of two fetches, not for one after the other.
    const known = this.derived.get(ref.object);
    const [{ salt, key }, sealed] =
      known === undefined && this.readAhead === 0
        ? await Promise.all([this.keyOf(ref.object, object.id), this.range(ref.object, ref.offset, ref.length)])
        : [known ?? (await this.keyOf(ref.object, object.id)), await this.range(ref.object, ref.offset, ref.length)];
    const text = open(key, positionNonce(ref.block), blockAad(this.keys.vaultId, salt, ref.block, type), sealed, name);
    return { raw: unpack(text, name), object: name };
  }

  private async keyOf(number: number, id: string): Promise<{ salt: Buffer; key: KeyObject }> {
    let derived = this.derived.get(number);
    if (derived === undefined) {
      const header = this.headers.get(number) ?? (await this.range(number, 0, TREE_HEADER_BYTES));
      if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged(treeKey(id), "it does not start as an index object does");
      const salt = Buffer.from(header.subarray(MAGIC.length));
      derived = { salt, key: manyTimesKey(deriveKey(this.keys.indexKey, salt, "holdfast tree v1")) };
      this.derived.set(number, derived);
    }
    return derived;
  }

  private ahead(number: number, offset: number, length: number): number {
    if (this.readAhead === 0) return 0;
    for (const window of this.windows) {
      const past = offset - (window.offset + window.bytes.length);
      if (window.object === number && past > -length && past < GAP) return Math.min(this.readAhead, window.bytes.length * 2);
      // A walk that ends one object goes on at the start of the next.
      if (window.object === number - 1 && offset < GAP) return this.readAhead;
    }
    return Math.min(this.readAhead, offset < GAP ? FIRST_AHEAD : 0);
  }

  private async range(number: number, offset: number, length: number): Promise<Buffer> {
    for (const window of this.windows) {
      if (window.object === number && window.offset <= offset && offset + length <= window.offset + window.bytes.length) return window.bytes.subarray(offset - window.offset, offset - window.offset + length);
    }
    const object = this.objects[number] as { id: string; size: number };
    const wanted = Math.min(Math.max(length, this.ahead(number, offset, length)), object.size - offset);
    const name = treeKey(object.id);
    const bytes = await this.store.get(name, { offset, length: wanted });
    if (bytes === null) throw missing(name);
    this.bytesFetched += bytes.length;
    if (bytes.length !== wanted) throw damaged(name, "it ends too early");
    const buffer = asBuffer(bytes);
    if (this.readAhead > 0) {
      this.windows.push({ object: number, offset, bytes: buffer });
      if (this.windows.length > 3) this.windows.shift();
    }
    return buffer.subarray(0, length);
  }
}
