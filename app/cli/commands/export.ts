/** `export`: everything in a snapshot as JSONL, in the order it was stored, every digest checked. */
import { contentKeys } from "#app/vault/index.ts";
import { count, plural, size, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { enterDeed, reasonOf } from "../enter-deed.ts";
import { openToDecrypt, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";
import { writeWhole } from "../write-file.ts";

export interface ExportOptions extends IdentityOptions {
  readonly identity: string;
  readonly out: string;
  readonly reason?: string;
}

export async function exportSnapshot(cli: Cli, address: string, snapshot: string, options: ExportOptions): Promise<CommandResult> {
  if (options.out === "-" && cli.json) throw new CliError("cli.usage", "--json and --out - would both write to stdout");
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault, store, opener } = await openToDecrypt(cli, address, options, scratchDirectory);
    const manifest = await vault.resolve(snapshot);
    const reader = vault.read(manifest, contentKeys(store, opener, vault.description));
    const recorded = await enterDeed(cli, address, vault.description.vaultId, { action: "snapshot.exported", subject: { vault: vault.description.vaultId, snapshot: manifest.snapshotId, records: manifest.records }, ...reasonOf(options) });
    let records = 0;
    const bytes = await writeWhole(cli, options.out, async (sink) => {
      let written = 0;
      for await (const lines of reader.lines()) {
        cli.signal.throwIfAborted();
        await sink.write(lines.bytes);
        written += lines.bytes.length;
        records += lines.records;
        cli.progress(`exporting · ${count(records)} of ${count(manifest.records)} records · ${size(written)}`);
      }
      return written;
    });
    return {
      json: { snapshotId: manifest.snapshotId, records, bytes, root: manifest.root, complete: manifest.complete, recorded },
      text: options.out === "-" ? "" : `${plural(records, "record")} (${size(bytes)}) of snapshot ${manifest.snapshotId} written to ${options.out}.`,
    };
  });
}
