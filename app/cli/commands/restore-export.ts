/**
 * `restore --to export:FILE`: records of a snapshot for a named recipient instead of a shop. The plan names the recipient's key and the records; carried out, it writes
 * one General JSON JWE (RFC 7516) a line, each of some megabytes of records, that only the private half of that key opens.
 */
import path from "node:path";
import type { Recipient, SourceRecord } from "#app/vault/index.ts";
import { SealedParts } from "#app/workflows/restore/sealed-parts.ts";
import type { Cli } from "../cli.ts";
import { writeWhole } from "../write-file.ts";

const ADDRESS = /^export:(.+)$/;

/** Null: it is no file but a shop. */
export function exportFile(to: string): string | null {
  const file = ADDRESS.exec(to)?.[1];
  return file === undefined ? null : path.resolve(file);
}

export interface WriteExport {
  readonly file: string;
  readonly recipient: Recipient;
  readonly roots: readonly { readonly kind: string; readonly id: string }[];
  /** Root first, with all that belongs to it; empty: it is not to be had. */
  readonly tree: (kind: string, id: string) => Promise<readonly SourceRecord[]>;
  readonly vaultId: string;
  readonly planId: string;
}

/** Answers how many records went into how many parts. */
export async function writeExport(cli: Cli, { file, recipient, roots, tree, vaultId, planId }: WriteExport): Promise<{ readonly records: number; readonly parts: number }> {
  return writeWhole(cli, file, async (sink) => {
    const sealed = new SealedParts({ recipient, vaultId, planId, put: (_part, bytes) => sink.write(Buffer.concat([bytes, Buffer.from("\n")])) });
    for (const { kind, id } of roots) {
      cli.signal.throwIfAborted();
      for (const record of await tree(kind, id)) await sealed.add(record);
    }
    await sealed.finish();
    return { records: sealed.records, parts: sealed.parts };
  });
}
