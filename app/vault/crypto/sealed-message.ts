/** Something for the merchant's eyes only, that is no key: General JSON JWE to every recipient (RFC 7516), as wrapped keys are. Any identity's opener opens it. */
import { GeneralEncrypt, importJWK } from "jose";
import type { JWK } from "jose";
import type { Recipient } from "../ports.ts";
import { wrapAlgorithm } from "./jwk.ts";

/** `header`: what it is, readable by anybody and bound to the text. In memory: for some megabytes. */
export async function sealMessage(text: Uint8Array, header: Readonly<Record<string, string>>, recipients: readonly Recipient[]): Promise<Buffer> {
  const envelope = new GeneralEncrypt(text).setProtectedHeader({ enc: "A256GCM", ...header });
  for (const recipient of recipients) {
    const alg = wrapAlgorithm(recipient.jwk);
    envelope.addRecipient(await importJWK(recipient.jwk as JWK, alg)).setUnprotectedHeader({ alg, kid: recipient.keyId });
  }
  return Buffer.from(JSON.stringify(await envelope.encrypt()), "utf8");
}
