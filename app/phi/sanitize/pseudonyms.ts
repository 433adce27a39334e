/** What takes the place of names, addresses and numbers: of the same form, so that a platform takes it, and nobody's. */
import { createSecretKey, type KeyObject } from "node:crypto";
import { SYNTHETIC_MARK } from "../synthetic.ts";
import { Stream } from "./stream.ts";

const SYLLABLES = ["ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "la", "ne", "ri", "so", "tu"];
/** First three digits of one ZIP of each state ("00" behind them is nobody's): all that is left of a place within it. From the Postal Service's table of prefixes (Publication 65). */
const ZIP_OF_STATE: Readonly<Record<string, string>> = {
  AL: "352", AK: "995", AZ: "850", AR: "722", CA: "900", CO: "802", CT: "061", DE: "198", DC: "200", FL: "331", GA: "303", HI: "968", ID: "837", IL: "606", IN: "462", IA: "503", KS: "672", KY: "402",
  LA: "701", ME: "041", MD: "212", MA: "021", MI: "482", MN: "554", MS: "392", MO: "631", MT: "591", NE: "681", NV: "891", NH: "031", NJ: "071", NM: "871", NY: "100", NC: "282", ND: "581", OH: "432",
  OK: "731", OR: "972", PA: "191", RI: "029", SC: "292", SD: "571", TN: "372", TX: "770", UT: "841", VT: "054", VA: "232", WA: "981", WV: "253", WI: "532", WY: "820", PR: "009",
};
/** The platform gives a phone number to one customer only, and there are 80,000 reserved ones. */
const AREA_CODES = 800;
const LINES = 100;

export interface PseudonymsOptions {
  /** How many area codes of reserved numbers are given out: 1 to 800, the default. */
  readonly areaCodes?: number;
}

export class Pseudonyms {
  readonly #key: KeyObject;
  /** Reserved numbers by what they stand for, so that two people never share one. */
  readonly #phones = new Map<string, string>();
  readonly #taken = new Set<string>();

  readonly #numbers: number;

  constructor(key: Uint8Array, { areaCodes = AREA_CODES }: PseudonymsOptions = {}) {
    this.#key = createSecretKey(key);
    this.#numbers = areaCodes * LINES;
  }

  stream(use: string, value: string): Stream {
    return new Stream(this.#key, use, value);
  }

  word(use: string, value: string): string {
    const stream = this.stream(use, value);
    const word = stream.pick(SYLLABLES) + stream.pick(SYLLABLES) + stream.pick(SYLLABLES);
    return word[0]!.toUpperCase() + word.slice(1);
  }

  firstName(value: string): string {
    return this.word("first name", normal(value));
  }

  lastName(value: string): string {
    return `${this.word("last name", normal(value))} ${SYNTHETIC_MARK}`;
  }

  /** A whole name, or what a company is called. */
  fullName(value: string): string {
    return `${SYNTHETIC_MARK} ${this.word("first name", normal(value))} ${this.word("last name", normal(value))}`;
  }

  email(value: string): string {
    const stream = this.stream("email", normal(value));
    return `p${stream.letters(10)}${stream.digits(6)}@example.com`;
  }

  /** E.164, of a range that is reserved for fiction. Null: all of them are in use. */
  phone(value: string): string | null {
    const digits = value.replace(/\D/g, "").replace(/^1(?=\d{10}$)/, "");
    const known = this.#phones.get(digits);
    if (known !== undefined) return known;
    if (this.#taken.size >= this.#numbers) return null;
    const stream = this.stream("phone", digits);
    let place = stream.below(this.#numbers);
    const number = (at: number): string => `+1${200 + Math.floor(at / LINES)}55501${String(at % LINES).padStart(2, "0")}`;
    while (this.#taken.has(number(place))) place = (place + 1) % this.#numbers;
    this.#taken.add(number(place));
    this.#phones.set(digits, number(place));
    return number(place);
  }

  /** `state`: "CA". In the United States one ZIP a state; elsewhere the form of the code is kept, and nothing else. */
  zip(value: string, country: string | null, state: string | null): string {
    if (country === "US" || (country === null && /^\d{5}(?:-\d{4})?$/.test(value))) return `${ZIP_OF_STATE[state ?? ""] ?? "000"}00`;
    const stream = this.stream("zip", value);
    return value.replace(/[A-Za-z]/g, () => stream.letters(1).toUpperCase()).replace(/\d/g, () => stream.digits(1));
  }

  city(value: string): string {
    return `${this.word("city", normal(value))}ville`;
  }

  street(value: string): string {
    return `${1 + this.stream("street", value).below(9998)} ${SYNTHETIC_MARK} ${this.word("street", normal(value))} Street`;
  }

  unit(value: string): string {
    return `${SYNTHETIC_MARK} unit ${1 + this.stream("unit", value).below(998)}`;
  }

  url(value: string): string {
    const ending = /\.[a-z0-9]{2,5}(?=$|[?#])/i.exec(value)?.[0] ?? "";
    return `https://example.com/synthetic/${this.stream("url", value).letters(16)}${ending}`;
  }

  ip(value: string): string {
    return `192.0.2.${this.stream("ip", value).below(256)}`;
  }

  slug(value: string): string {
    return `synthetic-${this.stream("slug", value).letters(14)}`;
  }

  tag(value: string): string {
    return value === SYNTHETIC_MARK ? value : `synthetic-${this.stream("tag", normal(value)).letters(8)}`;
  }

  uuid(value: string): string {
    return `00000000-0000-4000-8000-${this.stream("uuid", value).letters(12).replace(/[g-z]/g, (letter) => "abcdef"[letter.charCodeAt(0) % 6]!)}`;
  }

  /** A number of as many digits, the first of them not 0. */
  number(value: string): string {
    const stream = this.stream("number", value);
    const length = value.replace(/\D/g, "").length;
    return `${1 + stream.below(9)}${stream.digits(Math.max(0, length - 1))}`.slice(0, Math.max(1, length));
  }

  /** The same id for the same id, wherever it stands: "gid://shopify/Order/1". What is in common to all shops stays. */
  gid(value: string): string {
    const match = /^(gid:\/\/[\w-]+\/)(\w+)(\/)([\w-]+)(\?.*)?$/.exec(value);
    if (match === null) return `gid://shopify/Synthetic/${this.number(value.padEnd(15, "0").slice(0, 15))}`;
    const [, scheme = "", type = "", slash = "", id = "", rest = ""] = match;
    if (/^Taxonomy/.test(type)) return value;
    // The id of a record made of another's has that one's number.
    const stream = this.stream("id", id);
    // No payment card begins with 9.
    const mapped = /^\d+$/.test(id) ? `9${stream.digits(14)}` : /^[0-9a-f-]{36}$/.test(id) ? this.uuid(id) : stream.letters(20);
    return `${scheme}${type}${slash}${mapped}${rest}`;
  }
}

/** The same person writes the same name in many ways. */
export function normal(value: string): string {
  return value.trim().toLowerCase().normalize("NFC");
}
