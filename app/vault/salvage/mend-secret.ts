/** A pack's own secret, one flipped bit of its wrapping put right (docs/design.md 2.4: magic ‖ key id ‖ nonce ‖ sealed secret). */
import { missing, VaultError } from "../errors.ts";
import { packSecretKey } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import { contentKeyOf, PACK_SECRET_OBJECT_BYTES, unwrapPackSecret } from "../pack/secret.ts";
import type { Findings } from "./findings.ts";
import type { SalvageKeys } from "./salvage-keys.ts";

const MAGIC = Buffer.from("HFPKEY\x00\x01", "latin1");
const KEY_ID_AT = 8;
const NONCE_AT = 24;

export interface FoundSecret {
  readonly secret: Buffer;
  /** The object's bytes as they were written. */
  readonly bytes: Buffer;
}

/** Null: no key opens it, which is said of the content key. Throws vault.missing_object, vault.damaged_object. */
export async function secretOf(store: ObjectStore, packId: string, keys: SalvageKeys, vaultId: Uint8Array, findings: Findings): Promise<FoundSecret | null> {
  const name = packSecretKey(packId);
  const stored = await store.get(name);
  if (stored === null) throw missing(name);
  const bytes = Buffer.from(stored);
  const named = bytes.toString("hex", KEY_ID_AT, NONCE_AT);
  const keyId = bytes.length === PACK_SECRET_OBJECT_BYTES ? keys.nearest(named) : contentKeyOf(bytes, name);
  const contentKey = await keys.get(keyId ?? named);
  if (contentKey === null) return null;
  const open = (): Buffer => unwrapPackSecret(bytes, packId, contentKey, vaultId, name);
  try {
    return { secret: open(), bytes };
  } catch (error) {
    if (!(error instanceof VaultError) || bytes.length !== PACK_SECRET_OBJECT_BYTES) throw error;
    MAGIC.copy(bytes);
    bytes.write(keyId ?? named, KEY_ID_AT, "hex");
    const secret = flipUntilItOpens(bytes, open);
    if (secret === null) throw error;
    findings.add("pack_key.damaged", name, "a bit of it was flipped, and is put right here");
    return { secret, bytes };
  }
}

/** 480 bits in question at most: trying each is quicker than thinking. Magic and key id have been put right before. */
function flipUntilItOpens(bytes: Buffer, open: () => Buffer): Buffer | null {
  const attempt = (): Buffer | null => {
    try {
      return open();
    } catch (error) {
      if (error instanceof VaultError) return null;
      throw error;
    }
  };
  const asItIs = attempt();
  if (asItIs !== null) return asItIs;
  for (let at = NONCE_AT; at < bytes.length; at++) {
    for (let bit = 1; bit < 256; bit <<= 1) {
      bytes[at] = (bytes[at] as number) ^ bit;
      const secret = attempt();
      if (secret !== null) return secret;
      bytes[at] = (bytes[at] as number) ^ bit;
    }
  }
  return null;
}
