/** Dates: every date that has to do with a person is moved back by the same number of days and minutes, so that the time between two of them stays. */
import type { Pseudonyms } from "./pseudonyms.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** A year and a day at most: what was in the past stays there, and seasons do not show. */
const MOST_DAYS = 366;
const ISO = /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/;
/** Of people above 89 the year tells too much (45 CFR 164.514(b)(2)(i)(C)). */
const OLDEST_YEARS = 89;

export interface Shift {
  readonly days: number;
  readonly minutes: number;
}

export function shiftOf(person: string, pseudonyms: Pseudonyms): Shift {
  const stream = pseudonyms.stream("dates", person);
  return { days: 1 + stream.below(MOST_DAYS), minutes: stream.below(1440) };
}

export function isIsoDate(text: string): boolean {
  return ISO.test(text) && !Number.isNaN(Date.parse(text));
}

/** The one day that stands for all before it, in milliseconds: "90 or older" at the time of the data. */
function oldest(asOf: Date): number {
  return Date.UTC(asOf.getUTCFullYear() - OLDEST_YEARS - 1, 0, 1);
}

/** Whether a date says no more than that somebody is 90 or older, which may be said. */
export function isOldest(text: string, asOf: Date): boolean {
  return Date.parse(text.slice(0, 10)) === oldest(asOf);
}

/** In the form it had. `asOf`: the time of the data; a date of which a person would be above 89 becomes the first day of the year in which they would be 90. */
export function shifted(text: string, shift: Shift, asOf: Date): string {
  const [, , time, zone = ""] = ISO.exec(text) ?? [];
  const wholeDay = time === undefined;
  const at = Date.parse(wholeDay ? `${text}T00:00:00Z` : zone === "" ? `${text}Z` : text) - shift.days * DAY_MS - (wholeDay ? 0 : shift.minutes * MINUTE_MS);
  const iso = new Date(Math.max(at, oldest(asOf))).toISOString();
  if (wholeDay) return iso.slice(0, 10);
  const fraction = /\.\d+/.exec(time)?.[0] ?? "";
  // A local time says where somebody is: UTC from now on.
  const seconds = /T\d\d:\d\d:/.test(time) ? iso.slice(0, 19) : iso.slice(0, 16);
  return `${seconds}${fraction === "" ? "" : `.${iso.slice(20, 23).padEnd(fraction.length - 1, "0").slice(0, fraction.length - 1)}`}${zone === "" ? "" : "Z"}`;
}
