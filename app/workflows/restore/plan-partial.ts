/**
 * A family as it is today, with a part of it as it was then: one field, one metafield, the metafields of one namespace, one record beneath the root. What is not
 * meant stays as it is, so that it is no difference. Pure.
 */
import type { SourceRecord } from "#app/vault/index.ts";
import type { RestoreSelection } from "../ports.ts";

/** How Shopify's records spell them. */
const METAFIELD = "Metafield";

type Part = Extract<RestoreSelection, { scope: "field" | "namespace" }> | { readonly scope: "beneath"; readonly id: string };
type Fields = Record<string, unknown>;

/** Null: the part is in neither, or what it belongs to is gone today. `then` and `now`: root first. */
export function partOf(part: Part, then: readonly SourceRecord[], now: readonly SourceRecord[]): readonly SourceRecord[] | null {
  if (now.length === 0) return null;
  if (part.scope === "namespace") return replaced(then, now, (record) => record.kind === METAFIELD && fieldsOf(record)?.["namespace"] === part.namespace);
  if (part.scope === "beneath") {
    const meant = beneath(part.id, [...then, ...now]);
    return replaced(then, now, (record) => meant.has(record.id) && record.parentId !== null);
  }
  const metafield = /^metafield:(.+)\.([^.]+)$/.exec(part.field);
  const [id] = part.ids;
  if (metafield !== null) {
    return replaced(then, now, (record) => {
      if (record.kind !== METAFIELD || record.parentId !== id) return false;
      const fields = fieldsOf(record);
      return fields?.["namespace"] === metafield[1] && fields?.["key"] === metafield[2];
    });
  }
  const [was, is] = [then.find((record) => record.id === id), now.find((record) => record.id === id)];
  if (was === undefined || is === undefined) return null;
  const bytes = withField(is, was, part.field);
  return bytes === null ? null : now.map((record) => (record === is ? { ...record, bytes } : record));
}

/** Today's records, but for those that are meant: of them, what there was then. A record that is meant keeps its place; one that is only then comes last. */
function replaced(then: readonly SourceRecord[], now: readonly SourceRecord[], isMeant: (record: SourceRecord) => boolean): readonly SourceRecord[] | null {
  const was = new Map(then.filter(isMeant).map((record) => [nameOf(record), record]));
  const is = now.filter(isMeant);
  if (was.size === 0 && is.length === 0) return null;
  const kept = now.flatMap((record) => {
    if (!isMeant(record)) return [record];
    const before = was.get(nameOf(record));
    was.delete(nameOf(record));
    return before === undefined ? [] : [before];
  });
  // What hangs on a record that is gone today cannot be hung on it.
  const there = new Set(kept.map(({ id }) => id));
  for (const record of was.values()) {
    if (record.parentId === null || !there.has(record.parentId)) continue;
    kept.push(record);
    there.add(record.id);
  }
  return kept;
}

function nameOf({ kind, id, parentId }: SourceRecord): string {
  return `${parentId ?? ""}\0${kind}\0${id}`;
}

function beneath(id: string, records: readonly SourceRecord[]): ReadonlySet<string> {
  const meant = new Set([id]);
  for (let before = 0; before < meant.size; ) {
    before = meant.size;
    for (const record of records) if (record.parentId !== null && meant.has(record.parentId)) meant.add(record.id);
  }
  return meant;
}

/** The record of today with one top-level field as it was. Null: it is in neither, or a record is no JSON object. */
function withField(now: SourceRecord, then: SourceRecord, field: string): Uint8Array | null {
  const [is, was] = [fieldsOf(now), fieldsOf(then)];
  if (is === null || was === null || !(Object.hasOwn(is, field) || Object.hasOwn(was, field))) return null;
  const { [field]: _, ...rest } = is;
  // Its place among the fields stays, so that the bytes differ in nothing else.
  const fields: Fields = Object.hasOwn(is, field) ? Object.fromEntries(Object.entries(is).flatMap(([name, value]) => (name !== field ? [[name, value]] : Object.hasOwn(was, field) ? [[name, was[field]]] : []))) : { ...rest, [field]: was[field] };
  return Buffer.from(JSON.stringify(fields), "utf8");
}

export function fieldsOf({ bytes }: Pick<SourceRecord, "bytes">): Fields | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}
