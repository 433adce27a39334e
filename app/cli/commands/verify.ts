/** `verify`: trusts nothing; names each damaged or missing object, of the vault and of its ledger. */
import { ReadOnlyStore } from "#app/stores/index.ts";
import { readVaultDescription, VaultError, type HostKeys, type ObjectStore } from "#app/vault/index.ts";
import { checkVault } from "../check-vault.ts";
import { count, plural, size, type Cli, type CommandResult } from "../cli.ts";
import { findingLines } from "../findings.ts";
import { HostKeyring } from "../host-keyring.ts";
import { readKeptCheckpoint } from "../kept-checkpoint.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";
import { openerFrom, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";

export interface VerifyOptions extends IdentityOptions {
  readonly readData?: boolean;
  readonly checkpoint?: string;
}

export async function verify(cli: Cli, address: string, options: VerifyOptions): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const store = new ReadOnlyStore(await openStore(address));
    const opener = await openerFrom(cli, options);
    const keptCheckpoint = await readKeptCheckpoint(options.checkpoint);
    const { ok, findings, report, ledger } = await checkVault({
      store,
      readData: options.readData === true,
      opener,
      // An identity opens the index too; without either, what can be seen from outside is checked.
      hostKeys: opener === null ? await knownHostKeys(cli, store) : null,
      scratchDirectory,
      keptCheckpoint,
      ledger: (vaultId) => ledgerOf(cli, store, vaultId),
      onProgress: ({ phase, done, total, bytesRead }) => cli.progress(`verifying ${phase} · ${count(done)} of ${count(total)} · ${size(bytesRead)} read`),
    });
    const { snapshots, objects, bytesRead, recordsChecked, orphans } = report;
    const seen = `${plural(snapshots, "snapshot")}, ${plural(objects, "object")}, ${plural(recordsChecked, "record")} checked, ${size(bytesRead)} read`;
    return {
      json: {
        ok, findings, snapshots, objects, bytesRead, recordsChecked, orphans,
        ledger: ledger === null ? null : { size: ledger.size, root: ledger.root, checkpoints: ledger.checkpoints },
      },
      text: ok ? `Everything is as it was written: ${seen}.` : [...findingLines(findings), `(${seen})`].join("\n"),
      finding: !ok,
    };
  });
}

/** Null when this host has none, or when it cannot be told whose vault this is. */
async function knownHostKeys(cli: Cli, store: ObjectStore): Promise<HostKeys | null> {
  let vaultId: string;
  try {
    ({ vaultId } = await readVaultDescription(store));
  } catch (error) {
    // No vault at all is for the person to correct; a damaged one is a finding.
    if (error instanceof VaultError && error.code !== "vault.not_found" && error.code !== "vault.unsupported_format") return null;
    throw error;
  }
  return new HostKeyring(cli.home).get(vaultId);
}
