/** The ledger in a vault's own store, without the list of events that are kept before it. */
import { openLedger, originOf, type Ledger } from "#app/ledger/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";

export async function directLedger(ports: Pick<Ports, "signer" | "clock">, vaultId: string, store: ObjectStore): Promise<Ledger> {
  const signer = await ports.signer.signerFor(vaultId);
  return openLedger({ store, origin: originOf(vaultId), clock: ports.clock, ...(signer === null ? {} : { signer: { name: signer.name, privateKey: { ...signer.privateKey } } }) });
}
