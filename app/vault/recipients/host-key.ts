/** The vault's signing key, wrapped to its recipients: what a host needs besides the index key, so that a lost host is no lost vault. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { wrapKey } from "../crypto/wrapped-key.ts";
import { damaged, VaultError } from "../errors.ts";
import { hostKeyName, wrappedKeyObject } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { HostKeys, Jwk, KeyOpener, PublicJwk, Recipient } from "../ports.ts";
import { openIndexKey } from "../snapshot/content-keys.ts";
import type { VaultDescription } from "../types.ts";
import { Generations, openWrappedKey } from "./open-key.ts";

/** PKCS #8 head of an Ed25519 private key (RFC 8410); 32 bytes of seed follow. */
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** A signing key from its 32-byte seed. */
export function signingKeyOf(seed: Uint8Array): { readonly jwk: Jwk; readonly publicJwk: PublicJwk } {
  const key = createPrivateKey({ key: Buffer.concat([ED25519_PKCS8, seed]), format: "der", type: "pkcs8" });
  const { kty, crv, x } = createPublicKey(key).export({ format: "jwk" });
  const publicJwk = { kty: kty as string, crv: crv as string, x: x as string };
  return { jwk: { ...publicJwk, d: Buffer.from(seed).toString("base64url") }, publicJwk };
}

export function wrapHostKey(signingKey: Jwk, vaultId: string, recipients: readonly Recipient[]): Promise<Buffer> {
  return wrapKey(Buffer.from(signingKey.d ?? "", "base64url"), { vault: vaultId, key: vaultId, use: "host" }, recipients);
}

/** Throws vault.missing_object for a vault that has none, vault.no_key, vault.damaged_object. */
export async function openSigningKey(store: ObjectStore, opener: KeyOpener, description: VaultDescription): Promise<Jwk> {
  const { vaultId } = description;
  const name = hostKeyName(vaultId);
  const opened = await openWrappedKey(store, opener, new Generations(store), name, { vault: vaultId, key: vaultId, use: "host" });
  if (opened === null) throw new VaultError("vault.no_key", "this identity is not a recipient of the vault", { object: wrappedKeyObject(name, 0) });
  const { jwk, publicJwk } = signingKeyOf(opened.key);
  if (publicJwk.x !== description.signingPublicKey.x) throw damaged(opened.object, "it wraps another vault's signing key");
  return jwk;
}

/** Everything a host keeps, from the vault and one identity. Throws as above. */
export async function openHostKeys(store: ObjectStore, opener: KeyOpener, description: VaultDescription): Promise<HostKeys> {
  return { vaultId: description.vaultId, indexKey: await openIndexKey(store, opener, description), signingKey: await openSigningKey(store, opener, description) };
}

