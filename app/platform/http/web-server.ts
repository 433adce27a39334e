/** The web server around Remix: traces, pages for the operator, static files, security headers, request log, and the load context. */
import type { Server } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createRequestHandler } from "@remix-run/express";
import type { ServerBuild } from "@remix-run/node";
import express from "express";
import type { HoldfastApp } from "../app.ts";
import type { Env } from "../env.server.ts";
import { allowFrameAncestor } from "./frame-ancestor.ts";
import { limitBody } from "./limit-body.ts";
import { operatorPages } from "./operator-pages.ts";
import { requestLog, routeWords } from "./request-log.ts";
import { securityHeaders } from "./security-headers.ts";
import { tracing } from "./trace.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** What vite is asked for in development; null: what `npm run build` made. */
export interface PageSource {
  readonly middleware: express.RequestHandler;
  readonly build: () => Promise<ServerBuild>;
}

export async function webServer(app: HoldfastApp, env: Pick<Env, "frameAncestor" | "mode">, development: PageSource | null): Promise<express.Express> {
  const web = express();
  web.disable("x-powered-by");
  let words: ReadonlySet<string> = new Set(["app", "auth", "webhooks"]);
  web.use(tracing);
  web.use(operatorPages({ health: app.health, metrics: app.metrics, token: app.metricsToken, own: false }));
  web.use(requestLog(app.log, app.metrics, () => words));
  web.use(securityHeaders);
  if (env.frameAncestor !== null) web.use(allowFrameAncestor(env.frameAncestor));
  if (development) {
    web.use(development.middleware);
  } else {
    web.use("/assets", express.static(join(ROOT, "build/client/assets"), { immutable: true, maxAge: "1y", fallthrough: false }));
    web.use(express.static(join(ROOT, "build/client"), { maxAge: "1h", index: false }));
  }
  web.use(limitBody);
  const pages = development ? null : await built();
  if (pages !== null) words = routeWords(pages.routes);
  const build = async (): Promise<ServerBuild> => {
    const now = pages ?? (await development!.build());
    if (pages === null) words = routeWords(now.routes);
    return now;
  };
  const remix = createRequestHandler({ build, mode: env.mode, getLoadContext: () => ({ app }) });
  web.all("*", (request, response, next) => void remix(request, response, next));
  web.use(((error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = statusOf(error);
    if (status >= 500) app.log.failure("request.failed", error, { method: request.method, path: request.path });
    response.status(status).type("text/plain").send(status >= 500 ? "Something went wrong." : "Not found.");
  }) satisfies express.ErrorRequestHandler);
  return web;
}

async function built(): Promise<ServerBuild> {
  const path = join(ROOT, "build/server/index.js");
  return (await import(pathToFileURL(path).href)) as ServerBuild;
}

function statusOf(error: unknown): number {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 600 ? status : 500;
}

/** Resolves when it listens, with the port that was given. */
export function listen(web: express.Express, { host, port }: Pick<Env, "host" | "port">): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const server = web.listen(port, host);
    server.once("error", reject);
    server.once("listening", () => {
      const address = server.address();
      resolve({ server, port: typeof address === "object" && address !== null ? address.port : port });
    });
  });
}
