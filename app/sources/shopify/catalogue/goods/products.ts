/** Products: their text and metafields. Kept because both can name people (made-to-measure goods, prescriptions); the rest of the catalogue is not. */
import { METAFIELD_CHILD, type Incremental, type Kind } from "../kind.ts";
import { METAFIELDS, bulkRead, oneQuery, type Shape } from "../queries.ts";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };
const SHAPE: Shape = { type: "Product", fields: "id title handle descriptionHtml vendor productType tags status createdAt updatedAt", connections: [METAFIELDS] };

const countQuery = `#graphql
  query ProductsCount { productsCount(limit: null) { count precision } }
`;

export const products: Kind = {
  kind: "Product",
  types: ["Product"],
  titles: { one: "product", many: "products" },
  stream: "products",
  scopes: ["read_products"],
  read: bulkRead("products", SHAPE, INCREMENTAL),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "productsCount" },
  incremental: INCREMENTAL,
  topics: [
    { topic: "products/create", action: "create" },
    { topic: "products/update", action: "update" },
    { topic: "products/delete", action: "delete", id: "id" },
  ],
  children: [METAFIELD_CHILD],
  losses: {},
  write: null,
  notRestored: "merchant.catalogue",
};
