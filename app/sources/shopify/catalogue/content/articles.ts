/** Articles of blogs. */
import { newIdOf, oldIdOf } from "../fields.ts";
import { METAFIELD_CHILD, asObject, pick, type Incremental, type WrittenKind } from "../kind.ts";
import { METAFIELDS, bulkRead, oneQuery, summedCount, type Shape } from "../queries.ts";

const INCREMENTAL: Incremental = { filter: "updated_at", sortKey: "UPDATED_AT" };
const SHAPE: Shape = {
  type: "Article",
  fields: "id title handle body summary tags isPublished publishedAt templateSuffix createdAt updatedAt author { name } blog { id } image { altText url }",
  connections: [METAFIELDS],
};

const mutation = `#graphql
  mutation RestoreArticle($article: ArticleCreateInput!) {
    articleCreate(article: $article) { article { id } userErrors { code field message } }
  }
`;

export const articles: WrittenKind = {
  kind: "Article",
  types: ["Article"],
  titles: { one: "article", many: "articles" },
  stream: "articles",
  scopes: ["read_content"],
  read: bulkRead("articles", SHAPE, INCREMENTAL),
  parts: [],
  one: oneQuery(SHAPE),
  count: summedCount("Article", "blogs", "articlesCount(limit: null)"),
  incremental: INCREMENTAL,
  topics: [],
  children: [METAFIELD_CHILD],
  losses: { id: "platform.assigns", createdAt: "platform.assigns", updatedAt: "platform.assigns", publishedAt: "platform.history", image: "kind.not_restored" },
  compared: (fields, oldId) => ({ ...fields, blog: oldIdOf(fields["blog"], oldId) }),
  notRestored: null,
  write: {
    mutation,
    payload: "articleCreate",
    node: "article",
    how: "bulk",
    variables: (family, references) => {
      const { fields } = family.root;
      return {
        article: {
          ...pick(fields, ["title", "handle", "body", "summary", "tags", "isPublished", "templateSuffix"]),
          author: { name: asObject(fields["author"])?.["name"] ?? "" },
          blogId: newIdOf(fields["blog"], references),
          ...references.inlineMetafields(family),
        },
      };
    },
  },
};
