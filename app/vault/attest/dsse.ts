/**
 * Signed statements in the form that tools of others verify: a DSSE envelope (https://github.com/secure-systems-lab/dsse, protocol 1.0.2) around an in-toto
 * Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md), signed with the vault's Ed25519 key (RFC 8032).
 *
 * What is signed is PAE(type, body) = "DSSEv1" SP len(type) SP type SP len(body) SP body, lengths in bytes as decimal ASCII.
 */
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import { z } from "zod";
import { publicHalf, thumbprint } from "../crypto/jwk.ts";
import { damaged } from "../errors.ts";
import type { Jwk, PublicJwk } from "../ports.ts";

export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
/** DSSE's media type for in-toto statements. */
export const PAYLOAD_TYPE = "application/vnd.in-toto+json";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** `subject`: what the statement is about, by name and the SHA-256 of its bytes. */
const StatementShape = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.object({ name: z.string().min(1).max(512), digest: z.object({ sha256: Sha256 }).strict() }).strict()).min(1).max(16),
  predicateType: z.string().min(1).max(200),
  predicate: z.record(z.string(), z.unknown()),
}).strict();
export type Statement = z.infer<typeof StatementShape>;

const EnvelopeShape = z.object({
  payloadType: z.literal(PAYLOAD_TYPE),
  payload: z.string().max(4_000_000),
  signatures: z.array(z.object({ keyid: z.string().max(200), sig: z.string().max(200) }).strict()).length(1),
}).strict();

export function preAuthEncoding(type: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.byteLength} `, "utf8"), body]);
}

/** The envelope's bytes. keyid: the RFC 7638 thumbprint of the signing key. */
export async function signStatement(statement: Statement, signingKey: Jwk): Promise<Buffer> {
  const body = Buffer.from(JSON.stringify(StatementShape.parse(statement)), "utf8");
  const sig = sign(null, preAuthEncoding(PAYLOAD_TYPE, body), createPrivateKey({ key: signingKey as JsonWebKey, format: "jwk" }));
  const envelope = { payloadType: PAYLOAD_TYPE, payload: body.toString("base64"), signatures: [{ keyid: await thumbprint(publicHalf(signingKey)), sig: sig.toString("base64") }] };
  return Buffer.from(JSON.stringify(envelope), "utf8");
}

/** The statement, if `publicKey` signed exactly these bytes; throws vault.damaged_object naming `object` otherwise. Only the one form that we write is taken: nothing can be changed unnoticed. */
export async function verifyStatement(bytes: Uint8Array, publicKey: PublicJwk, object: string): Promise<Statement> {
  try {
    const text = Buffer.from(bytes).toString("utf8");
    const envelope = EnvelopeShape.parse(JSON.parse(text));
    const signature = envelope.signatures[0]!;
    const body = canonicalBase64(envelope.payload);
    const sig = canonicalBase64(signature.sig);
    if (text !== JSON.stringify({ payloadType: envelope.payloadType, payload: envelope.payload, signatures: [{ keyid: signature.keyid, sig: signature.sig }] })) throw new TypeError("not in the one form we write");
    if (signature.keyid !== (await thumbprint(publicHalf(publicKey)))) throw new TypeError("signed by another key");
    if (!verify(null, preAuthEncoding(envelope.payloadType, body), createPublicKey({ key: publicHalf(publicKey) as JsonWebKey, format: "jwk" }), sig)) throw new TypeError("the signature is another");
    return StatementShape.parse(JSON.parse(body.toString("utf8")));
  } catch (cause) {
    throw damaged(object, "its signature does not hold", cause);
  }
}

/** Base64 leaves spare bits; one form of them is taken. */
function canonicalBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new TypeError("not the one base64 of these bytes");
  return bytes;
}
