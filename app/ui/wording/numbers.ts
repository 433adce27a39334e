/** Numbers, sizes and lists as people write them. One locale for all, so that server and browser agree to the letter. */

export const LOCALE = "en-GB";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });

/** 48211 → "48,211". */
export function number(n: number): string {
  return whole.format(n);
}

/** count(1, "record") → "1 record"; count(312, "draft order") → "312 draft orders". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"];

/** Bytes in decimal units, as storage is sold: 1532000 → "1.5 MB". */
export function size(bytes: number): string {
  if (bytes === 1) return "1 byte";
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? tenth.format(value) : whole.format(value)} ${UNITS[unit]}`;
}

/** ["a", "b", "c"] → "a, b and c". */
export function list(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** 0.4567 → "46%"; never says 100% before all is done, nor 0% once something is. */
export function percent(part: number, of: number): string {
  return `${wholePercent(part, of)}%`;
}

export function wholePercent(part: number, of: number): number {
  if (of <= 0) return 0;
  if (part >= of) return 100;
  if (part <= 0) return 0;
  return Math.min(99, Math.max(1, Math.round((part / of) * 100)));
}

/** A long id shortened for reading; the whole one stays in the title and in "Technical details". */
export function shortId(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 8)}…`;
}
