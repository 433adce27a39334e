/** The ledger in a vault's own store. */
import { openLedger, originOf, type Ledger } from "#app/ledger/index.ts";
import type { HostKeys, ObjectStore } from "#app/vault/index.ts";
import type { Cli } from "./cli.ts";

/** With host keys it can be appended to; without it can be read and verified. */
export function ledgerOf(cli: Cli, store: ObjectStore, vaultId: string, hostKeys?: HostKeys): Ledger {
  const origin = originOf(vaultId);
  const signer = hostKeys === undefined ? undefined : { name: origin, privateKey: { ...hostKeys.signingKey } };
  return openLedger({ store, origin, signer, clock: cli.clock });
}
