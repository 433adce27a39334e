/**
 * Text that people wrote: every letter and digit is replaced by another of its sort, so that its length, its lines and its punctuation stay and nothing that it
 * said does. E-mail addresses, links, phone numbers and the like become reserved ones first, so that a field which asks for one still gets one.
 */
import { detect } from "../detect/detect.ts";
import { SYNTHETIC_MARK } from "../synthetic.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

const EMAIL = /[\w.+%-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;
const LINK = /\b(?:https?|ftp):\/\/[^\s"'<>\\]+/gi;
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;
const GID = /gid:\/\/[\w-]+\/\w+\/[\w-]+/g;
const PHONE = /\+\d[\d ().-]{6,17}\d/g;
const KEPT = new RegExp([EMAIL, LINK, IPV4, GID, PHONE].map(({ source }) => source).join("|"), "gi");
/** Tries before nothing but the mark is left. A try fails when chance made something that looks like somebody's number, or repeated a word. */
const TRIES = 16;

export function scrambled(text: string, pseudonyms: Pseudonyms): string {
  if (text === "" || text === SYNTHETIC_MARK) return text;
  const words = wordsOf(text);
  for (let n = 0; n < TRIES; n++) {
    const made = once(text, pseudonyms, n);
    if (made !== text && detect(made).every(({ identifier }) => identifier === "date" && /^\d{4}-\d\d-\d\d/.test(made)) && !words.some((word) => made.toLowerCase().includes(word))) return made;
  }
  return SYNTHETIC_MARK;
}

/** Of what people wrote at length: says that it is made up. */
export function prose(text: string, pseudonyms: Pseudonyms): string {
  if (text.trim() === "") return text;
  const body = scrambled(text, pseudonyms);
  if (body.startsWith(SYNTHETIC_MARK)) return body;
  return `${SYNTHETIC_MARK}: ${body}`;
}

/** Of HTML: one paragraph. A tag may hold whatever a person's text does. */
export function html(text: string, pseudonyms: Pseudonyms): string {
  return `<p>${prose(text.replace(/<[^>]*>/g, " ").replace(/[<>&]/g, " ").replace(/\s+/g, " ").trim() || "text", pseudonyms)}</p>`;
}

function once(text: string, pseudonyms: Pseudonyms, attempt: number): string {
  const stream = pseudonyms.stream("text", `${attempt}\0${text}`);
  let made = "";
  let from = 0;
  for (const match of text.matchAll(KEPT)) {
    made += replaced(text.slice(from, match.index), stream) + reserved(match[0], pseudonyms);
    from = match.index + match[0].length;
  }
  return made + replaced(text.slice(from), stream);
}

function reserved(value: string, pseudonyms: Pseudonyms): string {
  if (/^gid:/i.test(value)) return pseudonyms.gid(value);
  if (value.includes("://")) return pseudonyms.url(value);
  if (value.includes("@")) return pseudonyms.email(value);
  if (/^[\d.]+$/.test(value)) return pseudonyms.ip(value);
  return pseudonyms.phone(value) ?? "+12005550100";
}

function replaced(text: string, stream: ReturnType<Pseudonyms["stream"]>): string {
  // An area that the Social Security Administration never gives out, where the form is that of its numbers.
  const marked = text.replace(/(?<!\d)\d{3}([- ]\d{2}[- ]\d{4})(?!\d)/g, "\u0000\u0000\u0000$1");
  return marked.replace(/\p{L}|\p{N}|\p{M}|\u0000/gu, (character) => {
    if (character === "\u0000") return "0";
    if (/\p{N}/u.test(character)) return stream.digits(1);
    if (/\p{M}/u.test(character)) return "";
    const letter = stream.letters(1);
    return /\p{Lu}/u.test(character) ? letter.toUpperCase() : letter;
  });
}

/** Words of four letters and more, and numbers of four digits and more, in lower case. */
export function wordsOf(text: string): string[] {
  return [...new Set((text.toLowerCase().match(/\p{L}{4,}|\d{4,}/gu) ?? []).filter((word) => word !== SYNTHETIC_MARK.toLowerCase()))];
}
