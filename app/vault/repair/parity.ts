/**
 * Parity objects (docs/design.md 2.7): enough beside an object to mend a damaged region of it, without any key.
 *
 * The object's stored bytes are cut into shards, the shards dealt to groups in turn, and each group of up to 128 gets four parity shards of a Reed-Solomon
 * code. A CRC-32 per shard says which are lost; SHA-256 of the whole says whether mending succeeded. Parity is against rot, not against an attacker, who
 * could as well remove it: nothing is taken from it that does not give the digest the vault names.
 */
import { crc32 } from "node:zlib";
import { sha256 } from "../crypto/digest.ts";
import { damaged } from "../errors.ts";
import { asBuffer } from "../format/bytes.ts";
import { coefficient, GROUP_SHARDS, invert, multiply, PARITY_ROWS, wordsOf } from "./galois.ts";

const MAGIC = Buffer.from("HFPRTY\x00\x01", "latin1");
const HEADER_BYTES = 48;
const DIGEST_BYTES = 32;
const MIN_SHARD = 512;
const MAX_SHARD = 4096;
/** Objects up to this are small enough to be rebuilt as a whole. */
const COPIED = 4096;

export interface ParityLayout {
  /** Bytes of a shard; the last may be shorter. */
  readonly shard: number;
  readonly shards: number;
  readonly groups: number;
  /** Parity shards of each group. */
  readonly rows: number;
}

/** How an object of `size` bytes is cut. Part of the format: the parity object does not repeat it. */
export function parityLayout(size: number): ParityLayout {
  const groups = Math.max(1, Math.ceil(size / (GROUP_SHARDS * MAX_SHARD)));
  const shard = size <= COPIED ? Math.max(1, Math.ceil(size / PARITY_ROWS)) : Math.max(MIN_SHARD, Math.ceil(size / (GROUP_SHARDS * groups)));
  const shards = Math.ceil(size / shard);
  return { shard, shards, groups, rows: Math.min(PARITY_ROWS, shards) };
}

/** Bytes of the parity object of an object of `size` bytes: 3.2 to 3.9 % from 64 KiB on, up to 2.9 KB below, the size and a header up to 4 KiB. */
export function paritySize(size: number): number {
  const { shard, shards, groups, rows } = parityLayout(size);
  return HEADER_BYTES + (shards + groups * rows) * 4 + groups * rows * shard + DIGEST_BYTES;
}

/** Bytes of one damaged region, wherever it begins, that can always be mended. */
export function mendableRegion(size: number): number {
  const { shard, groups, rows } = parityLayout(size);
  return (groups * rows - 1) * shard + 1;
}

/** XORs what shards count for into `word` (four rows a byte), all shards of `group` but those in `without`. */
function accumulate(bytes: Buffer, layout: ParityLayout, group: number, without: ReadonlySet<number>): Uint32Array {
  const words = new Uint32Array(layout.shard);
  for (let i = group, row = 0; i < layout.shards; i += layout.groups, row++) {
    if (without.has(i)) continue;
    const table = wordsOf(row);
    const from = i * layout.shard;
    const length = Math.min(layout.shard, bytes.length - from);
    for (let at = 0; at < length; at++) words[at] = (words[at] as number) ^ (table[bytes[from + at] as number] as number);
  }
  return words;
}

const NONE: ReadonlySet<number> = new Set();

/** The parity object of these stored bytes: the same for the same bytes. */
export function encodeParity(object: Uint8Array): Buffer {
  const bytes = asBuffer(object);
  const layout = parityLayout(bytes.length);
  const { shard, shards, groups, rows } = layout;
  const out = Buffer.alloc(paritySize(bytes.length));
  out.set(MAGIC, 0);
  out.writeBigUInt64BE(BigInt(bytes.length), 8);
  out.write(sha256(bytes), 16, "hex");
  for (let i = 0; i < shards; i++) out.writeUInt32BE(crc32(bytes.subarray(i * shard, (i + 1) * shard)), HEADER_BYTES + i * 4);
  const sums = HEADER_BYTES + shards * 4;
  const body = sums + groups * rows * 4;
  for (let group = 0; group < groups; group++) {
    const words = accumulate(bytes, layout, group, NONE);
    for (let row = 0; row < rows; row++) {
      const number = group * rows + row;
      const from = body + number * shard;
      for (let at = 0; at < shard; at++) out[from + at] = (words[at] as number) >>> (row * 8);
      out.writeUInt32BE(crc32(out.subarray(from, from + shard)), sums + number * 4);
    }
  }
  out.write(sha256(out.subarray(0, out.length - DIGEST_BYTES)), out.length - DIGEST_BYTES, "hex");
  return out;
}

export interface ParityHeader {
  /** Of the object it protects. */
  readonly size: number;
  /** SHA-256, hex. */
  readonly digest: string;
  /** Every byte of the parity object is what it was. */
  readonly whole: boolean;
}

/** What a parity object says of itself. Throws vault.damaged_object when nothing can be had from it. */
export function readParity(parity: Uint8Array, object: string): ParityHeader {
  const bytes = asBuffer(parity);
  if (bytes.length < HEADER_BYTES + DIGEST_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) throw damaged(object, "it is no parity object");
  const size = Number(bytes.readBigUInt64BE(8));
  if (size === 0 || paritySize(size) !== bytes.length) throw damaged(object, "its length does not follow from the size it names");
  const end = bytes.length - DIGEST_BYTES;
  return { size, digest: bytes.toString("hex", 16, HEADER_BYTES), whole: sha256(bytes.subarray(0, end)) === bytes.toString("hex", end) };
}

/**
 * The object as it was, from what is left of it (null: nothing) and its parity; null when too much is lost.
 * `known` is what the vault says of the object: it stands above what the parity object claims. Throws vault.damaged_object for a parity object of no use.
 */
export function mendFromParity(left: Uint8Array | null, parity: Uint8Array, name: string, known: { readonly digest?: string } = {}): Buffer | null {
  const { size, digest } = readParity(parity, name);
  const layout = parityLayout(size);
  const sums = HEADER_BYTES + layout.shards * 4;
  const source = asBuffer(parity);
  const bytes = Buffer.alloc(size);
  if (left !== null) bytes.set(left.subarray(0, size), 0);
  const lost = Array.from({ length: layout.groups }, () => new Set<number>());
  for (let i = 0; i < layout.shards; i++) {
    if (crc32(bytes.subarray(i * layout.shard, Math.min(size, (i + 1) * layout.shard))) !== source.readUInt32BE(HEADER_BYTES + i * 4)) lost[i % layout.groups]?.add(i);
  }
  for (const [group, shards] of lost.entries()) {
    if (shards.size > 0 && !mendGroup(bytes, layout, group, shards, source, sums)) return null;
  }
  return sha256(bytes) === (known.digest ?? digest) ? bytes : null;
}

function mendGroup(bytes: Buffer, layout: ParityLayout, group: number, lost: ReadonlySet<number>, source: Buffer, sums: number): boolean {
  const { shard, groups, rows } = layout;
  const parityOf = (row: number): Buffer => source.subarray(sums + groups * rows * 4 + (group * rows + row) * shard).subarray(0, shard);
  const usable: number[] = [];
  for (let row = 0; row < rows && usable.length < lost.size; row++) if (crc32(parityOf(row)) === source.readUInt32BE(sums + (group * rows + row) * 4)) usable.push(row);
  if (usable.length < lost.size) return false;
  const words = accumulate(bytes, layout, group, lost);
  const wanted = [...lost];
  const solution = invert(usable.map((row) => wanted.map((i) => coefficient(row, (i - group) / groups))));
  const parts = usable.map(parityOf);
  for (const [w, i] of wanted.entries()) {
    const factors = solution[w] as number[];
    const from = i * shard;
    const length = Math.min(shard, bytes.length - from);
    for (let at = 0; at < length; at++) {
      let value = 0;
      for (let u = 0; u < usable.length; u++) value ^= multiply(factors[u] as number, ((parts[u] as Buffer)[at] as number) ^ (((words[at] as number) >>> ((usable[u] as number) * 8)) & 0xff));
      bytes[from + at] = value;
    }
  }
  return true;
}
