/** Files that were uploaded to the shop: prescriptions, photographs, forms. What is known of each, and its bytes. */
import { asObject, type Kind } from "../kind.ts";
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

export const files: Kind = {
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
    { kind: "FilePiece", ordered: false, losses: {} },
    { kind: "FileContent", ordered: false, losses: { id: "platform.assigns" } },
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
  write: null,
  notRestored: "platform.history",
};
