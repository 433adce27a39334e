/** Content keys by their id, and the vault's own keys, for whoever holds an identity. */
import { VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { ContentKeys, KeyOpener } from "../ports.ts";
import { Generations, openWrappedKey } from "../recipients/open-key.ts";
import type { VaultDescription } from "../types.ts";
import { readVaultDescription } from "./description.ts";

/** Opens each content key once, when it is first asked for, whatever rotation wrapped it last. `known`: the vault's description, for whoever has read it. */
export function contentKeys(store: ObjectStore, opener: KeyOpener, known?: VaultDescription): ContentKeys {
  let vault: Promise<VaultDescription> | null = known === undefined ? null : Promise.resolve(known);
  const generations = new Generations(store);
  const opened = new Map<string, Promise<Uint8Array | null>>();
  const load = async (keyId: string): Promise<Uint8Array | null> => {
    const { vaultId } = await (vault ??= readVaultDescription(store));
    return (await openWrappedKey(store, opener, generations, keyId, { vault: vaultId, key: keyId, use: "content" }))?.key ?? null;
  };
  return {
    get(keyId) {
      let key = opened.get(keyId);
      if (key === undefined) opened.set(keyId, (key = load(keyId).catch((error: unknown) => {
          // Whoever asks again may be answered by another copy of it.
          opened.delete(keyId);
          throw error;
        })));
      return key;
    },
  };
}

/** The vault's index key, for a recipient without host state. */
export async function openIndexKey(store: ObjectStore, opener: KeyOpener, description: VaultDescription): Promise<Uint8Array> {
  const object = description.indexKeyObject;
  const keyId = indexKeyId(description);
  const opened = await openWrappedKey(store, opener, new Generations(store), `index-${keyId}`, { vault: description.vaultId, key: keyId, use: "index" });
  if (opened === null) throw new VaultError("vault.no_key", "this identity is not a recipient of the vault", { object });
  return opened.key;
}

export function indexKeyId(description: VaultDescription): string {
  return /index-([0-9a-f]+)/.exec(description.indexKeyObject)?.[1] ?? "";
}
