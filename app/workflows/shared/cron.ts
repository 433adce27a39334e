/**
 * Cron lines of five fields (minute, hour, day of month, month, day of week; lists, ranges, steps, names, 7 for Sunday) in a time zone, read by croner.
 * When both day fields are given, either suffices. What a change of the clocks does follows Vixie cron: a line of fixed times ("30 2 * * *",
 * "0 2,14 * * *") answers once in an hour that is repeated, and a time that is skipped answers at the first minute after the gap; a line with a
 * wildcard or a step among its minutes and hours goes on through the repeated hour, so that no interval grows by one.
 */
import { Cron as Croner } from "croner";

export interface Cron {
  /** The first matching minute strictly after `after`. Null: there is none ("0 0 30 2 *"). */
  next(after: Date): Date | null;
}

/** Anything else croner reads too: nicknames, dates, seconds. */
const FIVE_FIELDS = /^\s*(?:\S+\s+){4}\S+\s*$/;

/** Null when the line or the zone is not one. */
export function parseCron(line: string, timezone: string): Cron | null {
  if (!FIVE_FIELDS.test(line) || timezone === "") return null;
  try {
    // Without a function it keeps no timer and only answers. sloppyRanges: "10/20" is from 10 on, every 20, as many a crontab has it.
    const cron = new Croner(line, { timezone, mode: "5-part", paused: true, sloppyRanges: true, fixedTimeRule: "no-wildcard" });
    // It looks at the zone when it needs it.
    cron.nextRun(new Date(0));
    return { next: (after) => cron.nextRun(after) };
  } catch {
    return null;
  }
}
