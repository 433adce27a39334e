/** Definitions of metafields. At most 256 per owner type, app and merchant, so pages are enough. */
import { asList, asObject, pick, type Kind } from "./kind.ts";

/** Owner types whose definitions this version reads; their metafields are read for customers and orders. */
export const OWNER_TYPES = ["CUSTOMER", "ORDER", "SHOP"] as const;

const query = `#graphql
  query MetafieldDefinitions($ownerType: MetafieldOwnerType!, $after: String) {
    metafieldDefinitions(ownerType: $ownerType, first: 100, after: $after) {
      nodes {
        id
        ownerType
        namespace
        key
        name
        description
        type { name }
        validations { name value }
        pinnedPosition
        access { admin customerAccount storefront }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const mutation = `#graphql
  mutation RestoreMetafieldDefinition($definition: MetafieldDefinitionInput!) {
    metafieldDefinitionCreate(definition: $definition) { createdDefinition { id } userErrors { code field message } }
  }
`;

export const metafieldDefinitions: Kind = {
  kind: "MetafieldDefinition",
  stream: "metafield-definitions",
  scopes: ["read_customers", "read_orders"],
  read: { how: "pages", query, connection: "metafieldDefinitions", variables: OWNER_TYPES.map((ownerType) => ({ ownerType })) },
  count: null,
  children: [],
  // MetafieldAdminAccessInput takes only two of the five states that can be read, and pins are given out by the platform.
  losses: { id: "platform.assigns", pinnedPosition: "platform.assigns", access: "platform.assigns" },
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
