/** Key files are JSON Web Keys (RFC 7517), named by their thumbprint (RFC 7638). Which keys are good enough is decided here. */
import { createECDH, createHash } from "node:crypto";
import { z } from "zod";
import type { Jwk, PublicJwk, Recipient } from "#app/vault/index.ts";
import { KeyError } from "./errors.ts";

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

const EcPublic = z.object({ kty: z.literal("EC"), crv: z.enum(["P-256", "P-384"]), x: base64url, y: base64url });
const RsaPublic = z.object({ kty: z.literal("RSA"), n: base64url, e: base64url });
const RsaPrivateParts = { d: base64url, p: base64url, q: base64url, dp: base64url, dq: base64url, qi: base64url };
const Named = { kid: z.string().optional(), alg: z.string().optional(), use: z.literal("enc").optional() };

const RecipientFile = z.discriminatedUnion("kty", [EcPublic.extend(Named), RsaPublic.extend(Named)]);
const IdentityFile = z.discriminatedUnion("kty", [
  EcPublic.extend({ ...Named, d: base64url }),
  RsaPublic.extend({ ...Named, ...RsaPrivateParts }),
]);

export type KeyAlgorithm = "ECDH-ES+A256KW" | "RSA-OAEP-256";

/** The private half: opens what was sealed to `recipient`. */
export interface Identity {
  readonly keyId: string;
  readonly recipient: Recipient;
  readonly algorithm: KeyAlgorithm;
  readonly jwk: Jwk;
}

/** NIST SP 800-57 part 1 rev. 5, table 2: 3072 bits of RSA are worth the 128 bits that P-256 gives. */
const LEAST_RSA_BITS = 3072;

/** Throws KeyError when `value` is not the public half of a key that may be sealed to. */
export function recipientFrom(value: unknown): Recipient {
  if (has(value, "d") || has(value, "k")) {
    throw new KeyError("keys.identity_not_recipient", "The file holds a private key; a recipient is the public half, recipient.jwk.");
  }
  const jwk = parseJwk(RecipientFile, value);
  checkStrength(jwk);
  const keyId = thumbprint(jwk);
  checkName(jwk.kid, keyId);
  return { keyId, jwk: publicJwk(jwk, keyId) };
}

/** Throws KeyError when `value` is not the private half of a key that may be sealed to. */
export function identityFrom(value: unknown): Identity {
  if (has(value, "kty") && !has(value, "d") && !has(value, "k")) {
    throw new KeyError("keys.recipient_not_identity", "The file holds a public key (a recipient); to open anything takes the private half, identity.jwk.");
  }
  const jwk = parseJwk(IdentityFile, value);
  checkStrength(jwk);
  const keyId = thumbprint(jwk);
  checkName(jwk.kid, keyId);
  if (jwk.kty === "EC") checkPair(jwk);
  const algorithm = algorithmOf(jwk);
  return { keyId, algorithm, recipient: { keyId, jwk: publicJwk(jwk, keyId) }, jwk: { ...jwk, kid: keyId, alg: algorithm, use: "enc" } };
}

/** RFC 7638: SHA-256 over the required members in lexical order, without white space; base64url. */
export function thumbprint(jwk: PublicJwk): string {
  const required = jwk.kty === "EC" ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y } : { e: jwk.e, kty: jwk.kty, n: jwk.n };
  return createHash("sha256").update(JSON.stringify(required)).digest("base64url");
}

function publicJwk(jwk: z.infer<typeof RecipientFile>, keyId: string): PublicJwk {
  const named = { kid: keyId, alg: algorithmOf(jwk), use: "enc" };
  return jwk.kty === "EC" ? { kty: "EC", crv: jwk.crv, x: jwk.x, y: jwk.y, ...named } : { kty: "RSA", n: jwk.n, e: jwk.e, ...named };
}

function algorithmOf(jwk: { kty: "EC" | "RSA" }): KeyAlgorithm {
  return jwk.kty === "EC" ? "ECDH-ES+A256KW" : "RSA-OAEP-256";
}

function parseJwk<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  if (!has(value, "kty")) throw new KeyError("keys.not_a_key", "The file is JSON, but not a JSON Web Key.");
  const supported = has(value, "crv") ? value.crv === "P-256" || value.crv === "P-384" : value.kty === "RSA";
  if (!supported) {
    throw new KeyError("keys.unsupported", "The key is of a type that nothing is sealed to; P-256, P-384 and RSA from 3072 bits are.");
  }
  // Names of members only: a zod message would repeat their values.
  const members = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new KeyError("keys.damaged", `The key is incomplete or damaged (${members}).`);
}

function checkStrength(jwk: z.infer<typeof RecipientFile>): void {
  if (jwk.kty !== "RSA") return;
  const bits = Buffer.from(jwk.n, "base64url").length * 8;
  if (bits < LEAST_RSA_BITS) throw new KeyError("keys.unsupported", `The RSA key has ${bits} bits; ${LEAST_RSA_BITS} are the least.`);
}

function checkName(kid: string | undefined, keyId: string): void {
  if (kid !== undefined && kid !== keyId) throw new KeyError("keys.damaged", "The key is not the one its kid names: one of the two was changed.");
}

/** A private half that does not belong to its public half would seal data that nobody can open. */
function checkPair(jwk: { crv: "P-256" | "P-384"; x: string; y: string; d: string }): void {
  const curve = createECDH(jwk.crv === "P-256" ? "prime256v1" : "secp384r1");
  let point: Buffer;
  try {
    curve.setPrivateKey(Buffer.from(jwk.d, "base64url"));
    point = curve.getPublicKey();
  } catch (cause) {
    throw new KeyError("keys.damaged", "The private half is no number of its curve.", { cause });
  }
  const expected = Buffer.concat([Buffer.from([4]), Buffer.from(jwk.x, "base64url"), Buffer.from(jwk.y, "base64url")]);
  if (!point.equals(expected)) throw new KeyError("keys.damaged", "The private and the public half do not belong together.");
}

function has<K extends string>(value: unknown, member: K): value is Record<K, unknown> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, member);
}
