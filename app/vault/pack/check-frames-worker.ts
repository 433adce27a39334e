/** The thread that runs `checkFrames`. `workerData`: where it finds what records are found by, or null. */
import { workerData } from "node:worker_threads";
import { release } from "../format/release.ts";
import { memoryOf } from "../search/found-terms.ts";
import { importTerms } from "../search/import-terms.ts";
import type { NamedTerms } from "../search/import-terms.ts";
import { serve } from "../threads/serve.ts";
import { checkFrames } from "./check-frames.ts";
import type { CheckResult, CheckTask } from "./check-frames.ts";

const named = workerData as NamedTerms | null;
const source = named === null ? null : await importTerms(named);

function run(task: CheckTask): CheckResult {
  try {
    return checkFrames(task, source);
  } finally {
    // It was moved here, nobody else has it.
    release(task.sealed);
  }
}

serve<CheckTask, CheckResult>(run, ({ bytes, terms }) => [...(bytes.length === 0 ? [] : [bytes.buffer as ArrayBuffer]), ...(terms === null ? [] : memoryOf(terms))]);
