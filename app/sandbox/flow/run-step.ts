/**
 * One step of a workflow, as Flow runs it (https://shopify.dev/docs/apps/build/flow/actions/endpoints): ten seconds to answer; 200 is done; 202 is asked again with the same
 * action_run_id; 5xx, 429 and silence are tried again for up to 36 hours, after Retry-After where the app says one (5 to 3600 s); any other answer is final and shown.
 */
import type { FlowRun, SandboxClock } from "../types.ts";
import { signedPost } from "./signed-post.ts";

const ANSWER_MS = 10_000;
const PATIENCE_MS = 36 * 3_600_000;
const SOONEST_S = 5;
const LATEST_S = 3600;
/** Without Retry-After. The platform says only that it waits longer each time. */
const FIRST_S = 10;
/** Of return_value. */
const MOST_RETURNED = 50_000;

export interface RunStep {
  readonly clock: SandboxClock;
  readonly secret: string;
  readonly signal: AbortSignal;
  readonly url: string;
  readonly body: object;
  readonly actionRunId: string;
  /** Each request is made twice at once, as a lost answer may make it. */
  readonly twice: boolean;
  readonly patienceMs?: number;
}

export async function runStep(o: RunStep): Promise<FlowRun> {
  const began = o.clock.now().getTime();
  const answers: FlowRun["answers"][number][] = [];
  for (let attempt = 1; ; attempt++) {
    const ask = (): ReturnType<typeof signedPost> => signedPost(o.url, o.body, { secret: o.secret, signal: o.signal, timeoutMs: ANSWER_MS });
    const [answer] = await Promise.all(o.twice ? [ask(), ask()] : [ask()]);
    const status = answer?.status ?? null;
    const retryAfter = Number(answer?.headers.get("retry-after") ?? Number.NaN);
    answers.push({ status, retryAfter: Number.isFinite(retryAfter) ? retryAfter : null });
    const ended = { actionRunId: o.actionRunId, answers };
    if (answer?.status === 200) return { ...ended, ...returned(answer.text) };
    const again = status === null || status === 202 || status === 429 || status >= 500;
    if (!again) return { ...ended, state: "failed", shown: answer?.text ?? "" };
    if (o.signal.aborted || o.clock.now().getTime() - began > (o.patienceMs ?? PATIENCE_MS)) return { ...ended, state: "gave-up", shown: "" };
    const seconds = Number.isFinite(retryAfter) ? Math.min(LATEST_S, Math.max(SOONEST_S, retryAfter)) : Math.min(LATEST_S, FIRST_S * 2 ** Math.min(attempt - 1, 8));
    await sleep(o, seconds * 1000);
  }
}

function returned(text: string): Pick<FlowRun, "state" | "returnValue" | "shown"> {
  let value: unknown;
  try {
    value = (JSON.parse(text === "" ? "{}" : text) as Record<string, unknown>)["return_value"];
  } catch {
    return { state: "failed", shown: "The answer is no JSON." };
  }
  if (Buffer.byteLength(JSON.stringify(value ?? null)) > MOST_RETURNED) return { state: "failed", shown: "return_value is too large." };
  return { state: "done", shown: "", ...(value === undefined ? {} : { returnValue: value as Record<string, unknown> }) };
}

async function sleep({ clock, signal }: RunStep, milliseconds: number): Promise<void> {
  if (clock.sleep !== undefined) return clock.sleep(milliseconds, signal).catch(() => undefined);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
