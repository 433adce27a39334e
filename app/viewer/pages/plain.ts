/** The pages around the desk: beginning, refusals, the end. */
import type { EndCode } from "../session/sessions.ts";
import { html, type Part } from "./html.ts";
import { page } from "./layout.ts";
import { END_WORDS, problemWords } from "./words.ts";

export function startPage({ shop, ready }: { readonly shop: string; readonly ready: boolean }): string {
  const body: Part = ready
    ? html`<h1>See one person's record while the store is down</h1>
<p>This page reads the newest backup of <b>${shop}</b>. It needs neither Shopify nor the app's database.</p>
<p><a class="button" href="/s/${shop}/sign-in">Sign in with your organization</a></p>
<h2>What you need</h2>
<ul><li>your account at your organization's sign-in service,</li><li>to be named as a responder for this store,</li><li>the identity file that opens the store's vault, unless this host has a key service,</li><li>a reason to look.</li></ul>
<p class="quiet">Everything is masked until you ask for a field. Every search, record and field is recorded.</p>`
    : problem("viewer.not_set_up");
  return page({ title: "Sign in", body });
}

/** Which shop, where there are several: not a list, because who else is a customer here is nobody's business. */
export function whichPage(tried: boolean): string {
  return page({
    title: "Which store",
    body: html`<h1>Which store is it about?</h1>
<form method="post" action="/which" class="stack">
${tried && html`<p class="error" role="alert">There is no such store here. Write the whole name, such as example.myshopify.com.</p>`}
<label for="shop">The store's myshopify.com name</label>
<input id="shop" name="shop" required autocomplete="off" autocapitalize="none" spellcheck="false" inputmode="url" placeholder="example.myshopify.com">
<button type="submit">Go on</button>
</form>`,
  });
}

/** The way back from the provider came from another site; from here on it is ours. */
export function goingOnPage(to: string): string {
  return page({ title: "Signed in", onTo: to, body: html`<h1>Signed in</h1><p><a class="button" href="${to}">Go on</a></p>` });
}

export function notNamedPage({ shop, code, asked }: { readonly shop: string; readonly code: string; readonly asked: boolean }): string {
  const { what } = problemWords("viewer.not_a_responder");
  return page({
    title: "Not named",
    body: html`<h1>${what}</h1>
<p>${asked ? html`Word was left in the app: whoever manages the response team of <b>${shop}</b> finds you under Settings, Response team, by this code.` : html`Whoever manages the response team of <b>${shop}</b> names you in the app under Settings, Response team, by this code.`}</p>
<p class="code" aria-label="Your code">${code}</p>
<p>Read its first and last characters to them, so that they name you and nobody else. Then <a href="/s/${shop}">sign in again</a>.</p>`,
  });
}

export function endPage(code: EndCode, shop: string | null, ended: string | null): string {
  return page({
    title: "Signed off",
    body: html`<h1>${END_WORDS[code]}</h1>
<p>The keys and the records that were open have been wiped from this host's memory. Close this tab on a machine that is not yours.</p>
<p>${shop !== null && html`<a class="button" href="/s/${shop}">Sign in again</a> `}${ended !== null && html`<a href="${ended}">End the session at your sign-in service, too</a>`}</p>`,
  });
}

export function problemPage(code: string, shop: string | null): string {
  return page({ title: "It did not work", body: html`${problem(code)}${shop !== null && html`<p><a class="button" href="/s/${shop}">Begin again</a></p>`}` });
}

function problem(code: string): Part {
  const { what, next } = problemWords(code);
  return html`<h1>${what}</h1><p>${next}</p>`;
}
