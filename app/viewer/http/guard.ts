/** What every answer carries and every request must: nothing is cached, framed, sniffed or referred; no script but ours; one host name; and what changes something comes from a page of ours. */
import type { Request, RequestHandler } from "express";
import { equal, type Session } from "../session/sessions.ts";

/** No inline script or style, nothing from elsewhere, no frame around it (CSP Level 3). */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types holdfast-viewer";

export function headers(secure: boolean): RequestHandler {
  return (_request, response, next) => {
    response.set({
      "Content-Security-Policy": POLICY,
      "Cache-Control": "no-store",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
      // Not "no-referrer": with that a browser sends no origin with a form either.
      "Referrer-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      "X-Robots-Tag": "noindex, nofollow",
      ...(secure ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
    });
    next();
  };
}

/** A name that leads here and is not ours is somebody's attempt to read this through a browser (DNS rebinding). */
export function oneHost(url: URL): RequestHandler {
  return (request, response, next) => {
    if (request.headers.host === url.host) next();
    else response.status(421).type("text/plain").send("This is not the address of this page.\n");
  };
}

/** Requests that change something come from this very origin, and say so (Fetch Metadata; Origin, RFC 6454). */
export function fromHere(origin: string): RequestHandler {
  return (request, response, next) => {
    const site = request.headers["sec-fetch-site"];
    if (request.headers.origin === origin && (site === undefined || site === "same-origin")) next();
    else response.status(403).type("text/plain").send("This must be asked from the page itself.\n");
  };
}

/** The session's own token, which other pages cannot read. */
export function bearsToken(request: Request, session: Session): boolean {
  const body = request.body as { token?: unknown } | undefined;
  const given = request.headers["x-holdfast-token"] ?? body?.token;
  return typeof given === "string" && equal(given, session.csrf);
}
