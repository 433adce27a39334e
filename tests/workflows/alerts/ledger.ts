/** What stands in a shop's vault's log, after everything that waits has gone in. */
import type { FakeProcess } from "#tests/support/fakes-ports.ts";
import { vaultLedger } from "#app/workflows/shared/vault-ledger.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import { SHOP } from "../support/linked-shop.ts";

interface Entered {
  readonly actor: string;
  readonly action: string;
  readonly subject: Readonly<Record<string, unknown>>;
  readonly reason?: string | undefined;
}

export async function ledgerActions({ process, store }: { readonly process: FakeProcess; readonly store: ObjectStore }): Promise<readonly Entered[]> {
  const ledger = await vaultLedger(process, process.linked.get(SHOP)!.vaultId, store);
  const entries: Entered[] = [];
  for await (const entry of ledger.entries()) entries.push(entry as unknown as Entered);
  return entries;
}
