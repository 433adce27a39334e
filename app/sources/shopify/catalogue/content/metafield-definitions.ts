/** Definitions of metafields. At most 256 per owner type, app and merchant, so pages are enough. */
import { asList, asObject, pick, type WrittenKind } from "../kind.ts";
import { oneQuery, pagedRead, type Shape } from "../queries.ts";

/** Owner types whose metafields this version reads. */
export const OWNER_TYPES = ["CUSTOMER", "ORDER", "DRAFTORDER", "COMPANY", "COMPANY_LOCATION", "PRODUCT", "PRODUCTVARIANT", "COLLECTION", "DISCOUNT", "PAGE", "BLOG", "ARTICLE", "SHOP"] as const;

const SHAPE: Shape = {
  type: "MetafieldDefinition",
  fields: `
    id
    ownerType
    namespace
    key
    name
    description
    type { name }
    validations { name value }
    pinnedPosition
    access { admin customerAccount storefront }`,
  connections: [],
};

const mutation = `#graphql
  mutation RestoreMetafieldDefinition($definition: MetafieldDefinitionInput!) {
    metafieldDefinitionCreate(definition: $definition) { createdDefinition { id } userErrors { code field message } }
  }
`;

export const metafieldDefinitions: WrittenKind = {
  kind: "MetafieldDefinition",
  types: ["MetafieldDefinition"],
  titles: { one: "metafield definition", many: "metafield definitions" },
  stream: "metafield-definitions",
  // Definitions take the scope of their owner.
  scopes: ["read_content", "read_customers", "read_discounts", "read_draft_orders", "read_orders", "read_products"],
  read: pagedRead("metafieldDefinitions", SHAPE, {
    first: 100,
    variables: { declared: "$ownerType: MetafieldOwnerType!", passed: "ownerType: $ownerType", sets: OWNER_TYPES.map((ownerType) => ({ ownerType })) },
  }),
  parts: [],
  one: oneQuery(SHAPE),
  count: null,
  incremental: null,
  topics: [
    { topic: "metafield_definitions/create", action: "create", whole: true },
    { topic: "metafield_definitions/update", action: "update", whole: true },
    { topic: "metafield_definitions/delete", action: "delete", whole: true },
  ],
  children: [],
  // MetafieldAdminAccessInput takes only two of the five states that can be read, and pins are given out by the platform.
  losses: { id: "platform.assigns", pinnedPosition: "platform.assigns", access: "platform.assigns" },
  notRestored: null,
  write: {
    mutation,
    payload: "metafieldDefinitionCreate",
    node: "createdDefinition",
    how: "single",
    variables: ({ root }, references) => ({
      definition: {
        ...pick(root.fields, ["ownerType", "namespace", "key", "name", "description"]),
        type: asObject(root.fields["type"])?.["name"],
        validations: references.validations(asList(root.fields["validations"])),
      },
    }),
  },
};
