/**
 * /healthz, /readyz and /metrics: for whoever runs the host. Health says in words what is wrong and nothing of any shop. Metrics have no shop in them either, but they tell
 * how much is going on: on the public listener they are given only for the bearer token, and are not there at all without one; on a listener of their own
 * (HOLDFAST_METRICS) they are given to whoever can reach it, and for the token where one is set.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import express from "express";
import type { Secret } from "../secrets/secret.ts";
import type { Health } from "../health.ts";
import type { PrometheusMetrics } from "../metrics/prometheus.ts";

export interface OperatorPages {
  readonly health: Health;
  readonly metrics: Pick<PrometheusMetrics, "text" | "contentType">;
  readonly token: Secret<string> | null;
  /** This listener is the operator's own. */
  readonly own: boolean;
}

export function operatorPages({ health, metrics, token, own }: OperatorPages): express.Router {
  const pages = express.Router();
  pages.get("/healthz", (_request, response) => void response.type("text/plain").set("Cache-Control", "no-store").send("ok\nThis process runs.\n"));
  pages.get("/readyz", (_request, response, next) => {
    health.report().then(({ ready, parts }) => {
      const lines = [ready ? "ready" : "not ready", ...parts.map(({ name, ok, words }) => `${ok ? "ok" : "failing"} ${name}: ${words}`)];
      response.status(ready ? 200 : 503).type("text/plain").set("Cache-Control", "no-store").send(`${lines.join("\n")}\n`);
    }, next);
  });
  pages.get("/metrics", (request, response, next) => {
    if (token === null ? !own : !bears(request.headers.authorization, token)) {
      // Without a token there is no such page here; with one, whoever lacks it is told that it takes one.
      if (token === null) next();
      else response.status(401).set("WWW-Authenticate", 'Bearer realm="metrics"').type("text/plain").send("This page takes a bearer token.\n");
      return;
    }
    metrics.text().then((text) => void response.set("Content-Type", metrics.contentType).set("Cache-Control", "no-store").send(text), next);
  });
  return pages;
}

/** Compared by digest, in constant time: neither length nor content shows. */
function bears(header: string | undefined, token: Secret<string>): boolean {
  const given = /^Bearer (.+)$/i.exec(header ?? "")?.[1] ?? "";
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token.reveal()));
}

/** A server with these pages and no others. */
export function operatorServer(pages: Omit<OperatorPages, "own">): express.Express {
  const web = express();
  web.disable("x-powered-by");
  web.use(operatorPages({ ...pages, own: true }));
  web.use((_request, response) => void response.status(404).type("text/plain").send("Not found.\n"));
  return web;
}
