/**
 * Bytes as lines that a person can type from paper: base32 in Crockford's alphabet (no I, L, O, U; I and L read as 1, O as 0, either case),
 * five groups of five characters, and two check characters that tell which line is wrong.
 *
 * The check characters make the line a Reed-Solomon code over GF(32), shortened from (31, 29): any one or two wrong characters, and any two that
 * changed places, are noticed for certain; of worse damage all but one in 1024. The line's number is part of the code, so that lines that
 * changed places, or are missing, are noticed too.
 */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LIKE: Readonly<Record<string, string>> = { I: "1", L: "1", O: "0" };
export const LINE_CHARACTERS = 25;
const GROUP = 5;

/** GF(32) with x^5 + x^2 + 1, the exponents of its generator 2. */
const EXP: number[] = [];
const LOG: number[] = [];
for (let power = 0, value = 1; power < 31; power++) {
  EXP[power] = value;
  LOG[value] = power;
  value <<= 1;
  if (value & 32) value ^= 0b100101;
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : (EXP[((LOG[a] as number) + (LOG[b] as number)) % 31] as number);
}

/** The two check symbols: remainder of the message by (x - 2)(x - 4). */
function remainder(symbols: readonly number[]): [number, number] {
  const [g1, g0] = [2 ^ 4, times(2, 4)];
  let high = 0;
  let low = 0;
  for (const symbol of symbols) {
    const feedback = symbol ^ high;
    high = low ^ times(feedback, g1);
    low = times(feedback, g0);
  }
  return [high, low];
}

/** The line's number as two symbols in front: lines 1 to 1023. */
function checked(line: number, symbols: readonly number[]): [number, number] {
  return remainder([line >> 5, line & 31, ...symbols]);
}

export function toLines(bytes: Uint8Array): string[] {
  const symbols: number[] = [];
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) symbols.push((value >> (bits -= 5)) & 31);
    value &= (1 << bits) - 1;
  }
  if (bits > 0) symbols.push((value << (5 - bits)) & 31);
  const lines: string[] = [];
  for (let at = 0; at < symbols.length; at += LINE_CHARACTERS) {
    const part = symbols.slice(at, at + LINE_CHARACTERS);
    const text = part.map((symbol) => ALPHABET[symbol]).join("");
    const check = checked(lines.length + 1, part).map((symbol) => ALPHABET[symbol]).join("");
    lines.push(`${String(lines.length + 1).padStart(2)}  ${(text.match(new RegExp(`.{1,${GROUP}}`, "g")) as string[]).join(" ")}  ${check}`);
  }
  return lines;
}

export type Typed = { readonly bytes: Uint8Array } | { readonly wrongLine: number };

/** Takes lines with or without their numbers, spaces and dashes wherever they like. Answers the first line that is wrong. */
export function fromLines(lines: readonly string[]): Typed {
  const symbols: number[] = [];
  for (const [i, line] of lines.entries()) {
    const text = line.replace(/^\s*\d{1,3}(?:[.:)]\s*|\s\s+)/, "").toUpperCase().replace(/[\s-]/g, "").replace(/[ILO]/g, (letter) => LIKE[letter] as string);
    const typed = [...text].map((character) => ALPHABET.indexOf(character));
    const part = typed.slice(0, -2);
    const whole = part.length === LINE_CHARACTERS || (i === lines.length - 1 && part.length >= 1 && part.length < LINE_CHARACTERS);
    if (!whole || typed.includes(-1) || checked(i + 1, part).join() !== typed.slice(-2).join()) return { wrongLine: i + 1 };
    symbols.push(...part);
  }
  const bytes = new Uint8Array((symbols.length * 5) >> 3);
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const symbol of symbols) {
    value = ((value << 5) | symbol) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes[at++] = (value >> (bits -= 8)) & 255;
  }
  return { bytes };
}
