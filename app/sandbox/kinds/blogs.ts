/** Blogs, their articles and the comments under them. Nobody's webhook tells of any. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { inTurns } from "../data/doc-store.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, ID_STEP, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import type { Shape } from "../data/shape.ts";
import { CONDITIONS, FIRST_NAMES, LAST_NAMES, MEDICINES, NOTES } from "../data/wording.ts";
import type { Context } from "../graphql/context.ts";
import { deleteDoc, savedMetafields, saveDoc } from "../graphql/mutations/docs.ts";
import type { MetafieldInput } from "../graphql/mutations/inputs.ts";
import { docOf, handleFrom, metafieldsOf, start, text, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

const BLOGS = 2;
const howMany = (shape: Shape, n: number): number => (shape.customers > 0 ? n : 0);
const ARTICLES = 12;
const COMMENTS = 60;
const articlesOf = (blog: Doc, _args: unknown, { data }: Context): Doc[] => data.docsOf("Article", "Blog", blog.id);
const commentsOf = (article: Doc, _args: unknown, { data }: Context): Doc[] => data.docsOf("Comment", "Article", article.id);
const NOT_FOUND = (what: string): object => ({ code: "NOT_FOUND", message: `${what} does not exist`, field: ["id"] });

export const blogs: DocKind = {
  type: "Blog",
  size: (shape) => howMany(shape, BLOGS),
  make: (shape) => {
    const draw = new Draw(shape.seed, "blog");
    return (i) => {
      const at = start(shape, draw, i);
      return { ...at, title: `${SYNTHETIC_MARK} ${i === 0 ? "Patient stories" : "News"}`, handle: `synthetic-blog-${i + 1}`, commentPolicy: "MODERATED", tags: [], templateSuffix: null, metafields: metafieldsOf("Blog", i, at, "health_text", [["editor", "single_line_text_field", `${SYNTHETIC_MARK} ${draw.pick(LAST_NAMES)}`]]) };
    };
  },
  root: { one: "blog", list: "blogs", count: "blogsCount" },
  metafieldOwner: "BLOG",
  search: { title: textField("title"), handle: textField("handle") },
  fields: { Blog: { articles: articlesOf, articlesCount: (blog: Doc, _args: unknown, context: Context) => ({ count: articlesOf(blog, null, context).length, precision: "EXACT" }) } },
  mutations: {
    blogCreate: (_source, args, context) => saveBlog(null, args["blog"] as BlogInput, context),
    blogUpdate: (_source, args, context) => {
      const before = byId("Blog", args["id"], context);
      return before === null ? { blog: null, userErrors: [NOT_FOUND("Blog")] } : saveBlog(before, args["blog"] as BlogInput, context);
    },
    blogDelete: (_source, args, context) => {
      const before = byId("Blog", args["id"], context);
      if (before === null) return { deletedBlogId: null, userErrors: [NOT_FOUND("Blog")] };
      for (const article of articlesOf(before, null, context)) removeArticle(article, context);
      deleteDoc(context, blogs, before);
      return { deletedBlogId: gid("Blog", before.id), userErrors: [] };
    },
  },
};

export const articles: DocKind = {
  type: "Article",
  size: (shape) => howMany(shape, ARTICLES),
  owner: { member: "blogId", of: inTurns(() => BLOGS) },
  make: (shape) => {
    const draw = new Draw(shape.seed, "article");
    return (i) => {
      const at = start(shape, draw, i);
      const name = `${draw.pick(FIRST_NAMES)} ${SYNTHETIC_MARK}`;
      return { ...at, blogId: shape.firstId + (i % BLOGS) * ID_STEP, title: `${SYNTHETIC_MARK} story ${i + 1}`, handle: `synthetic-story-${i + 1}`, body: `<p>${name} has had ${draw.pick(CONDITIONS)} since ${draw.between(1990, 2023)} and takes ${draw.pick(MEDICINES)}.</p>`, summary: `<p>${SYNTHETIC_MARK} ${draw.pick(CONDITIONS)}</p>`, tags: [SYNTHETIC_MARK], author: { name }, isPublished: true, publishedAt: at.createdAt, templateSuffix: null, metafields: metafieldsOf("Article", i, at, "health_text", [["consent_form", "single_line_text_field", `${SYNTHETIC_MARK}-${draw.digits(6)}`]]) };
    };
  },
  root: { one: "article", list: "articles" },
  metafieldOwner: "ARTICLE",
  search: { title: textField("title"), handle: textField("handle"), tag: textField("tags"), blog_id: { kind: "number", of: (article) => article["blogId"] as number } },
  edit: (article, draw) => ({ ...article, body: `<p>${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})</p>` }),
  renew: (article) => ({ ...article, handle: `synthetic-story-${article.id.toString(36)}` }),
  fields: {
    Article: {
      blog: (article: Doc, _args: unknown, context: Context) => docOf(context, "Blog", article["blogId"]),
      comments: commentsOf,
      commentsCount: (article: Doc, _args: unknown, context: Context) => ({ count: commentsOf(article, null, context).length, precision: "EXACT" }),
    },
  },
  mutations: {
    articleCreate: (_source, args, context) => saveArticle(null, args["article"] as ArticleInput, args["blog"] as { title: string } | null | undefined, context),
    articleUpdate: (_source, args, context) => {
      const before = byId("Article", args["id"], context);
      return before === null ? { article: null, userErrors: [NOT_FOUND("Article")] } : saveArticle(before, args["article"] as ArticleInput, args["blog"] as { title: string } | null | undefined, context);
    },
    articleDelete: (_source, args, context) => {
      const before = byId("Article", args["id"], context);
      if (before === null) return { deletedArticleId: null, userErrors: [NOT_FOUND("Article")] };
      removeArticle(before, context);
      return { deletedArticleId: gid("Article", before.id), userErrors: [] };
    },
  },
};

export const comments: DocKind = {
  type: "Comment",
  size: (shape) => howMany(shape, COMMENTS),
  owner: { member: "articleId", of: inTurns(() => ARTICLES) },
  make: (shape) => {
    const draw = new Draw(shape.seed, "comment");
    return (i) => {
      const at = start(shape, draw, i);
      const body = `${SYNTHETIC_MARK}: I take ${draw.pick(MEDICINES)} as well, ${draw.pick(NOTES)}`;
      return { ...at, articleId: shape.firstId + (i % ARTICLES) * ID_STEP, author: { name: `${draw.pick(FIRST_NAMES)} ${SYNTHETIC_MARK}`, email: `reader.${i}@example.com` }, body, bodyHtml: `<p>${body}</p>`, ip: `192.0.2.${i % 250}`, userAgent: "Mozilla/5.0 (synthetic)", status: draw.pick(["PUBLISHED", "PUBLISHED", "UNAPPROVED", "SPAM"]), publishedAt: at.createdAt };
    };
  },
  root: { one: "comment", list: "comments" },
  search: { status: textField("status"), published_at: { kind: "time", of: (comment) => comment["publishedAt"] as number } },
  edit: (comment) => ({ ...comment, status: comment["status"] === "PUBLISHED" ? "SPAM" : "PUBLISHED" }),
  renew: (comment) => comment,
  fields: {
    Comment: {
      article: (comment: Doc, _args: unknown, context: Context) => docOf(context, "Article", comment["articleId"]),
      isPublished: (comment: Doc) => comment["status"] === "PUBLISHED",
    },
  },
  mutations: {
    commentApprove: (_source, args, context) => setStatus(args["id"], "PUBLISHED", context),
    commentSpam: (_source, args, context) => setStatus(args["id"], "SPAM", context),
    commentNotSpam: (_source, args, context) => setStatus(args["id"], "UNAPPROVED", context),
    commentDelete: (_source, args, context) => {
      const before = byId("Comment", args["id"], context);
      if (before === null) return { deletedCommentId: null, userErrors: [NOT_FOUND("Comment")] };
      deleteDoc(context, comments, before);
      return { deletedCommentId: gid("Comment", before.id), userErrors: [] };
    },
  },
};

interface BlogInput {
  readonly title?: string | null;
  readonly handle?: string | null;
  readonly commentPolicy?: string | null;
  readonly templateSuffix?: string | null;
  readonly metafields?: readonly MetafieldInput[] | null;
}

interface ArticleInput {
  readonly title?: string | null;
  readonly handle?: string | null;
  readonly body?: string | null;
  readonly summary?: string | null;
  readonly tags?: readonly string[] | null;
  readonly author?: { readonly name?: string | null } | null;
  readonly blogId?: string | null;
  readonly isPublished?: boolean | null;
  readonly publishDate?: string | null;
  readonly templateSuffix?: string | null;
  readonly metafields?: readonly MetafieldInput[] | null;
}

function byId(type: "Blog" | "Article" | "Comment", id: unknown, { data }: Context): Doc | null {
  const parsed = parseGid(String(id));
  return parsed?.type === type ? data.store(type).get(parsed.id) : null;
}

function removeArticle(article: Doc, context: Context): void {
  for (const comment of commentsOf(article, null, context)) deleteDoc(context, comments, comment);
  deleteDoc(context, articles, article);
}

function setStatus(id: unknown, status: string, context: Context): object {
  const before = byId("Comment", id, context);
  return before === null ? { comment: null, userErrors: [NOT_FOUND("Comment")] } : { comment: saveDoc(context, comments, before, { ...before, status }), userErrors: [] };
}

function saveBlog(before: Doc | null, input: BlogInput, context: Context): object {
  const failed = (code: string, message: string, field: string): object => ({ blog: null, userErrors: [{ code, message, field: ["blog", field] }] });
  const title = input.title ?? text(before ?? ({} as Doc), "title") ?? "";
  if (title.trim() === "") return failed("BLANK", "Title can't be blank", "title");
  const handle = handleFrom(context, "Blog", before, input.handle, title);
  if (handle === null) return failed("TAKEN", "Handle has already been taken", "handle");
  const fields = savedMetafields(context, "BLOG", before, input.metafields, (index) => ["blog", "metafields", String(index)]);
  if (fields.errors.length > 0) return { blog: null, userErrors: fields.errors.map(({ field, message }) => ({ code: "INVALID", field, message })) };
  return { blog: saveDoc(context, blogs, before, { tags: [], ...before, id: before?.id ?? context.data.newId(), title, handle, commentPolicy: input.commentPolicy ?? before?.["commentPolicy"] ?? "CLOSED", templateSuffix: input.templateSuffix === undefined ? (before?.["templateSuffix"] ?? null) : input.templateSuffix, metafields: fields.fields }), userErrors: [] };
}

function saveArticle(before: Doc | null, input: ArticleInput, newBlog: { readonly title: string } | null | undefined, context: Context): object {
  const failed = (code: string, message: string, field: string): object => ({ article: null, userErrors: [{ code, message, field: ["article", field] }] });
  const title = input.title ?? text(before ?? ({} as Doc), "title") ?? "";
  const author = input.author ?? (before?.["author"] as ArticleInput["author"]);
  if (title.trim() === "") return failed("BLANK", "Title can't be blank", "title");
  if ((author?.name ?? "") === "") return failed("AUTHOR_FIELD_REQUIRED", "Can't create an article without an author", "author");
  const blog = newBlog == null ? (input.blogId == null ? docOf(context, "Blog", before?.["blogId"]) : byId("Blog", input.blogId, context)) : ((saveBlog(null, newBlog, context) as { blog: Doc | null }).blog);
  if (blog === null) return failed("BLOG_REFERENCE_REQUIRED", "Must reference or create a blog when creating an article", "blogId");
  const handle = handleFrom(context, "Article", before, input.handle, title);
  if (handle === null) return failed("TAKEN", "Handle has already been taken", "handle");
  const fields = savedMetafields(context, "ARTICLE", before, input.metafields, (index) => ["article", "metafields", String(index)]);
  if (fields.errors.length > 0) return { article: null, userErrors: fields.errors.map(({ field, message }) => ({ code: "INVALID", field, message })) };
  const isPublished = input.isPublished ?? before?.["isPublished"] ?? true;
  const published = input.publishDate == null ? (before?.["publishedAt"] ?? context.data.stamp(context.clock.now())) : Date.parse(input.publishDate);
  return { article: saveDoc(context, articles, before, { ...before, id: before?.id ?? context.data.newId(), blogId: blog.id, title, handle, body: input.body ?? before?.["body"] ?? "", summary: input.summary === undefined ? (before?.["summary"] ?? null) : input.summary, tags: input.tags ?? before?.["tags"] ?? [], author: { name: author?.name }, isPublished, publishedAt: isPublished === true ? published : null, templateSuffix: input.templateSuffix === undefined ? (before?.["templateSuffix"] ?? null) : input.templateSuffix, metafields: fields.fields }), userErrors: [] };
}
