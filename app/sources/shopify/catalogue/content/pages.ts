/** Pages of the online store: text can hold anything that somebody put there. */
import { METAFIELD_CHILD, pick, type Incremental, type WrittenKind } from "../kind.ts";
import { METAFIELDS, bulkRead, oneQuery, type Shape } from "../queries.ts";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };
const SHAPE: Shape = { type: "Page", fields: "id title handle body isPublished publishedAt templateSuffix createdAt updatedAt", connections: [METAFIELDS] };

const countQuery = `#graphql
  query PagesCount { pagesCount(limit: null) { count precision } }
`;

const mutation = `#graphql
  mutation RestorePage($page: PageCreateInput!) {
    pageCreate(page: $page) { page { id } userErrors { code field message } }
  }
`;

export const pages: WrittenKind = {
  kind: "Page",
  types: ["Page"],
  titles: { one: "page", many: "pages" },
  stream: "pages",
  scopes: ["read_content"],
  read: bulkRead("pages", SHAPE, INCREMENTAL),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "pagesCount" },
  incremental: INCREMENTAL,
  topics: [],
  children: [METAFIELD_CHILD],
  losses: { id: "platform.assigns", createdAt: "platform.assigns", updatedAt: "platform.assigns", publishedAt: "platform.history" },
  notRestored: null,
  write: {
    mutation,
    payload: "pageCreate",
    node: "page",
    how: "bulk",
    variables: (family, references) => ({ page: { ...pick(family.root.fields, ["title", "handle", "body", "isPublished", "templateSuffix"]), ...references.inlineMetafields(family) } }),
  },
};
