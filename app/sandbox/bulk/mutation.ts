/** Runs one mutation for each line of variables, as bulkOperationRunMutation does. Lines are not worked on in their order. */
import { setImmediate as breathe } from "node:timers/promises";
import { Draw } from "../data/random.ts";
import type { Context } from "../graphql/context.ts";
import type { BulkResult, BulkRun } from "./run.ts";

/** Lines worked on together, in a drawn order; each result names its line. */
const TOGETHER = 16;

export function runBulkMutation(text: string, file: Buffer, context: Context): BulkRun {
  return async ({ canceled, progress, held }) => {
    const draw = new Draw("bulk-mutation", String(file.length));
    const out: Buffer[] = [];
    let size = 0;
    let done = 0;
    let group: { readonly line: string; readonly number: number }[] = [];
    const flush = async (): Promise<void> => {
      for (let left = group.length; left > 0; left--) {
        const { line, number } = group.splice(draw.at(done).below(left), 1)[0] as { line: string; number: number };
        const bytes = Buffer.from(`${JSON.stringify({ ...(await runLine(text, line, context)), __lineNumber: number })}\n`);
        out.push(bytes);
        size += bytes.length;
        progress(++done, done, size);
      }
      group = [];
      await breathe();
    };
    let number = 0;
    for (const line of linesOf(file)) {
      group.push({ line, number: number++ });
      if (group.length === TOGETHER) {
        await flush();
        await held(done);
      }
      if (canceled()) return { result: null, errorCode: null };
    }
    await flush();
    await held(done);
    if (canceled()) return { result: null, errorCode: null };
    const whole = Buffer.concat(out);
    const result: BulkResult = {
      size,
      async *read(from, to) {
        yield whole.subarray(from, to);
      },
    };
    return { result: size === 0 ? null : result, errorCode: null };
  };
}


async function runLine(text: string, line: string, context: Context): Promise<object> {
  let variables: Record<string, unknown>;
  try {
    variables = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { errors: [{ message: "The line is not valid JSON." }] };
  }
  return context.run(text, variables);
}

function* linesOf(file: Buffer): Generator<string, void, undefined> {
  for (let from = 0; from < file.length; ) {
    const found = file.indexOf(10, from);
    const end = found < 0 ? file.length : found;
    if (end > from) yield file.toString("utf8", from, end);
    from = end + 1;
  }
}
