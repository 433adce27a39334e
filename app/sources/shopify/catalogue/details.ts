/**
 * What no bulk query reaches: connections inside lists (the line items of a refund), and connections whose nodes have no id (shipping lines, localized
 * fields). It is asked for by the roots' ids and kept as one record per root: kind "<Root>Detail", id `gid://holdfast/<Root>Detail/<number>`, parent the root.
 * The id is ours, because the platform has no such object; it depends on nothing but the root's. A root with nothing of the sort has no such record.
 */
import type { SourceRecord } from "#app/vault/index.ts";
import { SourceError } from "../../port.ts";
import { asList, asObject, type Part } from "./kind.ts";
import { connectionPage, recordOf } from "./nodes.ts";

type Fields = Readonly<Record<string, unknown>>;
export type DetailPart = Extract<Part, { readonly how: "details" }>;

export interface Details {
  readonly records: readonly SourceRecord[];
  /** Ids of roots some of whose details go beyond what one answer holds. */
  readonly truncated: readonly string[];
}

/** The details of some roots: at most `part.batch` of them. Roots whose first answer was cut short are asked again alone, for as much as may be asked for at once. */
export async function detailRecords(part: DetailPart, ids: readonly string[], ask: (query: string, variables: Fields) => Promise<Fields>): Promise<Details> {
  const records: SourceRecord[] = [];
  const truncated: string[] = [];
  for (const node of await nodes(part, ids, part.size, ask)) {
    let found = detailRecord(part, node);
    if (found.truncated) {
      const again = (await nodes(part, [String(node["id"])], part.most, ask))[0];
      if (again === undefined) continue;
      found = detailRecord(part, again);
    }
    if (found.truncated) truncated.push(String(node["id"]));
    if (found.record !== null) records.push(found.record);
  }
  return { records, truncated };
}

async function nodes(part: DetailPart, ids: readonly string[], size: number, ask: (query: string, variables: Fields) => Promise<Fields>): Promise<Fields[]> {
  const data = await ask(part.query, { ids, size });
  // A root that was deleted meanwhile answers null.
  return asList(data["nodes"]).map(asObject).filter((node) => node !== null);
}

export function detailRecord(part: DetailPart, node: Fields): { readonly record: SourceRecord | null; readonly truncated: boolean } {
  const { id, ...rest } = node;
  const number = typeof id === "string" ? /\/(\d+)$/.exec(id)?.[1] : undefined;
  if (number === undefined) throw new SourceError("source.schema_mismatch", "the shop answered a node without an id");
  let truncated = false;
  const flat = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(flat);
    const page = connectionPage(value);
    if (page !== null) {
      truncated ||= page.hasNextPage;
      return page.nodes.map(flat);
    }
    const object = asObject(value);
    return object === null ? value : Object.fromEntries(Object.entries(object).map(([name, inner]) => [name, flat(inner)]));
  };
  const fields = flat(rest) as Fields;
  const empty = Object.values(fields).every((value) => value === null || (Array.isArray(value) && value.length === 0));
  return { record: empty ? null : recordOf({ id: `gid://holdfast/${part.kind}/${number}`, ...fields, __parentId: id }), truncated };
}
