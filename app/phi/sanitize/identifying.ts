/** What in a record tells who somebody is: its names, places, dates, numbers and ids, and whatever looks like an identifier by itself. */
import { detect, walk } from "../detect/detect.ts";
import type { Identifier } from "../detect/identifiers.ts";
import { SYNTHETIC_MARK } from "../synthetic.ts";
import { isIsoDate } from "./dates.ts";
import type { PhiRecord } from "./record.ts";

const NAMES = /(?:firstName|lastName|displayName|recipient|preferredName|(?:author|customer)\.name)$/;
const PLACES = /(?:address1|address2|city|formattedArea(?:\[\])?)$/;
/** Of these nothing is taken for somebody's: words of the platform and of a shop's configuration. */
const CONFIGURATION = new Set(["MetafieldDefinition", "MetaobjectDefinition"]);
/** A word or a row of digits, as they stand by themselves in a text. */
const TOKEN = /[\p{L}\d]+/gu;

export function isConfiguration(kind: string): boolean {
  return CONFIGURATION.has(kind);
}

/** Values that must not be seen again, in lower case, and which sort each of them is of. */
export class Identifying {
  readonly #sorts = new Map<string, Identifier>();
  /** Values by the first word in them, so that a long text is looked through once and not once for each value. */
  readonly #byWord = new Map<string, string[]>();

  constructor(originals: readonly PhiRecord[]) {
    // The bytes of a file are no text; what becomes of them is not looked up here (files.ts).
    for (const original of originals) if (original.kind !== "FilePiece") this.#learn(original);
  }

  /** What of it stands in a text, as words of their own or rows of digits. */
  in(text: string): { readonly value: string; readonly identifier: Identifier }[] {
    const lower = text.toLowerCase();
    const found = new Map<string, Identifier>();
    for (const match of lower.matchAll(TOKEN)) {
      for (const value of this.#byWord.get(match[0]) ?? []) {
        const at = match.index - offset(value);
        if (at >= 0 && lower.startsWith(value, at) && endsWhole(lower, at + value.length)) found.set(value, this.#sorts.get(value)!);
      }
    }
    return [...found].map(([value, identifier]) => ({ value, identifier }));
  }

  #learn(original: PhiRecord): void {
    this.#add(original.id, "other");
    walk(original.fields, "", (path, text) => {
      const name = path.slice(path.lastIndexOf(".") + 1);
      if (isIsoDate(text)) this.#add(text.length === 10 ? text : text.slice(0, 16), "date");
      const number = /^gid:\/\/[\w-]+\/\w+\/(\d{6,})(?:\?|$)/.exec(text)?.[1];
      if (number !== undefined) this.#add(number, "other");
      if (NAMES.test(path) && !/@|:\/\//.test(text)) for (const word of text.match(/\p{L}{3,}/gu) ?? []) if (word !== SYNTHETIC_MARK) this.#add(word, "name");
      if (PLACES.test(path) && text.length >= 4) this.#add(text, "geography");
      if (name === "zip" && text.length >= 5) this.#add(text, "geography");
      if (isConfiguration(original.kind)) return;
      for (const { identifier, at, length } of detect(text)) this.#add(text.slice(at, at + length), identifier);
    });
  }

  #add(text: string, identifier: Identifier): void {
    const value = text.toLowerCase();
    const [first] = value.match(TOKEN) ?? [];
    if (first === undefined) return;
    if (!this.#sorts.has(value)) this.#byWord.set(first, [...(this.#byWord.get(first) ?? []), value]);
    this.#sorts.set(value, identifier);
  }
}

/** Signs before the first word: "(415) 867-5309", "+1 415…". */
function offset(value: string): number {
  return value.search(/[\p{L}\d]/u);
}

function endsWhole(text: string, end: number): boolean {
  return !/[\p{L}\d]/u.test(text[end] ?? "") || !/[\p{L}\d]/u.test(text[end - 1] ?? "");
}
