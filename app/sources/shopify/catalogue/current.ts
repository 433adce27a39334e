/** One root as it is now, as the records a snapshot would hold. Reads every page of every child; asks through a port, so it knows no client. */
import type { SourceRecord } from "#app/vault/index.ts";
import { SourceError } from "../../port.ts";
import { detailRecords } from "./details.ts";
import { asObject, type Kind } from "./kind.ts";
import { connectionPage, recordsOfNode } from "./nodes.ts";
import { cursorOf } from "./queries.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Asks the shop one query and answers `data`. */
export type Ask = (query: string, variables: Fields) => Promise<Fields>;

/** Null: the shop has none of this id. `id` is a GID of the kind; the records have the name that the shop answers. Throws what `ask` throws, and SourceError for a kind that cannot be asked for by id. */
export async function currentRecords(kind: Kind, id: string, ask: Ask): Promise<SourceRecord[] | null> {
  if (kind.one === null) throw new SourceError("source.failed", `a ${kind.kind} cannot be asked for by its id`);
  const node = await wholeOf(kind.one, id, ask);
  const named = node?.["id"];
  // A node of another type than the query names answers as an empty object.
  if (node === null || typeof named !== "string") return null;
  const records = recordsOfNode(kind, node);
  for (const part of kind.parts) {
    if (part.how === "details") records.push(...(await detailRecords(part, [named], ask)).records);
    if (part.how !== "bulk") continue;
    const more = await wholeOf(part.one, named, ask);
    // The first of them is the root again, with its id only.
    if (more !== null) records.push(...recordsOfNode(kind, await withWholeChildren(more, part.nested, ask)).slice(1));
  }
  return records;
}

function wholeOf(query: string, id: unknown, ask: Ask): Promise<Fields | null> {
  return wholeNode(async (cursors) => asObject((await ask(query, { id, ...cursors }))["node"]));
}

/** Children of children: those that have more than a page of them are asked for alone. */
async function withWholeChildren(node: Fields, nested: Readonly<Record<string, string>>, ask: Ask): Promise<Fields> {
  const whole: Record<string, unknown> = { ...node };
  for (const [name, value] of Object.entries(node)) {
    const children = connectionPage(value);
    if (children === null) continue;
    const nodes: Fields[] = [];
    for (const child of children.nodes) nodes.push(isCutShort(child) ? ((await wholeOf(nestedQuery(child, nested), child["id"], ask)) ?? child) : child);
    whole[name] = { nodes, pageInfo: { hasNextPage: false, endCursor: null } };
  }
  return whole;
}

function nestedQuery(child: Fields, nested: Readonly<Record<string, string>>): string {
  const query = nested[/^gid:\/\/shopify\/(\w+)\//.exec(String(child["id"]))?.[1] ?? ""];
  if (query === undefined) throw new SourceError("source.schema_mismatch", "the shop answered more children than a page holds of a record that has none");
  return query;
}

function isCutShort(node: Fields): boolean {
  return Object.values(node).some((value) => connectionPage(value)?.hasNextPage === true);
}

/** The kind's only object (`how: "object"`), with its children. */
export async function objectRecords(kind: Kind, ask: Ask): Promise<SourceRecord[]> {
  const { read } = kind;
  if (read.how !== "object") throw new SourceError("source.failed", `there is more than one ${kind.kind}`);
  const node = await wholeNode(async (cursors) => asObject((await ask(read.query, cursors))[read.field]));
  return node === null ? [] : recordsOfNode(kind, node);
}

/** A node of a page with the rest of its children, where a page of them did not hold all. */
export async function completed(kind: Kind, node: Fields, ask: Ask): Promise<Fields | null> {
  if (!isCutShort(node)) return node;
  if (kind.one === null) throw new SourceError("source.schema_mismatch", `a ${kind.kind} has more children than a page of it holds`);
  return wholeOf(kind.one, node["id"], ask);
}

/**
 * Repeats the query until no connection has a further page. A connection that is through is asked from its last cursor on: the first answer's plain
 * fields stand, further ones only add children.
 */
async function wholeNode(page: (cursors: Fields) => Promise<Fields | null>): Promise<Fields | null> {
  let whole: Record<string, unknown> | null = null;
  const cursors: Record<string, unknown> = {};
  for (;;) {
    const node = await page(cursors);
    if (node === null) return null;
    const first = whole === null;
    whole ??= { ...node };
    let more = false;
    for (const [name, value] of Object.entries(node)) {
      const now = connectionPage(value);
      if (now === null) continue;
      const before = first ? [] : (connectionPage(whole[name])?.nodes ?? []);
      // The page after the last one is empty and may carry no cursor: the one before stays.
      if (now.endCursor !== null) cursors[cursorOf(name)] = now.endCursor;
      if (now.hasNextPage) more = true;
      whole[name] = { nodes: [...before, ...now.nodes], pageInfo: { hasNextPage: false, endCursor: null } };
    }
    if (!more) return whole;
  }
}
