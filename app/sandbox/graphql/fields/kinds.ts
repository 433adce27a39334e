/** Fields of the kinds kept as documents, and the fields of QueryRoot that find them. */
import type { Doc } from "../../data/doc-store.ts";
import { DOC_KINDS } from "../../kinds/all.ts";
import type { DocKind } from "../../kinds/kind.ts";
import type { Fields } from "../context.ts";
import type { SearchField } from "../search.ts";
import { metafieldList, metafieldNamed } from "./metafields.ts";
import { gid } from "../../data/gid.ts";

function ownFields(kind: DocKind, type: string): Fields<Doc> {
  const owner = kind.metafieldOwner;
  return {
    ...(type === kind.type ? {} : { id: (doc: Doc) => gid(type, doc.id) }),
    ...(owner === undefined ? {} : { metafields: (doc: Doc, args) => metafieldList(doc.metafields ?? [], owner, doc.id, args), metafield: (doc: Doc, args) => metafieldNamed(doc.metafields ?? [], owner, doc.id, args) }),
  };
}

/** By type: the resolvers of each kind and of its children. */
export const kindFields: Readonly<Record<string, Fields<never>>> = Object.fromEntries(
  DOC_KINDS.flatMap((kind) => [[kind.type, { ...ownFields(kind, kind.type), ...kind.fields[kind.type] }] as const, ...Object.entries(kind.fields).filter(([type]) => type !== kind.type).map(([type, fields]) => [type, (kind.alsoNamed ?? []).includes(type) ? { ...ownFields(kind, type), ...fields } : fields] as const)]),
) as Readonly<Record<string, Fields<never>>>;

export function searchFields(kind: DocKind): Readonly<Record<string, SearchField<Doc>>> {
  return {
    id: { kind: "number", of: (doc) => doc.id },
    created_at: { kind: "time", of: (doc) => doc.createdAt },
    ...(kind.updatedFilter === false ? {} : { updated_at: { kind: "time", of: (doc: Doc) => doc.updatedAt } }),
    ...kind.search,
  };
}
