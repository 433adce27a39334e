/** Content keys by their id, for whoever holds an identity. */
import { checkWrappedKey } from "../crypto/wrapped-key.ts";
import { damaged, missing, VaultError } from "../errors.ts";
import { contentKeyObject } from "../format/names.ts";
import type { ObjectStore } from "../object-store.ts";
import type { ContentKeys, KeyOpener } from "../ports.ts";
import type { VaultDescription } from "../types.ts";
import { readVaultDescription } from "./description.ts";

/** Opens each content key once, when it is first asked for. */
export function contentKeys(store: ObjectStore, opener: KeyOpener): ContentKeys {
  let vault: Promise<VaultDescription> | null = null;
  const opened = new Map<string, Promise<Uint8Array | null>>();
  const load = async (keyId: string): Promise<Uint8Array | null> => {
    const name = contentKeyObject(keyId);
    const jwe = await store.get(name);
    if (jwe === null) throw missing(name);
    const { vaultId } = await (vault ??= readVaultDescription(store));
    checkWrappedKey(jwe, { vault: vaultId, key: keyId, use: "content" }, name);
    return checkedKey(await opener.open(jwe), name);
  };
  return {
    get(keyId) {
      let key = opened.get(keyId);
      if (key === undefined) opened.set(keyId, (key = load(keyId)));
      return key;
    },
  };
}

/** The vault's index key, for a recipient without host state. */
export async function openIndexKey(store: ObjectStore, opener: KeyOpener, description: VaultDescription): Promise<Uint8Array> {
  const name = description.indexKeyObject;
  const jwe = await store.get(name);
  if (jwe === null) throw missing(name);
  const keyId = /index-([0-9a-f]+)/.exec(name)?.[1] ?? "";
  checkWrappedKey(jwe, { vault: description.vaultId, key: keyId, use: "index" }, name);
  const key = checkedKey(await opener.open(jwe), name);
  if (key === null) throw new VaultError("vault.no_key", "this identity is not a recipient of the vault", { object: name });
  return key;
}

function checkedKey(key: Uint8Array | null, object: string): Uint8Array | null {
  if (key !== null && key.length !== 32) throw damaged(object, "it wraps something that is no key");
  return key;
}
