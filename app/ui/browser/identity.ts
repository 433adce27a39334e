/**
 * Identities in the browser: making one, keeping it as a file, reading it back. Runs only in the person's own browser;
 * nothing here sends anything anywhere.
 *
 * A file holds one private JWK (RFC 7517), EC P-256 or RSA, with `kid` = its RFC 7638 SHA-256 thumbprint; or the same sealed with a
 * passphrase as a JWE (RFC 7516). The command line's `holdfast keys new` writes the same files.
 */
import { base64url, calculateJwkThumbprint, compactDecrypt, CompactEncrypt, flattenedDecrypt, importJWK } from "jose";
import type { FlattenedJWE, JWK } from "jose";

export interface PublicHalf {
  readonly kty: "EC";
  readonly crv: string;
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: string;
  readonly use: "enc";
}

export interface NewIdentity {
  readonly keyId: string;
  readonly publicHalf: PublicHalf;
  readonly fileName: string;
  /** The private half as text, to be downloaded and then forgotten. */
  readonly fileText: string;
}

export interface Identity {
  readonly keyId: string;
  readonly privateJwk: JWK;
}

export type IdentityProblem = "not_an_identity" | "public_half" | "sealed" | "wrong_passphrase" | "too_large";
export type ReadOutcome = { readonly ok: true; readonly identity: Identity } | { readonly ok: false; readonly problem: IdentityProblem };

/** Larger than any identity; guards against picking a video. */
const LARGEST_FILE = 256 * 1024;
const CURVE_ALGORITHM = "ECDH-ES+A256KW";

/** Makes a key pair with WebCrypto. The private half is extractable only so that the person can download it. */
export async function newIdentity(): Promise<NewIdentity> {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  if (kty !== "EC" || !crv || !x || !y || !d) throw new Error("WebCrypto gave a key that is not an EC key");
  const kid = await calculateJwkThumbprint({ kty, crv, x, y }, "sha256");
  const common = { crv, x, y, kid, alg: CURVE_ALGORITHM, use: "enc" as const };
  return {
    keyId: kid,
    publicHalf: { kty: "EC", ...common },
    fileName: `holdfast-identity-${kid.slice(0, 8)}.jwk`,
    fileText: `${JSON.stringify({ kty, ...common, d }, null, 2)}\n`,
  };
}

/** Reads an identity file. A sealed one without a passphrase answers "sealed": ask for it and call again. */
export async function readIdentity(text: string, passphrase?: string): Promise<ReadOutcome> {
  if (text.length > LARGEST_FILE) return { ok: false, problem: "too_large" };
  const sealed = sealedPart(text);
  if (sealed === null) return fromJwk(parse(text));
  if (!passphrase) return { ok: false, problem: "sealed" };
  try {
    const options = { keyManagementAlgorithms: PASSPHRASE_ALGORITHMS, maxPBES2Count: LARGEST_COUNT };
    const secret = new TextEncoder().encode(passphrase.normalize("NFC"));
    const { plaintext } = typeof sealed === "string" ? await compactDecrypt(sealed, secret, options) : await flattenedDecrypt(sealed, secret, options);
    return await fromJwk(parse(new TextDecoder().decode(plaintext)));
  } catch {
    return { ok: false, problem: "wrong_passphrase" };
  }
}

const PASSPHRASE_ALGORITHMS = ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"];
/** More rounds than any of our files asks for; a larger number in a file is an attack on the browser's time. */
const LARGEST_COUNT = 10_000_000;

function sealedPart(text: string): string | FlattenedJWE | null {
  const trimmed = text.trim();
  if (/^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/.test(trimmed)) return trimmed;
  const value = parse(trimmed);
  return isObject(value) && typeof value["ciphertext"] === "string" ? (value as unknown as FlattenedJWE) : null;
}

async function fromJwk(value: unknown): Promise<ReadOutcome> {
  if (!isObject(value) || typeof value["kty"] !== "string") return { ok: false, problem: "not_an_identity" };
  const jwk = value as JWK;
  if (!jwk.d) return { ok: false, problem: "public_half" };
  try {
    const keyId = await calculateJwkThumbprint(jwk, "sha256");
    await importJWK(jwk, algorithmOf(jwk));
    return { ok: true, identity: { keyId, privateJwk: jwk } };
  } catch {
    return { ok: false, problem: "not_an_identity" };
  }
}

export function algorithmOf(jwk: JWK): string {
  return jwk.kty === "RSA" ? "RSA-OAEP-256" : CURVE_ALGORITHM;
}

/** Proof that a file opens what is sealed to this public half: seals a random value and opens it with the file. */
export async function provesKept(identity: Identity, publicHalf: PublicHalf): Promise<boolean> {
  if (identity.keyId !== publicHalf.kid) return false;
  const probe = crypto.getRandomValues(new Uint8Array(32));
  try {
    const sealed = await new CompactEncrypt(probe).setProtectedHeader({ alg: CURVE_ALGORITHM, enc: "A256GCM" }).encrypt(await importJWK({ ...publicHalf }, CURVE_ALGORITHM));
    const { plaintext } = await compactDecrypt(sealed, await importJWK(identity.privateJwk, algorithmOf(identity.privateJwk)));
    return base64url.encode(plaintext) === base64url.encode(probe);
  } catch {
    return false;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
