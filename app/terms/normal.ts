/** Normal forms. Each answers nothing for what cannot be meant. */
import parsePhoneNumber, { isSupportedCountry } from "libphonenumber-js/min";

/** Longest local part and domain together: RFC 5321, 4.5.3.1.3 (a path of 256 with its brackets). */
const LONGEST_EMAIL = 254;
const LONGEST_TEXT = 400;
const MOST_WORDS = 12;

/** Letters that only look different are the same; case goes, and what its going leaves is composed again. */
function caseless(text: string): string {
  return text.normalize("NFKC").toLowerCase().normalize("NFKC");
}

/** Lower case, which RFC 5321 does not promise to be the same mailbox, and every mail service treats so. */
export function emailTerm(text: string): string | null {
  const plain = caseless(text).trim();
  return plain.length <= LONGEST_EMAIL && /^[^\s@]+@[^\s@]+$/.test(plain) ? plain : null;
}

/** E.164 is at most 15 digits (ITU-T E.164, 6.1). */
const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * E.164. A number without its country's code is read as one of `country` (ISO 3166-1, two letters); where that is not known, its digits alone. Only with the
 * country known do a national and an international way of writing meet.
 */
export function phoneTerm(text: string, country?: string | null): string | null {
  if (E164.test(text)) return text;
  if (text.length > 64) return null;
  const plain = text.normalize("NFKC").trim().replace(/^00[\s-]*(?=[1-9])/, "+");
  const region = country === undefined || country === null ? undefined : country.toUpperCase();
  if (plain.startsWith("+") || (region !== undefined && isSupportedCountry(region))) {
    const parsed = parsePhoneNumber(plain, region !== undefined && isSupportedCountry(region) ? region : undefined);
    if (parsed !== undefined) return parsed.number;
  }
  const digits = plain.replace(/\D/g, "");
  return digits.length >= 5 && digits.length <= 20 ? (plain.startsWith("+") ? `+${digits}` : digits) : null;
}

const PLAIN_NAME = /^[a-z]+$/;
const ASCII = /^[\x00-\x7f]*$/;
/** Letters that have a plain form but no decomposition (Unicode has none for them). */
const FOLDED: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", ħ: "h", ı: "i", þ: "th" };

/** Words without case and marks: "José  Ángel-García" is jose, angel, garcia. */
export function nameTerms(text: string): readonly string[] {
  if (text.length > LONGEST_TEXT) return [];
  const lower = text.toLowerCase();
  if (PLAIN_NAME.test(lower)) return [lower];
  const folded = ASCII.test(lower) ? lower : text.normalize("NFKD").toLowerCase().normalize("NFKD").replace(/\p{M}+/gu, "").replace(/[ßæœøđðłħıþ]/g, (letter) => FOLDED[letter] ?? letter);
  // An apostrophe joins: O'Brien is obrien, as it is often written.
  const words = folded.replace(/['’ʼ`]/g, "").split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return [...new Set(words)].slice(0, MOST_WORDS);
}

/** An order's name without its sign and spaces ("#EN-1001" is en-1001), and its number alone. */
export function orderTerms(text: string): string[] {
  if (text.length > 64) return [];
  const plain = caseless(text).replace(/[\s#]/g, "");
  if (plain === "") return [];
  const numbers = plain.match(/\d+/g) ?? [];
  const [number] = numbers;
  return numbers.length === 1 && number !== undefined && number !== plain && number.length >= 3 ? [plain, number] : [plain];
}
