/** Comments under articles: name, e-mail address, IP address and words of whoever wrote them. Nothing in the API creates one. */
import type { Kind } from "../kind.ts";
import { bulkRead, oneQuery, summedCount, type Shape } from "../queries.ts";

const SHAPE: Shape = { type: "Comment", fields: "id author { name email } body ip userAgent status isPublished publishedAt createdAt updatedAt article { id }", connections: [] };

export const comments: Kind = {
  kind: "Comment",
  types: ["Comment"],
  titles: { one: "comment", many: "comments" },
  stream: "comments",
  scopes: ["read_content"],
  read: bulkRead("comments", SHAPE, null),
  parts: [],
  one: oneQuery(SHAPE),
  count: { ...summedCount("Comment", "articles", "commentsCount(limit: null)"), atLeast: true },
  incremental: null,
  topics: [],
  children: [],
  losses: {},
  write: null,
  notRestored: "platform.history",
};
