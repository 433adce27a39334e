/** What an action answered, as a screen shows it. */
import type { ProblemModel } from "../models.ts";

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly data?: unknown;
}

/** The problem an action ran into: an error, or an outcome that carries a code. Null when it went well or has not answered yet. */
export function problemOf(answer: Answer | undefined): ProblemModel | null {
  if (answer === undefined) return null;
  if (!answer.ok) return { code: answer.error?.code ?? "request.failed" };
  const { data } = answer;
  if (typeof data === "object" && data !== null && "code" in data && typeof data.code === "string") return { code: data.code };
  return null;
}
