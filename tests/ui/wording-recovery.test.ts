/** Words of the recovery points, and where their chart breaks off. */
import { describe, expect, test } from "@jest/globals";
import { breaks, cadenceWords, recoveryAnswer, withBreaks } from "#app/ui/wording/recovery.ts";
import { recoveryPages } from "./fixtures-recovery.ts";

const row = recoveryPages["safe"]!.rows[0]!;
const MINUTE = 60_000;

describe("the first line", () => {
  test("one kind is older than allowed", () => {
    expect(recoveryAnswer({ linked: true, rows: [{ ...row, stream: "shop", ageMs: 27 * 60 * MINUTE }] })).toBe("We could lose 1 day 3 h of the store itself: 1 of 1 kind of data is older than you allow.");
  });
  test("nothing to go back to comes before any age", () => {
    expect(recoveryAnswer({ linked: true, rows: [{ ...row, ageMs: 90 * 60 * 60 * MINUTE }, { ...row, stream: "draft-orders", ageMs: null }] })).toBe("There is nothing to go back to for draft orders: 2 of 2 kinds of data are older than you allow.");
  });
});

test("how often a snapshot is advised is said as people do", () => {
  expect([cadenceWords(5), cadenceWords(60), cadenceWords(360), cadenceWords(1440)]).toEqual(["every 5 minutes", "every hour", "every 6 hours", "every 24 hours"]);
});

describe("the line of a chart", () => {
  const at = (minute: number) => ({ at: minute * MINUTE, ageMs: 5 });
  test("goes on over a figure or two that came late, and breaks where nothing was measured", () => {
    expect(withBreaks([0, 1, 2, 4, 5].map(at))).toHaveLength(5);
    expect(withBreaks([0, 1, 2, 30, 31].map(at))).toEqual([at(0), at(1), at(2), { at: 3 * MINUTE, ageMs: null }, at(30), at(31)]);
  });
  test("takes as usual what is usual for its own figures", () => {
    expect(withBreaks([0, 6, 12, 18, 24].map(at))).toHaveLength(5);
    expect(breaks([0, 6, 12, 48, 54].map((minute) => ({ at: new Date(minute * MINUTE).toISOString() })))).toBe(1);
  });
  test("of one figure, or none, has no break", () => {
    expect([withBreaks([]), withBreaks([at(3)])]).toEqual([[], [at(3)]]);
  });
});
