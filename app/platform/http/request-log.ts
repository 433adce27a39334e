/** One line per answered request: method, path, status, milliseconds. No query string (it holds id_token), no addresses of people. */
import type { RequestHandler } from "express";
import type { Log } from "../log.ts";

export function requestLog(log: Log): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    const { method, path } = request;
    response.once("finish", () => {
      if (path.startsWith("/assets/")) return;
      log.info("request", { method, path, status: response.statusCode, ms: Math.round(performance.now() - began) });
    });
    next();
  };
}
