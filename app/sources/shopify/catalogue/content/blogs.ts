/** Blogs. Their articles are a kind of their own. */
import { METAFIELD_CHILD, pick, type WrittenKind } from "../kind.ts";
import { METAFIELDS, bulkRead, oneQuery, type Shape } from "../queries.ts";

const SHAPE: Shape = { type: "Blog", fields: "id title handle commentPolicy tags templateSuffix createdAt updatedAt", connections: [METAFIELDS] };

const countQuery = `#graphql
  query BlogsCount { blogsCount(limit: null) { count precision } }
`;

const mutation = `#graphql
  mutation RestoreBlog($blog: BlogCreateInput!) {
    blogCreate(blog: $blog) { blog { id } userErrors { code field message } }
  }
`;

export const blogs: WrittenKind = {
  kind: "Blog",
  types: ["Blog"],
  titles: { one: "blog", many: "blogs" },
  stream: "blogs",
  scopes: ["read_content"],
  read: bulkRead("blogs", SHAPE, null),
  parts: [],
  one: oneQuery(SHAPE),
  count: { query: countQuery, field: "blogsCount" },
  incremental: null,
  topics: [],
  children: [METAFIELD_CHILD],
  losses: { id: "platform.assigns", createdAt: "platform.assigns", updatedAt: "platform.assigns", tags: "platform.computes" },
  notRestored: null,
  write: {
    mutation,
    payload: "blogCreate",
    node: "blog",
    how: "bulk",
    variables: (family, references) => ({ blog: { ...pick(family.root.fields, ["title", "handle", "commentPolicy", "templateSuffix"]), ...references.inlineMetafields(family) } }),
  },
};
