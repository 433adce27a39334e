/**
 * One id for everything that comes of one request, as W3C Trace Context (https://www.w3.org/TR/trace-context/, level 1) has it: accepted or made at the HTTP
 * edge, carried through awaits by AsyncLocalStorage and over jobs in their payload, written on every log line. It is random and says nothing about anybody.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

export interface Trace {
  /** 32 hex digits, not all zero. */
  readonly traceId: string;
  /** This process's part of it: 16 hex digits. */
  readonly spanId: string;
  /** The part that asked for this one. */
  readonly parentId: string | null;
  readonly sampled: boolean;
}

const current = new AsyncLocalStorage<Trace>();

/** Version 00, and later versions as far as this one understands them: they may say more at the end. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** Null: none, or one that the recommendation says to ignore. */
export function parseTraceparent(text: string | null | undefined): Pick<Trace, "traceId" | "spanId" | "sampled"> | null {
  const [all, version, traceId, spanId, flags] = TRACEPARENT.exec(text ?? "") ?? [];
  if (all === undefined || version === "ff" || (version === "00" && text!.length !== 55) || /^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return null;
  return { traceId: traceId!, spanId: spanId!, sampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}

/** What to send on, or keep in a job: this trace, with this part of it as the parent. */
export function traceparent(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}

/** A part of the trace that `from` names; of a new one where it names none. */
export function continueTrace(from: string | null | undefined): Trace {
  const parent = parseTraceparent(from);
  return { traceId: parent?.traceId ?? hex(16), spanId: hex(8), parentId: parent?.spanId ?? null, sampled: parent?.sampled ?? true };
}

/** Does `work` as a part of the trace that `from` names. Everything it awaits or starts belongs to it. */
export function inTrace<T>(from: string | null | undefined, work: () => T): T {
  return current.run(continueTrace(from), work);
}

/** The trace under way here, or null. */
export function traceNow(): Trace | null {
  return current.getStore() ?? null;
}

/** For a job's payload: null outside of any trace. */
export function traceparentNow(): string | null {
  const trace = traceNow();
  return trace && traceparent(trace);
}

function hex(bytes: number): string {
  for (;;) {
    const text = randomBytes(bytes).toString("hex");
    if (!/^0+$/.test(text)) return text;
  }
}
