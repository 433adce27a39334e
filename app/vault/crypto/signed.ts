/** Signed JSON: flattened JWS (RFC 7515) with Ed25519 (RFC 8037). */
import { FlattenedSign, flattenedVerify, importJWK } from "jose";
import type { FlattenedJWSInput, JWK } from "jose";
import { z } from "zod";
import { damaged } from "../errors.ts";
import type { Jwk, PublicJwk } from "../ports.ts";
import { publicHalf, thumbprint } from "./jwk.ts";

export type SignedType = "holdfast-vault" | "holdfast-snapshot" | "holdfast-recipients" | "holdfast-redaction" | "holdfast-recovery" | "holdfast-prune" | "holdfast-hold" | "holdfast-request" | "holdfast-answer" | "holdfast-certificate" | "holdfast-journal" | "holdfast-journal-cut" | "holdfast-restore" | "holdfast-roster";

const Envelope = z.object({ protected: z.string().max(4096), payload: z.string(), signature: z.string().max(256) }).strict();
const Header = z.object({ alg: z.literal("EdDSA"), typ: z.string(), kid: z.string() }).strict();

export async function signJson(payload: unknown, typ: SignedType, signingKey: Jwk): Promise<Buffer> {
  const kid = await thumbprint(publicHalf(signingKey));
  const jws = await new FlattenedSign(Buffer.from(JSON.stringify(payload), "utf8"))
    .setProtectedHeader({ alg: "EdDSA", typ, kid })
    .sign(await importJWK(signingKey as JWK, "EdDSA"));
  return Buffer.from(JSON.stringify({ protected: jws.protected, payload: jws.payload, signature: jws.signature }), "utf8");
}

/** The payload, unverified: only to learn which key the bytes claim to be signed by. */
export function peekSigned(bytes: Uint8Array, object: string): unknown {
  try {
    return JSON.parse(Buffer.from(Envelope.parse(JSON.parse(Buffer.from(bytes).toString("utf8"))).payload, "base64url").toString("utf8"));
  } catch (cause) {
    throw damaged(object, "it is no signed JSON", cause);
  }
}

/** The payload, if `publicKey` signed exactly these bytes for this use; throws vault.damaged_object otherwise. */
export async function verifySigned(bytes: Uint8Array, typ: SignedType, publicKey: PublicJwk, object: string): Promise<unknown> {
  try {
    const text = Buffer.from(bytes).toString("utf8");
    const envelope = Envelope.parse(JSON.parse(text));
    if (!isCanonical(text, envelope)) throw new TypeError("not in the one form we write");
    const header = Header.parse(JSON.parse(Buffer.from(envelope.protected, "base64url").toString("utf8")));
    if (header.typ !== typ) throw new TypeError("signed for another use");
    const { payload } = await flattenedVerify(envelope as FlattenedJWSInput, await importJWK(publicKey as JWK, "EdDSA"), { algorithms: ["EdDSA"] });
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch (cause) {
    throw damaged(object, "its signature does not hold", cause);
  }
}

/** Base64url leaves spare bits and JSON leaves room for spaces; a flip there must be noticed too, so only one form is accepted. */
function isCanonical(text: string, envelope: z.infer<typeof Envelope>): boolean {
  const parts = [envelope.protected, envelope.payload, envelope.signature];
  return parts.every((part) => Buffer.from(part, "base64url").toString("base64url") === part) && text === JSON.stringify({ protected: parts[0], payload: parts[1], signature: parts[2] });
}
