/** vault.json: signed by the key whose thumbprint is the vault's id, so neither can be swapped without the other (docs/design.md 2.1). */
import { z } from "zod";
import { vaultIdOf } from "../crypto/jwk.ts";
import { peekSigned, signJson, verifySigned } from "../crypto/signed.ts";
import { damaged, VaultError } from "../errors.ts";
import { soundly } from "../copies/sound.ts";
import { DESCRIPTION } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Jwk } from "../ports.ts";
import type { VaultDescription } from "../types.ts";

const Hex = z.string().regex(/^[0-9a-f]+$/);
export const Jwk_ = z.object({ kty: z.string(), crv: z.string().optional(), x: z.string().optional(), y: z.string().optional(), n: z.string().optional(), e: z.string().optional() });

const Description = z.object({
  format: z.union([z.literal(1), z.literal(2)]),
  vaultId: Hex.length(32),
  createdAt: z.iso.datetime(),
  suite: z.literal("A256GCM-HS256-HKDF256-ED25519"),
  signingPublicKey: Jwk_,
  recipients: z.array(z.object({ keyId: z.string(), jwk: Jwk_ })).min(1).max(256),
  indexKeyObject: z.string().regex(/^keys\/index-[0-9a-f]{32}\.jwe$/),
  indexKeyDigest: Hex.length(64),
  hostKeyObject: z.string().regex(/^keys\/host-[0-9a-f]{32}\.jwe$/).optional(),
  hostKeyDigest: Hex.length(64).optional(),
  parity: z.boolean().optional(),
});

export async function signDescription(description: VaultDescription, signingKey: Jwk): Promise<Buffer> {
  return signJson(description, "holdfast-vault", signingKey);
}

export async function parseDescription(bytes: Uint8Array): Promise<VaultDescription> {
  const claimed = z.object({ format: z.number().optional(), signingPublicKey: Jwk_.optional() }).safeParse(peekSigned(bytes, DESCRIPTION));
  if (!claimed.success || claimed.data.signingPublicKey === undefined) throw damaged(DESCRIPTION, "it names no signing key");
  const payload = await verifySigned(bytes, "holdfast-vault", claimed.data.signingPublicKey as VaultDescription["signingPublicKey"], DESCRIPTION);
  // Asked only of a signed payload: a flipped digit is damage, not a newer format.
  if ((claimed.data.format ?? 0) > 2) throw new VaultError("vault.unsupported_format", `the vault is of format ${claimed.data.format}; this program reads formats 1 and 2`);
  const parsed = Description.safeParse(payload);
  if (!parsed.success) throw damaged(DESCRIPTION, "it lacks what a description has", parsed.error);
  const description = parsed.data as VaultDescription;
  if ((await vaultIdOf(description.signingPublicKey)) !== description.vaultId) throw damaged(DESCRIPTION, "its vault id does not follow from its signing key");
  return description;
}

/** Throws vault.not_found, vault.damaged_object, vault.unsupported_format. */
export async function readVaultDescription(store: ObjectStore): Promise<VaultDescription> {
  return soundly(store, async () => {
    const bytes = await store.get(DESCRIPTION);
    if (bytes === null) throw new VaultError("vault.not_found", "there is no vault at this address (no vault.json)");
    return parseDescription(bytes);
  });
}
