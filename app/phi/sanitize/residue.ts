/**
 * The proof that a sanitized record holds nothing of the one it was made of: what identified somebody there is looked for here, and what looks like an identifier is
 * looked for by itself. Says which kind and in which field; never what.
 */
import { detect, detectIn, walk } from "../detect/detect.ts";
import type { FoundIn } from "../detect/detect.ts";
import type { Identifier } from "../detect/identifiers.ts";
import { SYNTHETIC_MARK } from "../synthetic.ts";
import { isIsoDate } from "./dates.ts";
import type { PhiRecord } from "./record.ts";

const NAMES = /(?:firstName|lastName|displayName|recipient|preferredName|(?:author|customer)\.name)$/;
const PLACES = /(?:address1|address2|city|formattedArea(?:\[\])?)$/;
/** Of these nothing is taken for somebody's: words of the platform and of a shop's configuration. */
/** Not looked at by themselves: a shop's own words, the bytes of a blank file, ids that were mapped. */
const UNTOLD = /(?:^|\.)(?:namespace|type|base64)$/;
const GID = /^gid:\/\/[\w-]+\/\w+\/[\w-]+(?:\?.*)?$/;
const CONFIGURATION = new Set(["MetafieldDefinition", "MetaobjectDefinition"]);

export interface Residue extends FoundIn {
  readonly kind: string;
}

/** What must not be found again, in lower case, by what it is. */
function identifying(original: PhiRecord): Map<string, Identifier> {
  const found = new Map<string, Identifier>();
  const add = (text: string, identifier: Identifier): void => void found.set(text.toLowerCase(), identifier);
  add(original.id, "other");
  walk(original.fields, "", (path, text) => {
    const name = path.slice(path.lastIndexOf(".") + 1);
    if (isIsoDate(text)) add(text.length === 10 ? text : text.slice(0, 16), "date");
    const number = /^gid:\/\/[\w-]+\/\w+\/(\d{6,})(?:\?|$)/.exec(text)?.[1];
    if (number !== undefined) add(number, "other");
    if (NAMES.test(path) && !/@|:\/\//.test(text)) for (const word of text.match(/\p{L}{3,}/gu) ?? []) if (word !== SYNTHETIC_MARK) add(word, "name");
    if (PLACES.test(path) && text.length >= 4) add(text, "geography");
    if (name === "zip" && text.length >= 5) add(text, "geography");
    if (CONFIGURATION.has(original.kind)) return;
    for (const { identifier, at, length } of detect(text)) add(text.slice(at, at + length), identifier);
  });
  return found;
}

/** Empty: nothing is left. */
export function residue(originals: readonly PhiRecord[], made: readonly PhiRecord[]): Residue[] {
  const left: Residue[] = [];
  const wanted = new Map<string, Identifier>();
  for (const original of originals) for (const [text, identifier] of identifying(original)) wanted.set(text, identifier);
  for (const record of made) {
    const seen = (path: string, identifier: Identifier): void => void left.push({ kind: record.kind, path, identifier });
    if (CONFIGURATION.has(record.kind)) continue;
    walk(record.fields, "", (path, text) => {
      const lower = text.toLowerCase();
      for (const [value, identifier] of wanted) if (holds(lower, value)) seen(path, identifier);
    });
    for (const { path, identifier } of detectIn(record.fields, { skip: (path, text) => UNTOLD.test(path) || GID.test(text) })) if (identifier !== "date") seen(path, identifier);
  }
  return left;
}

/** As a word of its own, or a row of digits within another. */
function holds(text: string, value: string): boolean {
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) {
    if (!/[\p{L}\d]/u.test(text[at - 1] ?? "") && !/[\p{L}\d]/u.test(text[at + value.length] ?? "")) return true;
  }
  return false;
}
