/** A share sealed to its officer's own recipient, so that whoever makes or carries the shares cannot put them together: JWE as vault keys are. */
import { GeneralEncrypt, importJWK } from "jose";
import { z } from "zod";
import type { KeyOpener, Recipient } from "#app/vault/index.ts";
import { KeyError } from "../errors.ts";
import { damagedShare, decodeShare, encodeShare, type Share } from "./share.ts";

const TYPE = "holdfast-sealed-share";
const SealedFile = z.looseObject({ type: z.literal(TYPE), jwe: z.looseObject({}) });

export async function sealShare(share: Share, officer: Recipient): Promise<object> {
  const alg = officer.jwk.kty === "RSA" ? "RSA-OAEP-256" : "ECDH-ES+A256KW";
  const jwe = await new GeneralEncrypt(encodeShare(share))
    .setProtectedHeader({ enc: "A256GCM", typ: TYPE })
    .addRecipient(await importJWK({ ...officer.jwk }, alg))
    .setUnprotectedHeader({ alg, kid: officer.keyId })
    .encrypt();
  const { number, threshold, total, set, keyId } = share;
  return { type: TYPE, format: 1, keyId, set, number, threshold, total, officer: officer.keyId, jwe };
}

/** Throws KeyError keys.share_damaged, keys.share_foreign (sealed to somebody else), and what the opener throws. */
export async function unsealShare(text: string, opener: KeyOpener, name: string): Promise<Share> {
  let parsed;
  try {
    parsed = SealedFile.safeParse(JSON.parse(text));
  } catch {
    throw damagedShare(name, "it is no JSON");
  }
  if (!parsed.success) throw damagedShare(name, "it is no sealed share");
  const bytes = await opener.open(Buffer.from(JSON.stringify(parsed.data.jwe)));
  if (bytes === null) throw new KeyError("keys.share_foreign", `${name} is sealed to another officer`);
  return decodeShare(bytes, name);
}
