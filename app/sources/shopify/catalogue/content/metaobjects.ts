/** Metaobjects, type by type: the API lists them only so. */
import { asList, asObject, type WrittenKind } from "../kind.ts";
import { bulkRead, oneQuery, pagedRead, type Shape } from "../queries.ts";

const FIELDS = "id type handle createdAt updatedAt capabilities { publishable { status } } fields { key type value }";

const SHAPE: Shape = { type: "Metaobject", fields: FIELDS, connections: [] };
const { query } = pagedRead("metaobjects", SHAPE, { first: 100, variables: { declared: "$type: String!", passed: "type: $type", sets: [] } });

const mutation = `#graphql
  mutation RestoreMetaobject($handle: MetaobjectHandleInput!, $metaobject: MetaobjectUpsertInput!) {
    metaobjectUpsert(handle: $handle, metaobject: $metaobject) { metaobject { id } userErrors { code field message } }
  }
`;

/** A type's name as a GraphQL string. Types are [a-z0-9_-] with an optional "$app:"; anything else is not sent. */
export function bulkQuery(type: string, search?: string): string {
  const narrowed = search === undefined ? "" : `, query: ${JSON.stringify(search)}, sortKey: "updated_at"`;
  return bulkRead("metaobjects", SHAPE, null, `type: ${JSON.stringify(type)}${narrowed}`).query;
}

export const metaobjects: WrittenKind = {
  kind: "Metaobject",
  types: ["Metaobject"],
  titles: { one: "metaobject", many: "metaobjects" },
  stream: "metaobjects",
  scopes: ["read_metaobjects"],
  read: { how: "by-type", query, connection: "metaobjects", bulkQuery },
  parts: [],
  one: oneQuery(SHAPE),
  incremental: { filter: "updated_at", sortKey: "updated_at" },
  // Subscriptions need a `type:` filter each, so they are made once the types are known.
  topics: [
    { topic: "metaobjects/create", action: "create", id: "id" },
    { topic: "metaobjects/update", action: "update", id: "id" },
    { topic: "metaobjects/delete", action: "delete", id: "id" },
  ],
  // Counted through MetaobjectDefinition.metaobjectsCount, by type.
  count: null,
  children: [],
  losses: { id: "platform.assigns", createdAt: "platform.assigns", updatedAt: "platform.assigns" },
  notRestored: null,
  write: {
    mutation,
    payload: "metaobjectUpsert",
    node: "metaobject",
    how: "bulk",
    variables: ({ root }, references) => {
      const status = asObject(asObject(root.fields["capabilities"])?.["publishable"])?.["status"];
      return {
        handle: { type: root.fields["type"], handle: root.fields["handle"] },
        metaobject: {
          fields: asList(root.fields["fields"]).flatMap((item) => {
            const field = asObject(item);
            if (field === null || typeof field["value"] !== "string") return [];
            const value = references.value(String(field["type"]), field["value"]);
            return value === null ? [] : [{ key: field["key"], value }];
          }),
          ...(typeof status === "string" ? { capabilities: { publishable: { status } } } : {}),
        },
      };
    },
  },
};
