/** `checkpoint`: the ledger's signed head, to keep where whoever holds the storage cannot reach it. */
import { readFile } from "node:fs/promises";
import { isSignedBy, LedgerError, parseCheckpoint, verifyConsistency, type Checkpoint, type Ledger } from "#app/ledger/index.ts";
import { ReadOnlyStore } from "#app/stores/index.ts";
import { readVaultDescription, type PublicJwk } from "#app/vault/index.ts";
import { plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";
import { writeWhole } from "../write-file.ts";

export async function checkpoint(cli: Cli, address: string, options: { readonly out: string }): Promise<CommandResult> {
  if (options.out === "-" && cli.json) throw new CliError("cli.usage", "--json and --out - would both write to stdout");
  const store = new ReadOnlyStore(await openStore(address));
  const { vaultId, signingPublicKey } = await readVaultDescription(store);
  const ledger = ledgerOf(cli, store, vaultId);
  const head = await ledger.head();
  if (head === null) throw new CliError("cli.ledger_empty", "The vault's ledger has no entries yet");
  if (!isSignedBy(head.note, signingPublicKey)) throw new LedgerError("ledger.bad_signature", "The newest checkpoint is not signed by the vault's key");
  const earlier = options.out === "-" ? null : await earlierCheckpoint(options.out);
  if (earlier !== null) await checkSuccession(ledger, earlier, head, signingPublicKey);
  await writeWhole(cli, options.out, (sink) => sink.write(Buffer.from(head.note, "utf8")));
  return {
    json: { origin: head.origin, size: head.size, root: head.root, file: options.out },
    text: options.out === "-" ? "" : `Checkpoint of ${plural(head.size, "entry").replace("entrys", "entries")} written to ${options.out}. Keep it away from the storage; 'holdfast verify --checkpoint' tells later whether anything was taken back.`,
  };
}

/** Null: there is no file yet. A file that is something else is not written over. */
async function earlierCheckpoint(file: string): Promise<Checkpoint | null> {
  let note: string;
  try {
    note = await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new CliError("cli.checkpoint_unreadable", `${file} cannot be read`, { cause });
  }
  const earlier = parseCheckpoint(note);
  if (earlier === null) throw new CliError("cli.not_a_checkpoint", `${file} exists and is not a checkpoint`);
  return earlier;
}

/** The kept checkpoint is the only witness of a roll-back, so it is replaced only by one that continues it. */
async function checkSuccession(ledger: Ledger, earlier: Checkpoint, head: Checkpoint, publicKey: PublicJwk): Promise<void> {
  if (!isSignedBy(earlier.note, publicKey)) throw new CliError("cli.not_a_checkpoint", "The file to replace holds a checkpoint of another vault");
  if (earlier.size > head.size) throw new LedgerError("ledger.rolled_back", `The ledger has ${head.size} entries and had ${earlier.size} when the file to replace was written`);
  const proof = await ledger.consistencyProof(earlier.size, head.size);
  if (!verifyConsistency(earlier.size, head.size, Buffer.from(earlier.root, "hex"), Buffer.from(head.root, "hex"), proof)) {
    throw new LedgerError("ledger.forked", "The ledger does not continue the checkpoint in the file to replace");
  }
}
