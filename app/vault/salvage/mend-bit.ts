/**
 * Finds one flipped bit in a part sealed with AES-256-GCM and puts it right. The tag is a polynomial over the text in GF(2^128) (NIST SP 800-38D, 6.4), so
 * what one flipped bit does to it is that bit times a power of H; whoever has the key can solve for block and bit. The part is opened afterwards like
 * any other: a wrong guess does not get past the tag. Not found: more than a bit is damaged, or key, nonce or AAD are not the ones it was sealed with.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { TAG_BYTES } from "../crypto/seal.ts";

const BLOCK = 16;
/** A step for each block: 64 Ki take a few seconds. Frames of many megabytes hold a single record. */
const MOST_BLOCKS = 65_536;
/** x^128 + x^7 + x^2 + x + 1, with the coefficient of x^0 as the highest bit, as GCM has it. */
const R = 0xe1n << 120n;
const ONE = 1n << 127n;

/** Changes `sealed` (text ‖ tag) in place; answers whether it found the bit. */
export function mendOneBit(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Buffer): boolean {
  const text = sealed.subarray(0, sealed.length - TAG_BYTES);
  const blocks = Math.ceil(text.length / BLOCK);
  if (sealed.length < TAG_BYTES || blocks > MOST_BLOCKS) return false;
  let difference = numberOf(tagOf(key, nonce, aad, text)) ^ numberOf(sealed.subarray(text.length));
  if (difference === 0n) return false;
  if (isOneBit(difference)) return flip(sealed, text.length, difference);
  const h = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(Buffer.alloc(BLOCK));
  const back = multiplier(inverse(numberOf(h)));
  // Block i, of `blocks`, is multiplied by H once for itself, for each block after it, and for the block of lengths.
  difference = back(difference);
  for (let block = blocks - 1; block >= 0; block--) {
    difference = back(difference);
    if (isOneBit(difference) && byteOf(difference) < text.length - block * BLOCK) return flip(text, block * BLOCK, difference);
  }
  return false;
}

/** The tag that this text would have. */
function tagOf(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, text: Uint8Array): Buffer {
  const plain = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad).update(text);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
  cipher.update(plain);
  cipher.final();
  return cipher.getAuthTag();
}

function numberOf(block: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(block).toString("hex")}`);
}

function isOneBit(n: bigint): boolean {
  return n !== 0n && (n & (n - 1n)) === 0n;
}

function byteOf(bit: bigint): number {
  return BLOCK - Math.ceil(bit.toString(2).length / 8);
}

function flip(bytes: Buffer, at: number, bit: bigint): true {
  const where = at + byteOf(bit);
  bytes[where] = (bytes[where] as number) ^ (1 << ((bit.toString(2).length - 1) % 8));
  return true;
}

function timesX(n: bigint): bigint {
  return (n & 1n) === 0n ? n >> 1n : (n >> 1n) ^ R;
}

/** Multiplication by a fixed element: one table look-up for each byte. */
function multiplier(by: bigint): (n: bigint) => bigint {
  const powers: bigint[] = [by];
  for (let i = 1; i < 128; i++) powers.push(timesX(powers[i - 1] as bigint));
  const tables = Array.from({ length: BLOCK }, (_, byte) =>
    Array.from({ length: 256 }, (__, value) => {
      let sum = 0n;
      for (let bit = 0; bit < 8; bit++) if ((value & (0x80 >> bit)) !== 0) sum ^= powers[byte * 8 + bit] as bigint;
      return sum;
    }),
  );
  return (n) => {
    let product = 0n;
    let rest = n;
    for (let byte = BLOCK - 1; byte >= 0; byte--) {
      product ^= (tables[byte] as bigint[])[Number(rest & 0xffn)] as bigint;
      rest >>= 8n;
    }
    return product;
  };
}

/** n^(2^128 - 2). */
function inverse(n: bigint): bigint {
  let result = ONE;
  let power = n;
  for (let i = 1; i < 128; i++) {
    power = times(power, power);
    result = times(result, power);
  }
  return result;
}

function times(a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let i = 127n; i >= 0n; i--) {
    if (((a >> i) & 1n) === 1n) product ^= shifted;
    shifted = timesX(shifted);
  }
  return product;
}
