/** Collections of products: their text and metafields. */
import { METAFIELD_CHILD, type Incremental, type Kind } from "../kind.ts";
import { METAFIELDS, bulkRead, oneQuery, type Shape } from "../queries.ts";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };
const SHAPE: Shape = { type: "Collection", fields: "id title handle descriptionHtml updatedAt", connections: [METAFIELDS] };

const countQuery = `#graphql
  query CollectionsCount { collectionsCount(limit: null) { count precision } }
`;

export const collections: Kind = {
  kind: "Collection",
  types: ["Collection"],
  titles: { one: "collection", many: "collections" },
  stream: "collections",
  scopes: ["read_products"],
  read: bulkRead("collections", SHAPE, INCREMENTAL),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "collectionsCount" },
  incremental: INCREMENTAL,
  topics: [
    { topic: "collections/create", action: "create" },
    { topic: "collections/update", action: "update" },
    { topic: "collections/delete", action: "delete", id: "id" },
  ],
  children: [METAFIELD_CHILD],
  losses: {},
  write: null,
  notRestored: "merchant.catalogue",
};
