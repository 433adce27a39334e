/** Pages of the online store: text in which anything may stand. No webhook tells of them. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import { CONDITIONS, NOTES } from "../data/wording.ts";
import type { Context } from "../graphql/context.ts";
import { deleteDoc, savedMetafields, saveDoc } from "../graphql/mutations/docs.ts";
import type { MetafieldInput } from "../graphql/mutations/inputs.ts";
import { handleFrom, metafieldsOf, plain, start, text, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

const PAGES = 8;

export const pages: DocKind = {
  type: "Page",
  size: (shape) => (shape.customers > 0 ? PAGES : 0),
  make: (shape) => {
    const draw = new Draw(shape.seed, "page");
    return (i) => {
      const at = start(shape, draw, i);
      const condition = draw.pick(CONDITIONS);
      return { ...at, title: `${SYNTHETIC_MARK} ${condition} ${i + 1}`, handle: `synthetic-page-${i + 1}`, body: `<p>${SYNTHETIC_MARK}: how M. lives with ${condition}. ${draw.pick(NOTES)} &amp; more.</p>`, isPublished: true, publishedAt: at.createdAt, templateSuffix: null, metafields: metafieldsOf("Page", i, at, "health_text", [["author_note", "single_line_text_field", `${SYNTHETIC_MARK} ${draw.pick(NOTES)}`]]) };
    };
  },
  root: { one: "page", list: "pages", count: "pagesCount" },
  metafieldOwner: "PAGE",
  search: { title: textField("title"), handle: textField("handle") },
  edit: (page, draw) => ({ ...page, body: `<p>${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})</p>` }),
  renew: (page) => ({ ...page, handle: `synthetic-page-${page.id.toString(36)}` }),
  fields: { Page: { bodySummary: (page: Doc) => plain(text(page, "body") ?? "").slice(0, 150) } },
  mutations: {
    pageCreate: (_source, args, context) => save(null, args["page"] as Input, context),
    pageUpdate: (_source, args, context) => {
      const before = pageById(args["id"], context);
      return before === null ? { page: null, userErrors: [{ code: "NOT_FOUND", message: "Page does not exist", field: ["id"] }] } : save(before, args["page"] as Input, context);
    },
    pageDelete: (_source, args, context) => {
      const before = pageById(args["id"], context);
      if (before === null) return { deletedPageId: null, userErrors: [{ code: "NOT_FOUND", message: "Page does not exist", field: ["id"] }] };
      deleteDoc(context, pages, before);
      return { deletedPageId: gid("Page", before.id), userErrors: [] };
    },
  },
};

interface Input {
  readonly title?: string | null;
  readonly handle?: string | null;
  readonly body?: string | null;
  readonly isPublished?: boolean | null;
  readonly publishDate?: string | null;
  readonly templateSuffix?: string | null;
  readonly metafields?: readonly MetafieldInput[] | null;
}

function pageById(id: unknown, { data }: Context): Doc | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "Page" ? data.store("Page").get(parsed.id) : null;
}

function save(before: Doc | null, input: Input, context: Context): object {
  const title = input.title ?? (before === null ? "" : (text(before, "title") ?? ""));
  if (title.trim() === "") return { page: null, userErrors: [{ code: "BLANK", message: "Title can't be blank", field: ["page", "title"] }] };
  const fields = savedMetafields(context, "PAGE", before, input.metafields, (index) => ["page", "metafields", String(index)]);
  if (fields.errors.length > 0) return { page: null, userErrors: fields.errors.map(({ field, message }) => ({ code: "INVALID", field, message })) };
  const handle = handleFrom(context, "Page", before, input.handle, title);
  if (handle === null) return { page: null, userErrors: [{ code: "TAKEN", message: "Handle has already been taken", field: ["page", "handle"] }] };
  const isPublished = input.isPublished ?? before?.["isPublished"] ?? true;
  const published = input.publishDate == null ? (before?.["publishedAt"] ?? context.data.stamp(context.clock.now())) : Date.parse(input.publishDate);
  return { page: saveDoc(context, pages, before, { ...before, id: before?.id ?? context.data.newId(), title, handle, body: input.body ?? before?.["body"] ?? "", isPublished, publishedAt: isPublished === true ? published : null, templateSuffix: input.templateSuffix === undefined ? (before?.["templateSuffix"] ?? null) : input.templateSuffix, metafields: fields.fields }), userErrors: [] };
}
