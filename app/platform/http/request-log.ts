/** One line and one count per answered request: method, path, status, milliseconds. No query string (it holds id_token), no addresses of people. */
import type { RequestHandler } from "express";
import { NO_METRICS, type Metrics } from "#app/workflows/ports/metrics.ts";
import type { Log } from "../log.ts";

export function requestLog(log: Log, metrics: Metrics = NO_METRICS, words: () => ReadonlySet<string> = () => new Set()): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    const { method, path } = request;
    response.once("finish", () => {
      if (path.startsWith("/assets/")) return;
      const ms = performance.now() - began;
      log.info("request", { method, path, status: response.statusCode, ms: Math.round(ms) });
      const known = METHODS.has(method) ? method : "other";
      const route = routeOf(path, words());
      metrics.count("holdfast_http_requests_total", { method: known, route, status: String(response.statusCode) });
      metrics.observe("holdfast_http_request_seconds", ms / 1000, { method: known, route });
    });
    next();
  };
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** The fixed words in the routes' paths: "app", "snapshots", "new". */
export function routeWords(routes: Readonly<Record<string, { readonly path?: string } | undefined>>): ReadonlySet<string> {
  return new Set(Object.values(routes).flatMap((route) => (route?.path ?? "").split("/").filter((word) => word !== "" && !/^[:*]/.test(word))));
}

/** A path as its route's pattern: what an object is called becomes ":id", and what is no page of ours becomes one word, so that nobody can make series at will. */
export function routeOf(path: string, words: ReadonlySet<string>): string {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.length === 0) return "/";
  if (!words.has(parts[0]!) || parts.length > 6) return "other";
  return `/${parts.map((part, n) => (n < 3 && words.has(part) ? part : ":id")).join("/")}`;
}
