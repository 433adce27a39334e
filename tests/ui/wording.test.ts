/** What the screens say: numbers, times, states and gaps in words. */
import { describe, expect, test } from "@jest/globals";
import type { Gap } from "#app/vault/index.ts";
import { changes, snapshotAnswer, snapshotsAnswer } from "#app/ui/wording/snapshots.ts";
import { drillAnswer, drillsAnswer } from "#app/ui/wording/drills.ts";
import { GAP_WORDS, gapInShort, gapName, gapSentence } from "#app/ui/wording/gaps.ts";
import { kindName, kindTitle } from "#app/ui/wording/kinds.ts";
import { count, list, number, percent, shortId, size, wholePercent } from "#app/ui/wording/numbers.ts";
import { overviewAnswer } from "#app/ui/wording/safety.ts";
import { clockTime, day, dayAndTime, duration, exact, goal, relative, roughly } from "#app/ui/wording/time.ts";
import { drillLists, drillPages, NOW, overviews, snapshotLists, snapshotPages } from "./fixtures.ts";

const S = 1000, M = 60 * S, H = 60 * M, D = 24 * H;
const before = (ms: number) => new Date(Date.parse(NOW) - ms).toISOString();

describe("numbers", () => {
  test("have separators, and their noun agrees", () => {
    expect(number(48211)).toBe("48,211");
    expect(count(1, "record")).toBe("1 record");
    expect(count(0, "record")).toBe("0 records");
    expect(list(["a", "b", "c"])).toBe("a, b and c");
    expect(list([])).toBe("");
    expect(shortId("abcdefghijklmnop")).toBe("abcdefgh…");
  });
  test("sizes are in the unit a person would use", () => {
    expect([0, 1, 812, 1_532_000, 52_400_000, 999_600, 12_300_000_000].map(size)).toEqual(["0 bytes", "1 byte", "812 bytes", "1.5 MB", "52 MB", "1 MB", "12 GB"]);
  });
  test("a share never says all before all is there, nor nothing once something is", () => {
    expect(percent(999_999, 1_000_000)).toBe("99%");
    expect(percent(1, 1_000_000)).toBe("1%");
    expect(percent(0, 5)).toBe("0%");
    expect(wholePercent(7, 5)).toBe(100);
    expect(wholePercent(3, 0)).toBe(0);
  });
});

describe("times", () => {
  test.each([
    [0, "0 s"], [40, "0.1 s"], [420, "0.4 s"], [1000, "1 s"], [4260, "4.3 s"], [40_000, "40 s"], [59_499, "59 s"], [59_600, "1 min"], [372_000, "6 min 12 s"],
    [3_599_600, "1 h"], [7_500_000, "2 h 5 min"], [3 * D, "3 days"], [D + 2 * H, "1 day 2 h"], [30 * D, "30 days"], [-5, "0 s"],
  ])("%d ms lasts %s", (ms, said) => expect(duration(ms)).toBe(said));
  test.each([
    [3 * S, "just now"], [42 * S, "42 seconds ago"], [60 * S, "1 minute ago"], [2 * M, "2 minutes ago"], [59.6 * M, "1 hour ago"], [5 * H, "5 hours ago"], [26 * H, "yesterday"],
    [5 * D, "5 days ago"], [21 * D, "3 weeks ago"], [100 * D, "3 months ago"], [800 * D, "2 years ago"], [-3 * H, "in 3 hours"], [-26 * H, "tomorrow"],
  ])("%d ms before now is %s", (ms, said) => expect(relative(before(ms), NOW)).toBe(said));
  test("the exact time names its zone", () => {
    expect(exact("2026-11-22T14:03:11Z", "UTC")).toBe("22 November 2026, 14:03:11 UTC");
    expect(clockTime("2026-11-22T14:03:11Z", "America/New_York")).toBe("09:03:11");
    expect(exact("2026-11-22T00:00:00Z", "UTC")).toContain("00:00:00");
  });
  test("a day is said as near as it is", () => {
    expect(dayAndTime(before(2 * M), NOW, "UTC")).toBe("today 14:03");
    expect(dayAndTime(before(D), NOW, "UTC")).toBe("yesterday 14:05");
    expect(dayAndTime(before(5 * D), NOW, "UTC")).toBe("Tuesday 14:05");
    expect(dayAndTime("2026-05-09T02:00:00Z", NOW, "UTC")).toBe("9 May 02:00");
    expect(day("2025-05-09T02:00:00Z", NOW, "UTC")).toBe("9 May 2025");
  });
  test("goals keep their unit and estimates claim no more than they know", () => {
    expect(goal(72 * H)).toBe("72 hours");
    expect(goal(H)).toBe("1 hour");
    expect(goal(90 * S)).toBe("90 seconds");
    expect([4 * S, 32 * S, 70 * S, 13.6 * M, 5 * H, 4 * D].map(roughly)).toEqual(["a few seconds", "about 30 seconds", "about a minute", "about 14 minutes", "about 5 hours", "about 4 days"]);
  });
});

describe("kinds and gaps", () => {
  test("kinds are named as a merchant names them, also unknown ones", () => {
    expect([kindName("DraftOrder", 1), kindName("draftOrders", 3), kindName("LineItem"), kindName("SubscriptionContract"), kindName("Company"), kindTitle("MailingAddress")])
      .toEqual(["draft order", "draft orders", "line items", "subscription contracts", "companies", "Addresses"]);
  });
  test("every gap has a name and a sentence that ends, and none repeats an id", () => {
    for (const code of Object.keys(GAP_WORDS)) {
      const gap = { code, stream: "customers", kind: "Customer", line: 7, id: "gid://shopify/Customer/4711", expected: 1312, found: 1000 } as Gap;
      expect(gapSentence(gap)).toMatch(/^[A-Z].*\.$/);
      expect(gapSentence(gap)).not.toContain("4711");
      expect(gapName(code)).not.toBe("");
    }
  });
  test("a difference in counts is named with its number", () => {
    expect(gapSentence({ code: "count.mismatch", stream: "draftOrders", kind: "DraftOrder", expected: 1312, found: 1000 })).toBe("Draft orders: 1,000 counted here, 1,312 by the shop; 312 missing.");
    expect(gapInShort({ code: "count.mismatch", stream: "x", kind: "DraftOrder", expected: 1000, found: 1001 })).toBe("1 draft order too many");
  });
  test("a code from a newer vault is still shown", () => {
    expect(gapSentence({ code: "record.new_kind_of_gap" as Gap["code"], stream: "customers", line: 3 })).toContain("record.new_kind_of_gap");
  });
});

describe("first lines", () => {
  test("the overview answers whether the data could be got back", () => {
    const said = Object.fromEntries(Object.entries(overviews).map(([state, model]) => [state, overviewAnswer(model, NOW, "UTC")]));
    expect(said["safe"]).toBe("Yes, as of 14:03 (2 minutes ago). Last proven Tuesday 14:05: 48,211 records in 6 min 12 s.");
    expect(said["unproven"]).toBe("Yes, as of 14:03 (2 minutes ago). Not proven yet by a drill.");
    expect(said["rehearsed"]).toBe("Yes, as of 14:03 (2 minutes ago). Not proven yet by a drill of a real snapshot. Made-up data was restored Friday 14:05, which proves nothing of your copies.");
    expect(said["rehearsedSince"]).toBe("Not for certain: the copy is as of 14:03 (2 minutes ago), and no drill of a real snapshot has passed since what the store is read with changed. Last proven Tuesday 14:05: 48,211 records in 6 min 12 s. Made-up data was restored Friday 14:05, which proves nothing of your copies.");
    expect(said["empty"]).toBe("We do not know yet: nothing has been copied.");
    expect(said["gaps"]).toMatch(/^Most of it/);
    expect(said["drillFailed"]).toMatch(/^Not for certain/);
    for (const state of ["empty", "linked", "failed", "drillFailed", "gaps"]) expect(said[state]).not.toMatch(/^Yes/);
  });
  test("the overview does not say yes when the last attempt could not use the storage", () => {
    const answer = (detail: string) => overviewAnswer({ ...overviews["safe"]!, state: "at-risk", reasons: [{ code: "snapshot.last_failed", detail }] }, NOW, "UTC");
    expect(answer("vault.not_found")).toMatch(/^Not for certain: the copy is as of 14:03/);
    expect(answer("source.unreachable")).toMatch(/^Yes/);
  });
  test("snapshots say how many there are, since when, and the gap by name", () => {
    expect(snapshotsAnswer(snapshotLists["long"]!, NOW, "UTC")).toBe("1,000 snapshots since 3 March. 1 has a gap: 312 draft orders on 9 May.");
    expect(snapshotsAnswer(snapshotLists["some"]!, NOW, "UTC")).toBe("3 snapshots since 21 November. None has a gap.");
  });
  test("a snapshot says whether it is whole, by both counts", () => {
    const whole = snapshotPages["whole"]!;
    expect(snapshotAnswer({ ...whole, kinds: [{ kind: "Customer", here: 48_211, shop: 48_211, at: "2026-11-22T14:03:11.000Z" }] }, "UTC")).toBe("Whole. 48,211 records counted here, 48,211 by the shop, at 14:03:11.");
    expect(snapshotAnswer(whole, "UTC")).toBe("Whole. 28,211 records counted here, 28,211 by the shop, at 14:03:11, and 20,000 more that come with them.");
    const kinds = [{ kind: "Customer", here: 40_000, shop: 40_000, at: whole.takenAt }, { kind: "Metafield", here: 8_000 }, { kind: "MediaImage", here: 200 }, { kind: "BasicEvent", here: 11 }];
    expect(snapshotAnswer({ ...whole, kinds }, "UTC")).toMatch(/and 8,000 more that come with them, and 11 that it counts by sort, and 200 of kinds that Shopify does not count\.$/);
    expect(snapshotAnswer(snapshotPages["gaps"]!, "UTC")).toMatch(/^Not whole\. 2 gaps: 312 draft orders; 1 customer\./);
    expect(snapshotAnswer(snapshotPages["longGaps"]!, "UTC")).toContain("5,431 gaps: 1 customer; 1 customer; and 5,429 more.");
    expect(changes({ added: 0, changed: 0, removed: 0 })).toBe("No changes");
  });
  test("drills say how many passed, how fast, and that a goal is a goal", () => {
    expect(drillsAnswer(drillLists["long"]!)).toBe("16 of 17 drills passed. Median 6 min; the proposed goal is 72 hours.");
    expect(drillAnswer(drillPages["passed"]!)).toBe("Passed. 48,211 records opened and equal to what was kept, restored in 6 min 12 s; the proposed goal is 72 hours.");
    expect(drillAnswer(drillPages["differs"]!)).toBe("Failed. 31 records differ after the restore. 2 records could not be put back.");
    expect(drillAnswer(drillPages["damaged"]!)).toBe("Failed. See below what stopped it.");
  });
});
