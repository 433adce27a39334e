/** From the first page to the provider, back again, and out. */
import express from "express";
import type { Request, RequestHandler, Response, Router } from "express";
import { actorName } from "#app/access/index.ts";
import { ViewerError } from "../errors.ts";
import type { Cookies } from "../http/cookies.ts";
import { bearsToken, fromHere } from "../http/guard.ts";
import { oidcProvider, type Provider } from "../oidc/provider.ts";
import { endPage, goingOnPage, notNamedPage, problemPage, startPage, whichPage } from "../pages/plain.ts";
import type { ViewerOptions, ViewerPlace } from "../ports.ts";
import type { Logins } from "../session/logins.ts";
import type { EndCode, Session, Sessions } from "../session/sessions.ts";
import { actorOf, type Budgets } from "../session/step.ts";

/** As the ledger's catalogue has a shop. */
const SHOP = /^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/;

export interface SignInDesk {
  readonly options: ViewerOptions;
  readonly cookies: Cookies;
  readonly sessions: Sessions;
  readonly logins: Logins;
  readonly budgets: Budgets;
  readonly sessionOf: (request: Request) => { readonly session: Session } | { readonly ended: string };
}

export function signInPages(desk: SignInDesk): Router {
  const { options, cookies, sessions, logins } = desk;
  const origin = new URL(options.url).origin;
  const router = express.Router();
  const providers = new Providers(options, `${origin}/callback`);
  const placeAt = (name: string): Promise<ViewerPlace | null> => (name.length <= 255 && SHOP.test(name) ? options.places.find(name) : Promise.resolve(null));

  router.get("/", page(async (_request, response) => {
    const only = await options.places.only();
    if (only === null) response.type("html").send(whichPage(false));
    else response.redirect(303, `/s/${only}`);
  }));
  router.post("/which", fromHere(origin), express.urlencoded({ extended: false, limit: "2kb" }), page(async (request, response) => {
    const { shop } = request.body as { shop?: unknown };
    const name = typeof shop === "string" ? shop.trim().toLowerCase() : "";
    if ((await placeAt(name)) === null) response.status(404).type("html").send(whichPage(true));
    else response.redirect(303, `/s/${name}`);
  }));
  router.get("/s/:shop", page(async (request, response) => {
    const place = await placeAt(request.params["shop"] ?? "");
    if (place === null) response.status(404).type("html").send(whichPage(true));
    else response.type("html").send(startPage({ shop: place.shop, ready: place.signIn !== null }));
  }));
  router.get("/s/:shop/sign-in", page(async (request, response) => {
    const place = await placeAt(request.params["shop"] ?? "");
    if (place === null) {
      response.status(404).type("html").send(whichPage(true));
      return;
    }
    const { url, login } = await providers.of(place).begin();
    cookies.set(response, "login", logins.keep(place.shop, login));
    response.redirect(303, url);
  }));
  router.get("/callback", page(async (request, response) => {
    const begun = logins.take(cookies.read(request, "login"));
    cookies.clear(response, "login");
    if (begun === null) throw new ViewerError("viewer.sign_in_invalid", "no login was begun in this browser");
    const place = await placeAt(begun.shop);
    if (place === null) throw new ViewerError("viewer.not_set_up", "the shop is gone");
    const person = await providers.of(place).finish(new URL(request.originalUrl, origin), begun.login);
    const roles = await place.rolesOf(person);
    const shop = place.shop;
    const vault = place.description.vaultId;
    // An approver opens nothing here, and agrees to what a responder takes away.
    if (!roles.includes("responder") && !roles.includes("approver")) {
      await place.events.keep([{ actor: actorName(actorOf({ person, place })), action: "request.refused", subject: { vault, shop, asked: "record.find", code: "access.not_a_responder" }, outcome: "refused" }]);
      if (place.ask !== null) await place.ask(person);
      response.status(403).type("html").send(notNamedPage({ shop, code: person.id, asked: place.ask !== null }));
      return;
    }
    if (desk.budgets.of(place, person.id, options.clock.now().getTime()).draw(0, options.clock.now().getTime()).kind === "suspended") throw new ViewerError("viewer.suspended", "this person is suspended");
    // Another one of this browser, or one that somebody planted in it, is over.
    const before = sessions.find(cookies.read(request, "session"), browserOf(request));
    if (before !== null && "session" in before) sessions.end(before.session, "viewer.signed_off");
    const { session, cookie } = sessions.begin({ place, person, roles, browser: browserOf(request) });
    try {
      await place.events.keep([{ actor: actorName(actorOf(session)), action: "viewer.signed_in", subject: { vault, shop, session: session.id, ...(place.roster === undefined ? {} : { roster: place.roster }) }, outcome: "done" }]);
    } catch (error) {
      sessions.end(session, "viewer.stopped");
      throw error;
    }
    cookies.set(response, "session", cookie);
    response.type("html").send(goingOnPage("/desk"));
  }));
  router.post("/sign-off", fromHere(origin), express.urlencoded({ extended: false, limit: "2kb" }), page(async (request, response) => {
    const found = desk.sessionOf(request);
    if ("ended" in found) {
      response.redirect(303, `/signed-off?why=${found.ended}`);
      return;
    }
    const { session } = found;
    if (!bearsToken(request, session)) {
      response.status(403).type("html").send(problemPage("viewer.bad_request", null));
      return;
    }
    const { place } = session;
    sessions.end(session, "viewer.signed_off");
    cookies.clear(response, "session");
    response.type("html").send(endPage("viewer.signed_off", place.shop, await providers.of(place).endUrl(`${origin}/`)));
  }));
  router.get("/signed-off", page(async (request, response) => {
    // The session may be over for the page and not yet here: whoever is sent to this page is signed off.
    const found = desk.sessionOf(request);
    const code = endCode(request.query["why"]);
    if ("session" in found) sessions.end(found.session, code);
    cookies.clear(response, "session");
    response.type("html").send(endPage(code, await options.places.only(), null));
  }));
  return router;
}

/** What shows in a page about why a session ended; anything else is "signed off". */
function endCode(why: unknown): EndCode {
  const known: Readonly<Record<string, EndCode>> = { idle: "viewer.idle", too_long: "viewer.too_long", suspended: "viewer.suspended", stopped: "viewer.stopped", other_browser: "viewer.other_browser", no_longer_named: "viewer.no_longer_named" };
  return (typeof why === "string" ? known[why] : undefined) ?? "viewer.signed_off";
}

export function browserOf(request: Request): string {
  return String(request.headers["user-agent"] ?? "").slice(0, 500);
}

/** Pages for people: what goes wrong is told in words. */
function page(work: (request: Request, response: Response) => Promise<void>): RequestHandler {
  return (request, response, next) => {
    work(request, response).catch((error: unknown) => {
      if (!(error instanceof ViewerError)) {
        next(error);
        return;
      }
      const status = error.code === "viewer.provider_unreachable" ? 503 : error.code === "viewer.sign_in_invalid" || error.code === "viewer.sign_in_refused" ? 400 : error.code === "viewer.not_recorded" ? 503 : 403;
      response.locals["code"] = error.code;
      response.status(status).type("html").send(problemPage(error.code, null));
    });
  };
}

/** One per shop and setting: what was discovered is kept. */
class Providers {
  readonly #made = new Map<string, Provider>();
  readonly #options: ViewerOptions;
  readonly #redirectUri: string;
  constructor(options: ViewerOptions, redirectUri: string) {
    this.#options = options;
    this.#redirectUri = redirectUri;
  }

  of({ shop, signIn }: ViewerPlace): Provider {
    if (signIn === null) throw new ViewerError("viewer.not_set_up", "no provider is set up for this shop");
    const key = JSON.stringify([shop, signIn]);
    let provider = this.#made.get(key);
    if (provider === undefined) {
      // Settings that were changed are another provider; the old one goes.
      for (const one of this.#made.keys()) if ((JSON.parse(one) as [string])[0] === shop) this.#made.delete(one);
      const { mayCall, ca, clock } = this.#options;
      this.#made.set(key, (provider = oidcProvider({ signIn, redirectUri: this.#redirectUri, now: () => clock.now().getTime(), mayCall, ...(ca === undefined ? {} : { ca }) })));
    }
    return provider;
  }
}
