/** Changes to pages, blogs, articles, files, metaobjects and definitions. */
import { newIdOf } from "../fields.ts";
import { asList, asObject, type Node } from "../kind.ts";
import { differing, same, setting, updateStep, type ReviseStep, type Revision } from "./revision.ts";

export const pageRevision: Revision = {
  steps: [
    updateStep({
      mutation: `#graphql
  mutation RevisePage($id: ID!, $page: PageUpdateInput!) { pageUpdate(id: $id, page: $page) { page { id } userErrors { code field message } } }
`,
      payload: "pageUpdate",
      names: ["title", "handle", "body", "isPublished", "templateSuffix"],
      variables: (id, page) => ({ id, page }),
    }),
  ],
  remove: {
    mutation: `#graphql
  mutation RevisePageDelete($id: ID!) { pageDelete(id: $id) { deletedPageId userErrors { code field message } } }
`,
    payload: "pageDelete",
    variables: (id) => ({ id }),
  },
};

export const blogRevision: Revision = {
  steps: [
    updateStep({
      mutation: `#graphql
  mutation ReviseBlog($id: ID!, $blog: BlogUpdateInput!) { blogUpdate(id: $id, blog: $blog) { blog { id } userErrors { code field message } } }
`,
      payload: "blogUpdate",
      names: ["title", "handle", "commentPolicy", "templateSuffix"],
      variables: (id, blog) => ({ id, blog }),
    }),
  ],
  remove: {
    mutation: `#graphql
  mutation ReviseBlogDelete($id: ID!) { blogDelete(id: $id) { deletedBlogId userErrors { code field message } } }
`,
    payload: "blogDelete",
    variables: (id) => ({ id }),
  },
};

const articleUpdate: ReviseStep = {
  mutation: `#graphql
  mutation ReviseArticle($id: ID!, $article: ArticleUpdateInput!) { articleUpdate(id: $id, article: $article) { article { id } userErrors { code field message } } }
`,
  payload: "articleUpdate",
  node: null,
  again: "harmless",
  each: (delta, references) => {
    const { then, now } = delta;
    const changed = differing(delta, ["title", "handle", "body", "summary", "tags", "isPublished", "templateSuffix", "author"]);
    const article = setting(then.root.fields, changed);
    const fields = [...changed];
    if (changed.includes("author")) article["author"] = { name: asObject(then.root.fields["author"])?.["name"] ?? "" };
    const blogId = newIdOf(then.root.fields["blog"], references);
    if (blogId !== undefined && blogId !== asObject(now.root.fields["blog"])?.["id"]) {
      article["blogId"] = blogId;
      fields.push("blog");
    }
    return fields.length === 0 ? [] : [{ of: then.root, fields, variables: { id: now.root.id, article } }];
  },
};

export const articleRevision: Revision = {
  steps: [articleUpdate],
  remove: {
    mutation: `#graphql
  mutation ReviseArticleDelete($id: ID!) { articleDelete(id: $id) { deletedArticleId userErrors { code field message } } }
`,
    payload: "articleDelete",
    variables: (id) => ({ id }),
  },
};

/** What is said about a file. Its bytes never change under one id in this catalogue's reading: another upload is another file. */
export const fileRevision: Revision = {
  steps: [
    updateStep({
      mutation: `#graphql
  mutation ReviseFile($files: [FileUpdateInput!]!) { fileUpdate(files: $files) { files { id } userErrors { code field message } } }
`,
      payload: "fileUpdate",
      names: ["alt"],
      variables: (id, input) => ({ files: [{ id, alt: input["alt"] ?? "" }] }),
    }),
  ],
  remove: {
    mutation: `#graphql
  mutation ReviseFileDelete($fileIds: [ID!]!) { fileDelete(fileIds: $fileIds) { deletedFileIds userErrors { code field message } } }
`,
    payload: "fileDelete",
    variables: (id) => ({ fileIds: [id] }),
  },
};

const metaobjectUpdate: ReviseStep = {
  mutation: `#graphql
  mutation ReviseMetaobject($id: ID!, $metaobject: MetaobjectUpdateInput!) {
    metaobjectUpdate(id: $id, metaobject: $metaobject) { metaobject { id } userErrors { code field message } }
  }
`,
  payload: "metaobjectUpdate",
  node: null,
  again: "harmless",
  each: ({ then, now }, references) => {
    const before = new Map(asList(now.root.fields["fields"]).map((item) => [asObject(item)?.["key"], asObject(item)]));
    const fields = asList(then.root.fields["fields"]).flatMap((item) => {
      const field = asObject(item);
      if (field === null || typeof field["key"] !== "string") return [];
      // The empty text takes a value away.
      const value = typeof field["value"] === "string" ? references.value(String(field["type"]), field["value"]) : "";
      return value === null || value === (before.get(field["key"])?.["value"] ?? "") ? [] : [{ key: field["key"], value }];
    });
    const status = (node: Node): unknown => asObject(asObject(node.fields["capabilities"])?.["publishable"])?.["status"];
    const handle = then.root.fields["handle"] === now.root.fields["handle"] ? {} : { handle: then.root.fields["handle"] };
    const published = status(then.root) === status(now.root) || typeof status(then.root) !== "string" ? {} : { capabilities: { publishable: { status: status(then.root) } } };
    const metaobject = { ...handle, ...published, ...(fields.length === 0 ? {} : { fields }) };
    return Object.keys(metaobject).length === 0 ? [] : [{ of: then.root, fields: Object.keys(metaobject), variables: { id: now.root.id, metaobject } }];
  },
};

export const metaobjectRevision: Revision = {
  steps: [metaobjectUpdate],
  remove: {
    mutation: `#graphql
  mutation ReviseMetaobjectDelete($id: ID!) { metaobjectDelete(id: $id) { deletedId userErrors { code field message } } }
`,
    payload: "metaobjectDelete",
    variables: (id) => ({ id }),
  },
};

export const metafieldDefinitionRevision: Revision = {
  steps: [
    {
      mutation: `#graphql
  mutation ReviseMetafieldDefinition($definition: MetafieldDefinitionUpdateInput!) {
    metafieldDefinitionUpdate(definition: $definition) { updatedDefinition { id } userErrors { code field message } }
  }
`,
      payload: "metafieldDefinitionUpdate",
      node: null,
      again: "harmless",
      each: (delta, references) => {
        const { then } = delta;
        const changed = differing(delta, ["name", "description", "validations"]);
        if (changed.length === 0 || !same(then.root.fields["type"], delta.now.root.fields["type"])) return [];
        const definition = { ...setting(then.root.fields, ["ownerType", "namespace", "key"]), ...setting(then.root.fields, changed) };
        if (changed.includes("validations")) definition["validations"] = references.validations(asList(then.root.fields["validations"]));
        return [{ of: then.root, fields: changed, variables: { definition } }];
      },
    },
  ],
  // The values stay: without their definition they are what they were.
  remove: {
    mutation: `#graphql
  mutation ReviseMetafieldDefinitionDelete($id: ID!) { metafieldDefinitionDelete(id: $id) { deletedDefinitionId userErrors { code field message } } }
`,
    payload: "metafieldDefinitionDelete",
    variables: (id) => ({ id }),
  },
};

export const metaobjectDefinitionRevision: Revision = {
  steps: [
    {
      mutation: `#graphql
  mutation ReviseMetaobjectDefinition($id: ID!, $definition: MetaobjectDefinitionUpdateInput!) {
    metaobjectDefinitionUpdate(id: $id, definition: $definition) { metaobjectDefinition { id } userErrors { code field message } }
  }
`,
      payload: "metaobjectDefinitionUpdate",
      node: null,
      again: "harmless",
      each: (delta, references) => {
        const { then, now } = delta;
        const changed = differing(delta, ["name", "description", "displayNameKey"]);
        const before = new Map(asList(now.root.fields["fieldDefinitions"]).map((item) => [asObject(item)?.["key"], asObject(item)]));
        const fieldDefinitions = asList(then.root.fields["fieldDefinitions"]).flatMap((item) => {
          const field = asObject(item);
          const is = before.get(field?.["key"]);
          if (field === null || same(field, is)) return [];
          const words = { ...setting(field, ["key", "name", "description", "required"]), validations: references.validations(asList(field["validations"])) };
          return [is === undefined ? { create: { ...words, type: asObject(field["type"])?.["name"] } } : { update: words }];
        });
        const fields = [...changed, ...(fieldDefinitions.length === 0 ? [] : ["fieldDefinitions"])];
        return fields.length === 0 ? [] : [{ of: then.root, fields, variables: { id: now.root.id, definition: { ...setting(then.root.fields, changed), ...(fieldDefinitions.length === 0 ? {} : { fieldDefinitions }) } } }];
      },
    },
  ],
  // Its metaobjects would go with it.
  remove: null,
};
