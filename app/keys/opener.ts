/** Opens wrapped keys (JWE, general JSON serialization, RFC 7516 section 7.2.1) with a file identity. */
import { generalDecrypt } from "jose/jwe/general/decrypt";
import { importJWK } from "jose/key/import";
import { z } from "zod";
import type { KeyOpener } from "#app/vault/index.ts";
import { KeyError } from "./errors.ts";
import type { Identity } from "./jwk.ts";

const Header = z.looseObject({ kid: z.string().optional(), alg: z.string().optional() });
const GeneralJwe = z.object({
  protected: z.string().optional(),
  unprotected: z.looseObject({}).optional(),
  aad: z.string().optional(),
  iv: z.string(),
  ciphertext: z.string(),
  tag: z.string(),
  recipients: z.array(z.looseObject({ header: Header.optional(), encrypted_key: z.string().optional() })).min(1),
});
type GeneralJwe = z.infer<typeof GeneralJwe>;

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
      const shared = protectedHeader(jwe).kid;
      const kidOf = (recipient: GeneralJwe["recipients"][number]) => recipient.header?.kid ?? shared;
      const mine = jwe.recipients.filter((recipient) => kidOf(recipient) === identity.keyId);
      const candidates = mine.length > 0 ? mine : jwe.recipients.filter((recipient) => kidOf(recipient) === undefined);
      if (candidates.length === 0) return null;
      imported ??= importJWK({ ...identity.jwk }, identity.algorithm);
      try {
        const { plaintext } = await generalDecrypt({ ...jwe, recipients: candidates } as Parameters<typeof generalDecrypt>[0], await imported, {
          keyManagementAlgorithms: [identity.algorithm],
          contentEncryptionAlgorithms: ["A256GCM"],
        });
        return plaintext;
      } catch (cause) {
        if (mine.length === 0) return null;
        throw new KeyError("keys.damaged", "A wrapped key names this identity and does not open with it: it was altered.", { cause });
      }
    },
  };
}

function parseJwe(bytes: Uint8Array): GeneralJwe {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new KeyError("keys.damaged", "A wrapped key is not JSON.", { cause });
  }
  const parsed = GeneralJwe.safeParse(value);
  if (!parsed.success) throw new KeyError("keys.damaged", "A wrapped key is no JWE in general JSON serialization.");
  return parsed.data;
}

function protectedHeader(jwe: GeneralJwe): z.infer<typeof Header> {
  if (jwe.protected === undefined) return {};
  try {
    return Header.parse(JSON.parse(Buffer.from(jwe.protected, "base64url").toString("utf8")));
  } catch (cause) {
    throw new KeyError("keys.damaged", "The header of a wrapped key is not readable.", { cause });
  }
}
