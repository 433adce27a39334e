/** Steps that are asked of the server: what comes of them, and the end of the session, after which nothing is left on the page. */
import type { Identity } from "../../ui/browser/identity.ts";
import { maskAll } from "./masks.ts";
import { clearProblem, get, say, tell } from "./page.ts";
import { server, type Answer } from "./server.ts";

export const desk = get("#desk");
/** Lives in this page's memory and goes with it. */
let identity: Identity | null = null;
let usedAt = Date.now();

export const { ask } = server(desk.dataset["token"] ?? "", () => identity, () => { usedAt = Date.now(); });

export function take(own: Identity): void {
  identity = own;
}

/** When a person last asked for something, as the clock of this page has it, milliseconds. */
export function lastUse(): number {
  return usedAt;
}

/** Null: it was told, or the session is over. */
export async function step(name: string, body: Readonly<Record<string, unknown>>, busy: string): Promise<Exclude<Answer, { kind: "problem" | "ended" | "needs" }> | null> {
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

export function leave(to: string): void {
  identity = null;
  maskAll();
  get("#person").replaceChildren();
  get("#paper").replaceChildren();
  location.replace(to.startsWith("/") ? to : "/");
}
