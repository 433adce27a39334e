/** The thread that runs `checkFrames`. */
import { release } from "../format/release.ts";
import { serve } from "../threads/serve.ts";
import { checkFrames } from "./check-frames.ts";
import type { CheckResult, CheckTask } from "./check-frames.ts";

function run(task: CheckTask): CheckResult {
  try {
    return checkFrames(task);
  } finally {
    // It was moved here, nobody else has it.
    release(task.sealed);
  }
}

serve<CheckTask, CheckResult>(run, (result) => (result.bytes.length === 0 ? [] : [result.bytes.buffer as ArrayBuffer]));
