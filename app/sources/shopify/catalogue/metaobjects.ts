/** Metaobjects, type by type: the API lists them only so. */
import { asList, asObject, type Kind } from "./kind.ts";

const FIELDS = "id type handle createdAt updatedAt capabilities { publishable { status } } fields { key type value }";

const query = `#graphql
  query Metaobjects($type: String!, $after: String) {
    metaobjects(type: $type, first: 100, after: $after) {
      nodes { ${FIELDS} }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const mutation = `#graphql
  mutation RestoreMetaobject($handle: MetaobjectHandleInput!, $metaobject: MetaobjectUpsertInput!) {
    metaobjectUpsert(handle: $handle, metaobject: $metaobject) { metaobject { id } userErrors { code field message } }
  }
`;

/** A type's name as a GraphQL string. Types are [a-z0-9_-] with an optional "$app:"; anything else is not sent. */
export function bulkQuery(type: string): string {
  return `#graphql
  { metaobjects(type: ${JSON.stringify(type)}) { edges { node { ${FIELDS} } } } }
`;
}

export const metaobjects: Kind = {
  kind: "Metaobject",
  stream: "metaobjects",
  scopes: ["read_metaobjects"],
  read: { how: "by-type", query, connection: "metaobjects", bulkQuery },
  // Counted through MetaobjectDefinition.metaobjectsCount, by type.
  count: null,
  children: [],
  losses: { id: "platform.assigns", createdAt: "platform.assigns", updatedAt: "platform.assigns" },
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
