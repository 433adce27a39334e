/**
 * Cron lines of five fields (minute, hour, day of month, month, day of week; POSIX crontab, with lists, ranges, steps and 7 for Sunday), read
 * in a time zone. In the hour that a change to winter time repeats, a line answers once; a time that a change to summer time skips answers
 * at the first minute after it.
 */

export interface Cron {
  /** The first matching minute strictly after `after`. Null: none within five years ("0 0 30 2 *"). */
  next(after: Date): Date | null;
}

const FIELDS = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day", min: 1, max: 31 },
  { name: "month", min: 1, max: 12 },
  { name: "weekday", min: 0, max: 7 },
] as const;

/** Null when the line or the zone is not one. */
export function parseCron(line: string, timezone: string): Cron | null {
  const texts = line.trim().split(/\s+/);
  if (texts.length !== FIELDS.length || !isTimezone(timezone)) return null;
  const sets = FIELDS.map(({ min, max }, at) => parseField(texts[at] ?? "", min, max));
  const [minutes, hours, days, months, weekdays] = sets;
  if (!minutes || !hours || !days || !months || !weekdays) return null;
  if (weekdays.has(7)) weekdays.add(0);
  const anyDay = texts[2] === "*";
  const anyWeekday = texts[4] === "*";
  /** When both day fields are given, either suffices (POSIX). */
  const dayMatches = (day: number, weekday: number): boolean =>
    anyDay || anyWeekday ? days.has(day) && weekdays.has(weekday) : days.has(day) || weekdays.has(weekday);
  const sortedMinutes = [...minutes].sort((a, b) => a - b);
  const sortedHours = [...hours].sort((a, b) => a - b);

  return {
    next: (after) => {
      const start = wallClock(after, timezone);
      for (let ahead = -1; ahead <= 366 * 5; ahead++) {
        const date = new Date(Date.UTC(start.year, start.month - 1, start.day + ahead));
        if (!months.has(date.getUTCMonth() + 1) || !dayMatches(date.getUTCDate(), date.getUTCDay())) continue;
        let first: Date | null = null;
        for (const hour of sortedHours) {
          for (const minute of sortedMinutes) {
            const instant = instantOf(date, hour, minute, timezone);
            if (instant > after && (first === null || instant < first)) first = instant;
          }
          if (first !== null) return first;
        }
      }
      return null;
    },
  };
}

function parseField(text: string, min: number, max: number): Set<number> | null {
  const all = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (!match) return null;
    const [, from, to, by] = match;
    const low = from === undefined ? min : Number(from);
    const high = from === undefined ? max : to !== undefined ? Number(to) : by === undefined ? low : max;
    const step = by === undefined ? 1 : Number(by);
    if (low < min || high > max || low > high || step < 1) return null;
    for (let value = low; value <= high; value += step) all.add(value);
  }
  return all;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallClock(instant: Date, timezone: string): { year: number; month: number; day: number; hour: number; minute: number } {
  let format = formats.get(timezone);
  if (!format) {
    const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
    format = new Intl.DateTimeFormat("en-US", { timeZone: timezone, hourCycle: "h23", calendar: "gregory", numberingSystem: "latn", ...parts });
    formats.set(timezone, format);
  }
  const read = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  return { year: read["year"] ?? 0, month: read["month"] ?? 0, day: read["day"] ?? 0, hour: read["hour"] ?? 0, minute: read["minute"] ?? 0 };
}

/** The first instant at which the zone's clock shows this time; for a skipped time, the first minute after the gap. */
function instantOf(date: Date, hour: number, minute: number, timezone: string): Date {
  const asked = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), hour, minute);
  const offsetAt = (instant: number): number => {
    const { year, month, day, hour: h, minute: m } = wallClock(new Date(instant), timezone);
    return Date.UTC(year, month - 1, day, h, m) - Math.floor(instant / 60_000) * 60_000;
  };
  // The offsets in force a day before and a day after cover one change between them.
  const before = offsetAt(asked - 86_400_000);
  const after = offsetAt(asked + 86_400_000);
  const candidates = [asked - before, asked - after].filter((instant) => instant + offsetAt(instant) === asked);
  if (candidates.length > 0) return new Date(Math.min(...candidates));
  // Skipped: with the earlier offset the wanted time lies beyond the change; go back to the change itself.
  let low = asked - Math.max(before, after);
  let high = asked - Math.min(before, after);
  while (high - low > 60_000) {
    const middle = Math.floor((low + high) / 120_000) * 60_000;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return new Date(high);
}
