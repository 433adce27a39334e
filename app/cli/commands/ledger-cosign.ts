/** `ledger cosign`: has a witness sign that it saw the ledger's head and that it continues all it saw before. */
import { LedgerError } from "#app/ledger/index.ts";
import { readVaultDescription } from "#app/vault/index.ts";
import { count, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";
import { readWitnessKey } from "../witness-key.ts";

export async function ledgerCosign(cli: Cli, address: string, options: { readonly witness: string; readonly witnessKey: string }): Promise<CommandResult> {
  const key = readWitnessKey(options.witnessKey);
  if (!/^https?:\/\/[^\s]+$/.test(options.witness)) throw new CliError("cli.usage", "--witness is not an http or https address");
  const store = await openStore(address);
  const { vaultId } = await readVaultDescription(store);
  const ledger = ledgerOf(cli, store, vaultId);
  const head = await ledger.head();
  const answer = await ledger.cosign({ url: options.witness, key });
  switch (answer.kind) {
    case "cosigned": {
      const { witness, at } = answer.cosignature;
      return { json: { witness, at: at.toISOString(), size: head?.size, root: head?.root }, text: `${witness} has cosigned the ledger's head of ${count(head?.size ?? 0)} entries at ${at.toISOString()}.` };
    }
    case "empty":
      throw new CliError("cli.ledger_empty", "The vault's ledger has no entries yet");
    case "rolled-back":
      throw new LedgerError("ledger.rolled_back", `The witness has seen a ledger of ${answer.seen} entries; this one has ${head?.size ?? 0}`);
    case "forked":
      throw new LedgerError("ledger.forked", "The witness has seen another history of this ledger");
    case "unknown-log":
      throw new CliError("cli.witness_refused", "The witness does not know this vault's ledger, or not this key of it");
    case "unavailable":
      throw new CliError("cli.witness_unavailable", `The witness gave no cosignature: ${answer.detail}`);
  }
}
