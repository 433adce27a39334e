/** The thread that runs `checkFrames`. */
import { serve } from "../threads/serve.ts";
import { checkFrames } from "./check-frames.ts";
import type { CheckResult, CheckTask } from "./check-frames.ts";

serve<CheckTask, CheckResult>(checkFrames, (result) => (result.bytes.length === 0 ? [] : [result.bytes.buffer as ArrayBuffer]));
