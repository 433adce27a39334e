/** Times and durations as people say them. Pure: "now" and the time zone are handed in. */
import { LOCALE } from "./numbers.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The unit a person would use: "40 s", "6 min 12 s", "2 h 5 min", "3 days". Under a second: "0.4 s". */
export function duration(ms: number): string {
  if (ms < 0) return duration(0);
  if (ms < 950) return `${Math.max(ms === 0 ? 0 : 0.1, Math.round(ms / 100) / 10)} s`;
  if (ms < 9.95 * SECOND) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 59.5 * SECOND) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR - SECOND / 2) return two(Math.round(ms / SECOND), 60, "min", "s");
  if (ms < DAY - MINUTE / 2) return two(Math.round(ms / MINUTE), 60, "h", "min");
  const hours = Math.round(ms / HOUR);
  const days = Math.floor(hours / 24);
  const rest = hours % 24;
  const said = `${days} ${days === 1 ? "day" : "days"}`;
  return rest === 0 || days > 6 ? said : `${said} ${rest} h`;
}

function two(total: number, base: number, big: string, small: string): string {
  const first = Math.floor(total / base);
  const rest = total % base;
  return rest === 0 ? `${first} ${big}` : `${first} ${big} ${rest} ${small}`;
}

/** A goal or an estimate, without false precision: "72 hours", "about 6 minutes". */
export function roughly(ms: number): string {
  if (ms < 10 * SECOND) return "a few seconds";
  if (ms < 50 * SECOND) return `about ${Math.round(ms / (10 * SECOND)) * 10} seconds`;
  if (ms < 90 * SECOND) return "about a minute";
  if (ms < 50 * MINUTE) return `about ${Math.round(ms / MINUTE)} minutes`;
  if (ms < 90 * MINUTE) return "about an hour";
  if (ms < 36 * HOUR) return `about ${Math.round(ms / HOUR)} hours`;
  return `about ${Math.round(ms / DAY)} days`;
}

/** 72 h → "72 hours": goals are said in the unit they were set in. */
export function goal(ms: number): string {
  const units: [number, string][] = [[HOUR, "hour"], [MINUTE, "minute"], [SECOND, "second"]];
  for (const [unit, word] of units) {
    if (ms >= unit && ms % unit === 0) return `${ms / unit} ${word}${ms === unit ? "" : "s"}`;
  }
  return duration(ms);
}

/** "just now", "2 minutes ago", "yesterday", "in 3 hours". */
export function relative(iso: string, now: string | number): string {
  const delta = Date.parse(iso) - (typeof now === "number" ? now : Date.parse(now));
  const span = Math.abs(delta);
  if (span < 10 * SECOND) return "just now";
  const [n, word] = spoken(span);
  if (word === "day" && n === 1) return delta < 0 ? "yesterday" : "tomorrow";
  const said = `${n} ${word}${n === 1 ? "" : "s"}`;
  return delta < 0 ? `${said} ago` : `in ${said}`;
}

function spoken(span: number): [number, string] {
  if (span < 59.5 * SECOND) return [Math.round(span / SECOND), "second"];
  if (span < 59.5 * MINUTE) return [Math.round(span / MINUTE), "minute"];
  if (span < 23.5 * HOUR) return [Math.round(span / HOUR), "hour"];
  if (span < 13.5 * DAY) return [Math.round(span / DAY), "day"];
  if (span < 8 * 7 * DAY) return [Math.round(span / (7 * DAY)), "week"];
  if (span < 345 * DAY) return [Math.round(span / (30.44 * DAY)), "month"];
  return [Math.round(span / (365.25 * DAY)), "year"];
}

function parts(iso: string, zone: string): Record<string, string> {
  const format = new Intl.DateTimeFormat(LOCALE, {
    timeZone: zone, weekday: "long", day: "numeric", month: "long", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  return Object.fromEntries(format.formatToParts(new Date(iso)).map((p) => [p.type, p.value]));
}

/** "14:03:11". */
export function clockTime(iso: string, zone: string, seconds = true): string {
  const p = parts(iso, zone);
  return seconds ? `${p["hour"]}:${p["minute"]}:${p["second"]}` : `${p["hour"]}:${p["minute"]}`;
}

/** The exact time, for hover and for screen readers: "22 November 2026, 14:03:11 UTC". */
export function exact(iso: string, zone: string): string {
  const p = parts(iso, zone);
  return `${p["day"]} ${p["month"]} ${p["year"]}, ${clockTime(iso, zone)} ${p["timeZoneName"]}`;
}

/** "3 March", with the year when it is not this one. */
export function day(iso: string, now: string, zone: string): string {
  const p = parts(iso, zone);
  const current = parts(now, zone);
  return p["year"] === current["year"] ? `${p["day"]} ${p["month"]}` : `${p["day"]} ${p["month"]} ${p["year"]}`;
}

/** "today 14:03", "yesterday 14:03", "Tuesday 14:03" within a week, else "9 May 14:03". */
export function dayAndTime(iso: string, now: string, zone: string): string {
  const at = clockTime(iso, zone, false);
  const [then, today] = [parts(iso, zone), parts(now, zone)];
  const same = (p: Record<string, string>, q: Record<string, string>) => p["day"] === q["day"] && p["month"] === q["month"] && p["year"] === q["year"];
  if (same(then, today)) return `today ${at}`;
  if (same(then, parts(new Date(Date.parse(now) - DAY).toISOString(), zone))) return `yesterday ${at}`;
  const age = Date.parse(now) - Date.parse(iso);
  if (age > 0 && age < 6 * DAY) return `${then["weekday"]} ${at}`;
  return `${day(iso, now, zone)} ${at}`;
}
