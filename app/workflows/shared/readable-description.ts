/** What a vault says it is, where that can still be read. */
import { readVaultDescription, VaultError } from "#app/vault/index.ts";
import type { ObjectStore, VaultDescription } from "#app/vault/index.ts";

/** Null: missing or damaged, which the vault's verifier finds by itself. Throws VaultError vault.unsupported_format, StoreError. */
export async function readableDescription(store: ObjectStore): Promise<VaultDescription | null> {
  try {
    return await readVaultDescription(store);
  } catch (error) {
    if (error instanceof VaultError && error.code !== "vault.unsupported_format") return null;
    throw error;
  }
}
