/**
 * Whether a vault lies where one is expected. An empty folder in the place of one that was moved must not be given a ledger of its own: it would contradict
 * the real one when that is back.
 */
import { readVaultDescription, VaultError } from "#app/vault/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";

/** A damaged description is a vault's all the same, and so is a ledger whose description has gone. Throws what the store throws, and vault.wrong_keys for another vault. */
export async function vaultIsThere(store: ObjectStore, expected: string): Promise<boolean> {
  try {
    const { vaultId } = await readVaultDescription(store);
    if (vaultId === expected) return true;
    throw new VaultError("vault.wrong_keys", `vault ${expected} was expected; this is vault ${vaultId}`);
  } catch (error) {
    if (!(error instanceof VaultError) || error.code === "vault.wrong_keys") throw error;
    if (error.code !== "vault.not_found") return true;
    for await (const _ of store.list("ledger/")) return true;
    return false;
  }
}
