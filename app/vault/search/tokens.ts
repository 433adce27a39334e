/**
 * Keys and tokens (docs/design.md 11.2). A pack's search key comes from the pack's own secret, so who holds no identity has it no longer than the pack takes to
 * be written, and it is gone when the pack's key is destroyed. The rows of one term are numbered, and each number has a label of its own: what is stored shows
 * neither which rows belong together nor how often a term occurs (the scheme is Πbas of Cash et al., NDSS 2014, "Dynamic Searchable Encryption in Very-Large Databases").
 */
import { createHmac, hash } from "node:crypto";
import { deriveKey } from "../crypto/seal.ts";
import type { SearchTerm } from "./terms.ts";

export const TOKEN_BYTES = 32;
export const SALT_BYTES = 32;
/** A row is one 64-bit number: its label, then the number of its record. */
export const NUMBER_BITS = 18;
export const MAX_ROWS = 2 ** NUMBER_BITS;

/** What opens a pack's search parts and makes tokens for it. 32 bytes. Opens no record. */
export function searchKeyOf(packSecret: Uint8Array): Buffer {
  return deriveKey(packSecret, null, "holdfast search v1");
}

/** Makes tokens. */
export function termKeyOf(searchKey: Uint8Array): Buffer {
  return deriveKey(searchKey, null, "holdfast search terms v1");
}

/** Opens the blocks of the pack's parts; who has it and no token sees labels that say nothing. */
export function blocksKeyOf(searchKey: Uint8Array): Buffer {
  return deriveKey(searchKey, null, "holdfast search blocks v1");
}

export function partKeyOf(blocksKey: Uint8Array, salt: Uint8Array): Buffer {
  return deriveKey(blocksKey, salt, "holdfast search part v1");
}

/** HMAC-SHA-256(term key, type ‖ UTF-8). */
export function tokenOf(termKey: Uint8Array, { type, term }: SearchTerm): Buffer {
  return createHmac("sha256", termKey).update(Uint8Array.of(type)).update(term, "utf8").digest();
}

/** A label as two numbers, the upper 32 bits and the lower 14 in their place above the record's number. */
export interface Label {
  readonly high: number;
  readonly low: number;
}

/** Of a row's lower half: what is the label's. */
export const LOW_MASK = ~(MAX_ROWS - 1) >>> 0;

function labelAt(bytes: Buffer, at: number): Label {
  return { high: bytes.readUInt32BE(at), low: ((((bytes[at + 4] as number) << 24) | ((bytes[at + 5] as number) << 16)) & LOW_MASK) >>> 0 };
}

const BLOCK = 64;
/** Labels of six bytes, of which 46 bits count, in one HMAC. */
export const LABELS = 5;
export const LABEL_BYTES = 6;
const inner = Buffer.alloc(BLOCK + 4);
const outer = Buffer.alloc(BLOCK + 32);
const whole = Buffer.alloc(32 + 2);
const memo = Buffer.alloc(16);
let memoBlock = -1;

/**
 * The label of the `count`-th row of a term, from 0. The first is the start of the token; with key = the token's last 16 bytes the five after the j-th five, from
 * j = 0, are bytes 0, 6, 12, 18 and 24 and following of HMAC-SHA-256(key, u32 j). `token` from `at`.
 */
export function labelOf(token: Buffer, at: number, count: number): Label {
  if (count === 0) return labelAt(token, at);
  const block = Math.floor((count - 1) / LABELS);
  // Rows are labelled one after the other: five share their HMAC.
  if (block !== memoBlock || token.compare(memo, 0, 16, at + 16, at + TOKEN_BYTES) !== 0) {
    token.copy(memo, 0, at + 16, at + TOKEN_BYTES);
    memoBlock = block;
    fiveLabels(block);
  }
  return labelAt(whole, ((count - 1) % LABELS) * LABEL_BYTES);
}

/** Into `whole`, under the key in `memo`. As in KeyedDigest: two one-shot hashes cost a quarter of a fresh HMAC object. */
function fiveLabels(block: number): void {
  inner.fill(0x36, 0, BLOCK);
  outer.fill(0x5c, 0, BLOCK);
  for (let i = 0; i < 16; i++) {
    const byte = memo[i] as number;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  inner.writeUInt32BE(block, BLOCK);
  outer.write(hash("sha256", inner, "latin1" as "hex"), BLOCK, "latin1");
  whole.write(hash("sha256", outer, "latin1" as "hex"), 0, "latin1");
}
