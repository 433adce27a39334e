/**
 * The process's log: one JSON line an event on stdout, through pino. Fields are ids, codes and numbers. What might carry a person's
 * data or a secret (error messages of other people's libraries, query strings, tokens) does not get in: errors are written as
 * class, code and stack frames.
 */
import { pino } from "pino";
import type { DestinationStream } from "pino";
import type { Log as WorkflowLog, LogFields } from "#app/workflows/ports.ts";
import { traceNow } from "./log/trace.ts";

export interface Log extends WorkflowLog {
  /** Something broke that nobody expected. The error's message is left out unless it is one of ours (it has a dotted code). */
  failure(event: string, error: unknown, fields?: LogFields): void;
}

export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";

/** Field names whose values never reach the log, whatever a caller passes. */
const SECRET_FIELD = /token|secret|password|authorization|cookie|passphrase|private|email|phone|address/i;

export function createLog(options: { readonly level: LogLevel; readonly destination?: DestinationStream }): Log {
  const lines = pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    options.destination ?? pino.destination({ fd: 1, sync: true }),
  );
  const write = (level: "info" | "warn" | "error") => (event: string, fields?: LogFields) => {
    lines[level]({ event, ...traced(), ...clean(fields) });
  };
  return {
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    failure: (event, error, fields) => {
      lines.error({ event, ...traced(), ...clean(fields), error: describe(error) });
    },
  };
}

/** Of the work that writes the line: names of W3C Trace Context, so that any tool finds them. */
function traced(): { trace_id?: string; span_id?: string } {
  const trace = traceNow();
  return trace === null ? {} : { trace_id: trace.traceId, span_id: trace.spanId };
}

function clean(fields: LogFields = {}): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, SECRET_FIELD.test(name) ? "[redacted]" : typeof value === "string" ? withoutQuery(value) : value]),
  );
}

/** A query string may hold an id_token, a signed download's signature, or a search for a name. */
function withoutQuery(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#]*|^\/[^\s?#]*)[?#]\S*/gi, "$1").replace(/\/\/[^/@\s]*@/g, "//");
}

const OURS = /^[a-z][a-z-]*(?:\.[a-z][a-z_]*)+$/;

/** An error as class, code, frames and causes. Its message only when it is ours: those are written to hold no contents. */
function describe(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    ...(code !== undefined && OURS.test(code) ? { message: withoutQuery(error.message) } : {}),
    at: frames(error),
    ...(error.cause === undefined || depth >= 3 ? {} : { cause: describe(error.cause, depth + 1) }),
  };
}

function frames(error: Error): string[] {
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim().slice(3));
}
