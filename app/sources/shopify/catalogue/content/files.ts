/** Files that were uploaded to the shop: prescriptions, photographs, forms. What is known of each, and its bytes. */
import { asObject, pick, type WrittenKind } from "../kind.ts";
import { oneQuery, pagedRead, type Shape } from "../queries.ts";

const COMMON = "id alt createdAt updatedAt fileStatus";

const FIELDS = `
    __typename
    ${COMMON}
    ... on GenericFile { mimeType originalFileSize url }
    ... on MediaImage { mimeType originalSource { fileSize url } }
    ... on Video { filename duration videoSource: originalSource { fileSize mimeType url } }
    ... on Model3d { filename modelSource: originalSource { filesize mimeType url } }
    ... on ExternalVideo { host originUrl }`;

const SHAPE: Shape = { type: "File", fields: FIELDS, connections: [] };

/** The place of the bytes as they were uploaded; null for what lies elsewhere (external videos) or is not ready. */
export function fileAddress(fields: Readonly<Record<string, unknown>>): string | null {
  if (fields["fileStatus"] !== "READY") return null;
  for (const at of [fields, ...["originalSource", "videoSource", "modelSource"].map((name) => asObject(fields[name]) ?? {})]) if (typeof at["url"] === "string") return at["url"];
  return null;
}

const mutation = `#graphql
  mutation RestoreFile($files: [FileCreateInput!]!) {
    fileCreate(files: $files) { files { id } userErrors { code field message } }
  }
`;

export const files: WrittenKind = {
  kind: "File",
  types: ["GenericFile", "MediaImage", "Video", "Model3d", "ExternalVideo"],
  titles: { one: "file", many: "files" },
  stream: "files",
  scopes: ["read_files"],
  // The interface of the connection has no Node, so it is not read in bulk.
  read: pagedRead("files", SHAPE, { first: 100, window: { base: null } }),
  parts: [{ how: "content", stream: "file-contents", scopes: ["read_files"], kind: "FileContent", address: fileAddress }],
  one: oneQuery(SHAPE),
  count: null,
  incremental: { filter: "updated_at", sortKey: "UPDATED_AT" },
  topics: [],
  children: [
    // Pieces are named by what they are, and the content names them all: comparing it compares them.
    { kind: "FilePiece", ordered: false, losses: {}, compared: () => null },
    { kind: "FileContent", ordered: false, losses: { id: "platform.assigns" }, name: () => "content" },
  ],
  losses: {
    id: "platform.assigns",
    createdAt: "platform.assigns",
    updatedAt: "platform.assigns",
    url: "platform.assigns",
    originalSource: "platform.assigns",
    videoSource: "platform.assigns",
    modelSource: "platform.assigns",
  },
  compared: ({ fileStatus: _, ...fields }) => fields,
  notRestored: null,
  write: {
    mutation,
    payload: "fileCreate",
    node: "files",
    how: "files",
    variables: ({ root }) => ({
      files: [
        {
          ...pick(root.fields, ["alt"]),
          contentType: CONTENT_TYPES[root.kind],
          ...(root.kind === "ExternalVideo" ? { originalSource: root.fields["originUrl"] } : { filename: fileName(root.fields) }),
        },
      ],
    }),
  },
};

const CONTENT_TYPES: Readonly<Record<string, string>> = { GenericFile: "FILE", MediaImage: "IMAGE", Video: "VIDEO", Model3d: "MODEL_3D", ExternalVideo: "EXTERNAL_VIDEO" };

/** The name a file was uploaded by: its own, or the last part of its address. */
export function fileName(fields: Readonly<Record<string, unknown>>): string {
  if (typeof fields["filename"] === "string") return fields["filename"];
  const address = fileAddress(fields);
  return address === null ? "file" : decodeURIComponent(new URL(address).pathname.split("/").at(-1) ?? "file");
}

