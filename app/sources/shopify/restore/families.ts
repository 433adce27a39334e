/** Groups a pass of records (each root followed by its descendants) into families, parsed. */
import type { SourceRecord } from "#app/vault/index.ts";
import { SourceError } from "../../port.ts";
import type { Family, Node } from "../catalogue/kind.ts";

export async function* families(records: AsyncIterable<readonly SourceRecord[]>): AsyncGenerator<Family> {
  let root: Node | null = null;
  let children: Node[] = [];
  for await (const batch of records) {
    for (const record of batch) {
      const node = parseNode(record);
      if (node.parentId !== null) {
        if (root === null) throw new SourceError("source.failed", `a ${record.kind} came before its root`);
        children.push(node);
        continue;
      }
      if (root !== null) yield { root, children };
      root = node;
      children = [];
    }
  }
  if (root !== null) yield { root, children };
}

/** Throws SourceError for bytes that are not a JSON object, without quoting them. */
export function parseNode(record: SourceRecord): Node {
  const text = Buffer.from(record.bytes.buffer, record.bytes.byteOffset, record.bytes.byteLength).toString("utf8");
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    throw new SourceError("source.failed", `${record.id} is not a JSON object`);
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) throw new SourceError("source.failed", `${record.id} is not a JSON object`);
  return { kind: record.kind, id: record.id, parentId: record.parentId, fields: fields as Readonly<Record<string, unknown>> };
}
