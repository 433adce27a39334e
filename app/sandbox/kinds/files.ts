/** Files: prescriptions, photographs, forms. Their addresses on the CDN need no token. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { extname } from "node:path";
import { generatedFile, MIME } from "../data/file-bytes.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import type { Shape } from "../data/shape.ts";
import { NOTES } from "../data/wording.ts";
import { typed } from "../graphql/context.ts";
import type { Context } from "../graphql/context.ts";
import { deleteDoc, saveDoc } from "../graphql/mutations/docs.ts";
import { start, text, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

const TYPES: Readonly<Record<string, string>> = { ".pdf": "application/pdf", ".txt": "text/plain", ".csv": "text/csv", ".json": "application/json", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp" };

export const howManyFiles = (shape: Shape): number => Math.min(20_000, Math.ceil(shape.customers / 10));
const address = (file: Doc, { facts }: Context): string => `${facts.url}/cdn/shop/files/${encodeURIComponent(text(file, "filename") ?? "")}?v=${Math.floor((file["contentAt"] as number) / 1000)}`;
const image = (file: Doc, context: Context): object => ({ id: null, altText: file["alt"], url: address(file, context), originalSrc: address(file, context), src: address(file, context), transformedSrc: address(file, context), width: 8, height: 8, thumbhash: null });
const preview = (file: Doc, _args: unknown, context: Context): object | null => (file["__typename"] === "MediaImage" ? { image: image(file, context), status: "READY" } : null);

export const files: DocKind = {
  type: "File",
  alsoNamed: ["GenericFile", "MediaImage"],
  size: howManyFiles,
  make: (shape) => {
    const draw = new Draw(shape.seed, "file-record");
    return (i) => {
      const at = start(shape, draw, i);
      const { form, size, name } = generatedFile(shape.seed, i);
      return { ...at, __typename: form === "png" ? "MediaImage" : "GenericFile", filename: name, alt: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)}`, mimeType: MIME[form], originalFileSize: size, fileStatus: "READY", contentAt: at.createdAt };
    };
  },
  root: { list: "files" },
  search: { filename: textField("filename"), media_type: { kind: "text", of: (file) => [file["__typename"] === "MediaImage" ? "IMAGE" : "FILE"] }, status: textField("fileStatus"), original_source: textField("filename") },
  edit: (file, draw) => ({ ...file, alt: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})` }),
  fields: {
    GenericFile: { url: (file: Doc, _args: unknown, context: Context) => address(file, context), preview },
    MediaImage: {
      status: (file: Doc) => file["fileStatus"],
      mediaContentType: () => "IMAGE",
      image: (file: Doc, _args: unknown, context: Context) => image(file, context),
      originalSource: (file: Doc, _args: unknown, context: Context) => ({ fileSize: file["originalFileSize"], url: address(file, context) }),
      preview,
    },
  },
  mutations: {
    fileCreate: (_source, args, context) => {
      const inputs = args["files"] as readonly Input[];
      const made: object[] = [];
      const userErrors: object[] = [];
      inputs.forEach((input, n) => {
        const file = create(input, context);
        if ("code" in file) userErrors.push({ ...file, field: ["files", String(n), "originalSource"] });
        // Processing goes on after the answer; a later look finds it done.
        else made.push({ ...file, fileStatus: "UPLOADED", __typename: file["__typename"] });
      });
      return userErrors.length > 0 ? { files: null, userErrors } : { files: made, userErrors };
    },
    fileUpdate: (_source, args, context) => {
      const changes = (args["files"] as readonly (Input & { readonly id: string })[]).map((input) => ({ input, before: fileById(input.id, context) }));
      const missing = changes.findIndex(({ before }) => before === null);
      if (missing >= 0) return { files: null, userErrors: [{ code: "FILE_DOES_NOT_EXIST", message: "File id does not exist.", field: ["files", String(missing), "id"] }] };
      return { files: changes.map(({ input, before }) => typed(String(before?.["__typename"]), saveDoc(context, files, before, { ...(before as Doc), alt: input.alt ?? before?.["alt"] }))), userErrors: [] };
    },
    fileDelete: (_source, args, context) => {
      const ids = args["fileIds"] as readonly string[];
      const found = ids.map((id) => fileById(id, context));
      const missing = found.indexOf(null);
      if (missing >= 0) return { deletedFileIds: null, userErrors: [{ code: "FILE_DOES_NOT_EXIST", message: `File id ${ids[missing] ?? ""} does not exist.`, field: ["fileIds"] }] };
      for (const file of found) if (file !== null) deleteDoc(context, files, file);
      return { deletedFileIds: found.flatMap((file) => (file === null ? [] : gid(String(file["__typename"]), file.id))), userErrors: [] };
    },
  },
};

interface Input {
  readonly alt?: string | null;
  readonly filename?: string | null;
  readonly contentType?: string | null;
  readonly originalSource?: string | null;
  readonly duplicateResolutionMode?: string | null;
}

function fileById(id: unknown, { data }: Context): Doc | null {
  const parsed = parseGid(String(id));
  const file = parsed === null ? null : data.store("File").get(parsed.id);
  return file !== null && file["__typename"] === parsed?.type ? file : null;
}

/** Takes the bytes from a staged upload, or from this shop's own CDN. The sandbox never fetches from anywhere else. */
function create(input: Input, context: Context): Doc | { readonly code: string; readonly message: string } {
  const source = input.originalSource ?? "";
  if (!source.startsWith(`${context.facts.url}/`)) return { code: "INVALID", message: "The sandbox shop takes files from its own staged uploads and addresses only." };
  const path = decodeURIComponent(new URL(source).pathname);
  const bytes = path.startsWith("/cdn/shop/files/") ? context.files.get(path.slice("/cdn/shop/files/".length)) : context.uploads.take(path.slice(1));
  if (bytes === null) return { code: "INVALID", message: "File URL is invalid: nothing was uploaded there." };
  const wanted = (input.filename ?? path.split("/").at(-1) ?? "file").replace(/[^\w.-]/g, "_");
  const mode = input.duplicateResolutionMode ?? "APPEND_UUID";
  if (mode === "RAISE_ERROR" && context.files.has(wanted)) return { code: "FILENAME_ALREADY_EXISTS", message: "A file with this name already exists." };
  const id = context.data.newId();
  const extension = extname(wanted);
  const filename = context.files.has(wanted) && mode === "APPEND_UUID" ? `${wanted.slice(0, wanted.length - extension.length)}_${id.toString(36)}${extension}` : wanted;
  context.files.keep(filename, bytes);
  const mimeType = TYPES[extension.toLowerCase()] ?? "application/octet-stream";
  const isImage = input.contentType == null ? mimeType.startsWith("image/") : input.contentType === "IMAGE";
  const now = context.data.stamp(context.clock.now());
  return saveDoc(context, files, null, { id, __typename: isImage ? "MediaImage" : "GenericFile", filename, alt: input.alt ?? null, mimeType, originalFileSize: bytes.length, fileStatus: "READY", contentAt: now });
}
