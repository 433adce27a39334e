/** An identity sealed under a passphrase: JWE (RFC 7516), flattened JSON, PBES2-HS512+A256KW (RFC 7518 section 4.8) and A256GCM. */
import { FlattenedEncrypt } from "jose/jwe/flattened/encrypt";
import { flattenedDecrypt } from "jose/jwe/flattened/decrypt";
import { z } from "zod";
import { KeyError } from "./errors.ts";
import type { Identity } from "./jwk.ts";

/**
 * OWASP Password Storage Cheat Sheet (2023): at least 210,000 iterations of PBKDF2 with SHA-512, 600,000 with SHA-256; NIST SP 800-132 asks for
 * as many as the user can bear. An identity is opened a few times a year and opens everything, so it takes the larger figure.
 */
export const PASSPHRASE_ITERATIONS = 600_000;
/** Files of other programs may ask for more; beyond this a file would only keep the machine busy. */
const MOST_ITERATIONS = 10_000_000;

const SealedFile = z.object({ protected: z.string(), encrypted_key: z.string(), iv: z.string(), ciphertext: z.string(), tag: z.string() });
export type SealedIdentity = z.infer<typeof SealedFile>;

export async function sealIdentity(identity: Identity, passphrase: string, iterations = PASSPHRASE_ITERATIONS): Promise<SealedIdentity> {
  const jwe = await new FlattenedEncrypt(Buffer.from(JSON.stringify(identity.jwk)))
    .setProtectedHeader({ alg: "PBES2-HS512+A256KW", enc: "A256GCM", cty: "jwk+json", kid: identity.keyId })
    .setKeyManagementParameters({ p2c: iterations })
    .encrypt(secretBytes(passphrase));
  return SealedFile.parse(jwe);
}

export function isSealed(value: unknown): boolean {
  return SealedFile.safeParse(value).success;
}

/** The JWK inside, not yet checked. Throws KeyError keys.passphrase_wrong. */
export async function unsealIdentity(value: unknown, passphrase: string): Promise<unknown> {
  const sealed = SealedFile.parse(value);
  let plaintext: Uint8Array;
  try {
    const opened = await flattenedDecrypt(sealed, secretBytes(passphrase), {
      keyManagementAlgorithms: ["PBES2-HS512+A256KW", "PBES2-HS256+A128KW"],
      contentEncryptionAlgorithms: ["A256GCM"],
      maxPBES2Count: MOST_ITERATIONS,
    });
    plaintext = opened.plaintext;
  } catch (cause) {
    throw new KeyError("keys.passphrase_wrong", "The passphrase does not open the identity file, or the file is damaged.", { cause });
  }
  try {
    return JSON.parse(Buffer.from(plaintext).toString("utf8"));
  } catch {
    // No cause: a JSON error repeats the text it could not parse, which is a key.
    throw new KeyError("keys.damaged", "What is sealed in the identity file is not a key.");
  }
}

function secretBytes(passphrase: string): Uint8Array {
  if (passphrase === "") throw new KeyError("keys.passphrase_empty", "The passphrase is empty.");
  // RFC 7518 section 4.8.1.1 takes the UTF-8 of the passphrase; NFC so that the same letters typed on another system are the same bytes.
  return Buffer.from(passphrase.normalize("NFC"), "utf8");
}
