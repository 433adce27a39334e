/** Runs one mutation for many lines of variables, and tells line by line what became of it. */
import { z } from "zod";
import { SourceError } from "../../port.ts";
import { splitLines } from "../../records/index.ts";
import { download } from "../download.ts";
import type { Operations } from "../operations.ts";
import { uploadVariables } from "./staged-upload.ts";

const UserError = z.object({ code: z.string().nullish(), field: z.array(z.string()).nullish() });
const Line = z.object({
  __lineNumber: z.number(),
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ extensions: z.object({ code: z.string().optional() }).optional() })).nullish(),
});

export type LineResult =
  | { readonly done: true; readonly id: string | null }
  /** `field`: the path of the input that was refused, names only. */
  | { readonly done: false; readonly code: string; readonly field: readonly string[] };

export interface BulkMutation {
  readonly mutation: string;
  readonly payload: string;
  /** Member of the payload that holds the new node; null when nothing is created with an id of its own. */
  readonly node: string | null;
}

export interface BulkMutationOptions {
  readonly operations: Operations;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** Results by line number, as many as there are lines. A line the platform says nothing about is refused with "no_result". */
export async function runBulkMutation(what: BulkMutation, variables: readonly Readonly<Record<string, unknown>>[], options: BulkMutationOptions): Promise<readonly LineResult[]> {
  const { operations, signal } = options;
  const results: LineResult[] = variables.map(() => ({ done: false, code: "no_result", field: [] }));
  const leave = await operations.place(signal);
  try {
    const path = await uploadVariables(
      variables.map((one) => JSON.stringify(one)),
      { client: operations.client, fetch: options.fetch, sleep: operations.sleep, signal },
    );
    const started = await operations.startMutation(what.mutation, path, signal);
    const operation = await operations.untilWritten(started, signal);
    const failed = operation.status !== "COMPLETED";
    const url = failed ? operation.partialDataUrl : operation.url;
    if (url !== null) await collect(url, operation.id, failed, what, results, options);
    return results;
  } finally {
    leave();
  }
}

/** Reads the result at `url` into `results`, by line number. A line that is not in it stays what it was. */
export async function collect(url: string, id: string, failed: boolean, what: BulkMutation, results: LineResult[], options: BulkMutationOptions): Promise<void> {
  const chunks = download({
    address: async ({ again }) => {
      if (!again) return url;
      const now = await options.operations.get(id, options.signal);
      return (failed ? now?.partialDataUrl : now?.url) ?? null;
    },
    size: null,
    silenceMs: Math.min(60_000, options.operations.client.answerMs),
    fetch: options.fetch,
    sleep: options.operations.sleep,
    signal: options.signal,
    onCut: () => {
      throw new SourceError("source.unreachable", "the results of a bulk mutation could not be read to their end", { retry: "later" });
    },
  });
  for await (const batch of splitLines(chunks)) {
    const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
    let start = 0;
    for (const end of batch.ends) {
      const text = bytes.toString("utf8", start, end);
      start = end + 1;
      if (text.trim() === "") continue;
      const line = Line.safeParse(parse(text));
      if (line.success && line.data.__lineNumber < results.length) results[line.data.__lineNumber] = readPayload(line.data, what);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What one answer of a mutation means; also used for single requests. */
export function readPayload(answer: { readonly data?: Readonly<Record<string, unknown>> | null | undefined; readonly errors?: z.infer<typeof Line>["errors"] }, what: BulkMutation): LineResult {
  const code = answer.errors?.[0]?.extensions?.code;
  if (answer.errors !== null && answer.errors !== undefined && answer.errors.length > 0) return { done: false, code: stable(code), field: [] };
  const payload = z.record(z.string(), z.unknown()).safeParse(answer.data?.[what.payload]);
  if (!payload.success) return { done: false, code: "no_result", field: [] };
  const errors = z.array(UserError).safeParse(payload.data["userErrors"]);
  const error = errors.success ? errors.data[0] : undefined;
  if (error !== undefined) {
    const field = (error.field ?? []).filter((part) => /^[A-Za-z_]\w*$/.test(part));
    return { done: false, code: typeof error.code === "string" ? stable(error.code) : `refused:${field.join(".") || "unknown"}`, field };
  }
  if (what.node === null) return { done: true, id: null };
  const made = payload.data[what.node];
  // fileCreate answers a list, here of one.
  const node = z.object({ id: z.string() }).safeParse(Array.isArray(made) ? made[0] : made);
  return node.success ? { done: true, id: node.data.id } : { done: false, code: "no_result", field: [] };
}

function stable(code: string | undefined): string {
  return code !== undefined && /^[A-Za-z_]{1,64}$/.test(code) ? code : "unknown";
}
