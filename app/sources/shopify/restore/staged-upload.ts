/** Puts a file where the shop can read it: variables of a bulk mutation (https://shopify.dev/docs/api/usage/bulk-operations/imports), or a file of the shop's. */
import { z } from "zod";
import { SourceError } from "../../port.ts";
import { throwIfCancelled, type ShopifyClient } from "../client.ts";
import { backoff, type Sleep } from "../time.ts";

export const STAGED_UPLOAD = `#graphql
  mutation StageVariables($input: [StagedUploadInput!]!) {
    stagedUploadsCreate(input: $input) { stagedTargets { url resourceUrl parameters { name value } } userErrors { field message } }
  }
`;

const Answer = z.object({
  stagedUploadsCreate: z
    .object({
      stagedTargets: z.array(z.object({ url: z.string().nullable(), resourceUrl: z.string().nullish(), parameters: z.array(z.object({ name: z.string(), value: z.string() })) })).nullable(),
      userErrors: z.array(z.object({ message: z.string() })),
    })
    .nullable(),
});

const ATTEMPTS = 5;
/** A file of at most 32 MB may take four times as long as an answer. */
const UPLOAD_ANSWERS = 4;

export interface UploadOptions {
  readonly client: ShopifyClient;
  readonly fetch: typeof fetch;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
}

/** What is uploaded, as StagedUploadInput names it. */
export interface Upload {
  readonly resource: "BULK_MUTATION_VARIABLES" | "FILE" | "IMAGE" | "VIDEO" | "MODEL_3D";
  readonly filename: string;
  readonly mimeType: string;
  readonly body: Blob;
}

export interface Uploaded {
  /** Where a bulk mutation finds it. */
  readonly path: string | null;
  /** Where fileCreate finds it. */
  readonly resourceUrl: string | null;
}

/** Answers the staged path that bulkOperationRunMutation takes. */
export async function uploadVariables(lines: readonly string[], options: UploadOptions): Promise<string> {
  const { path } = await upload({ resource: "BULK_MUTATION_VARIABLES", filename: "restore.jsonl", mimeType: "text/jsonl", body: new Blob([lines.join("\n")], { type: "text/jsonl" }) }, options);
  if (path === null) throw new SourceError("source.failed", "the shop gave no place for an upload");
  return path;
}

export async function upload({ resource, filename, mimeType, body }: Upload, options: UploadOptions): Promise<Uploaded> {
  // Videos and models have to say their size; the others may.
  const input = [{ resource, filename, mimeType, httpMethod: "POST", ...(resource === "BULK_MUTATION_VARIABLES" ? {} : { fileSize: String(body.size) }) }];
  for (let attempt = 0; ; attempt++) {
    throwIfCancelled(options.signal);
    // A new place for every try: a file that was half received must not be read.
    const answer = (await options.client.query(STAGED_UPLOAD, { input }, Answer, options.signal)).stagedUploadsCreate;
    const target = answer?.stagedTargets?.[0];
    if (target?.url === null || target?.url === undefined) throw new SourceError("source.failed", "the shop gave no place for an upload");
    const form = new FormData();
    for (const { name, value } of target.parameters) form.append(name, value);
    // `file` comes last: what stands after it is ignored by the storage.
    form.append("file", body, filename);
    const status = await post(target.url, form, options);
    if (status >= 200 && status < 300) return { path: target.parameters.find(({ name }) => name === "key")?.value ?? null, resourceUrl: target.resourceUrl ?? null };
    if (attempt + 1 >= ATTEMPTS) throw new SourceError("source.unreachable", `the upload was refused (HTTP ${status})`, { retry: "later" });
    await options.sleep(backoff(attempt, 500, 15_000), options.signal);
  }
}

async function post(url: string, form: FormData, options: UploadOptions): Promise<number> {
  try {
    const response = await options.fetch(url, { method: "POST", body: form, signal: AbortSignal.any([options.signal, AbortSignal.timeout(UPLOAD_ANSWERS * options.client.answerMs)]) });
    await response.body?.cancel();
    return response.status;
  } catch {
    throwIfCancelled(options.signal);
    return 0;
  }
}
