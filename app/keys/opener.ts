/** Opens wrapped keys with a file identity. */
import { generalDecrypt } from "jose/jwe/general/decrypt";
import { importJWK } from "jose/key/import";
import type { KeyOpener } from "#app/vault/index.ts";
import { KeyError } from "./errors.ts";
import { candidatesFor, parseJwe } from "./jwe.ts";
import type { Identity } from "./jwk.ts";

/**
 * Answers null when none of the recipients is this key. Throws KeyError keys.damaged when one is and it does not open, or when the object is no JWE.
 * A recipient without a kid may be anybody's: it is tried, and not opening means "not mine".
 */
export function openerFor(identity: Identity): KeyOpener {
  let imported: ReturnType<typeof importJWK> | undefined;
  return {
    keyId: identity.keyId,
    async open(bytes) {
      const jwe = parseJwe(bytes);
      const { recipients, mine } = candidatesFor(jwe, identity.keyId);
      if (recipients.length === 0) return null;
      imported ??= importJWK({ ...identity.jwk }, identity.algorithm);
      try {
        const { plaintext } = await generalDecrypt({ ...jwe, recipients } as Parameters<typeof generalDecrypt>[0], await imported, {
          keyManagementAlgorithms: [identity.algorithm],
          contentEncryptionAlgorithms: ["A256GCM"],
        });
        return plaintext;
      } catch (cause) {
        if (!mine) return null;
        throw new KeyError("keys.damaged", "A wrapped key names this identity and does not open with it: it was altered.", { cause });
      }
    },
  };
}
