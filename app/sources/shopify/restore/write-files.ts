/**
 * Uploads files anew, one at a time: bytes to a staged upload, then fileCreate. The bytes of one file are held in memory, in the clear nowhere else; what is
 * larger than the platform takes for anything but a video is not, and is refused by name.
 */
import { z } from "zod";
import type { SourceRecord } from "#app/vault/index.ts";
import { fileName } from "../catalogue/content/files.ts";
import { contentOf, type Content } from "../catalogue/content.ts";
import { asList, asObject, type Family, type Node, type WrittenKind } from "../catalogue/kind.ts";
import { References } from "../references.ts";
import { readPayload } from "./bulk-mutation.ts";
import { parseNode } from "./families.ts";
import type { RestoreProgress } from "./progress.ts";
import { upload, type Upload, type UploadOptions } from "./staged-upload.ts";

/** Shopify takes 20 MB for files and images (https://help.shopify.com/en/manual/shopify-admin/productivity-tools/file-uploads). */
const MOST_BYTES = 32 * 1024 * 1024;

const RESOURCES: Readonly<Record<string, Upload["resource"]>> = { GenericFile: "FILE", MediaImage: "IMAGE", Video: "VIDEO", Model3d: "MODEL_3D" };

export async function writeFiles(kind: WrittenKind, records: AsyncIterable<readonly SourceRecord[]>, progress: RestoreProgress, options: UploadOptions): Promise<void> {
  for await (const family of boundedFamilies(records)) {
    const code = await writeOne(kind, family, progress, options);
    if (code !== null) progress.refuse(family.root, code);
  }
}

/** Answers a code when the file was not put back. */
async function writeOne(kind: WrittenKind, family: Family & { readonly tooLarge: boolean }, progress: RestoreProgress, options: UploadOptions): Promise<string | null> {
  const { root } = family;
  const [file] = asList(kind.write.variables(family, new References(progress.ids))["files"]).map(asObject);
  if (file === null || file === undefined) return "no_result";
  if (family.tooLarge) return "file_too_large";
  const source = await uploadFile(root, () => contentOf(family.children), options);
  if ("code" in source) return source.code;
  const data = await options.client.query(kind.write.mutation, { files: [{ ...file, ...source }] }, z.record(z.string(), z.unknown()), options.signal);
  progress.charge("originalSource" in source ? 2 : 1);
  const result = readPayload({ data }, kind.write);
  if (!result.done) return result.code;
  if (result.id === null) return "no_result";
  progress.created(family, result.id, 0);
  return null;
}

/** Uploads the bytes of a file and answers where fileCreate finds them: nothing for what lies elsewhere. A code when they cannot be had. */
export async function uploadFile(root: Node, contentOfIt: () => Content, options: UploadOptions): Promise<{ readonly originalSource?: string } | { readonly code: string }> {
  const resource = RESOURCES[root.kind];
  if (resource === undefined) return {};
  const content = contentOfIt();
  if (content.kind !== "whole") return { code: `file_content_${content.kind}` };
  if (content.size > MOST_BYTES) return { code: "file_too_large" };
  const mimeType = mimeTypeOf(root);
  const { resourceUrl } = await upload({ resource, filename: fileName(root.fields), mimeType, body: new Blob([...content.bytes()], { type: mimeType }) }, options);
  return resourceUrl === null ? { code: "no_place_for_upload" } : { originalSource: resourceUrl };
}

function mimeTypeOf({ fields }: Node): string {
  for (const at of [fields, asObject(fields["videoSource"]), asObject(fields["modelSource"])]) if (typeof at?.["mimeType"] === "string") return at["mimeType"];
  return "application/octet-stream";
}

/** Each root with its children, of which no more than can be uploaded are held. */
async function* boundedFamilies(records: AsyncIterable<readonly SourceRecord[]>): AsyncGenerator<Family & { readonly tooLarge: boolean }> {
  let root: Node | null = null;
  let children: Node[] = [];
  let bytes = 0;
  for await (const batch of records) {
    for (const record of batch) {
      if (record.parentId === null) {
        if (root !== null) yield { root, children, tooLarge: bytes > MOST_BYTES };
        root = parseNode(record);
        children = [];
        bytes = 0;
        continue;
      }
      // Base64 is a third longer than what it stands for.
      bytes += record.bytes.byteLength * 0.75;
      if (bytes > MOST_BYTES) children = [];
      else children.push(parseNode(record));
    }
  }
  if (root !== null) yield { root, children, tooLarge: bytes > MOST_BYTES };
}
