/** `ledger prove`: a proof to give away that one entry is in the ledger. */
import { isSignedBy, LedgerError, originOf, parseProof, verifierKey, type Ledger, type LedgerEntry } from "#app/ledger/index.ts";
import { ReadOnlyStore } from "#app/stores/index.ts";
import { readVaultDescription } from "#app/vault/index.ts";
import type { Cli, CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";
import { writeWhole } from "../write-file.ts";

export async function ledgerProve(cli: Cli, address: string, which: string, options: { readonly out: string }): Promise<CommandResult> {
  if (options.out === "-" && cli.json) throw new CliError("cli.usage", "--json and --out - would both write to stdout");
  const store = new ReadOnlyStore(await openStore(address));
  const { vaultId, signingPublicKey } = await readVaultDescription(store);
  const ledger = ledgerOf(cli, store, vaultId);
  const found = await find(ledger, which);
  const text = found === null ? null : await ledger.prove(found.index);
  if (found === null || text === null) throw new CliError("cli.entry_not_found", `No entry of the ledger answers to ${which}`);
  const checkpoint = parseProof(text)!.checkpoint;
  if (!isSignedBy(checkpoint.note, signingPublicKey)) throw new LedgerError("ledger.bad_signature", "The checkpoint to prove by is not signed by the vault's key");
  await writeWhole(cli, options.out, (sink) => sink.write(Buffer.from(text, "utf8")));
  const key = verifierKey(originOf(vaultId), signingPublicKey);
  return {
    json: { index: found.index, entry: found.entry, size: checkpoint.size, root: checkpoint.root, key, file: options.out },
    text: options.out === "-" ? "" : `Proof of entry ${found.index} (${found.entry.action}) written to ${options.out}. Whoever gets it checks it with:\n  holdfast ledger verify --proof ${options.out} --key ${key}`,
  };
}

/** By its place, counted from 0; the newest; or the last one that speaks of this snapshot, drill or other id. */
async function find(ledger: Ledger, which: string): Promise<{ readonly index: number; readonly entry: LedgerEntry } | null> {
  const wanted = /^\d{1,15}$/.test(which) ? Number(which) : null;
  let found: { index: number; entry: LedgerEntry } | null = null;
  let index = 0;
  for await (const entry of ledger.entries()) {
    if (index === wanted || which === "latest" || (wanted === null && Object.values(entry.subject).includes(which))) found = { index, entry };
    index++;
  }
  return found;
}
