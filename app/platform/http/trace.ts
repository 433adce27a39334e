/**
 * The edge of a trace: takes up the one that a proxy began (W3C traceparent), or begins one, and names it in the answer, so that whoever saw something go wrong can name it too.
 * Webhooks of the platform carry none. tracestate is other people's and is not kept.
 */
import type { RequestHandler } from "express";
import { inTrace, traceNow, traceparent } from "../log/trace.ts";

export const tracing: RequestHandler = (request, response, next) => {
  const given = request.headers["traceparent"];
  inTrace(typeof given === "string" ? given : null, () => {
    const trace = traceNow();
    if (trace !== null) response.setHeader("traceparent", traceparent(trace));
    next();
  });
};
