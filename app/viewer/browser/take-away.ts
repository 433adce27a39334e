/** Paper and files: a second person agrees first, at a desk of their own. */
import { recipientOf } from "../../ui/browser/recipient.ts";
import { fill, find, get, say, tell } from "./page.ts";
import { reason } from "./reason.ts";
import { ask, leave, step } from "./steps.ts";

/** How often the page looks what has become of its wish. */
const LOOK_MS = 4_000;
let asking: { readonly sheet: string; readonly step: "print" | "export" } | null = null;

/** The record was left: what was asked for is of no use any more. */
export function forgetAsked(): void {
  asking = null;
}

export async function askToPrint(): Promise<void> {
  const why = reason();
  if (why !== null) await askSecond("print", { why });
}

export async function askToExport(): Promise<void> {
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
window.setInterval(() => void lookAtAsked(), LOOK_MS);
