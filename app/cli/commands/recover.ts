/** `recover`: the same recovery that lies in the vault as a program of its own, for any store this command can read. */
import { pathToFileURL } from "node:url";
import { inWords, packageVersion, recover as recoverVault, RecoverError } from "#app/recover/index.ts";
import { readVaultDescription, VaultError, type ObjectStore } from "#app/vault/index.ts";
import { ReadOnlyStore } from "#app/stores/index.ts";
import { count, size, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { enterDeed, reasonOf } from "../enter-deed.ts";
import { openStore } from "../open-store.ts";
import { openerFrom, type IdentityOptions } from "../open-vault.ts";

export interface RecoverCommandOptions extends IdentityOptions {
  readonly identity: string;
  readonly out: string;
  readonly snapshot: string;
  readonly vaultId?: string;
  readonly reason?: string;
}

export async function recover(cli: Cli, place: string, options: RecoverCommandOptions): Promise<CommandResult> {
  const began = performance.now();
  const address = /^[a-z][a-z0-9+.-]+:\/\//i.test(place) ? place : pathToFileURL(place).href;
  const store = new ReadOnlyStore(await openStore(address));
  let recorded = false;
  try {
    const { report, thrown } = await recoverVault({
      store,
      opener: async () => {
        const opener = await openerFrom(cli, options);
        if (opener === null) throw new CliError("cli.usage", "Recovering takes --identity FILE");
        recorded = await enter(cli, address, store, options);
        return opener;
      },
      out: options.out,
      snapshot: options.snapshot,
      vaultId: options.vaultId,
      program: { name: "holdfast recover", version: packageVersion() },
      clock: cli.clock,
      signal: cli.signal,
      onProgress: ({ packs, packsTotal, records, bytes }) => {
        cli.progress(`recovering · pack ${count(packs)} of ${count(packsTotal)} · ${count(records)} records · ${size(bytes)}`);
      },
    });
    if (report.error !== null) throw thrown;
    return { json: { ...report, recorded }, text: inWords(report, options.out, (performance.now() - began) / 1000), finding: report.outcome !== "whole" };
  } catch (error) {
    // The command says "interrupted" in its own words.
    if (error instanceof RecoverError && error.code === "recover.interrupted" && cli.signal.aborted) throw cli.signal.reason;
    throw error;
  }
}

/** A vault that does not even say which it is has no ledger that anything could be entered into. */
async function enter(cli: Cli, address: string, store: ObjectStore, options: RecoverCommandOptions): Promise<boolean> {
  let { vaultId } = options;
  try {
    vaultId ??= (await readVaultDescription(store)).vaultId;
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    // Where there is nothing of a vault, nothing is recovered either, and that is said.
    if (error.code !== "vault.not_found") cli.warn(`Nothing could be entered into a ledger (${error.code}): write down who recovered what.`);
    return false;
  }
  return enterDeed(cli, address, vaultId, { action: "vault.recovered", subject: { vault: vaultId }, ...reasonOf(options) });
}
