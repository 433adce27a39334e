/** Product variants: their titles and metafields. */
import { METAFIELD_CHILD, type Incremental, type Kind } from "../kind.ts";
import { METAFIELDS, bulkRead, oneQuery, type Shape } from "../queries.ts";

/** Variants can be searched by updated_at but not sorted by it; ID is the order that costs nothing. */
const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "ID" };
const SHAPE: Shape = { type: "ProductVariant", fields: "id title sku barcode product { id } createdAt updatedAt", connections: [METAFIELDS] };

const countQuery = `#graphql
  query ProductVariantsCount { productVariantsCount(limit: null) { count precision } }
`;

export const productVariants: Kind = {
  kind: "ProductVariant",
  types: ["ProductVariant"],
  titles: { one: "product variant", many: "product variants" },
  stream: "product-variants",
  scopes: ["read_products"],
  read: bulkRead("productVariants", SHAPE, INCREMENTAL),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "productVariantsCount" },
  incremental: INCREMENTAL,
  // products/update tells of the product only; the next run finds its variants.
  topics: [],
  children: [METAFIELD_CHILD],
  losses: {},
  write: null,
  notRestored: "merchant.catalogue",
};
