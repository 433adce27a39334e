/** The ledger of a vault, in the vault's own store. */
import { openLedger, originOf, type Ledger } from "#app/ledger/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";

export async function vaultLedger(ports: Pick<Ports, "signer" | "clock">, vaultId: string, store: ObjectStore): Promise<Ledger> {
  const signer = await ports.signer.signerFor(vaultId);
  return openLedger({ store, origin: originOf(vaultId), clock: ports.clock, ...(signer === null ? {} : { signer: { name: signer.name, privateKey: { ...signer.privateKey } } }) });
}
