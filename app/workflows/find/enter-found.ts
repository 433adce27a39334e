/** Each search leaves an entry: who, when, by what sort of term, how many answers. Never the value, and not who was found. */
import type { Ledger, NewLedgerEntry } from "#app/ledger/index.ts";

export async function enterFound(ledger: Ledger, o: { readonly vaultId: string; readonly shop?: string; readonly actor: string; readonly by: string; readonly hits: number }): Promise<void> {
  await ledger.append([foundEntry(o)]);
}

export function foundEntry({ vaultId, shop, actor, by, hits }: { readonly vaultId: string; readonly shop?: string; readonly actor: string; readonly by: string; readonly hits: number }): NewLedgerEntry {
  return { actor, action: "record.found", subject: { vault: vaultId, ...(shop === undefined ? {} : { shop }), by, hits }, outcome: "done" };
}
