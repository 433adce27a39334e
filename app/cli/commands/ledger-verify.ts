/** `ledger verify`: the ledger alone, offline, from a copy of the vault's directory. */
import { pathToFileURL } from "node:url";
import { ReadOnlyStore } from "#app/stores/index.ts";
import { readVaultDescription } from "#app/vault/index.ts";
import { count, type Cli, type CommandResult } from "../cli.ts";
import { findingLines } from "../findings.ts";
import { ledgerOf } from "../open-ledger.ts";
import { readKeptCheckpoint } from "../kept-checkpoint.ts";
import { openStore } from "../open-store.ts";

export async function ledgerVerify(cli: Cli, place: string, options: { readonly checkpoint?: string }): Promise<CommandResult> {
  const store = new ReadOnlyStore(await openStore(/^[a-z][a-z0-9+.-]+:\/\//i.test(place) ? place : pathToFileURL(place).href));
  const { vaultId, signingPublicKey } = await readVaultDescription(store);
  const kept = await readKeptCheckpoint(options.checkpoint);
  const { ok, findings, size, root, checkpoints } = await ledgerOf(cli, store, vaultId).verify({ publicKey: signingPublicKey, checkpoint: kept });
  return {
    json: { ok, findings, vaultId, size, root, checkpoints },
    text: ok ? `The ledger of vault ${vaultId} holds: ${count(size)} entries under ${count(checkpoints)} checkpoints.` : findingLines(findings).join("\n"),
    finding: !ok,
  };
}
