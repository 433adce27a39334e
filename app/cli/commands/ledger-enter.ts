/** `ledger enter`: what commands on this machine could not enter when they were run. */
import { readVaultDescription } from "#app/vault/index.ts";
import { plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { enterKept } from "../enter-deed.ts";
import { openStore } from "../open-store.ts";

export async function ledgerEnter(cli: Cli, address: string): Promise<CommandResult> {
  const { vaultId } = await readVaultDescription(await openStore(address));
  const entered = await enterKept(cli, address, vaultId);
  if (entered === null) throw new CliError("cli.no_host_keys", `This host has no keys for vault ${vaultId}, which was made elsewhere`);
  return { json: { entered }, text: entered === 0 ? "Nothing was waiting." : `${plural(entered, "event")} entered, with the times at which they happened.` };
}
