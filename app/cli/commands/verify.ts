/** `verify`: trusts nothing; names each damaged or missing object, of the vault and of its ledger. */
import { ReadOnlyStore } from "#app/stores/index.ts";
import { readVaultDescription, VaultError, type HostKeys, type ObjectStore } from "#app/vault/index.ts";
import { checkVault, type CheckedVault } from "#app/workflows/verify/check-vault.ts";
import { enterVerified } from "#app/workflows/verify/verify-vault.ts";
import { count, plural, size, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { findingLines } from "../findings.ts";
import { HostKeyring } from "../host-keyring.ts";
import { readKeptCheckpoint } from "../kept-checkpoint.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";
import { openerFrom, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";
import { readWitnessKey } from "../witness-key.ts";

export interface VerifyOptions extends IdentityOptions {
  readonly readData?: boolean;
  readonly checkpoint?: string;
  readonly witnessKey?: readonly string[];
  readonly record?: boolean;
}

export async function verify(cli: Cli, address: string, options: VerifyOptions): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const store = new ReadOnlyStore(await openStore(address));
    const opener = await openerFrom(cli, options);
    const keptCheckpoint = await readKeptCheckpoint(options.checkpoint);
    const hostKeys = opener === null || options.record === true ? await knownHostKeys(cli, store) : null;
    const readData = options.readData === true;
    const checked = await checkVault({
      store,
      readData,
      opener,
      // An identity opens the index too; without either, what can be seen from outside is checked.
      hostKeys: opener === null ? hostKeys : null,
      witnesses: (options.witnessKey ?? []).map(readWitnessKey),
      scratchDirectory,
      keptCheckpoint,
      ledger: (vaultId) => ledgerOf(cli, store, vaultId),
      onProgress: ({ phase, done, total, bytesRead }) => cli.progress(`verifying ${phase} · ${count(done)} of ${count(total)} · ${size(bytesRead)} read`),
    });
    const { ok, findings, report, ledger } = checked;
    const recorded = options.record === true && (await record(cli, address, hostKeys, checked, readData));
    const { snapshots, objects, bytesRead, recordsChecked, orphans } = report;
    const seen = `${plural(snapshots, "snapshot")}, ${plural(objects, "object")}, ${plural(recordsChecked, "record")} checked, ${size(bytesRead)} read`;
    return {
      json: {
        ok, findings, snapshots, objects, bytesRead, recordsChecked, orphans,
        ledger: ledger === null ? null : { size: ledger.size, root: ledger.root, checkpoints: ledger.checkpoints, cosignatures: ledger.cosignatures },
        ...(options.record === true ? { recorded } : {}),
      },
      text: ok ? `Everything is as it was written: ${seen}.` : [...findingLines(findings), `(${seen})`].join("\n"),
      finding: !ok,
    };
  });
}

/** False when the ledger itself is in doubt. Throws cli.no_host_keys on a host that cannot sign. */
async function record(cli: Cli, address: string, hostKeys: HostKeys | null, checked: CheckedVault, readData: boolean): Promise<boolean> {
  if (hostKeys === null) throw new CliError("cli.no_host_keys", "This host has no keys of the vault, so it cannot sign what was found into the ledger");
  return enterVerified(ledgerOf(cli, await openStore(address), hostKeys.vaultId, hostKeys), checked, { actor: "cli", readData });
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
