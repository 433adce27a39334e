/** Looks for identifiers in text, and in all values of a record. Says where and which kind; never what it says. */
import type { Detection, Identifier } from "./identifiers.ts";
import { DETECTORS, find } from "./patterns.ts";

/** By place. `names`: words that are somebody's name here, at least three letters each. */
export function detect(text: string, { names = [] }: { readonly names?: readonly string[] } = {}): Detection[] {
  const found = DETECTORS.flatMap((detector) => find(detector, text));
  const lower = text.toLowerCase();
  for (const name of names) {
    if (name.length < 3) continue;
    for (let at = lower.indexOf(name.toLowerCase()); at !== -1; at = lower.indexOf(name.toLowerCase(), at + 1)) {
      if (isWord(text, at, name.length)) found.push({ identifier: "name", at, length: name.length });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

function isWord(text: string, at: number, length: number): boolean {
  return !/[\p{L}\d]/u.test(text[at - 1] ?? "") && !/[\p{L}\d]/u.test(text[at + length] ?? "");
}

export interface FoundIn {
  /** The member's path: "note", "defaultEmailAddress.emailAddress", "customAttributes[].value". Names of a schema. */
  readonly path: string;
  readonly identifier: Identifier;
}

/** All values of a parsed record, at any depth; text that is JSON itself is opened. `skip`: what is not looked at. */
export function detectIn(value: unknown, options: { readonly names?: readonly string[]; readonly skip?: (path: string, text: string) => boolean } = {}): FoundIn[] {
  const found: FoundIn[] = [];
  walk(value, "", (path, text) => {
    if (options.skip?.(path, text) === true) return;
    for (const { identifier } of detect(text, options)) found.push({ path, identifier });
  });
  return found;
}

/** Visits every string and number, JSON in strings opened. */
export function walk(value: unknown, path: string, visit: (path: string, text: string) => void): void {
  if (typeof value === "string") {
    const inner = /^\s*[[{]/.test(value) ? parsed(value) : undefined;
    if (typeof inner === "object" && inner !== null) walk(inner, path, visit);
    else visit(path, value);
  } else if (typeof value === "number") visit(path, String(value));
  else if (Array.isArray(value)) for (const item of value) walk(item, `${path}[]`, visit);
  else if (typeof value === "object" && value !== null) for (const [name, item] of Object.entries(value)) walk(item, path === "" ? name : `${path}.${name}`, visit);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
