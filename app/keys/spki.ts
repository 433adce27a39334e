/** Public keys as services hand them out, checked as any recipient is. */
import { createPublicKey } from "node:crypto";
import type { Recipient } from "#app/vault/index.ts";
import { KeyError } from "./errors.ts";
import { recipientFrom } from "./jwk.ts";

/** `der`: X.509 SubjectPublicKeyInfo. Throws KeyError keys.damaged, keys.unsupported. */
export function recipientFromSpki(der: Uint8Array): Recipient {
  let jwk: object;
  try {
    jwk = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" }).export({ format: "jwk" });
  } catch (cause) {
    throw new KeyError("keys.damaged", "The service's answer is no public key.", { cause });
  }
  return recipientFrom(jwk);
}
