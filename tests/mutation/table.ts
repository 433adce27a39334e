/** Defences that are no guard: what a sealed part is bound to, and what a schema insists on. Each is taken away by replacing one piece of source. */
export interface Defence {
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

const part = (file: string, find: string, replace: string): Defence => ({ file, find, replace });

export const DEFENCES: readonly Defence[] = [
  // A frame is bound to its vault, pack, place, flags, length and number of records.
  part("app/vault/pack/header.ts", "position.writeUInt32BE(frame, 0);", ""),
  part("app/vault/pack/header.ts", "position.writeUInt32BE(flags, 4);", ""),
  part("app/vault/pack/header.ts", "position.writeUInt32BE(raw, 8);", ""),
  part("app/vault/pack/header.ts", "position.writeUInt32BE(records, 12);", ""),
  part("app/vault/pack/header.ts", "vaultId, salt, position)", "salt, position)"),
  part("app/vault/pack/header.ts", "vaultId, salt, position)", "vaultId, position)"),
  // A pack's secret is bound to vault, pack and content key.
  part("app/vault/pack/secret.ts", 'aadOf("holdfast pack key v1", vaultId, ', 'aadOf("holdfast pack key v1", '),
  part("app/vault/pack/secret.ts", ', Buffer.from(packId, "hex"), ', ", "),
  part("app/vault/pack/secret.ts", ', Buffer.from(keyId, "hex"));', ");"),
  // A search part is bound to its vault and its head; keys that open it make no tokens.
  part("app/vault/search/part.ts", 'aadOf("holdfast search v1", vaultId, ', 'aadOf("holdfast search v1", '),
  part("app/vault/search/part.ts", ', Buffer.from(sha256Bytes(head), "latin1"));', ");"),
  part("app/vault/search/tokens.ts", '"holdfast search blocks v1"', '"holdfast search terms v1"'),
  // A block of the index is bound to vault, object, place and type.
  part("app/vault/tree/blocks.ts", "position.writeUInt32BE(block, 0);", ""),
  part("app/vault/tree/blocks.ts", "position[4] = type;", ""),
  part("app/vault/tree/blocks.ts", 'aadOf("holdfast tree v1", vaultId, salt, position)', 'aadOf("holdfast tree v1", salt, position)'),
  part("app/vault/tree/blocks.ts", 'aadOf("holdfast tree v1", vaultId, salt, position)', 'aadOf("holdfast tree v1", vaultId, position)'),
  part("app/vault/tree/blocks.ts", "maxOutputLength: Math.max(1, rawLength), ", ""),
  // Labels keep keys of one use from serving another.
  part("app/vault/crypto/seal.ts", "Buffer.from(`${label}\\0`, \"latin1\")", 'Buffer.from("", "latin1")'),
  part("app/vault/crypto/seal.ts", "salt ?? NO_SALT, label, 32", "salt ?? NO_SALT, \"\", 32"),
  // Signed JSON has one header, one envelope, one spelling.
  part("app/vault/crypto/signed.ts", "signature: z.string().max(256) }).strict()", "signature: z.string().max(256) })"),
  part("app/vault/crypto/signed.ts", "kid: z.string() }).strict()", "kid: z.string() })"),
  part("app/vault/crypto/signed.ts", 'parts.every((part) => Buffer.from(part, "base64url").toString("base64url") === part) && ', ""),
  part("app/vault/crypto/signed.ts", " && text === JSON.stringify({ protected: parts[0], payload: parts[1], signature: parts[2] })", ""),
  // Wrapped keys say what they are.
  part("app/vault/crypto/wrapped-key.ts", 'enc: z.literal("A256GCM")', "enc: z.string()"),
  part("app/vault/crypto/wrapped-key.ts", 'typ: z.literal("holdfast-key")', "typ: z.string()"),
  // Strength of recipients, and that no private half is ever written.
  part("app/vault/crypto/jwk.ts", "bits >= RSA_MIN_BITS", "bits >= 0"),
  part("app/vault/crypto/jwk.ts", '(jwk.crv === "P-256" || jwk.crv === "P-384")', "jwk.crv !== undefined"),
  part("app/vault/crypto/jwk.ts", "const jwk = publicHalf(recipient.jwk);", "const jwk = recipient.jwk;"),
  // What a number in a manifest may be.
  part("app/vault/snapshot/manifest.ts", "const Count = z.number().int().nonnegative()", "const Count = z.number().int()"),
  part("app/vault/snapshot/manifest.ts", "height: Count.max(6),\n  objects", "height: Count,\n  objects"),
  // The chain of manifests.
  part("app/vault/verify/verify.ts", "found.digest !== parent.digest || ", ""),
  part("app/vault/verify/verify.ts", "manifest.sequence !== found.sequence + 1 || ", ""),
  part("app/vault/verify/verify.ts", " || manifest.takenAt <= found.takenAt", ""),
  // The root: what it is computed over.
  part("app/vault/tree/root.ts", "head.writeBigUInt64BE(BigInt(count));", ""),
  part("app/vault/tree/root.ts", "chunk.varint(key.length);\n    chunk.latin1(key);\n    if (place < 0)", "chunk.varint(key.length);\n    chunk.latin1(key);\n    if (place !== Infinity)"),
  // The digest is keyed.
  part("app/vault/crypto/digest.ts", "this.inner[i] = k ^ 0x36;", "this.inner[i] = 0x36;"),
];
