/**
 * AES-256-GCM with a 16-byte tag after the text, and HKDF-SHA-256. Nonces are positions, which is safe only because each key is
 * made fresh (random salt) for one object; see the table of bounds in docs/design.md 3.
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { damaged } from "../errors.ts";

export const TAG_BYTES = 16;
const NO_SALT = Buffer.alloc(0);

export type KeyLabel = "holdfast digest v1" | "holdfast locator v1" | "holdfast locator v2" | "holdfast tree v1" | "holdfast frame v1" | "holdfast commit v1" | "holdfast tombstone v1" | "holdfast hold subject v1" | "holdfast request v1" | "holdfast journal v1" | "holdfast restore v1" | "holdfast search v1" | "holdfast search terms v1" | "holdfast search blocks v1" | "holdfast search part v1";

/** HKDF-SHA-256 (RFC 5869), 32 bytes. */
export function deriveKey(secret: Uint8Array, salt: Uint8Array | null, label: KeyLabel): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, salt ?? NO_SALT, label, 32));
}

/** A key for many parts: given as bytes, each `seal` and `open` spends ten times as long on the key as on a small part. */
export function manyTimesKey(key: Uint8Array): KeyObject {
  return createSecretKey(key);
}

export function positionNonce(position: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(position, 8);
  return nonce;
}

export function seal(key: Uint8Array | KeyObject, nonce: Uint8Array, aad: Uint8Array, text: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(aad);
  const sealed = cipher.update(text);
  cipher.final();
  return Buffer.concat([sealed, cipher.getAuthTag()]);
}

/** Throws vault.damaged_object, said of `object`, unless key, nonce, AAD and every byte are right. */
export function open(key: Uint8Array | KeyObject, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array, object: string): Buffer {
  if (sealed.length < TAG_BYTES) throw damaged(object, "a sealed part is shorter than its tag");
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const text = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch (cause) {
    throw damaged(object, "a sealed part does not open", cause);
  }
  return text;
}

/** label ‖ 00 ‖ parts: what a sealed part is bound to. */
export function aadOf(label: string, ...parts: Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from(`${label}\0`, "latin1"), ...parts]);
}
