/** The planner: NIST's periods, retention, and what it refuses. */
import { describe, expect, test } from "@jest/globals";
import type { KeyFacts } from "#app/vault/index.ts";
import { after, inWords, longer, months, parsePeriod } from "#app/workflows/keys/period.ts";
import { NO_CHANGE, planRotation, type KeyPolicy } from "#app/workflows/keys/plan-rotation.ts";

const policy: KeyPolicy = { retention: months(72), rotateEvery: months(12), keyLife: months(60) };
const now = new Date("2026-06-01T00:00:00.000Z");
const facts: KeyFacts = {
  vaultId: "v",
  createdAt: "2024-01-01T00:00:00.000Z",
  lists: [
    { sequence: 0, at: "2024-01-01T00:00:00.000Z", recipients: ["old"] },
    { sequence: 1, at: "2025-01-01T00:00:00.000Z", recipients: ["old", "new"] },
    { sequence: 2, at: "2025-02-01T00:00:00.000Z", recipients: ["new", "officer"] },
  ],
  snapshots: [
    { snapshotId: "one", takenAt: "2024-02-01T00:00:00.000Z", keyIds: ["k1"] },
    { snapshotId: "two", takenAt: "2026-02-01T00:00:00.000Z", keyIds: ["k1", "k2"] },
  ],
  wrappedTo: new Map([["k1", ["new", "officer"]], ["k2", ["new", "officer"]]]),
};
const codes = (p: KeyPolicy, change = NO_CHANGE, f = facts): string[] => planRotation(f, p, now, change).refusals.map(({ code }) => code);

describe("periods", () => {
  test("are the calendar's: the same day, or the month's last", () => {
    expect(after(new Date("2024-01-31T10:00:00.000Z"), months(1)).toISOString()).toBe("2024-02-29T10:00:00.000Z");
    expect(after(new Date("2024-02-29T00:00:00.000Z"), months(72)).toISOString()).toBe("2030-02-28T00:00:00.000Z");
    expect(after(new Date("2024-12-31T00:00:00.000Z"), { months: 2, days: 3 }).toISOString()).toBe("2025-03-03T00:00:00.000Z");
  });
  test.each([["6y", { months: 72, days: 0 }, "6 years"], ["1y", { months: 12, days: 0 }, "1 year"], ["18m", { months: 18, days: 0 }, "18 months"], ["90d", { months: 0, days: 90 }, "90 days"]])("%s is read", (text, period, words) => {
    expect(parsePeriod(text)).toEqual(period);
    expect(inWords(period)).toBe(words);
  });
  test.each(["", "0y", "6", "y", "-1y", "1.5y", "6 y", "99999y"])("%p is not", (text) => expect(parsePeriod(text)).toBeNull());
  test("compare across units", () => {
    expect(longer({ months: 0, days: 31 }, months(1))).toBe(false);
    expect(longer({ months: 0, days: 32 }, months(1))).toBe(true);
  });
});

describe("a policy", () => {
  test("of six years' retention, rotation every year and keys of five years is accepted", () => expect(codes(policy)).toEqual([]));
  test("with a key used past NIST's five years is refused, at exactly one day more", () => {
    expect(codes({ ...policy, keyLife: months(60) })).toEqual([]);
    expect(codes({ ...policy, keyLife: { months: 60, days: 1 } })).toEqual(["plan.past_cryptoperiod"]);
  });
  test("that seals to one recipient for more than two years is refused, at exactly one day more", () => {
    expect(codes({ ...policy, rotateEvery: months(24) })).toEqual([]);
    expect(codes({ ...policy, rotateEvery: { months: 24, days: 1 } })).toEqual(["plan.past_cryptoperiod"]);
  });
  test("that destroys an identity before the next rotation could use it is refused", () => {
    expect(codes({ ...policy, keyLife: months(12) })).toEqual([]);
    expect(codes({ ...policy, keyLife: months(11) })).toEqual(["plan.key_life_too_short"]);
  });
  test("without rotation: what is kept longer than the key lives, or than five years, is refused", () => {
    const still = { ...policy, rotateEvery: null };
    expect(codes({ ...still, retention: months(36) })).toEqual([]);
    expect(codes({ ...still, retention: months(60) })).toEqual([]);
    expect(codes({ ...still, retention: months(36), keyLife: months(35) })).toEqual(["plan.key_life_too_short"]);
    expect(codes(still)).toEqual(["plan.past_cryptoperiod", "plan.key_life_too_short"]);
    expect(codes({ ...still, keyLife: months(72) })).toEqual(["plan.past_cryptoperiod", "plan.past_cryptoperiod"]);
  });
});

describe("a change", () => {
  const change = (more: Partial<typeof NO_CHANGE>) => ({ ...NO_CHANGE, ...more });
  test("that removes the last recipient is refused, unless one is added in the same act", () => {
    expect(codes(policy, change({ remove: ["new", "officer"] }))).toEqual(["plan.last_recipient"]);
    expect(codes(policy, change({ remove: ["new", "officer"], added: 1 }))).toEqual([]);
    expect(codes(policy, change({ remove: ["new"] }))).toEqual([]);
  });
  test("that destroys a recipient in use is refused", () => expect(codes(policy, change({ destroy: ["new"] }))).toEqual(["plan.still_a_recipient"]));
  test("that removes a recipient and destroys it at once is accepted while another opens everything", () => expect(codes(policy, change({ remove: ["new"], destroy: ["new"] }))).toEqual([]));
  test("that destroys what was replaced long ago is accepted", () => expect(codes(policy, change({ destroy: ["old"] }))).toEqual([]));
  test("about a key that never was a recipient's is refused", () => expect(codes(policy, change({ remove: ["who"], destroy: ["whom"] }))).toEqual(["plan.not_a_recipient", "plan.not_a_recipient"]));

  const left: KeyFacts = { ...facts, wrappedTo: new Map([["k1", ["old"]], ["k2", ["new", "officer"]]]) };
  test("that destroys what alone opens a retained snapshot is refused, and names the snapshots", () => {
    const plan = planRotation(left, policy, now, change({ destroy: ["old"] }));
    expect(plan.refusals).toEqual([expect.objectContaining({ code: "plan.retained_snapshot_unreadable", snapshots: ["one", "two"] })]);
  });
  test("about snapshots whose retention has ended is free", () => {
    const short = { ...policy, retention: months(3) };
    expect(planRotation(left, short, now, change({ destroy: ["old"] })).refusals).toEqual([]);
  });
});

describe("what is due", () => {
  const due = (f: KeyFacts, p = policy) => planRotation(f, p, now).due.map(({ at, what, key, overdue }) => `${at.slice(0, 10)} ${what}${key === null ? "" : ` ${key}`}${overdue ? " now" : ""}`);

  test("comes in order of time: replacements by policy, wrapping anew by NIST, a new vault for the keys that name it, old identities to destroy", () => {
    expect(due(facts)).toEqual(["2025-01-01 begin a new vault index key now", "2025-02-01 destroy identity old now", "2026-01-01 replace recipient new now", "2026-02-01 replace recipient officer now", "2027-01-01 begin a new vault signing key", "2027-02-01 wrap anew"]);
  });
  test("is never later than NIST's two years, whatever the policy says", () => expect(due(facts, { ...policy, rotateEvery: null })).toContain("2027-01-01 replace recipient new"));
  test("a vault with one recipient is told to get another", () => {
    const one: KeyFacts = { ...facts, lists: facts.lists.slice(0, 1), wrappedTo: new Map([["k1", ["old"]], ["k2", ["old"]]]) };
    expect(due(one)).toContain("2024-01-01 add a second recipient old now");
    expect(planRotation(one, policy, now).recipients).toEqual([{ keyId: "old", since: "2024-01-01T00:00:00.000Z", removed: null, neededUntil: "2032-02-01T00:00:00.000Z" }]);
  });
  test("a snapshot that a rotation missed is told, and the identity that alone opens it is not to be destroyed", () => {
    const missed: KeyFacts = { ...facts, wrappedTo: new Map([["k1", ["new", "officer"]], ["k2", ["old"]]]) };
    expect(due(missed)).toContain("2026-02-01 wrap anew now");
    expect(due(missed).join()).not.toContain("destroy");
    expect(planRotation(missed, policy, now).recipients.find(({ keyId }) => keyId === "old")).toMatchObject({ removed: "2025-02-01T00:00:00.000Z", neededUntil: "2032-02-01T00:00:00.000Z" });
  });
  test("a recipient that left and came back counts from when it came back", () => {
    const back: KeyFacts = { ...facts, lists: [...facts.lists, { sequence: 3, at: "2026-03-01T00:00:00.000Z", recipients: ["new", "officer", "old"] }] };
    expect(planRotation(back, policy, now).recipients.find(({ keyId }) => keyId === "old")).toMatchObject({ since: "2026-03-01T00:00:00.000Z", removed: null });
  });
});
