/** The desk's own program. The identity and what was shown live in this page's memory: they go with the page. Parts of the page come from the server, where everything in them is escaped. */
import { readIdentity, type Identity } from "../../ui/browser/identity.ts";
import { recipientOf } from "../../ui/browser/recipient.ts";
import { server, type Answer } from "./server.ts";

/** A field that was shown is masked again after this long. */
const SHOWN_MS = 60_000;

const find = <T extends HTMLElement = HTMLElement>(selector: string): T | null => document.querySelector<T>(selector);
const get = <T extends HTMLElement = HTMLElement>(selector: string): T => {
  const element = find<T>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
};

const desk = get("#desk");
const ownKey = desk.dataset["ownKey"] === "yes";
const idleMs = Number(desk.dataset["idle"]);
const endsAt = Number(desk.dataset["ends"]);
let identity: Identity | null = null;
let usedAt = Date.now();
/** Masked texts of what is shown now, and when each is masked again. */
const shown = new Map<string, { readonly masked: string; readonly timer: number }>();

const { ask } = server(desk.dataset["token"] ?? "", () => identity, () => { usedAt = Date.now(); });

// What is put into the page as markup was made by the server, escaped; nothing else may be (Trusted Types, where the browser has them).
interface Policy { createHTML(text: string): string }
const types = (window as unknown as { trustedTypes?: { createPolicy(name: string, rules: { createHTML(text: string): string }): Policy } }).trustedTypes;
const policy: Policy = types?.createPolicy("holdfast-viewer", { createHTML: (text) => text }) ?? { createHTML: (text) => text };
function fill(region: HTMLElement, markup: string): void {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(markup);
  region.replaceChildren(template.content);
  region.querySelector<HTMLElement>("[data-focus]")?.focus();
}

function say(text: string): void {
  get("#status").textContent = text;
}

function tell(what: string, next: string): void {
  const box = get("#problem");
  const [head, rest] = [document.createElement("b"), document.createElement("p")];
  head.textContent = what;
  rest.textContent = next;
  box.replaceChildren(head, rest);
  box.classList.add("error");
  box.focus();
}

function clearProblem(): void {
  const box = get("#problem");
  box.replaceChildren();
  box.classList.remove("error");
}

/** Null: it was told, or the session is over. */
async function step(name: string, body: Readonly<Record<string, unknown>>, busy: string): Promise<Exclude<Answer, { kind: "problem" | "ended" | "needs" }> | null> {
  clearProblem();
  say(busy);
  desk.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(name, body);
    if (answer.kind === "ended") {
      leave(answer.to);
      return null;
    }
    if (answer.kind === "problem") {
      tell(answer.what, answer.waitMs === undefined ? answer.next : `${answer.next} (${String(Math.ceil(answer.waitMs / 1000))} s)`);
      return null;
    }
    return answer.kind === "needs" ? null : answer;
  } finally {
    say("");
    desk.removeAttribute("aria-busy");
  }
}

function leave(to: string): void {
  identity = null;
  maskAll();
  get("#person").replaceChildren();
  get("#paper").replaceChildren();
  location.replace(to.startsWith("/") ? to : "/");
}

// --- beginning ---------------------------------------------------------------------------------------------------------------

get<HTMLFormElement>("#begin-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void begin();
});

async function begin(): Promise<void> {
  const field = (name: string): string => find<HTMLInputElement>(`#${name}`)?.value ?? "";
  if (!ownKey && !(await readKey())) return;
  const begun = await step("begin", { purpose: field("purpose"), case: field("case") }, "Opening the newest backup…");
  if (begun === null) return;
  get("#begin").hidden = true;
  get("#find").hidden = false;
  const purpose = get<HTMLSelectElement>("#purpose");
  get("#stated").textContent = `${purpose.selectedOptions[0]?.textContent ?? ""}${field("case") === "" ? "" : `, case ${field("case")}`}. To change it, load the page again.`;
  get<HTMLInputElement>("#value").focus();
}

const IDENTITY_WORDS = {
  not_an_identity: ["That file is no identity.", "Choose the file that was downloaded when the vault was made."],
  public_half: ["That file is a public half.", "Choose the identity file, which opens what is sealed."],
  sealed: ["The identity is guarded by a passphrase.", "Type it below, then press Begin."],
  wrong_passphrase: ["The passphrase does not open this file.", "Check it, then press Begin."],
  too_large: ["That file is too large to be an identity.", "Choose the file that was downloaded when the vault was made."],
} as const;

async function readKey(): Promise<boolean> {
  const file = find<HTMLInputElement>("#identity")?.files?.[0];
  if (file === undefined) return false;
  const row = get("#passphrase-row");
  const passphrase = get<HTMLInputElement>("#passphrase");
  const read = await readIdentity(file.size > 1_000_000 ? "" : await file.text(), row.hidden ? undefined : passphrase.value);
  if (read.ok) {
    identity = read.identity;
    passphrase.value = "";
    return true;
  }
  const [what, next] = IDENTITY_WORDS[read.problem];
  tell(what, next);
  if (read.problem === "sealed" || read.problem === "wrong_passphrase") {
    row.hidden = false;
    passphrase.focus();
  }
  return false;
}

// --- finding and opening -----------------------------------------------------------------------------------------------------

get<HTMLFormElement>("#find-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void (async () => {
    close();
    const answer = await step("find", { by: get<HTMLSelectElement>("#by").value, value: get<HTMLInputElement>("#value").value }, "Looking…");
    if (answer?.kind === "part") fill(get("#results"), answer.html);
  })();
});

get("#results").addEventListener("click", (event) => {
  const id = (event.target as HTMLElement).closest<HTMLElement>("[data-open]")?.dataset["open"];
  if (id !== undefined) void open(id);
});

async function open(id: string): Promise<void> {
  close();
  const answer = await step("open", { id }, "Opening the record…");
  if (answer?.kind !== "part") return;
  get("#results").replaceChildren();
  fill(get("#person"), answer.html);
}

function close(): void {
  asking = null;
  maskAll();
  get("#person").replaceChildren();
  get("#paper").replaceChildren();
}

// --- one person --------------------------------------------------------------------------------------------------------------

get("#person").addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const show = target.closest<HTMLButtonElement>("[data-place]");
  if (show !== null) void (show.dataset["shown"] === "yes" ? Promise.resolve(mask(show)) : reveal(show));
  else if (target.closest("#print") !== null) void askToPrint();
  else if (target.closest("#take") !== null) {
    const form = get<HTMLFormElement>("#take-form");
    form.hidden = !form.hidden;
    if (!form.hidden) form.querySelector("input")?.focus();
  } else if (target.closest("#close") !== null) {
    close();
    void step("close", {}, "");
    get<HTMLInputElement>("#value").focus();
  }
});

get("#person").addEventListener("submit", (event) => {
  event.preventDefault();
  void askToExport();
});

function reason(): string | null {
  const why = get<HTMLSelectElement>("#why");
  if (why.value !== "") return why.value;
  tell("Say first what you need the field for.", "Choose a reason above the fields.");
  why.focus();
  return null;
}

async function reveal(button: HTMLButtonElement): Promise<void> {
  const why = reason();
  if (why === null) return;
  const answer = await step("reveal", { record: Number(button.dataset["record"]), place: Number(button.dataset["place"]), why }, "");
  if (answer?.kind !== "value") return;
  const id = button.getAttribute("aria-controls") ?? "";
  const place = get(`#${id}`);
  shown.set(id, { masked: place.textContent ?? "", timer: window.setTimeout(() => { mask(button); }, SHOWN_MS) });
  place.textContent = answer.value;
  place.classList.remove("masked");
  button.dataset["shown"] = "yes";
  button.textContent = "Hide";
  button.setAttribute("aria-label", (button.getAttribute("aria-label") ?? "").replace(/^Show/, "Hide"));
  say(`${place.closest(".field")?.querySelector("dt")?.textContent ?? "The field"} is shown for a minute.`);
}

function mask(button: HTMLButtonElement): void {
  const id = button.getAttribute("aria-controls") ?? "";
  const was = shown.get(id);
  const place = find(`#${id}`);
  if (was === undefined || place === null) return;
  window.clearTimeout(was.timer);
  shown.delete(id);
  place.textContent = was.masked;
  place.classList.add("masked");
  delete button.dataset["shown"];
  button.textContent = "Show";
  button.setAttribute("aria-label", (button.getAttribute("aria-label") ?? "").replace(/^Hide/, "Show"));
}

function maskAll(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-shown=yes]")) mask(button);
}

// --- paper and files: a second person agrees first ---------------------------------------------------------------------------

/** How often the page looks what others wait for, and what has become of its own wish. */
const LOOK_MS = 4_000;
let asking: { readonly sheet: string; readonly step: "print" | "export" } | null = null;

async function askToPrint(): Promise<void> {
  const why = reason();
  if (why !== null) await askSecond("print", { why });
}

async function askToExport(): Promise<void> {
  const why = reason();
  const file = find<HTMLInputElement>("#recipient")?.files?.[0];
  if (why === null || file === undefined) return;
  const recipient = await recipientOf(file.size > 1_000_000 ? "" : await file.text());
  if (!recipient.ok) {
    tell(recipient.problem === "private" ? "That file has a private half in it." : "That file is no recipient.", "Choose the recipient.jwk of the person it is for. Nothing was sent anywhere.");
    return;
  }
  const extent = find<HTMLInputElement>("#take-form input[name=extent]:checked")?.value ?? "shown";
  if (await askSecond("export", { why, extent, recipient: recipient.publicHalf })) get<HTMLFormElement>("#take-form").hidden = true;
}

async function askSecond(name: "print" | "export", body: Readonly<Record<string, unknown>>): Promise<boolean> {
  const answer = await step(name, body, "Asking for a second person…");
  if (answer?.kind !== "done" || typeof answer["sheet"] !== "string") return false;
  asking = { sheet: answer["sheet"], step: name };
  stand("It waits for a second person. Ask somebody who is named as a responder to sign in here; they see what you ask for, and no value. Keep the record open.", null);
  return true;
}

/** How it stands, beside the record; `label`: of the button that goes on. */
function stand(text: string, label: string | null): void {
  const place = find("#asked");
  if (place === null) return;
  const line = document.createElement("p");
  line.textContent = text;
  line.setAttribute("role", "status");
  place.replaceChildren(line);
  if (label === null) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", () => void carryOut());
  place.append(button);
  button.focus();
}

async function lookAtAsked(): Promise<void> {
  const now = asking;
  if (now === null) return;
  const answer = await ask("asked", { sheet: now.sheet });
  if (answer.kind === "ended") leave(answer.to);
  if (answer.kind !== "done" || asking !== now || answer["state"] === "waiting") return;
  if (answer["state"] === "agreed") {
    if (find("#asked button") === null) stand("A second person has agreed.", now.step === "print" ? "Print the sheet now" : "Download the sealed file now");
    return;
  }
  asking = null;
  stand(answer["state"] === "refused" ? "A second person has refused." : "Nobody agreed in time. Ask again.", null);
}

async function carryOut(): Promise<void> {
  const now = asking;
  if (now === null) return;
  const answer = await step(now.step, { sheet: now.sheet }, now.step === "print" ? "Recording the sheet…" : "Recording and sealing…");
  if (answer === null) return;
  asking = null;
  find("#asked")?.replaceChildren();
  if (answer.kind === "part") {
    fill(get("#paper"), answer.html);
    window.print();
  } else if (answer.kind === "file") {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([answer.text], { type: "application/json" }));
    link.download = answer.name;
    link.click();
    window.setTimeout(() => { URL.revokeObjectURL(link.href); }, 10_000);
    say(`Sealed and downloaded as ${answer.name}.`);
  }
}
// What was on paper is on paper; the page keeps no copy in clear.
window.addEventListener("afterprint", () => { get("#paper").replaceChildren(); });

// --- what others wait for ----------------------------------------------------------------------------------------------------

let waitingFor = "";
async function lookAtPending(): Promise<void> {
  const answer = await ask("pending", {});
  if (answer.kind === "ended") leave(answer.to);
  if (answer.kind !== "part" || answer["sheets"] === waitingFor) return;
  waitingFor = String(answer["sheets"]);
  const had = get("#pending").contains(document.activeElement);
  fill(get("#pending"), answer.html);
  if (waitingFor !== "") say("Somebody waits for your word on something to be taken away.");
  if (had) find("#pending button")?.focus();
}

get("#pending").addEventListener("click", (event) => {
  const { agree, refuse } = (event.target as HTMLElement).closest<HTMLElement>("[data-agree], [data-refuse]")?.dataset ?? {};
  const sheet = agree ?? refuse;
  if (sheet === undefined) return;
  void step("decide", { sheet, agree: agree !== undefined }, "Recording your word…").then(async (answer) => {
    await lookAtPending();
    if (answer !== null) say(agree === undefined ? "You have refused." : "You have agreed.");
  });
});
window.setInterval(() => void lookAtAsked(), LOOK_MS);
window.setInterval(() => void lookAtPending(), LOOK_MS);
void lookAtPending();

// --- the clock ---------------------------------------------------------------------------------------------------------------

window.setInterval(() => {
  const left = Math.min(idleMs - (Date.now() - usedAt), endsAt - Date.now());
  if (left <= 0) leave("/signed-off?why=idle");
  else get("#clock").textContent = left < 60_000 ? `You will be signed off in ${String(Math.ceil(left / 1000))} seconds.` : `Signed off by itself in ${String(Math.ceil(left / 60_000))} minutes without use.`;
}, 1_000);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") maskAll(); });
// A page that the browser kept for the way back shows nothing.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
