/** Asks the server for a step. Some steps take keys first: those the server names are unwrapped here and sent, and the step is asked for again. */
import type { GeneralJWE } from "jose";
import type { Identity } from "../../ui/browser/identity.ts";
import { unwrapKeys } from "../../ui/browser/unwrap.ts";

export type Answer =
  | { readonly kind: "part"; readonly html: string; readonly [more: string]: unknown }
  | { readonly kind: "done"; readonly [more: string]: unknown }
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | { readonly kind: "problem"; readonly code: string; readonly what: string; readonly next: string; readonly waitMs?: number }
  | { readonly kind: "needs"; readonly keys: readonly { readonly keyId: string; readonly jwe: GeneralJWE }[]; readonly recipients: readonly string[] }
  | { readonly kind: "ended"; readonly to: string };

/** What the page asks by itself: it keeps no session alive. */
const BY_ITSELF: ReadonlySet<string> = new Set(["asked", "pending"]);
/** What a step answers with words of its own. */
const ANSWERED: ReadonlySet<number> = new Set([401, 403, 409, 429]);
/** A record's family rests on few keys; more rounds than these mean that something goes in circles. */
const MOST_ROUNDS = 12;

export interface Server {
  ask(step: string, body?: Readonly<Record<string, unknown>>): Promise<Answer>;
}

export function server(token: string, identity: () => Identity | null, onUse: () => void): Server {
  const post = async (step: string, body: unknown): Promise<Answer> => {
    const response = await fetch(`/desk/${step}`, { method: "POST", headers: { "Content-Type": "application/json", "X-Holdfast-Token": token }, body: JSON.stringify(body), cache: "no-store", redirect: "error" }).catch(() => null);
    if (response === null) return problem("The viewer could not be reached.", "See that this device is connected, then try again.");
    if (response.ok || (ANSWERED.has(response.status) && (response.headers.get("Content-Type") ?? "").startsWith("application/json"))) {
      if (!BY_ITSELF.has(step)) onUse();
      return (await response.json()) as Answer;
    }
    return problem("The viewer refused that.", "Load the page again. If it happens again, tell whoever runs the viewer.");
  };
  return {
    ask: async (step, body = {}) => {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const answer = await post(step, body);
        if (answer.kind !== "needs") return answer;
        const own = identity();
        if (own === null) return problem("These records take a key.", "Choose your identity file and begin again.");
        const opened = await unwrapKeys(own, answer.keys, answer.recipients);
        if (!opened.ok) {
          return opened.problem === "wrong_identity"
            ? problem("This identity does not open these records.", "Choose the identity file that belongs to this store's vault.")
            : problem("A stored key is damaged.", "Use another copy of the storage, and run holdfast verify on this one.");
        }
        const put = await post("keys", { keys: opened.keys });
        if (put.kind !== "done") return put;
      }
      return problem("The viewer asks for more and more keys.", "Tell whoever runs it; this is a fault of the program.");
    },
  };
}

function problem(what: string, next: string): Answer {
  return { kind: "problem", code: "viewer.browser", what, next };
}
