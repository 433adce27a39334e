/** The desk: purpose and key, the search, one person's sheet, the paper. One page, whose parts come from the server as they are asked for, so that the identity stays in the page's memory. */
import { FIND_BY, PURPOSES, REASONS, type Hit, type OpenPerson, type PrintSheet, type SheetField, type SheetRecord } from "#app/workflows/view/index.ts";
import { kindName, kindTitle } from "#app/ui/wording/kinds.ts";
import { html, type Html, type Part } from "./html.ts";
import { page } from "./layout.ts";
import { FIND_WORDS, PURPOSE_WORDS, REASON_WORDS, spokenTime } from "./words.ts";

export interface DeskPage {
  readonly shop: string;
  readonly who: string;
  readonly token: string;
  /** "there": no identity need be brought; one may be. "away": there is one, and it does not answer. */
  readonly keyService: "none" | "there" | "away";
  readonly idleMs: number;
  /** Until the session ends whatever is done. */
  readonly leftMs: number;
}

export function deskPage({ shop, who, token, keyService, idleMs, leftMs }: DeskPage): string {
  const body: Part = html`<div id="desk" data-token="${token}" data-own-key="${keyService === "there" ? "yes" : "no"}" data-idle="${idleMs}" data-left="${leftMs}">
<h1>One person's record</h1>
<p id="status" class="status" role="status"></p>
<div id="problem" role="alert" tabindex="-1"></div>
<noscript><p class="error">This page opens keys in your browser and needs JavaScript for it.</p></noscript>
<div id="pending"></div>
<section id="begin" class="card" aria-labelledby="begin-title">
<h2 id="begin-title">What do you need it for?</h2>
<form id="begin-form" class="stack" autocomplete="off">
<label for="purpose">Purpose</label>
<select id="purpose" name="purpose" required><option value="">Choose one</option>${PURPOSES.map((code) => html`<option value="${code}">${PURPOSE_WORDS[code]}</option>`)}</select>
<label for="case">Case or ticket number <span class="quiet">if there is one; no names</span></label>
<input id="case" name="case" maxlength="40" autocapitalize="none" spellcheck="false">
${keyService === "there" && html`<p class="quiet">The key service opens the records.</p>
<label class="choice"><input type="checkbox" id="own-identity" aria-controls="identity-rows"> Use an identity file instead</label>`}${keyService === "away" && html`<p>The key service does not answer. Go on with an identity file.</p>`}
<div id="identity-rows" class="stack"${keyService === "there" && html` hidden`}>
<label for="identity">Identity file</label>
<input id="identity" name="identity" type="file"${keyService !== "there" && html` required`} aria-describedby="identity-help">
<p id="identity-help" class="quiet">It stays in this browser. Only the keys that it opens, and that your search takes, go to this host's memory until you sign off.</p>
<div id="passphrase-row" hidden><label for="passphrase">Passphrase of the identity</label><input id="passphrase" name="passphrase" type="password" autocomplete="off"></div>
</div>
<button type="submit">Begin</button>
</form>
</section>
<section id="find" class="card" aria-labelledby="find-title" hidden>
<h2 id="find-title">Find the person</h2>
<p id="stated" class="quiet"></p>
<form id="find-form" class="stack" autocomplete="off">
<div class="row"><div><label for="by">Known by</label><select id="by" name="by">${FIND_BY.map((by) => html`<option value="${by}">${FIND_WORDS[by]}</option>`)}</select></div>
<div class="grow"><label for="value">Exactly as it is known</label><input id="value" name="value" required maxlength="300" autocapitalize="none" spellcheck="false"></div></div>
<button type="submit">Find</button>
</form>
<div id="results"></div>
</section>
<div id="person"></div>
<div id="paper"></div>
<div class="no-paper" aria-hidden="true"><p>Use the Print button of the page: what goes to paper is recorded first.</p></div>
<p id="clock" class="foot quiet"></p>
</div>`;
  return page({ title: "One person's record", body, desk: true, session: { who, shop, token } });
}

export function resultsPart(hits: readonly Hit[], more: boolean, gaps: string | null): string {
  const list: Part =
    hits.length === 0
      ? html`<h3 tabindex="-1" data-focus>Nobody was found.</h3><p>Check the spelling, or try another thing that you know. ${gaps ?? ""}</p>`
      : html`<h3 tabindex="-1" data-focus>${hits.length === 1 ? "1 record answers" : `${String(hits.length)} records answer`}</h3>
<ul class="hits">${hits.map(
          ({ kind, id, telling }) => html`<li><div><b>${sentence(kindName(kind, 1))}</b> <span class="quiet">${shortId(id)}</span>
<span class="telling">${telling.map(({ text }) => html`<span>${text}</span>`)}</span></div><button type="button" data-open="${id}">Open<span class="sr"> ${kindName(kind, 1)} ${shortId(id)}</span></button></li>`,
        )}</ul>
${more && html`<p>There are more. Only ${hits.length} are shown: look by something that only this person has.</p>`}${gaps !== null && html`<p class="quiet">${gaps}</p>`}`;
  return list.toString();
}

export function personPart({ sheet, families, more, asOf, root }: OpenPerson): string {
  const groups = families.map((begins, n) => sheet.slice(begins, families[n + 1] ?? sheet.length).map((record, at) => ({ record, index: begins + at })));
  const after = asOf.segments === 0 ? "" : " and the changes captured since";
  const body: Html = html`<section class="card" aria-labelledby="person-title">
<h2 id="person-title" tabindex="-1" data-focus>${sentence(kindName(root.kind, 1))} ${shortId(root.id)}</h2>
<p class="quiet">To print or export takes a second person who is signed in here.</p>
<p class="quiet">As of ${asOf.takenAt === null ? "what was captured" : html`the snapshot of ${spokenTime(asOf.takenAt)}`}${after}. Everything is masked until you show it.</p>
<div class="row tools"><div class="grow"><label for="why">I show a field</label><select id="why"><option value="">Choose a reason first</option>${REASONS.map((code) => html`<option value="${code}">${lower(REASON_WORDS[code])}</option>`)}</select></div>
<button type="button" id="print">Print</button><button type="button" id="take">Export</button><button type="button" id="close" class="plain">Close the record</button></div>
<form id="take-form" class="stack inset" hidden><h3>Export, sealed to one person</h3>
<label for="recipient">That person's recipient file <span class="quiet">recipient.jwk, never an identity</span></label><input id="recipient" type="file" required>
<fieldset><legend>What goes in</legend><label class="choice"><input type="radio" name="extent" value="shown" checked> the fields I have shown</label><label class="choice"><input type="radio" name="extent" value="all"> every field of this record</label></fieldset>
<button type="submit">Ask to export</button></form>
<div id="asked"></div>
${groups.map((group, n) => familyPart(group, n === 0))}
${more && html`<p>More belongs to this person than is shown here. Find the other records by their own numbers.</p>`}
</section>`;
  return body.toString();
}

interface Placed {
  readonly record: SheetRecord;
  readonly index: number;
}

function familyPart(group: readonly Placed[], first: boolean): Part {
  const [head, ...rest] = group;
  if (head === undefined) return null;
  const byKind = new Map<string, Placed[]>();
  for (const placed of rest) byKind.set(placed.record.kind, [...(byKind.get(placed.record.kind) ?? []), placed]);
  const inner: Part = html`${fieldsPart(head)}${[...byKind].map(([kind, placed]) => html`<h3>${kindTitle(kind)} <span class="quiet">${placed.length}</span></h3>${placed.map((one) => html`<div class="one">${fieldsPart(one)}</div>`)}`)}`;
  return first
    ? html`<div class="family">${inner}</div>`
    : html`<details class="family"><summary>${sentence(kindName(head.record.kind, 1))} <span class="quiet">${shortId(head.record.id)}</span></summary>${inner}</details>`;
}

/** What says where a part belongs rather than what it is: folded away, but for the record that was asked for. */
const TECHNICAL = /\.(?:id|__parentId|__typename|namespace|key|type|ownerType|createdAt|updatedAt)$/;

/** Empty fields are told in one line: they need no row each. */
function fieldsPart({ record, index }: Placed): Part {
  const told = record.parentId === null ? record.fields : record.fields.filter(({ name }) => !TECHNICAL.test(name));
  const technical = record.parentId === null ? [] : record.fields.filter(({ name, text }) => TECHNICAL.test(name) && text !== "");
  const filled = told.filter(({ text }) => text !== "");
  const empty = told.filter(({ text }) => text === "");
  const called = metafieldName(record);
  return html`<dl>${filled.map((field) => fieldPart(called !== null && field.name.endsWith(".value") ? { ...field, label: called } : field, index))}</dl>
${empty.length > 0 && html`<p class="quiet empty">Empty: ${empty.map(({ label }) => label.toLowerCase()).join(" · ")}</p>`}
${technical.length > 0 && html`<details class="technical"><summary>Where this belongs<span class="sr">: ${called ?? `${kindName(record.kind, 1)} ${shortId(record.id)}`}</span></summary><dl>${technical.map((field) => fieldPart(field, index))}</dl></details>`}
${record.more && html`<p class="quiet">This record has more fields than are shown.</p>`}`;
}

/** "health_intake.allergies": a metafield is called by its place in the shop's schema, which is shown anyway. */
function metafieldName(record: SheetRecord): string | null {
  const of = (end: string): string | undefined => record.fields.find(({ name, open }) => open && name.endsWith(end))?.text;
  const [namespace, key] = [of(".namespace"), of(".key")];
  return namespace === undefined || key === undefined ? null : `${namespace}.${key}`;
}

function fieldPart({ place, label, text, open }: SheetField, record: number): Part {
  const id = `f${String(record)}-${String(place)}`;
  return html`<div class="field"><dt>${label}</dt><dd><span id="${id}" class="value${open ? "" : " masked"}">${text}</span>${!open && html`<button type="button" class="small" data-record="${record}" data-place="${place}" aria-label="Show ${label}" aria-controls="${id}">Show</button>`}</dd></div>`;
}

export interface Paper {
  readonly sheet: PrintSheet;
  readonly shop: string;
  readonly who: string;
  readonly session: string;
  readonly at: string;
  readonly purpose: string;
  readonly caseNumber: string | null;
  readonly why: string;
  readonly asOf: string | null;
}

/** A table, because its head is repeated on every page of paper. */
export function paperPart({ sheet, shop, who, session, at, purpose, caseNumber, why, asOf }: Paper): string {
  const head: Part = html`<tr><th colspan="2" scope="col"><p><b>${shop}</b> · sheet ${sheet.sheet} · printed ${spokenTime(at)}</p>
<p>By ${who} (session ${session}) · ${PURPOSE_WORDS[purpose as keyof typeof PURPOSE_WORDS] ?? purpose}${caseNumber === null ? "" : ` · case ${caseNumber}`} · ${lower(REASON_WORDS[why as keyof typeof REASON_WORDS] ?? why)}${asOf === null ? "" : ` · as of ${spokenTime(asOf)}`}</p>
<p>Health information of one person. Recorded under the sheet's number. Destroy when no longer needed.</p></th></tr>`;
  const body: Part = sheet.parts.map(
    ({ kind, id, lines }) => html`<tr class="part"><th colspan="2" scope="colgroup">${sentence(kindName(kind, 1))} ${shortId(id)}</th></tr>${lines.map(({ label, text }) => html`<tr><th scope="row">${label}</th><td>${text}</td></tr>`)}`,
  );
  const left: Part = html`<tr><td colspan="2" class="quiet">${sheet.left} other fields of this person were not shown and are not on this sheet.</td></tr>`;
  return html`<table class="sheet"><caption class="sr">Sheet ${sheet.sheet}</caption><thead>${head}</thead><tbody>${body}${left}</tbody></table>`.toString();
}

/** "gid://shopify/Customer/7003195142144" → "7003195142144". */
function shortId(id: string): string {
  return /([^/]+)$/.exec(id)?.[1]?.replace(/\?.*$/, "") ?? id;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
