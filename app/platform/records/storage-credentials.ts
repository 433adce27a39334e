/**
 * What opens a merchant's own storage: sealed in the database, opened only to open a store, and only for the shop that entered it. A shop that types
 * another's address has no credentials there.
 */
import type { PrismaClient } from "@prisma/client";
import type { Clock, StorageCredential, StorageCredentials } from "#app/workflows/ports.ts";
import { StorageCredentialShape } from "#app/workflows/setup/storage-credential-shape.ts";
import type { Sealer } from "../secrets/seal.ts";

export interface KeptCredentials extends StorageCredentials {
  /** For opening a store, and nothing else. */
  open(shop: string, url: string): Promise<StorageCredential | null>;
}

export function storageCredentials(prisma: PrismaClient, sealer: Sealer, clock: Clock): KeptCredentials {
  const belongsTo = (shop: string, place: string): string => `storage:${shop} ${place}`;
  const row = (shop: string, url: string) => prisma.storageCredential.findUnique({ where: { shop_place: { shop, place: placeOf(url) } } });
  return {
    save: async (shop, url, credential) => {
      const place = placeOf(url);
      const checked = StorageCredentialShape.parse(credential);
      const data = { kind: checked.kind, sealed: await sealer.seal(JSON.stringify(checked), belongsTo(shop, place)), savedAt: clock.now() };
      await prisma.storageCredential.upsert({ where: { shop_place: { shop, place } }, create: { shop, place, ...data }, update: data });
    },
    savedAt: async (shop, url) => (await row(shop, url))?.savedAt ?? null,
    forget: async (shop) => {
      await prisma.storageCredential.deleteMany({ where: { shop } });
    },
    open: async (shop, url) => {
      const found = await row(shop, url);
      return found === null ? null : StorageCredentialShape.parse(JSON.parse(await sealer.open(found.sealed, belongsTo(shop, found.place))));
    },
  };
}

/** Scheme, user, host and port of an address: what credentials are for. An endpoint is part of it: the same bucket name elsewhere is another place. */
export function placeOf(url: string): string {
  const address = new URL(url);
  const endpoint = address.searchParams.get("endpoint");
  const user = address.username === "" ? "" : `${address.username}@`;
  return `${address.protocol}//${user}${address.host}${endpoint === null ? "" : ` at ${endpoint.replace(/\/+$/, "")}`}`;
}
