/**
 * Splits an identity among officers and puts it together again. The sharing itself is shamir-secret-sharing (GF(256), audited; decision 0016);
 * it does not notice wrong shares, so the key that comes out must have the key id that every share names.
 */
import { createECDH } from "node:crypto";
import { combine, split } from "shamir-secret-sharing";
import type { Random } from "#app/vault/index.ts";
import { KeyError } from "../errors.ts";
import { identityFrom, type Identity } from "../jwk.ts";
import type { Share } from "./share.ts";

export interface SplitOptions {
  /** 2 to 255. */
  readonly shares: number;
  /** 2 to `shares`. */
  readonly threshold: number;
  readonly random: Random;
}

/** Throws KeyError keys.bad_split. */
export async function splitIdentity(identity: Identity, { shares, threshold, random }: SplitOptions): Promise<Share[]> {
  const whole = Number.isInteger(shares) && Number.isInteger(threshold) && threshold >= 2 && shares >= threshold && shares <= 255;
  if (!whole) throw new KeyError("keys.bad_split", "An identity is split into 2 to 255 shares, of which at least 2 and at most all are needed.");
  // The library takes plain arrays only.
  const secret = Uint8Array.from(secretOf(identity));
  try {
    const set = Buffer.from(random(4)).toString("hex");
    return (await split(secret, shares, threshold)).map((bytes, i) => ({ number: i + 1, threshold, total: shares, set, keyId: identity.keyId, bytes }));
  } finally {
    secret.fill(0);
  }
}

/** Throws KeyError keys.share_foreign, keys.shares_too_few, keys.share_damaged. */
export async function joinShares(shares: readonly Share[]): Promise<Identity> {
  const [first] = shares;
  if (first === undefined) throw new KeyError("keys.shares_too_few", "There are no shares");
  const byNumber = new Map<number, Share>();
  for (const share of shares) {
    if (share.keyId !== first.keyId) throw new KeyError("keys.share_foreign", `Share ${share.number} is of another key than share ${first.number}`);
    if (share.set !== first.set || share.threshold !== first.threshold || share.total !== first.total) throw new KeyError("keys.share_foreign", `Share ${share.number} was made at another time than share ${first.number}`);
    byNumber.set(share.number, share);
  }
  if (byNumber.size < first.threshold) throw new KeyError("keys.shares_too_few", `${byNumber.size} of the ${first.threshold} shares that are needed are here`);
  let identity: Identity | null = null;
  try {
    identity = identityOf(await combine([...byNumber.values()].map((share) => share.bytes)));
  } catch (cause) {
    // The message of the cause may hold what came out; its class does not.
    throw notTogether(cause instanceof Error ? cause.name : "unknown");
  }
  if (identity.keyId !== first.keyId) throw notTogether("another key came out");
  return identity;
}

function notTogether(what: string): KeyError {
  return new KeyError("keys.share_damaged", `The shares do not give the key they name (${what}): at least one was made up or altered`);
}

/** What is split: a type, then the number that is the private key, or the two primes. As little as can be, because officers type it. */
const TYPES = { "P-256": 1, "P-384": 2, RSA: 3 } as const;

function secretOf({ jwk }: Identity): Buffer {
  const number = (member: unknown, bytes?: number): Buffer => {
    const raw = Buffer.from(String(member), "base64url");
    return bytes === undefined ? raw : Buffer.concat([Buffer.alloc(Math.max(0, bytes - raw.length)), raw]);
  };
  if (jwk.kty === "EC") return Buffer.concat([Buffer.from([TYPES[jwk.crv as "P-256" | "P-384"]]), number(jwk.d, jwk.crv === "P-256" ? 32 : 48)]);
  const { p, q } = jwk as { p?: string; q?: string };
  // Every RSA key that is made today has it; a key with another exponent would not fit on a sheet.
  if (jwk.e !== "AQAB") throw new KeyError("keys.unsupported", "The RSA key has an unusual public exponent; make a new one to split");
  const half = Math.max(number(p).length, number(q).length);
  return Buffer.concat([Buffer.from([TYPES.RSA]), number(p, half), number(q, half)]);
}

function identityOf(secret: Uint8Array): Identity {
  const type = secret[0];
  const rest = Buffer.from(secret.subarray(1));
  if (type === TYPES["P-256"] || type === TYPES["P-384"]) return identityFrom(ecJwk(rest, type === TYPES["P-256"] ? "P-256" : "P-384"));
  if (type === TYPES.RSA) return identityFrom(rsaJwk(rest.subarray(0, rest.length >> 1), rest.subarray(rest.length >> 1)));
  throw new TypeError("no type of ours");
}

function ecJwk(d: Buffer, curve: "P-256" | "P-384"): object {
  const ecdh = createECDH(curve === "P-256" ? "prime256v1" : "secp384r1");
  ecdh.setPrivateKey(d);
  // 04 ‖ x ‖ y
  const point = ecdh.getPublicKey();
  const half = (point.length - 1) / 2;
  return { kty: "EC", crv: curve, x: point.toString("base64url", 1, 1 + half), y: point.toString("base64url", 1 + half), d: d.toString("base64url") };
}

/** RFC 8017 section 3.2: the rest of an RSA key follows from its primes and exponent. */
function rsaJwk(pBytes: Buffer, qBytes: Buffer): object {
  const [p, q, e] = [big(pBytes), big(qBytes), 65537n];
  if (p < 2n || q < 2n) throw new TypeError("no primes");
  const d = inverse(e, ((p - 1n) * (q - 1n)) / gcd(p - 1n, q - 1n));
  const text = (n: bigint): string => Buffer.from(n.toString(16).padStart(2 * Math.ceil(n.toString(16).length / 2), "0"), "hex").toString("base64url");
  return { kty: "RSA", n: text(p * q), e: "AQAB", d: text(d), p: text(p), q: text(q), dp: text(d % (p - 1n)), dq: text(d % (q - 1n)), qi: text(inverse(q, p)) };
}

function big(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

function inverse(a: bigint, modulus: bigint): bigint {
  let [r0, r1, t0, t1] = [modulus, a % modulus, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  if (r0 !== 1n) throw new TypeError("no inverse");
  return ((t0 % modulus) + modulus) % modulus;
}
