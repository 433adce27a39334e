/** Wrapped keys, keys/*.jwe: General JSON JWE to every recipient (docs/design.md 2.2). */
import { GeneralEncrypt, importJWK } from "jose";
import type { JWK } from "jose";
import { z } from "zod";
import { damaged } from "../errors.ts";
import { wrapAlgorithm } from "./jwk.ts";
import type { Recipient } from "../ports.ts";

export interface WrappedKeyName {
  readonly vault: string;
  readonly key: string;
  readonly use: KeyUse;
}

/** "host": the seed of the vault's signing key (Ed25519), so that an identity can set up a host anew. */
export type KeyUse = "index" | "content" | "host";

const Envelope = z.object({ protected: z.string().max(4096), recipients: z.array(z.object({ header: z.object({ kid: z.string().optional(), alg: z.string() }).optional() })).min(1).max(256) });
const Header = z.object({ enc: z.literal("A256GCM"), typ: z.literal("holdfast-key"), vault: z.string(), key: z.string(), use: z.enum(["index", "content", "host"]) });

export async function wrapKey(key: Uint8Array, name: WrappedKeyName, recipients: readonly Recipient[]): Promise<Buffer> {
  const envelope = new GeneralEncrypt(key).setProtectedHeader({ enc: "A256GCM", typ: "holdfast-key", ...name });
  for (const recipient of recipients) {
    const alg = wrapAlgorithm(recipient.jwk);
    envelope.addRecipient(await importJWK(recipient.jwk as JWK, alg)).setUnprotectedHeader({ alg, kid: recipient.keyId });
  }
  return Buffer.from(JSON.stringify(await envelope.encrypt()), "utf8");
}

/** Checks that the bytes are a wrapped key of this name. What the header claims is proved only when it is opened. */
export function checkWrappedKey(jwe: Uint8Array, name: WrappedKeyName, object: string): void {
  let header;
  try {
    const envelope = Envelope.parse(JSON.parse(Buffer.from(jwe).toString("utf8")));
    header = Header.parse(JSON.parse(Buffer.from(envelope.protected, "base64url").toString("utf8")));
  } catch (cause) {
    throw damaged(object, "it is no wrapped key", cause);
  }
  if (header.vault !== name.vault || header.key !== name.key || header.use !== name.use) throw damaged(object, "it wraps another key");
}

/** Key ids of those it says it is wrapped to, as the envelope has them. Throws vault.damaged_object. */
export function recipientsOfWrappedKey(jwe: Uint8Array, object: string): string[] {
  try {
    const envelope = Envelope.parse(JSON.parse(Buffer.from(jwe).toString("utf8")));
    return envelope.recipients.map((recipient) => recipient.header?.kid ?? "");
  } catch (cause) {
    throw damaged(object, "it is no wrapped key", cause);
  }
}
