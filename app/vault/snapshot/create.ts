/** Makes a vault: keys, then the description, which is what makes it exist. */
import { sha256 } from "../crypto/digest.ts";
import { checkedRecipient, vaultIdOf } from "../crypto/jwk.ts";
import { protectedStore } from "../repair/parity-store.ts";
import { wrapKey } from "../crypto/wrapped-key.ts";
import { VaultError } from "../errors.ts";
import { DESCRIPTION, hostKeyName, indexKeyObject, wrappedKeyObject } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Clock, HostKeys, Random, Recipient } from "../ports.ts";
import { signingKeyOf, wrapHostKey } from "../recipients/host-key.ts";
import type { VaultDescription } from "../types.ts";
import { signDescription } from "./description.ts";
import { putExact } from "./put-exact.ts";

export interface CreateVault {
  readonly store: ObjectStore;
  readonly recipients: readonly Recipient[];
  readonly clock: Clock;
  readonly random: Random;
  /** 32 bytes. Given when roots must compare with another vault's (a drill's); otherwise made anew. */
  readonly indexKey?: Uint8Array;
  /** Keep parity beside every object (3.2 % more room for packs), so that `repair` can mend them without another copy. */
  readonly parity?: boolean;
  /** Default 2, the newest. Readers that know format 1 only need a vault of format 1. */
  readonly format?: 1 | 2;
}

/** Throws vault.exists, vault.bad_recipient. */
export async function createVault(options: CreateVault): Promise<{ vaultId: string; hostKeys: HostKeys }> {
  const { clock, random, parity } = options;
  const store = protectedStore(options.store, { parity });
  if (options.recipients.length === 0) throw new VaultError("vault.bad_recipient", "a vault needs at least one recipient, or nobody could ever open it");
  const recipients = await Promise.all(options.recipients.map(checkedRecipient));
  if ((await store.get(DESCRIPTION)) !== null) throw new VaultError("vault.exists", "there is a vault at this address already");
  const { jwk: signingKey, publicJwk } = signingKeyOf(random(32));
  const vaultId = await vaultIdOf(publicJwk);
  const indexKey = Buffer.from(options.indexKey ?? random(32));
  if (indexKey.length !== 32) throw new RangeError("an index key has 32 bytes");
  const keyId = Buffer.from(random(16)).toString("hex");
  const wrapped = await wrapKey(indexKey, { vault: vaultId, key: keyId, use: "index" }, recipients);
  await putExact(store, indexKeyObject(keyId), wrapped);
  const hostKey = await wrapHostKey(signingKey, vaultId, recipients);
  const hostKeyObject = wrappedKeyObject(hostKeyName(vaultId), 0);
  await putExact(store, hostKeyObject, hostKey);
  const description: VaultDescription = {
    format: options.format ?? 2,
    vaultId,
    createdAt: clock.now().toISOString(),
    suite: "A256GCM-HS256-HKDF256-ED25519",
    signingPublicKey: publicJwk,
    recipients,
    indexKeyObject: indexKeyObject(keyId),
    indexKeyDigest: sha256(wrapped),
    hostKeyObject,
    hostKeyDigest: sha256(hostKey),
    ...(parity === true ? { parity } : {}),
  };
  const bytes = await signDescription(description, signingKey);
  if ((await store.putIfAbsent(DESCRIPTION, bytes)) === "already-there") {
    const there = await store.get(DESCRIPTION);
    // Our own write whose answer was lost is no rival.
    if (there === null || Buffer.compare(there, bytes) !== 0) throw new VaultError("vault.exists", "another vault was made at this address at the same time");
  }
  return { vaultId, hostKeys: { vaultId, indexKey, signingKey } };
}
