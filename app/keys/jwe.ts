/** Reading a wrapped key: JWE in general JSON serialization (RFC 7516 section 7.2.1), whoever holds the private key that opens it. */
import { createDecipheriv } from "node:crypto";
import { z } from "zod";
import { KeyError } from "./errors.ts";

const Epk = z.looseObject({ kty: z.literal("EC"), crv: z.string(), x: z.string(), y: z.string() });
const Header = z.looseObject({ kid: z.string().optional(), alg: z.string().optional(), enc: z.string().optional(), epk: Epk.optional(), apu: z.string().optional(), apv: z.string().optional() });
const GeneralJwe = z.object({
  protected: z.string().optional(),
  unprotected: z.looseObject({}).optional(),
  aad: z.string().optional(),
  iv: z.string(),
  ciphertext: z.string(),
  tag: z.string(),
  recipients: z.array(z.looseObject({ header: Header.optional(), encrypted_key: z.string().optional() })).min(1),
});
export type GeneralJwe = z.infer<typeof GeneralJwe>;
export type JweHeader = z.infer<typeof Header>;

export function parseJwe(bytes: Uint8Array): GeneralJwe {
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

export function protectedHeader(jwe: GeneralJwe): JweHeader {
  if (jwe.protected === undefined) return {};
  try {
    return Header.parse(JSON.parse(Buffer.from(jwe.protected, "base64url").toString("utf8")));
  } catch (cause) {
    throw new KeyError("keys.damaged", "The header of a wrapped key is not readable.", { cause });
  }
}

export interface Candidates {
  readonly recipients: GeneralJwe["recipients"];
  /** True: they name this key, and not opening is damage. False: they name nobody, and not opening means "not mine". */
  readonly mine: boolean;
}

/** The recipients that may be this key: those that name it, else those that name nobody. */
export function candidatesFor(jwe: GeneralJwe, keyId: string): Candidates {
  const shared = protectedHeader(jwe).kid;
  const kidOf = (recipient: GeneralJwe["recipients"][number]) => recipient.header?.kid ?? shared;
  const mine = jwe.recipients.filter((recipient) => kidOf(recipient) === keyId);
  return mine.length > 0 ? { recipients: mine, mine: true } : { recipients: jwe.recipients.filter((recipient) => kidOf(recipient) === undefined), mine: false };
}

const CEK_BYTES = 32;
const TAG_BYTES = 16;

/** What is sealed, given the content encryption key. Throws plain errors: what not opening means is the caller's to say. */
export function decryptContent(jwe: GeneralJwe, cek: Uint8Array): Uint8Array {
  if (protectedHeader(jwe).enc !== "A256GCM") throw new TypeError("another content encryption than A256GCM");
  const tag = Buffer.from(jwe.tag, "base64url");
  const iv = Buffer.from(jwe.iv, "base64url");
  // node takes shorter tags, and other nonces, where the caller lets it.
  if (cek.length !== CEK_BYTES || tag.length !== TAG_BYTES || iv.length !== 12) throw new TypeError("a part of the wrong length");
  const decipher = createDecipheriv("aes-256-gcm", cek, iv, { authTagLength: TAG_BYTES });
  // RFC 7516 section 5.2 step 15: the additional data are the protected header as it stands there, then the aad.
  decipher.setAAD(Buffer.from(`${jwe.protected ?? ""}${jwe.aad === undefined ? "" : `.${jwe.aad}`}`, "ascii"));
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(Buffer.from(jwe.ciphertext, "base64url")), decipher.final()]);
}
