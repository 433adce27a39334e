/** A pack's own secret, wrapped by the content key of its run: packs/ab/<id>.key (docs/design.md 2.4). */
import { aadOf, open, seal } from "../crypto/seal.ts";
import { damaged } from "../errors.ts";
import { asBuffer } from "../format/bytes.ts";
import type { Random } from "../ports.ts";

const MAGIC = Buffer.from("HFPKEY\x00\x01", "latin1");
export const PACK_SECRET_OBJECT_BYTES = 84;

function aad(vaultId: Uint8Array, packId: string, keyId: string): Buffer {
  return aadOf("holdfast pack key v1", vaultId, Buffer.from(packId, "hex"), Buffer.from(keyId, "hex"));
}

export function wrapPackSecret(secret: Uint8Array, packId: string, content: { id: string; key: Uint8Array }, vaultId: Uint8Array, random: Random): Buffer {
  const nonce = random(12);
  return Buffer.concat([MAGIC, Buffer.from(content.id, "hex"), nonce, seal(content.key, nonce, aad(vaultId, packId, content.id), secret)]);
}

/** The content key id it names, after checking its shape. */
export function contentKeyOf(bytes: Uint8Array, object: string): string {
  const buffer = asBuffer(bytes);
  if (buffer.length !== PACK_SECRET_OBJECT_BYTES || !buffer.subarray(0, 8).equals(MAGIC)) throw damaged(object, "it is no pack key");
  return buffer.toString("hex", 8, 24);
}

export function unwrapPackSecret(bytes: Uint8Array, packId: string, contentKey: Uint8Array, vaultId: Uint8Array, object: string): Buffer {
  const keyId = contentKeyOf(bytes, object);
  const buffer = asBuffer(bytes);
  return open(contentKey, buffer.subarray(24, 36), aad(vaultId, packId, keyId), buffer.subarray(36), object);
}
