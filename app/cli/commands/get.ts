/** `get`: one record's exact bytes, with nothing added; --tree adds what belongs to it, one line each. */
import { contentKeys } from "#app/vault/index.ts";
import type { SnapshotReader, SourceRecord } from "#app/vault/index.ts";
import { recordRef } from "#app/workflows/view/record-ref.ts";
import type { Cli, CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { enterDeed, reasonOf } from "../enter-deed.ts";
import { openToDecrypt, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";
import { stdoutSink } from "../write-file.ts";

export interface GetOptions extends IdentityOptions {
  readonly identity: string;
  readonly tree?: boolean;
  readonly reason?: string;
}

export async function get(cli: Cli, address: string, snapshot: string, id: string, options: GetOptions): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const from = performance.now();
    const { vault, store, opener } = await openToDecrypt(cli, address, options, scratchDirectory);
    const manifest = await vault.resolve(snapshot);
    const reader = vault.read(manifest, contentKeys(store, opener, vault.description));
    const found = options.tree === true ? await reader.tree(id) : await one(reader, id);
    if (found.length === 0) throw new CliError("cli.record_not_found", "That snapshot has no record of this id");
    const ms = Math.round((performance.now() - from) * 10) / 10;
    // Everything this command read from the store, the vault's description and the manifest included.
    const { bytesFetched } = store.usage;

    const { vaultId } = vault.description;
    const recorded = await enterDeed(cli, address, vaultId, { action: "record.read", subject: { vault: vaultId, snapshot: manifest.snapshotId, record: recordRef(vault.indexKey, id), records: found.length }, ...reasonOf(options) });

    if (!cli.json) {
      const sink = stdoutSink(cli);
      for (const { bytes } of found) {
        await sink.write(bytes);
        if (options.tree === true) await sink.write(NEWLINE);
      }
    }
    const first = described(found[0]!);
    return {
      json: options.tree === true ? { id, bytesFetched, ms, recorded, records: found.map(described) } : { ...first, bytesFetched, ms, recorded },
      text: "",
    };
  });
}

async function one(reader: SnapshotReader, id: string): Promise<SourceRecord[]> {
  const found = await reader.get(id);
  if (found === null) return [];
  if (found.record === null) throw new CliError("cli.record_erased", "That record was in the snapshot and has been erased on request");
  return [found.record];
}

function described({ id, kind, parentId, bytes }: SourceRecord): { id: string; kind: string; parentId: string | null; record: string } {
  return { id, kind, parentId, record: Buffer.from(bytes).toString("utf8") };
}

const NEWLINE = Uint8Array.of(10);
