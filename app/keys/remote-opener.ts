/** Opens wrapped keys with a private key that a service holds and never gives out: the service unwraps 32 bytes, the rest happens here. */
import { createDecipheriv, createHash, createPublicKey } from "node:crypto";
import type { KeyOpener, Recipient } from "#app/vault/index.ts";
import { KeyError } from "./errors.ts";
import { candidatesFor, decryptContent, parseJwe, protectedHeader, type JweHeader } from "./jwe.ts";

/**
 * What a service does for us. "not decryptable" is an answer, not an error: the bytes were not wrapped to this key, or were altered.
 * Everything else (denied, throttled, unreachable …) is thrown as a KeyError.
 */
export interface RemoteKey {
  readonly recipient: Recipient;
  /** RSAES-OAEP with SHA-256 (RFC 8017). */
  unwrap?(encryptedKey: Uint8Array): Promise<Uint8Array | "not decryptable">;
  /** The x coordinate of the shared point (NIST SP 800-56A), given the other side's public key as DER SubjectPublicKeyInfo. */
  agree?(publicKey: Uint8Array): Promise<Uint8Array | "not decryptable">;
}

export function remoteOpener(remote: RemoteKey): KeyOpener {
  const { keyId } = remote.recipient;
  return {
    keyId,
    async open(bytes) {
      const jwe = parseJwe(bytes);
      const { recipients, mine } = candidatesFor(jwe, keyId);
      const shared = protectedHeader(jwe);
      for (const { header, encrypted_key } of recipients) {
        const cek = await contentKey(remote, { ...shared, ...header }, Buffer.from(encrypted_key ?? "", "base64url"));
        if (cek === "not decryptable") continue;
        try {
          return decryptContent(jwe, cek);
        } catch (cause) {
          if (mine) throw new KeyError("keys.damaged", "A wrapped key names this key and does not open with it: it was altered.", { cause });
        } finally {
          cek.fill(0);
        }
      }
      if (mine) throw new KeyError("keys.damaged", "A wrapped key names this key and does not open with it: it was altered.");
      return null;
    },
  };
}

async function contentKey(remote: RemoteKey, header: JweHeader, encryptedKey: Uint8Array): Promise<Uint8Array | "not decryptable"> {
  const { n } = remote.recipient.jwk;
  // A ciphertext of RSA is as long as the modulus; services tell other lengths by names they also have for other things.
  if (header.alg === "RSA-OAEP-256" && remote.unwrap !== undefined && encryptedKey.length === Buffer.from(n ?? "", "base64url").length) return remote.unwrap(encryptedKey);
  if (header.alg === "ECDH-ES+A256KW" && remote.agree !== undefined && header.epk?.crv === remote.recipient.jwk.crv) {
    const publicKey = ephemeralKey(header);
    if (publicKey === null) return "not decryptable";
    const secret = await remote.agree(publicKey);
    if (secret === "not decryptable") return secret;
    return unwrapAesKw(concatKdf(secret, header), encryptedKey);
  }
  return "not decryptable";
}

/** Null: no point of its curve. */
function ephemeralKey({ epk }: JweHeader): Buffer | null {
  try {
    return createPublicKey({ key: { kty: "EC", crv: epk?.crv ?? "", x: epk?.x ?? "", y: epk?.y ?? "" }, format: "jwk" }).export({ format: "der", type: "spki" });
  } catch {
    return null;
  }
}

/** RFC 7518 section 4.6.2: one round of the Concat KDF (NIST SP 800-56A) gives the 256 bits that A256KW takes. */
export function concatKdf(secret: Uint8Array, { apu, apv }: Pick<JweHeader, "apu" | "apv">): Buffer {
  const withLength = (bytes: Buffer): Buffer[] => [u32(bytes.length), bytes];
  const parts = [u32(1), secret, ...withLength(Buffer.from("ECDH-ES+A256KW", "ascii")), ...withLength(Buffer.from(apu ?? "", "base64url")), ...withLength(Buffer.from(apv ?? "", "base64url")), u32(256)];
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

function u32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
}

/** RFC 3394; its check value is the only integrity the wrapped key has. */
function unwrapAesKw(kek: Uint8Array, wrapped: Uint8Array): Uint8Array | "not decryptable" {
  try {
    const decipher = createDecipheriv("id-aes256-wrap", kek, Buffer.alloc(8, 0xa6));
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    return "not decryptable";
  }
}
