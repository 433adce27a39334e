/** Serves the admin page, its assets, the App Bridge stand-in and the session tokens that the page vouches with. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { mintSessionToken, STAFF } from "../auth/session-token.ts";
import type { Staff } from "../auth/session-token.ts";
import type { ShopFacts } from "../graphql/context.ts";
import { fieldsOfBody, readBody, sendJson, sendText } from "../http/body.ts";
import type { SandboxClock } from "../types.ts";
import { adminPage } from "./page.ts";

export interface AdminParts {
  readonly facts: ShopFacts;
  readonly apiSecret: string;
  readonly appUrl: string | undefined;
  readonly adminPath: string;
  readonly clock: SandboxClock;
}

const ASSETS: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/app-bridge.js": ["app-bridge.js", "text/javascript; charset=utf-8"],
  "/sandbox/host.js": ["host.js", "text/javascript; charset=utf-8"],
  "/sandbox/host.css": ["host.css", "text/css; charset=utf-8"],
};
const STAFF_COOKIE = "sandbox_staff";

export async function serveAdmin(parts: AdminParts, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reading = request.method === "GET" || request.method === "HEAD";
  const asset = ASSETS[url.pathname];
  // Shopify's own address of the script, for browsers that are led here instead.
  const file = asset ?? (url.pathname === "/shopifycloud/app-bridge.js" ? ASSETS["/app-bridge.js"] : undefined);
  if (file !== undefined && reading) return sendText(response, 200, file[1], await readFile(join(import.meta.dirname, "assets", file[0])), { "Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" });
  if (url.pathname === "/sandbox/session-token" && request.method === "POST") return token(parts, request, response);
  if (url.pathname === "/sandbox/app-scopes" && request.method === "POST") return scopes(parts, request, response);
  if (reading && url.pathname === "/") return sendText(response, 302, "text/plain", "", { Location: parts.adminPath });
  if (reading && (url.pathname === parts.adminPath || url.pathname.startsWith(`${parts.adminPath}/`))) return page(parts, url, request, response);
  return sendJson(response, 404, { errors: "Not Found" });
}

function page(parts: AdminParts, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const asked = STAFF.find((one) => String(one.id) === url.searchParams.get("staff"));
  const staff = asked ?? staffOf(request);
  url.searchParams.delete("staff");
  const rest = url.pathname.slice(parts.adminPath.length).replace(/\/$/, "");
  const below = rest === "" && url.search === "" ? "" : `${rest || "/"}${url.search}`;
  const frame = parts.appUrl === undefined ? "'none'" : new URL(parts.appUrl).origin;
  const html = adminPage({ facts: parts.facts, apiSecret: parts.apiSecret, appUrl: parts.appUrl, adminPath: parts.adminPath, now: parts.clock.now(), staff, sessionId: randomUUID(), below });
  return sendText(response, 200, "text/html; charset=utf-8", html, {
    "Cache-Control": "no-store",
    "Content-Security-Policy": `default-src 'self'; img-src 'self' data:; frame-src ${frame}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'`,
    "Set-Cookie": `${STAFF_COOKIE}=${staff.id}; Path=/; HttpOnly; SameSite=Strict`,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "origin",
  });
}

/** For the page's own script only: other sites cannot send JSON here without asking, and the cookie does not follow them. */
async function token(parts: AdminParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const fields = (request.headers["content-type"] ?? "").startsWith("application/json") ? fieldsOfBody(await readBody(request, 4096), "application/json") : null;
  if (fields === null) return sendJson(response, 400, { errors: "Send a JSON object." });
  const staff = STAFF.find((one) => String(one.id) === fields["staff"]) ?? staffOf(request);
  const sessionId = typeof fields["session"] === "string" ? fields["session"] : randomUUID();
  return sendJson(response, 200, { token: mintSessionToken({ shop: parts.facts.domain, apiKey: parts.facts.apiKey, apiSecret: parts.apiSecret, staffId: staff.id, sessionId, now: parts.clock.now() }) }, { "Cache-Control": "no-store" });
}

/** App Bridge's scopes API, as the page around the app answers it: by then a person has pressed a button there. Answers what is granted now. */
async function scopes(parts: AdminParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const fields = (request.headers["content-type"] ?? "").startsWith("application/json") ? fieldsOfBody(await readBody(request, 16_384), "application/json") : null;
  const asked = Array.isArray(fields?.["scopes"]) ? fields["scopes"].map(String) : [];
  const { grants } = parts.facts;
  if (fields === null) return sendJson(response, 400, { errors: "Send a JSON object." });
  const undeclared = grants.undeclared(asked);
  if (undeclared.length > 0) return sendJson(response, 400, { errors: `The app does not declare ${undeclared.join(", ")}.` });
  if (fields["do"] === "grant") grants.grant(asked);
  const refusal = fields["do"] === "revoke" ? grants.revoke(asked) : null;
  if (refusal !== null) return sendJson(response, 400, { errors: refusal });
  return sendJson(response, 200, grants.detail(), { "Cache-Control": "no-store" });
}

function staffOf(request: IncomingMessage): Staff {
  const id = new RegExp(`(?:^|; )${STAFF_COOKIE}=(\\d+)`).exec(request.headers.cookie ?? "")?.[1];
  return STAFF.find((one) => String(one.id) === id) ?? (STAFF[0] as Staff);
}
