/**
 * `restore --to export:FILE`: records of a snapshot for a named recipient instead of a shop. The plan names the recipient's key and the records; carried out, it writes
 * one General JSON JWE (RFC 7516) a line, each of some megabytes of records, that only the private half of that key opens.
 */
import path from "node:path";
import { sealMessage, type Recipient, type SnapshotReader } from "#app/vault/index.ts";
import type { Cli } from "../cli.ts";
import { writeWhole } from "../write-file.ts";

const ADDRESS = /^export:(.+)$/;
/** Of records, before they are sealed: in memory twice while a part is sealed. */
const PART_BYTES = 8 * 1024 * 1024;

/** Null: it is no file but a shop. */
export function exportFile(to: string): string | null {
  const file = ADDRESS.exec(to)?.[1];
  return file === undefined ? null : path.resolve(file);
}

export interface WriteExport {
  readonly file: string;
  readonly recipient: Recipient;
  readonly roots: readonly { readonly id: string }[];
  readonly reader: Pick<SnapshotReader, "tree">;
  readonly vaultId: string;
  readonly planId: string;
}

/** Answers how many records went into how many parts. */
export async function writeExport(cli: Cli, { file, recipient, roots, reader, vaultId, planId }: WriteExport): Promise<{ readonly records: number; readonly parts: number }> {
  return writeWhole(cli, file, async (sink) => {
    let lines: Buffer[] = [];
    let bytes = 0;
    let records = 0;
    let parts = 0;
    const flush = async (): Promise<void> => {
      if (bytes === 0) return;
      const text = Buffer.concat(lines);
      const header = { typ: "holdfast-export", cty: "application/jsonl", vault: vaultId, plan: planId, part: String(++parts) };
      const sealed = await sealMessage(text, header, [recipient]);
      text.fill(0);
      await sink.write(Buffer.concat([sealed, Buffer.from("\n")]));
      lines = [];
      bytes = 0;
    };
    for (const { id } of roots) {
      cli.signal.throwIfAborted();
      for (const record of await reader.tree(id)) {
        const line = Buffer.concat([record.bytes, Buffer.from("\n")]);
        lines.push(line);
        bytes += line.length;
        records++;
      }
      if (bytes >= PART_BYTES) await flush();
    }
    await flush();
    return { records, parts };
  });
}
