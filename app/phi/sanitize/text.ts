/**
 * Text that people wrote: every letter and digit is replaced by another of its sort, so that its length, its lines and its punctuation stay and nothing that it
 * said does. E-mail addresses, links, phone numbers and the like become reserved ones first, so that a field which asks for one still gets one.
 */
import { detect } from "../detect/detect.ts";
import { EMAIL } from "../detect/patterns.ts";
import { SYNTHETIC_MARK } from "../synthetic.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import type { Stream } from "./stream.ts";

const LINK = /\b(?:https?|ftp):\/\/[^\s"'<>\\]+/gi;
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;
const GID = /gid:\/\/[\w-]+\/\w+\/[\w-]+/g;
const PHONE = /\+\d[\d ().-]{6,17}\d/g;
const KEPT = new RegExp([EMAIL, LINK, IPV4, GID, PHONE].map(({ source }) => source).join("|"), "gi");
/** Draws before nothing but the mark is left. One fails when chance made something that looks like somebody's number. */
const TRIES = 16;

export interface TextContext {
  readonly pseudonyms: Pseudonyms;
  /** Whether something in a text would be taken for what it must not say: a word drawn by chance may be the name of whom it is about. */
  readonly gives: (text: string) => boolean;
}

export function scrambled(text: string, context: TextContext): string {
  if (text === "" || text === SYNTHETIC_MARK) return text;
  const words = new Set(wordsOf(text));
  for (let n = 0; n < TRIES; n++) {
    const made = once(text, { ...context, words }, n);
    if (made !== text && detect(made).every(({ identifier }) => identifier === "date" && /^\d{4}-\d\d-\d\d/.test(made)) && !context.gives(made) && !wordsOf(made).some((word) => words.has(word))) return made;
  }
  return SYNTHETIC_MARK;
}

/** Of what people wrote at length: says that it is made up. */
export function prose(text: string, context: TextContext): string {
  if (text.trim() === "") return text;
  const body = scrambled(text, context);
  if (body.startsWith(SYNTHETIC_MARK)) return body;
  return `${SYNTHETIC_MARK}: ${body}`;
}

/** Of HTML: one paragraph. A tag may hold whatever a person's text does. */
export function html(text: string, context: TextContext): string {
  return `<p>${prose(text.replace(/<[^<>]*>/g, " ").replace(/[<>&]/g, " ").replace(/\s+/g, " ").trim() || "text", context)}</p>`;
}

interface Draw extends TextContext {
  /** Words of the text itself. */
  readonly words: ReadonlySet<string>;
}

function once(text: string, draw: Draw, attempt: number): string {
  const stream = draw.pseudonyms.stream("text", `${attempt}\0${text}`);
  let made = "";
  let from = 0;
  for (const match of text.matchAll(KEPT)) {
    made += replaced(text.slice(from, match.index), stream, draw) + reserved(match[0], draw.pseudonyms);
    from = match.index + match[0].length;
  }
  return made + replaced(text.slice(from), stream, draw);
}

function reserved(value: string, pseudonyms: Pseudonyms): string {
  if (/^gid:/i.test(value)) return pseudonyms.gid(value);
  if (value.includes("://")) return pseudonyms.url(value);
  if (value.includes("@")) return pseudonyms.email(value);
  if (/^[\d.]+$/.test(value)) return pseudonyms.ip(value);
  return pseudonyms.phone(value) ?? "+12005550100";
}

function replaced(text: string, stream: Stream, { words, gives }: Draw): string {
  // An area that the Social Security Administration never gives out, where the form is that of its numbers.
  const marked = text.replace(/(?<!\d)\d{3}([- ]\d{2}[- ]\d{4})(?!\d)/g, "\u0000\u0000\u0000$1");
  return marked.replace(/[\p{L}\p{M}]+|\p{N}+|\u0000/gu, (run) => {
    if (run === "\u0000") return "0";
    let made = "";
    // Word by word: of a long text one word in a thousand is drawn again, and not the whole of it.
    for (let n = 0; n < TRIES; n++) {
      made = drawn(run, stream);
      if (!words.has(made.toLowerCase()) && !gives(made)) return made;
    }
    return made;
  });
}

function drawn(run: string, stream: Stream): string {
  return run.replace(/\p{L}|\p{N}|\p{M}/gu, (character) => {
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
