/** Opens a sealed package with an identity, in the browser (RFC 7516 General JSON). What comes out goes into the person's own file, and nowhere else. */
import { generalDecrypt, importJWK } from "jose";
import type { GeneralJWE } from "jose";
import { algorithmOf } from "./identity.ts";
import type { Identity } from "./identity.ts";

/** Null: it does not open with this identity, or it is damaged. */
export async function openPackage(identity: Identity, sealed: string): Promise<Uint8Array | null> {
  try {
    const jwe = JSON.parse(sealed) as GeneralJWE;
    const own = jwe.recipients.filter((recipient) => recipient.header?.kid === identity.keyId);
    if (own.length === 0) return null;
    const key = await importJWK(identity.privateJwk, algorithmOf(identity.privateJwk));
    const { plaintext, protectedHeader } = await generalDecrypt({ ...jwe, recipients: own }, key);
    return protectedHeader?.["typ"] === "holdfast-disclosure" ? plaintext : null;
  } catch {
    return null;
  }
}
