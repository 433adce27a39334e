/**
 * Opens the content keys of one snapshot with an identity, in the browser (RFC 7516 General JSON). What comes out, and only that,
 * is sent to the run; the identity stays here.
 */
import { base64url, generalDecrypt, importJWK } from "jose";
import type { GeneralJWE } from "jose";
import type { DrillKeysModel } from "../models.ts";
import { algorithmOf } from "./identity.ts";
import type { Identity } from "./identity.ts";

/** Content keys by id, base64url. */
export type OpenedKeys = Readonly<Record<string, string>>;

export type UnwrapOutcome =
  | { readonly ok: true; readonly keys: OpenedKeys }
  /** The file is a good identity, but this snapshot is sealed to others: `needs` are their key ids. */
  | { readonly ok: false; readonly problem: "wrong_identity"; readonly has: string; readonly needs: readonly string[] }
  /** Sealed to this identity and still does not open: the object is damaged. */
  | { readonly ok: false; readonly problem: "damaged"; readonly keyId: string };

export async function unwrapKeys(identity: Identity, sealed: DrillKeysModel["sealedKeys"], recipientKeyIds: readonly string[]): Promise<UnwrapOutcome> {
  const named = recipientsOf(sealed);
  const needs = named.length > 0 ? named : recipientKeyIds;
  if (needs.length > 0 && !needs.includes(identity.keyId)) return { ok: false, problem: "wrong_identity", has: identity.keyId, needs };
  const key = await importJWK(identity.privateJwk, algorithmOf(identity.privateJwk));
  const keys: Record<string, string> = {};
  for (const { keyId, jwe } of sealed) {
    try {
      const { plaintext } = await generalDecrypt(forIdentity(jwe as GeneralJWE, identity.keyId), key);
      keys[keyId] = base64url.encode(plaintext);
      plaintext.fill(0);
    } catch {
      return { ok: false, problem: "damaged", keyId };
    }
  }
  return { ok: true, keys };
}

/** The recipients every one of the keys is sealed to. */
function recipientsOf(sealed: DrillKeysModel["sealedKeys"]): string[] {
  const [first, ...rest] = sealed.map(({ jwe }) => jwe.recipients.map((r) => r.header?.["kid"]).filter((kid): kid is string => typeof kid === "string"));
  return (first ?? []).filter((kid) => rest.every((kids) => kids.includes(kid)));
}

/** Only the part for this identity: the others could not be opened and would only cost time. */
function forIdentity(jwe: GeneralJWE, keyId: string): GeneralJWE {
  const own = jwe.recipients.filter((r) => r.header?.kid === keyId);
  return own.length > 0 ? { ...jwe, recipients: own } : jwe;
}
