/** The ledger of a vault, as workflows write to it. */
import { LedgerError, type Ledger } from "#app/ledger/index.ts";
import { VaultError } from "#app/vault/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";
import { directLedger } from "./direct-ledger.ts";
import { enterAll, enterThrough } from "./outbox.ts";
import { vaultIsThere } from "./vault-is-there.ts";

/**
 * Where there is a database, an append is kept there first, so that nothing is lost when the store fails in that moment; what waits goes in before
 * anything is read. Where there is no vault any more the ledger can be read, and an append throws vault.not_found. Throws what the store throws.
 */
export async function vaultLedger(ports: Pick<Ports, "signer" | "clock" | "outbox">, vaultId: string, store: ObjectStore): Promise<Ledger> {
  const ledger = await directLedger(ports, vaultId, store);
  const { outbox } = ports;
  if (!(await vaultIsThere(store, vaultId))) {
    return {
      ...ledger,
      append: () => Promise.reject(new VaultError("vault.not_found", "there is no vault at this address any more")),
    };
  }
  if (outbox === undefined) return ledger;
  await enterAll(outbox, ledger, vaultId);
  return {
    ...ledger,
    append: async (entries) => {
      const checkpoint = (await enterThrough(outbox, ledger, vaultId, ports.clock, entries)) ?? (await ledger.head());
      if (checkpoint === null) throw new LedgerError("ledger.damaged", "The ledger is empty right after an append.");
      return checkpoint;
    },
  };
}
