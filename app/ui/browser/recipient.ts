/** Reads the public half of a key from a file, and refuses one that has a private half in it. Runs in the person's own browser. */
import { calculateJwkThumbprint } from "jose";
import type { JWK } from "jose";
import type { PublicHalf } from "./identity.ts";

export type RecipientOutcome = { readonly ok: true; readonly publicHalf: PublicHalf } | { readonly ok: false; readonly problem: "private" | "not_a_recipient" };

const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** EC P-256 and P-384, as the command line's `keys new` writes them. */
export async function recipientOf(text: string): Promise<RecipientOutcome> {
  let jwk: Record<string, unknown>;
  try {
    jwk = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { ok: false, problem: "not_a_recipient" };
  }
  if (typeof jwk !== "object" || jwk === null) return { ok: false, problem: "not_a_recipient" };
  if (PRIVATE.some((member) => member in jwk) || "ciphertext" in jwk) return { ok: false, problem: "private" };
  const { kty, crv, x, y } = jwk;
  if (kty !== "EC" || (crv !== "P-256" && crv !== "P-384") || typeof x !== "string" || typeof y !== "string") return { ok: false, problem: "not_a_recipient" };
  const kid = await calculateJwkThumbprint({ kty, crv, x, y } as JWK, "sha256");
  return { ok: true, publicHalf: { kty, crv, x, y, kid, alg: "ECDH-ES+A256KW", use: "enc" } };
}
