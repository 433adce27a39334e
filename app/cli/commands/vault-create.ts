/** `vault create`: a new vault, sealed to its recipients, and this host's half of the keys. */
import { recipientAt } from "#app/keys/index.ts";
import { recoveryOfThisVersion } from "#app/recover/index.ts";
import { createVault } from "#app/vault/index.ts";
import { keepRecovery } from "#app/workflows/shared/keep-recovery.ts";
import { plural, type Cli, type CommandResult } from "../cli.ts";
import { HostKeyring } from "../host-keyring.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";

export async function vaultCreate(cli: Cli, address: string, options: { readonly recipient: readonly string[]; readonly parity?: boolean }): Promise<CommandResult> {
  const recipients = new Map((await Promise.all(options.recipient.map((address) => recipientAt(address)))).map((recipient) => [recipient.keyId, recipient]));
  const keyring = new HostKeyring(cli.home);
  await keyring.prepare();
  const store = await openStore(address);
  const { vaultId, hostKeys } = await createVault({ store, recipients: [...recipients.values()], clock: cli.clock, random: cli.random, parity: options.parity === true });
  await keyring.keep(hostKeys);
  const subject = { vault: vaultId, recipients: recipients.size };
  const ledger = ledgerOf(cli, store, vaultId, hostKeys);
  await ledger.append([{ actor: "cli", action: "vault.created", subject, outcome: "done" }]);
  const recovery = await keepRecovery({ store, hostKeys, ledger, kit: recoveryOfThisVersion(), clock: cli.clock, actor: "cli" });
  if (recovery?.outcome === "failed") cli.warn(`The recovery program could not be written into the vault (${recovery.code}); the next snapshot tries again.`);
  return {
    json: { vaultId, recipients: [...recipients.keys()] },
    text: `Vault ${vaultId} made, sealed to ${plural(recipients.size, "recipient")}. This host keeps its own half of the keys, which opens no record.`,
  };
}
