/** The ledger in a vault's own store, without the list of events that are kept before it; that list mends it where the store has lost something. */
import { openLedger, originOf, type Ledger, type Recall } from "#app/ledger/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";

export async function directLedger(ports: Pick<Ports, "signer" | "clock" | "outbox">, vaultId: string, store: ObjectStore): Promise<Ledger> {
  const signer = await ports.signer.signerFor(vaultId);
  const recall = recallFrom(ports.outbox, vaultId);
  return openLedger({ store, origin: originOf(vaultId), clock: ports.clock, recall, ...(signer === null ? {} : { signer: { name: signer.name, privateKey: { ...signer.privateKey } } }) });
}

function recallFrom(outbox: Ports["outbox"], vaultId: string): Recall | undefined {
  if (outbox?.placed === undefined) return undefined;
  return async (from, to) => new Map(((await outbox.placed?.(vaultId, from, to)) ?? []).map(({ place, entry }) => [place, Buffer.from(entry, "utf8")]));
}
