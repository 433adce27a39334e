/** `keys rotate`: who can open the vault from now on, and everything that is in it already. */
import { recipientAt } from "#app/keys/index.ts";
import { openStore } from "#app/stores/index.ts";
import { openHostKeys, readVaultDescription, type HostKeys, type KeyOpener, type ObjectStore } from "#app/vault/index.ts";
import { rotateKeys } from "#app/workflows/keys/rotate-keys.ts";
import { count, plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { HostKeyring } from "../host-keyring.ts";
import { ledgerOf } from "../open-ledger.ts";
import { holderFrom, type IdentityOptions } from "../open-vault.ts";

export interface KeysRotateOptions extends IdentityOptions {
  readonly identity: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly reason?: string;
}

export async function keysRotate(cli: Cli, address: string, options: KeysRotateOptions): Promise<CommandResult> {
  if (options.reason !== undefined && !/^[^\p{Cc}@]{1,500}$/u.test(options.reason)) throw new CliError("cli.usage", "--reason is one line of at most 500 characters, without an @");
  const store = await openStore(address);
  const { opener } = await holderFrom(cli, options);
  const add = await Promise.all(options.add.map((key) => recipientAt(key)));
  const hostKeys = await hostKeysHereOrThere(cli, store, opener);
  const rotated = await rotateKeys({
    store,
    opener,
    add,
    remove: options.remove,
    signingKey: hostKeys.signingKey,
    ledger: ledgerOf(cli, store, hostKeys.vaultId, hostKeys),
    clock: cli.clock,
    actor: "cli",
    reason: options.reason,
    signal: cli.signal,
    onProgress: (done, total) => cli.progress(`wrapping keys · ${count(done)} of ${count(total)}`),
  });
  const { vaultId, changed, sequence, generation, keys, added, removed, kept } = rotated;
  const recipients = rotated.recipients.map((recipient) => recipient.keyId);
  if (removed.length > 0) cli.warn("Copies of the storage that were made before still open with a removed key; destroy its identity file where you can.");
  return {
    json: { vaultId, changed, sequence, generation, keys, recipients, added, removed, kept },
    text: [
      changed ? `${plural(keys, "key")} wrapped anew to ${plural(recipients.length, "recipient")}; no pack was touched.` : `Nothing to do: everything is wrapped to ${plural(recipients.length, "recipient")} already.`,
      ...recipients.map((keyId) => `  ${keyId}${added.includes(keyId) ? "  (new)" : ""}`),
      ...removed.map((keyId) => `  ${keyId}  removed`),
      ...(kept.length === 0 ? [] : [`The storage would not let go of ${plural(kept.length, "old wrapped key")}: whoever was removed and reads them opens them still. Run this again when its locks have ended.`]),
    ].join("\n"),
    finding: removed.length > 0 && kept.length > 0,
  };
}

/** A host that lost its keys, or an officer's machine, gets them from the vault. */
async function hostKeysHereOrThere(cli: Cli, store: ObjectStore, opener: KeyOpener): Promise<HostKeys> {
  const description = await readVaultDescription(store);
  return (await new HostKeyring(cli.home).get(description.vaultId)) ?? openHostKeys(store, opener, description);
}
