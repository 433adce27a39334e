/** Definitions of metaobjects. They name the types that metaobjects are then read by, and count their entries. */
import { asList, asObject, pick, type Kind } from "./kind.ts";

const query = `#graphql
  query MetaobjectDefinitions($after: String) {
    metaobjectDefinitions(first: 50, after: $after) {
      nodes {
        id
        type
        name
        description
        displayNameKey
        metaobjectsCount
        access { admin storefront }
        fieldDefinitions { key name description required type { name } validations { name value } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const mutation = `#graphql
  mutation RestoreMetaobjectDefinition($definition: MetaobjectDefinitionCreateInput!) {
    metaobjectDefinitionCreate(definition: $definition) { metaobjectDefinition { id } userErrors { code field message } }
  }
`;

export const metaobjectDefinitions: Kind = {
  kind: "MetaobjectDefinition",
  stream: "metaobject-definitions",
  scopes: ["read_metaobject_definitions"],
  read: { how: "pages", query, connection: "metaobjectDefinitions", variables: [{}] },
  count: null,
  children: [],
  losses: { id: "platform.assigns", access: "platform.assigns", metaobjectsCount: "platform.computes" },
  write: {
    mutation,
    payload: "metaobjectDefinitionCreate",
    node: "metaobjectDefinition",
    how: "single",
    variables: ({ root }, references) => ({
      definition: {
        ...pick(root.fields, ["type", "name", "description", "displayNameKey"]),
        fieldDefinitions: asList(root.fields["fieldDefinitions"]).map((item) => {
          const field = asObject(item) ?? {};
          return {
            ...pick(field, ["key", "name", "description", "required"]),
            type: asObject(field["type"])?.["name"],
            validations: references.validations(asList(field["validations"])),
          };
        }),
      },
    }),
  },
};
