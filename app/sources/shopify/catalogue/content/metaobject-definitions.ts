/** Definitions of metaobjects. They name the types that metaobjects are then read by, and count their entries. */
import { asList, asObject, pick, type WrittenKind } from "../kind.ts";
import { oneQuery, pagedRead, type Shape } from "../queries.ts";

const SHAPE: Shape = {
  type: "MetaobjectDefinition",
  fields: `
    id
    type
    name
    description
    displayNameKey
    metaobjectsCount
    access { admin storefront }
    fieldDefinitions { key name description required type { name } validations { name value } }`,
  connections: [],
};

const mutation = `#graphql
  mutation RestoreMetaobjectDefinition($definition: MetaobjectDefinitionCreateInput!) {
    metaobjectDefinitionCreate(definition: $definition) { metaobjectDefinition { id } userErrors { code field message } }
  }
`;

export const metaobjectDefinitions: WrittenKind = {
  kind: "MetaobjectDefinition",
  types: ["MetaobjectDefinition"],
  titles: { one: "metaobject definition", many: "metaobject definitions" },
  stream: "metaobject-definitions",
  scopes: ["read_metaobject_definitions"],
  read: pagedRead("metaobjectDefinitions", SHAPE, { first: 50 }),
  parts: [],
  one: oneQuery(SHAPE),
  count: null,
  incremental: null,
  topics: [],
  children: [],
  losses: { id: "platform.assigns", access: "platform.assigns", metaobjectsCount: "platform.computes" },
  notRestored: null,
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
