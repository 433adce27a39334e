/** The host's half of each vault, sealed in the database. */
import { z } from "zod";
import type { PrismaClient } from "@prisma/client";
import { originOf } from "#app/ledger/index.ts";
import type { HostKeys } from "#app/vault/index.ts";
import type { Clock, LedgerSigner, VaultKeyring } from "#app/workflows/ports.ts";
import type { Sealer } from "../secrets/seal.ts";

const Kept = z.object({
  indexKey: z.base64url(),
  signingKey: z.looseObject({ kty: z.string(), crv: z.string(), x: z.string(), d: z.string() }),
});

export function vaultKeyring(prisma: PrismaClient, sealer: Sealer, clock: Clock): VaultKeyring {
  return {
    get: async (vaultId) => {
      const row = await prisma.vaultSecret.findUnique({ where: { vaultId } });
      if (!row) return null;
      const kept = Kept.parse(JSON.parse(await sealer.open(row.sealed, `vault:${vaultId}`)));
      return { vaultId, indexKey: new Uint8Array(Buffer.from(kept.indexKey, "base64url")), signingKey: kept.signingKey };
    },
    keep: async ({ vaultId, indexKey, signingKey }: HostKeys) => {
      const sealed = await sealer.seal(JSON.stringify({ indexKey: Buffer.from(indexKey).toString("base64url"), signingKey }), `vault:${vaultId}`);
      const data = { sealed, keptAt: clock.now() };
      await prisma.vaultSecret.upsert({ where: { vaultId }, create: { vaultId, ...data }, update: data });
    },
  };
}

/** The vault's signing key signs its ledger's checkpoints too; the note names it after the vault. */
export function ledgerSigner(keyring: VaultKeyring): LedgerSigner {
  return {
    signerFor: async (vaultId) => {
      const keys = await keyring.get(vaultId);
      return keys && { name: originOf(vaultId), privateKey: keys.signingKey };
    },
  };
}
