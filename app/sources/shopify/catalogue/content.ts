/**
 * The bytes of a file as records. A file is cut into pieces of at most 512 KiB; each piece is a record named by its own SHA-256, and one record at the
 * end names the pieces in their order. Nothing larger than a piece is held, an unchanged piece is the same record in every snapshot (so it is stored
 * once), and a changed file only adds the pieces that are new to it. All of them are children of the file's record, so they live and are erased with it.
 *
 *   piece    kind FilePiece     id gid://holdfast/FilePiece/<sha256 of the bytes>     {"id","base64","__parentId"}
 *   content  kind FileContent   id gid://holdfast/FileContent/<number of the file>    {"id","size","sha256","pieces":[sha256, …],"__parentId"}
 */
import { createHash } from "node:crypto";
import type { SourceRecord } from "#app/vault/index.ts";
import { asList, type Node } from "./kind.ts";
import { recordOf } from "./nodes.ts";

/** Base64 makes 700 KB of it, well below 1 MiB for a record with its names. */
export const PIECE_BYTES = 512 * 1024;

/**
 * Records of one file's bytes: pieces as they come, the content at the end. `chunks` throws when the download fails; then no content was yielded, and the
 * pieces that were are unfinished business: a file without a content record counts as not captured.
 */
export async function* contentRecords(fileId: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRecord> {
  const whole = createHash("sha256");
  const pieces: string[] = [];
  const seen = new Set<string>();
  let size = 0;
  const piece = (bytes: Uint8Array): SourceRecord | null => {
    const name = createHash("sha256").update(bytes).digest("hex");
    whole.update(bytes);
    size += bytes.length;
    pieces.push(name);
    if (seen.has(name)) return null;
    seen.add(name);
    return recordOf({ id: `gid://holdfast/FilePiece/${name}`, base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"), __parentId: fileId });
  };

  let held = new Uint8Array(PIECE_BYTES);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.subarray(at, at + PIECE_BYTES - filled);
      held.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < PIECE_BYTES) continue;
      const record = piece(held);
      held = new Uint8Array(PIECE_BYTES);
      filled = 0;
      if (record !== null) yield record;
    }
  }
  if (filled > 0) {
    const record = piece(held.subarray(0, filled));
    if (record !== null) yield record;
  }
  yield recordOf({ id: `gid://holdfast/FileContent/${fileId.slice(fileId.lastIndexOf("/") + 1)}`, size, sha256: whole.digest("hex"), pieces, __parentId: fileId });
}

export type Content =
  | { readonly kind: "whole"; readonly size: number; readonly bytes: () => Generator<Uint8Array<ArrayBuffer>> }
  /** No content record, or a piece of it is missing or is not what it says. */
  | { readonly kind: "missing" | "damaged" };

/** Puts a file's bytes together again from its children. Every piece is checked against its name and the whole against its digest before it is called whole. */
export function contentOf(children: readonly Node[]): Content {
  const content = children.find((child) => child.kind === "FileContent");
  if (content === undefined) return { kind: "missing" };
  const pieces = new Map(children.filter((child) => child.kind === "FilePiece").map((child) => [child.id.slice(child.id.lastIndexOf("/") + 1), child]));
  const names = asList(content.fields["pieces"]).map(String);
  function* bytes(): Generator<Uint8Array<ArrayBuffer>> {
    for (const name of names) {
      const text = pieces.get(name)?.fields["base64"];
      if (typeof text === "string") yield Buffer.from(text, "base64");
    }
  }
  const whole = createHash("sha256");
  let size = 0;
  for (const part of bytes()) {
    whole.update(part);
    size += part.length;
  }
  return whole.digest("hex") === content.fields["sha256"] && size === content.fields["size"] ? { kind: "whole", size, bytes } : { kind: "damaged" };
}
