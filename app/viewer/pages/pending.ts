/** What somebody else wants to take away, for the second person: who, what for, which fields, for whom. No value, and not the record itself. */
import { kindName } from "#app/ui/wording/kinds.ts";
import type { Wish } from "#app/workflows/view/index.ts";
import { html } from "./html.ts";
import { PURPOSE_WORDS, REASON_WORDS } from "./words.ts";

export interface PendingWish {
  readonly wish: Wish;
  /** Who asks, as the provider names them. */
  readonly who: string;
}

export function pendingPart(waiting: readonly PendingWish[]): string {
  return html`<section class="card" aria-labelledby="pending-title"><h2 id="pending-title">${waiting.length === 1 ? "Somebody waits for your word" : `${String(waiting.length)} people wait for your word`}</h2>
<p class="quiet">What you agree to leaves this page and is recorded under your name. Agree only to what you would have asked for yourself.</p>
${waiting.map(({ wish, who }) => html`<div class="one"><p><b>${who}</b> asks to ${wish.what === "print" ? "print" : "export"} ${wish.fields.length === 1 ? "1 field" : `${String(wish.fields.length)} fields`} of ${kindName(wish.person.root.kind, 1)} ${shortId(wish.person.root.id)}${wish.recipient !== null && html`, sealed to the recipient <code>${wish.recipient.keyId}</code>`}.</p>
<p>${PURPOSE_WORDS[wish.purpose.code]}${wish.purpose.caseNumber !== null && ` · case ${wish.purpose.caseNumber}`} · ${REASON_WORDS[wish.why]}</p>
<details><summary>Which fields<span class="sr"> ${who} asks for</span></summary><ul>${wish.fields.map(({ label, name }) => html`<li>${label} <span class="quiet">${name}</span></li>`)}</ul></details>
<p class="row"><button type="button" data-agree="${wish.sheet}">Agree<span class="sr"> that ${who} may ${wish.what}</span></button> <button type="button" class="plain" data-refuse="${wish.sheet}">Refuse<span class="sr"> what ${who} asks for</span></button></p></div>`)}</section>`.toString();
}

function shortId(id: string): string {
  return /([^/]+)$/.exec(id)?.[1]?.replace(/\?.*$/, "") ?? id;
}
