/** `vault adopt`: a new host in place of a lost one. The host's half of the keys is in the vault, wrapped to its recipients. */
import { openStore } from "#app/stores/index.ts";
import { openHostKeys, readVaultDescription } from "#app/vault/index.ts";
import type { Cli, CommandResult } from "../cli.ts";
import { HostKeyring } from "../host-keyring.ts";
import { ledgerOf } from "../open-ledger.ts";
import { holderFrom, type IdentityOptions } from "../open-vault.ts";

export async function vaultAdopt(cli: Cli, address: string, options: IdentityOptions & { readonly identity: string }): Promise<CommandResult> {
  const store = await openStore(address);
  const description = await readVaultDescription(store);
  const { vaultId } = description;
  const keyring = new HostKeyring(cli.home);
  if ((await keyring.get(vaultId)) !== null) return { json: { vaultId, adopted: false }, text: `This host has the keys of vault ${vaultId} already.` };
  const { opener } = await holderFrom(cli, options);
  const hostKeys = await openHostKeys(store, opener, description);
  await keyring.prepare();
  // Entered first: a host that can sign and that the ledger does not know would be the worse end of a crash.
  await ledgerOf(cli, store, vaultId, hostKeys).append([{ actor: "cli", action: "vault.adopted", subject: { vault: vaultId }, outcome: "done" }]);
  await keyring.keep(hostKeys);
  return { json: { vaultId, adopted: true }, text: `This host has the keys of vault ${vaultId} now: it can take snapshots, and opens no record. If the old host may still run, see that it does not.` };
}
