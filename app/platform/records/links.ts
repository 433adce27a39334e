/** Which vault is a shop's, in the database. */
import { z } from "zod";
import type { PrismaClient } from "@prisma/client";
import type { Recipient } from "#app/vault/index.ts";
import type { VaultLink, VaultLinks } from "#app/workflows/ports.ts";

const text = z.string();
const Recipients = z.array(
  z.strictObject({
    keyId: text,
    jwk: z.strictObject({ kty: text, ...Object.fromEntries(["crv", "x", "y", "n", "e", "kid", "alg", "use"].map((name) => [name, text.optional()])) }),
  }),
);

export function vaultLinks(prisma: PrismaClient): VaultLinks {
  return {
    get: async (shop) => {
      const row = await prisma.vaultLink.findUnique({ where: { shop } });
      // A private half in the database would be a broken promise: the strict shape refuses it on the way in and out.
      return row && { ...row, recipients: Recipients.parse(row.recipients) as readonly Recipient[] };
    },
    shopsOf: async (vaultId) => (await prisma.vaultLink.findMany({ where: { vaultId }, select: { shop: true } })).map(({ shop }) => shop),
    save: async ({ shop, storageUrl, vaultId, recipients, linkedAt }: VaultLink) => {
      const data = { storageUrl, vaultId, recipients: Recipients.parse(recipients), linkedAt };
      await prisma.vaultLink.upsert({ where: { shop }, create: { shop, ...data }, update: data });
    },
  };
}
