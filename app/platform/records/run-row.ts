/** A run, from its row. */
import type { Run as Row } from "@prisma/client";
import type { ResumeState } from "#app/sources/port.ts";
import type { Run, RunKind, RunProgress, RunState } from "#app/workflows/ports.ts";

export function runFrom(row: Row): Run {
  return {
    id: row.id,
    shop: row.shop,
    kind: row.kind as RunKind,
    state: row.state as RunState,
    requestedBy: row.requestedBy,
    requestedAt: row.requestedAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    attempt: row.attempt,
    progress: row.progress as RunProgress | null,
    resume: row.resume as ResumeState | null,
    input: row.input as Run["input"],
    code: row.code,
    result: row.result,
  };
}
