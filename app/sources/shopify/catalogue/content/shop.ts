/** The shop's own metafields, and the little about the shop that says whose copy this is. */
import { METAFIELD_CHILD, type Kind } from "../kind.ts";
import { METAFIELDS, objectQuery, oneQuery, type Shape } from "../queries.ts";

const SHAPE: Shape = { type: "Shop", fields: "id name myshopifyDomain currencyCode ianaTimezone createdAt", connections: [METAFIELDS] };

export const shop: Kind = {
  kind: "Shop",
  types: ["Shop"],
  titles: { one: "shop", many: "shops" },
  stream: "shop",
  scopes: [],
  read: { how: "object", query: objectQuery("shop", SHAPE), field: "shop" },
  parts: [],
  one: oneQuery(SHAPE),
  count: null,
  incremental: null,
  topics: [{ topic: "shop/update", action: "update", whole: true }],
  children: [METAFIELD_CHILD],
  losses: {},
  adopted: { query: "#graphql\n  query ThisShop { shop { id } }\n", field: "shop" },
  write: null,
  notRestored: "merchant.catalogue",
};
