/** The frame of every page. */
import { html, type Html, type Part } from "./html.ts";

export interface Layout {
  readonly title: string;
  readonly body: Part;
  /** Shown at the top right: signing off. */
  readonly session?: { readonly who: string; readonly shop: string; readonly token: string };
  /** The page's own program. */
  readonly desk?: boolean;
  /** Where the browser goes by itself; for the way back from the provider. */
  readonly onTo?: string;
}

export function page({ title, body, session, desk = false, onTo }: Layout): string {
  const top: Part = session && html`<div class="who"><span class="quiet">${session.shop}</span><span>${session.who}</span>
      <form method="post" action="/sign-off"><input type="hidden" name="token" value="${session.token}"><button type="submit" class="plain">Sign off</button></form></div>`;
  const document: Html = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
${onTo !== undefined && html`<meta http-equiv="refresh" content="0; url=${onTo}">`}
<title>${title} · Holdfast viewer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/viewer.css">
${desk && html`<script type="module" src="/assets/desk.js"></script>`}
</head>
<body>
<a class="skip" href="#main">Skip to the page</a>
<header class="top"><p class="brand">Holdfast <span>downtime viewer</span></p>${top}</header>
<main id="main" tabindex="-1">
${body}
</main>
${!desk && html`<footer class="foot"><p>Read only. What is looked at here is recorded with your name, the time and your purpose.</p></footer>`}
</body>
</html>
`;
  return document.toString();
}
