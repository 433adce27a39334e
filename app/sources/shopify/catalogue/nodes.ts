/**
 * Turns a node of a GraphQL answer into the records that a bulk export holds for it: the root's line without its connections, then a line for each
 * child with `__parentId` at its end (https://shopify.dev/docs/api/usage/bulk-operations/queries#the-jsonl-data-format), spelt as the export spells it.
 */
import type { SourceRecord } from "#app/vault/index.ts";
import { SourceError } from "../../port.ts";
import { identify } from "../../records/index.ts";
import { asList, asObject, type Kind } from "./kind.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The platform's exports are written by Rails, which spells these characters as escapes in JSON. */
const ESCAPED = /[<>&\u2028\u2029]/g;

/**
 * A node with all its children (nothing left on further pages), as records. Throws SourceError source.schema_mismatch when a node has no id or is
 * of another kind.
 */
export function recordsOfNode(kind: Pick<Kind, "kind" | "types">, node: Fields): SourceRecord[] {
  const records: SourceRecord[] = [];
  grow(node, null, records);
  if (!kind.types.includes(records[0]?.kind ?? "")) throw new SourceError("source.schema_mismatch", `the shop answered a node of another kind than ${kind.kind}`);
  return records;
}

/** One line of an export, as text. */
export function lineOf(fields: Fields): string {
  return JSON.stringify(fields).replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The record of a line. */
export function recordOf(fields: Fields): SourceRecord {
  const text = lineOf(fields);
  const identity = identify(text);
  if (typeof identity === "string") throw new SourceError("source.schema_mismatch", "the shop answered a node without an id");
  return { kind: identity.kind, id: identity.id, parentId: identity.parentId, bytes: Buffer.from(text, "utf8") };
}

export interface ConnectionPage {
  readonly nodes: readonly Fields[];
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

/** A page of a connection, or null for any other value. */
export function connectionPage(value: unknown): ConnectionPage | null {
  const object = asObject(value);
  const info = asObject(object?.["pageInfo"]);
  if (object === null || info === null || !Array.isArray(object["nodes"])) return null;
  const cursor = info["endCursor"];
  return { nodes: asList(object["nodes"]).map((one) => asObject(one) ?? {}), hasNextPage: info["hasNextPage"] === true, endCursor: typeof cursor === "string" ? cursor : null };
}

function grow(node: Fields, parentId: string | null, records: SourceRecord[]): void {
  const aside: Fields[] = [];
  const row: Record<string, unknown> = { ...(apart(node, aside) as Fields) };
  if (parentId !== null) row["__parentId"] = parentId;
  const record = recordOf(row);
  records.push(record);
  for (const child of aside) grow(child, record.id, records);
}

/** The value without the connections in it; their nodes go aside, as children of the node they stand in, however deep in its plain objects. */
function apart(value: unknown, aside: Fields[]): unknown {
  if (Array.isArray(value)) return value.map((one) => apart(one, aside));
  const object = asObject(value);
  if (object === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(object)) {
    const page = connectionPage(inner);
    if (page === null) kept[name] = apart(inner, aside);
    else aside.push(...page.nodes);
  }
  return kept;
}
