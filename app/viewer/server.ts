/** The viewer's web server: a listener of its own, outside the admin's frame, that needs neither the platform nor the database. */
import express from "express";
import type { ErrorRequestHandler, Express, Request, RequestHandler } from "express";
import { actorName } from "#app/access/index.ts";
import { assets } from "./http/assets.ts";
import { cookies as makeCookies } from "./http/cookies.ts";
import { fromHere, headers, oneHost } from "./http/guard.ts";
import { isLoopback } from "./oidc/guarded-fetch.ts";
import { deskPage } from "./pages/desk.ts";
import { problemPage } from "./pages/plain.ts";
import type { ViewerOptions } from "./ports.ts";
import { deskSteps, leftOf } from "./routes/desk.ts";
import { browserOf, signInPages } from "./routes/sign-in.ts";
import { logins as makeLogins } from "./session/logins.ts";
import { IDLE_MS, sessions as makeSessions, whoOf, type Session } from "./session/sessions.ts";
import { Wishes } from "./session/wishes.ts";
import { actorOf, Budgets } from "./session/step.ts";
import { ViewerError } from "./errors.ts";

/** How often sessions that are over are looked for, so that their keys are wiped although nobody asks. */
const SWEEP_MS = 15_000;

export interface ViewerServer {
  readonly web: Express;
  /** Ends every session and wipes what it had. */
  close(): Promise<void>;
}

/** Throws ViewerError viewer.bad_request for an address that browsers should not be sent to. */
export async function viewerServer(options: ViewerOptions): Promise<ViewerServer> {
  const url = new URL(options.url);
  const secure = url.protocol === "https:";
  if (!secure && !(url.protocol === "http:" && isLoopback(url))) throw new ViewerError("viewer.bad_request", "the viewer must be reached by https, or on this machine alone");
  const { clock, random, log } = options;
  const { script, style } = await assets();
  const cookies = makeCookies(secure);
  const ending = new Set<Promise<void>>();
  const sessions = makeSessions({
    clock,
    random,
    onEnd: (session, code) => {
      const { place } = session;
      log.info("viewer.signed_out", { shop: place.shop, session: session.id, code });
      const kept = place.events
        .keep([{ actor: actorName(actorOf(session)), action: "viewer.signed_out", subject: { vault: place.description.vaultId, shop: place.shop, session: session.id, code }, outcome: "done" }])
        .catch(() => { log.warn("viewer.not_recorded", { shop: place.shop, session: session.id }); })
        .finally(() => { ending.delete(kept); });
      ending.add(kept);
    },
  });
  const budgets = new Budgets();
  const sessionOf = (request: Request): { readonly session: Session } | { readonly ended: string } => {
    const found = sessions.find(cookies.read(request, "session"), browserOf(request));
    if (found === null) return { ended: "signed_off" };
    return "ended" in found ? { ended: found.ended.replace("viewer.", "") } : found;
  };

  const web = express();
  web.disable("x-powered-by");
  web.disable("etag");
  web.set("query parser", "simple");
  web.get("/healthz", (_request, response) => void response.type("text/plain").set("Cache-Control", "no-store").send("ok\nThis viewer runs.\n"));
  web.use(logged(options));
  web.use(headers(secure));
  web.use(oneHost(url));
  // A new name whenever it changes is not needed: what is not cached is always the one that fits the page.
  web.get("/assets/desk.js", (_request, response) => void response.type("text/javascript").send(script));
  web.get("/assets/viewer.css", (_request, response) => void response.type("text/css").send(style));
  web.use(signInPages({ options, cookies, sessions, logins: makeLogins({ clock, random }), budgets, sessionOf }));
  web.get("/desk", (request, response) => {
    const found = sessionOf(request);
    if ("ended" in found) {
      response.redirect(303, `/signed-off?why=${found.ended}`);
      return;
    }
    const { session } = found;
    sessions.use(session);
    response.type("html").send(deskPage({ shop: session.place.shop, who: whoOf(session), token: session.csrf, keyService: session.place.opener !== null ? "there" : session.place.serviceAway === true ? "away" : "none", idleMs: IDLE_MS, leftMs: leftOf(session, clock.now().getTime()) }));
  });
  web.use("/desk", fromHere(url.origin), deskSteps({ options, sessions, budgets, wishes: new Wishes() }, sessionOf));
  web.use((_request, response) => void response.status(404).type("html").send(problemPage("viewer.bad_request", null)));
  web.use(failed(options));

  const sweeping = setInterval(() => { sessions.sweep(); }, SWEEP_MS).unref();
  return {
    web,
    close: async () => {
      clearInterval(sweeping);
      sessions.endAll();
      await Promise.all(ending);
    },
  };
}

/** Names of pages and steps only: what else stands in an address is whatever somebody typed. */
const KNOWN = /^\/(?:|which|callback|desk(?:\/[a-z]+)?|sign-off|signed-off|assets\/[a-z.]+)$/;

function logged({ log }: Pick<ViewerOptions, "log">): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    const { method, path } = request;
    response.once("finish", () => {
      const code = response.locals["code"] as string | undefined;
      if (path.startsWith("/assets/") && response.statusCode < 400) return;
      log.info("viewer.request", { method, page: KNOWN.test(path) ? path : path.startsWith("/s/") ? "/s/:shop" : "other", status: response.statusCode, ms: Math.round(performance.now() - began), ...(code === undefined ? {} : { code }) });
    });
    next();
  };
}

function failed({ log }: Pick<ViewerOptions, "log">): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = typeof error === "object" && error !== null && "status" in error && typeof error.status === "number" && error.status >= 400 && error.status < 500 ? error.status : 500;
    // The class and the code, never a message: it could hold anything.
    if (status === 500) log.error("viewer.failed", { page: KNOWN.test(request.path) ? request.path : "other", name: error instanceof Error ? error.name : "unknown", code: error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null });
    if (request.path.startsWith("/desk/")) response.status(status).json({ kind: "problem", code: "unexpected", what: "Something went wrong that nobody expected.", next: "Try again. If it happens again, tell whoever runs the viewer." });
    else response.status(status).type("html").send(problemPage(status === 500 ? "unexpected" : "viewer.bad_request", null));
  };
}
