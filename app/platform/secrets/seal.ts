/**
 * Sealing of what the host must keep but nobody may read in the database: vault host keys, access tokens. JWE compact (RFC 7516), "dir"
 * with A256GCM, a random 96-bit nonce per message; the key is HKDF-SHA-256 of the host secret, one per use. What a sealed text belongs
 * to stands in its protected header, so that it cannot be moved to another row.
 */
import { hkdfSync } from "node:crypto";
import { CompactEncrypt, compactDecrypt } from "jose";
import type { Secret } from "./secret.ts";

export class SealError extends Error {
  override readonly name = "SealError";
  readonly code = "seal.cannot_open";
  readonly retry = "never";
}

export interface Sealer {
  /** `belongsTo` names the row and column, "vault:<id>". It is readable. */
  seal(text: string, belongsTo: string): Promise<string>;
  /** Throws SealError when the text was damaged, belongs elsewhere, or was sealed under another host secret. */
  open(sealed: string, belongsTo: string): Promise<string>;
}

export function sealer(secret: Secret<string>, use: string): Sealer {
  const key = new Uint8Array(hkdfSync("sha256", secret.reveal(), "holdfast host v1", use, 32));
  return {
    seal: (text, belongsTo) =>
      new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader({ alg: "dir", enc: "A256GCM", hf: belongsTo }).encrypt(key),
    open: async (sealed, belongsTo) => {
      let opened;
      try {
        opened = await compactDecrypt(sealed, key, { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] });
      } catch (cause) {
        throw new SealError(`what is kept for ${belongsTo} cannot be opened: it is damaged, or HOLDFAST_SECRET is not the one it was sealed under`, { cause });
      }
      if (opened.protectedHeader["hf"] !== belongsTo) throw new SealError(`what is kept for ${belongsTo} belongs to something else`);
      return new TextDecoder().decode(opened.plaintext);
    },
  };
}
