/** Recipients and thumbprints (RFC 7638). */
import { calculateJwkThumbprint } from "jose";
import type { JWK } from "jose";
import { VaultError } from "../errors.ts";
import type { PublicJwk, Recipient } from "../ports.ts";

/** RSA below this cannot promise 128 bits (NIST SP 800-57 part 1, table 2: 3072). */
const RSA_MIN_BITS = 3072;

export async function thumbprint(jwk: PublicJwk): Promise<string> {
  return calculateJwkThumbprint(jwk as JWK, "sha256");
}

/** The vault id a signing key gives: 16 bytes of its thumbprint, hex. */
export async function vaultIdOf(signingPublicKey: PublicJwk): Promise<string> {
  return Buffer.from(await thumbprint(signingPublicKey), "base64url").subarray(0, 16).toString("hex");
}

export function publicHalf(jwk: PublicJwk): PublicJwk {
  if (jwk.kty === "RSA") return { kty: "RSA", n: need(jwk.n), e: need(jwk.e) };
  if (jwk.kty === "OKP") return { kty: "OKP", crv: need(jwk.crv), x: need(jwk.x) };
  return { kty: jwk.kty, crv: need(jwk.crv), x: need(jwk.x), y: need(jwk.y) };
}

function need(member: string | undefined): string {
  if (member === undefined) throw new VaultError("vault.bad_recipient", "a recipient's key lacks a member");
  return member;
}

/** How a key is wrapped for this recipient (RFC 7518). Throws vault.bad_recipient for keys we do not seal to. */
export function wrapAlgorithm(jwk: PublicJwk): "ECDH-ES+A256KW" | "RSA-OAEP-256" {
  if (jwk.kty === "EC" && (jwk.crv === "P-256" || jwk.crv === "P-384")) return "ECDH-ES+A256KW";
  if (jwk.kty === "RSA") {
    const bits = modulusBits(Buffer.from(jwk.n ?? "", "base64url"));
    if (bits >= RSA_MIN_BITS) return "RSA-OAEP-256";
    throw new VaultError("vault.bad_recipient", `an RSA recipient has ${bits} bits; at least ${RSA_MIN_BITS} are needed`);
  }
  throw new VaultError("vault.bad_recipient", "a recipient's key must be P-256, P-384 or RSA");
}

function modulusBits(n: Buffer): number {
  const first = n.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (n.length - first) * 8 - Math.clz32(n[first] as number) + 24;
}

/** The recipient with only public members, its key id checked against its key. */
export async function checkedRecipient(recipient: Recipient): Promise<Recipient> {
  wrapAlgorithm(recipient.jwk);
  const jwk = publicHalf(recipient.jwk);
  if ((await thumbprint(jwk)) !== recipient.keyId) throw new VaultError("vault.bad_recipient", "a recipient's key id is not the thumbprint of its key");
  return { keyId: recipient.keyId, jwk };
}
