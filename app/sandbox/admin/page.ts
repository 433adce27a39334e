/** The HTML of the admin page that embeds the app. */
import { createHmac } from "node:crypto";
import { mintSessionToken } from "../auth/session-token.ts";
import type { Staff } from "../auth/session-token.ts";
import { STAFF } from "../auth/session-token.ts";
import type { ShopFacts } from "../graphql/context.ts";

export interface PageFacts {
  readonly facts: ShopFacts;
  readonly apiSecret: string;
  readonly appUrl: string | undefined;
  readonly adminPath: string;
  readonly now: Date;
  readonly staff: Staff;
  readonly sessionId: string;
  /** What follows the app's address: "/app/snapshots?x=1", or "". */
  readonly below: string;
}

export function adminPage(o: PageFacts): string {
  const { facts, staff } = o;
  const source = o.appUrl === undefined ? null : frameAddress(o, o.appUrl);
  const data = { "app-origin": source === null ? "" : source.origin, base: o.adminPath, "app-path": o.below || "/", session: o.sessionId, "app-name": facts.appName, "shop-name": facts.name, "staff-id": String(staff.id), "staff-name": `${staff.firstName} ${staff.lastName}` };
  return `<!doctype html>
<html lang="en" ${Object.entries(data)
    .map(([name, value]) => `data-${name}="${escape(value)}"`)
    .join(" ")}>
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>${escape(facts.appName)} · ${escape(facts.name)} · Sandbox</title>
<link rel="stylesheet" href="/sandbox/host.css"><link rel="icon" href="data:,">
</head>
<body>
<aside class="banner" aria-label="About this shop">Sandbox shop, synthetic data. Not Shopify, and nobody here is a real person.</aside>
<header>
<a class="skip" href="#main">Skip to the app</a>
<strong>${escape(facts.name)}</strong>
<form method="get" action="${escape(o.adminPath)}">
<label for="staff">Signed in as</label>
<select id="staff" name="staff">${STAFF.map((one) => `<option value="${one.id}"${one.id === staff.id ? " selected" : ""}>${escape(`${one.firstName} ${one.lastName}`)}</option>`).join("")}</select>
<button type="submit">Switch</button>
</form>
</header>
<nav aria-label="Shop admin">
<p class="group">Apps</p>
<ul><li><a id="app-link" href="${escape(o.adminPath)}" data-href="/" aria-current="page">${escape(facts.appName)}</a><ul id="app-menu"></ul></li></ul>
</nav>
<main id="main" tabindex="-1">
<div class="bar"><h1 id="page-title">${escape(facts.appName)}</h1><div id="actions"></div></div>
<div class="bar" id="save-bar" role="region" aria-label="Unsaved changes" hidden><span>Unsaved changes</span><div id="save-actions"></div></div>
<div id="loading" role="progressbar" aria-label="Loading" hidden></div>
${source === null ? `<div class="empty"><h2>No app is connected</h2><p>Start the sandbox shop with the address of the app (appUrl), and it appears here.</p></div>` : `<iframe id="app" title="${escape(facts.appName)}" src="${escape(source.href)}" allow="clipboard-write"></iframe>`}
</main>
<div id="toasts" role="status" aria-live="polite"></div>
${source === null ? "" : `<script src="/sandbox/host.js"></script>`}
</body>
</html>
`;
}

/** The app's first address, as the admin makes it: signed, with the shop, the host and a session token. */
function frameAddress(o: PageFacts, appUrl: string): URL {
  const { facts } = o;
  const url = new URL(o.below === "" ? appUrl : new URL(o.below, appUrl).href);
  const at = String(Math.floor(o.now.getTime() / 1000));
  const signed: Record<string, string> = {
    embedded: "1",
    host: Buffer.from(`admin.shopify.com/store/${facts.domain.replace(/\.myshopify\.com$/, "")}`).toString("base64").replace(/=+$/, ""),
    id_token: mintSessionToken({ shop: facts.domain, apiKey: facts.apiKey, apiSecret: o.apiSecret, staffId: o.staff.id, sessionId: o.sessionId, now: o.now }),
    locale: "en",
    session: o.sessionId,
    shop: facts.domain,
    timestamp: at,
  };
  const message = Object.keys(signed)
    .sort()
    .map((name) => `${name}=${signed[name] ?? ""}`)
    .join("&");
  for (const [name, value] of Object.entries({ ...signed, hmac: createHmac("sha256", o.apiSecret).update(message).digest("hex") })) url.searchParams.set(name, value);
  return url;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
