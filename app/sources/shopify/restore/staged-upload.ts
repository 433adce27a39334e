/** Puts a JSONL file of mutation variables where a bulk mutation can read it (https://shopify.dev/docs/api/usage/bulk-operations/imports). */
import { z } from "zod";
import { SourceError } from "../../port.ts";
import { throwIfCancelled, type ShopifyClient } from "../client.ts";
import { backoff, type Sleep } from "../time.ts";

export const STAGED_UPLOAD = `#graphql
  mutation StageVariables($input: [StagedUploadInput!]!) {
    stagedUploadsCreate(input: $input) { stagedTargets { url parameters { name value } } userErrors { field message } }
  }
`;

const Answer = z.object({
  stagedUploadsCreate: z
    .object({
      stagedTargets: z.array(z.object({ url: z.string().nullable(), parameters: z.array(z.object({ name: z.string(), value: z.string() })) })).nullable(),
      userErrors: z.array(z.object({ message: z.string() })),
    })
    .nullable(),
});

const INPUT = [{ resource: "BULK_MUTATION_VARIABLES", filename: "restore.jsonl", mimeType: "text/jsonl", httpMethod: "POST" }];
const ATTEMPTS = 5;

export interface UploadOptions {
  readonly client: ShopifyClient;
  readonly fetch: typeof fetch;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
}

/** Answers the staged path that bulkOperationRunMutation takes. */
export async function uploadVariables(lines: readonly string[], options: UploadOptions): Promise<string> {
  const body = new Blob([lines.join("\n")], { type: "text/jsonl" });
  for (let attempt = 0; ; attempt++) {
    throwIfCancelled(options.signal);
    // A new place for every try: a file that was half received must not be read.
    const answer = (await options.client.query(STAGED_UPLOAD, { input: INPUT }, Answer, options.signal)).stagedUploadsCreate;
    const target = answer?.stagedTargets?.[0];
    const path = target?.parameters.find(({ name }) => name === "key")?.value;
    if (target?.url === null || target?.url === undefined || path === undefined) throw new SourceError("source.failed", "the shop gave no place for an upload");
    const form = new FormData();
    for (const { name, value } of target.parameters) form.append(name, value);
    // `file` comes last: what stands after it is ignored by the storage.
    form.append("file", body, "restore.jsonl");
    const status = await post(target.url, form, options);
    if (status >= 200 && status < 300) return path;
    if (attempt + 1 >= ATTEMPTS) throw new SourceError("source.unreachable", `the upload was refused (HTTP ${status})`, { retry: "later" });
    await options.sleep(backoff(attempt, 500, 15_000), options.signal);
  }
}

async function post(url: string, form: FormData, options: UploadOptions): Promise<number> {
  try {
    const response = await options.fetch(url, { method: "POST", body: form, signal: options.signal });
    await response.body?.cancel();
    return response.status;
  } catch {
    throwIfCancelled(options.signal);
    return 0;
  }
}
