import { describe, expect, test } from "@jest/globals";
import { parseCron } from "#app/workflows/shared/cron.ts";

const next = (line: string, zone: string, after: string): string | null => parseCron(line, zone)?.next(new Date(after))?.toISOString() ?? null;

describe("a cron line", () => {
  test.each([
    ["every night in its zone", "0 3 * * *", "Europe/Berlin", "2026-11-22T09:00:00Z", "2026-11-23T02:00:00.000Z"],
    ["every quarter of an hour, strictly after now", "*/15 * * * *", "UTC", "2026-11-22T09:00:00Z", "2026-11-22T09:15:00.000Z"],
    ["over the hour", "*/15 * * * *", "UTC", "2026-11-22T09:59:59Z", "2026-11-22T10:00:00.000Z"],
    ["lists and ranges", "30 8-10,20 * * 1-5", "UTC", "2026-11-20T10:30:00Z", "2026-11-20T20:30:00.000Z"],
    ["over a weekend", "30 8-10,20 * * 1-5", "UTC", "2026-11-20T20:30:00Z", "2026-11-23T08:30:00.000Z"],
    ["Sunday, by 7", "0 4 * * 7", "America/New_York", "2026-11-22T09:59:59Z", "2026-11-29T09:00:00.000Z"],
    ["a step from a start", "10/20 0 * * *", "UTC", "2026-11-22T00:10:00Z", "2026-11-22T00:30:00.000Z"],
    ["either of the two day fields when both are given", "0 0 13 * 5", "UTC", "2026-11-22T09:59:59Z", "2026-11-27T00:00:00.000Z"],
    ["a leap day", "0 0 29 2 *", "UTC", "2026-11-22T09:59:59Z", "2028-02-29T00:00:00.000Z"],
    ["a zone of half hours", "0 0 1 1 *", "Asia/Kolkata", "2026-11-22T09:59:59Z", "2026-12-31T18:30:00.000Z"],
    ["a zone a day ahead", "0 0 * * *", "Pacific/Apia", "2026-11-22T09:59:59Z", "2026-11-22T11:00:00.000Z"],
    ["a time that summer time skips, at the end of the gap", "30 2 * * *", "Europe/Berlin", "2026-03-28T09:00:00Z", "2026-03-29T01:00:00.000Z"],
    ["a time that winter time repeats, the first of the two", "30 2 * * *", "Europe/Berlin", "2026-10-24T09:00:00Z", "2026-10-25T00:30:00.000Z"],
    ["and not the second", "30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00.000Z"],
    ["of a list too, only the first of the two", "30 2,14 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T13:30:00.000Z"],
    ["an interval's times in the repeated hour as well, so that none is an hour longer", "*/30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00.000Z"],
    ["an interval's next time after a gap", "*/30 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00.000Z"],
    ["weekdays by their names", "0 3 * * MON", "UTC", "2026-11-22T09:00:00Z", "2026-11-23T03:00:00.000Z"],
  ])("finds %s", (_name, line, zone, after, expected) => {
    expect(next(line, zone, after)).toBe(expected);
  });

  test("that never comes has no next time", () => {
    expect(parseCron("0 0 30 2 *", "UTC")?.next(new Date("2026-11-22T09:00:00Z"))).toBeNull();
  });

  test.each(["", "* * * *", "* * * * * *", "60 0 * * *", "0 24 * * *", "0 0 0 * *", "0 0 * 13 *", "0 0 * * 8", "5-1 * * * *", "*/0 * * * *", "a * * * *", "1,,2 * * * *", "-1 * * * *", "@daily", "2030-01-23T00:00:00", "* * * * * * *"])("%p is none", (line) => {
    expect(parseCron(line, "UTC")).toBeNull();
  });

  test("in a zone nobody knows is none", () => {
    expect(parseCron("0 3 * * *", "Mars/Olympus")).toBeNull();
    expect(parseCron("0 3 * * *", "")).toBeNull();
  });

  test("answers with a minute that matches it, whatever the hour of the year", () => {
    const cron = parseCron("17 */5 * * *", "America/New_York");
    const show = new Intl.DateTimeFormat("en-GB", { timeZone: "America/New_York", hour: "2-digit", minute: "2-digit" });
    for (let after = Date.UTC(2026, 0, 1); after < Date.UTC(2027, 0, 1); after += 7 * 3_600_000 + 13) {
      const found = cron?.next(new Date(after));
      expect(found?.getTime()).toBeGreaterThan(after);
      expect(show.format(found ?? undefined)).toMatch(/^(?:00|05|10|15|20):17$/);
    }
  });
});
