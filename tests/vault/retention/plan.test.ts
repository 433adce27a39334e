/** The plan of a prune is a pure function; what must hold for every series of snapshots is stated here and tried on many. */
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { formatPolicy, parsePolicy, planRetention } from "#app/vault/index.ts";
import type { Hold, KeepPolicy } from "#app/vault/index.ts";

const HOUR = 60 * 60 * 1000;
const NOW = Date.parse("2026-11-22T12:00:00.000Z");
const id = (n: number): string => n.toString(16).padStart(16, "0");
const at = (hoursAgo: number): string => new Date(NOW - hoursAgo * HOUR).toISOString();
const hold = (snapshots: Hold["snapshots"], name = "case"): Hold => ({ holdId: id(99), name, reason: "synthetic", by: "test", at: at(1), snapshots });
const policy = (text: string): KeepPolicy => {
  const parsed = parsePolicy(text);
  if (parsed === null) throw new Error(`no policy: ${text}`);
  return parsed;
};
const plan = (snapshots: readonly { snapshotId: string; takenAt: string; complete: boolean }[], text: string, more: { holds?: readonly Hold[]; verified?: readonly string[] } = {}) =>
  planRetention({ snapshots, policy: policy(text), holds: more.holds ?? [], verified: new Set(more.verified ?? []), now: new Date(NOW) });
const series = (...hoursAgo: number[]) => hoursAgo.map((hours, i) => ({ snapshotId: id(i), takenAt: at(hours), complete: true }));
const kept = (result: ReturnType<typeof plan>): string[] => result.keep.map(({ snapshotId }) => snapshotId);

const drawn = fc.array(fc.record({ hours: fc.integer({ min: -5, max: 24 * 400 }), complete: fc.boolean(), held: fc.boolean(), verified: fc.boolean() }), { maxLength: 60 });
const count = fc.integer({ min: 0, max: 9 });
const policies = fc.record({ last: count, hourly: count, daily: count, weekly: count, monthly: count, yearly: count, within: fc.integer({ min: 0, max: 100 }) });
const textOf = (p: Record<string, number>): string => Object.entries(p).map(([name, n]) => (name === "within" ? `within=${n}d` : `${name}=${n}`)).join(",");
const usable = policies.filter((p) => Object.values(p).some((n) => n > 0));

describe("the plan of a prune", () => {
  it("keeps the newest of each day, week, month and year that is asked for, and says which", () => {
    const snapshots = series(1, 2, 25, 49, 24 * 40, 24 * 400);
    const result = plan(snapshots, "daily=2,monthly=2,yearly=2");
    expect(result.keep.map(({ snapshotId, reasons }) => [snapshotId, reasons.map(({ code, detail }) => (detail === undefined ? code : `${code}:${detail}`))])).toEqual([
      [id(0), ["newest", "newest-complete", "daily:2026-11-22", "monthly:2026-11", "yearly:2026"]],
      [id(2), ["daily:2026-11-21"]],
      [id(4), ["monthly:2026-10"]],
      [id(5), ["yearly:2025"]],
    ]);
    expect(result.expire.map(({ snapshotId, why }) => [snapshotId, why])).toEqual([[id(1), "superseded"], [id(3), "superseded"]]);
  });

  it("names a week by its Monday, across the turn of a year", () => {
    const snapshots = [{ snapshotId: id(1), takenAt: "2026-01-02T10:00:00.000Z", complete: true }, { snapshotId: id(2), takenAt: "2025-12-30T10:00:00.000Z", complete: true }, { snapshotId: id(3), takenAt: "2025-12-28T23:59:59.999Z", complete: true }];
    const result = plan(snapshots, "weekly=2");
    expect(kept(result)).toEqual([id(1), id(3)]);
    expect(result.keep.map(({ reasons }) => reasons.find(({ code }) => code === "weekly")?.detail)).toEqual(["2025-12-29", "2025-12-22"]);
  });

  it("lets a whole snapshot stand for its period before a newer one with gaps", () => {
    const snapshots = [{ snapshotId: id(1), takenAt: at(1), complete: true }, { snapshotId: id(2), takenAt: at(30), complete: false }, { snapshotId: id(3), takenAt: at(32), complete: true }];
    expect(kept(plan(snapshots, "daily=2"))).toEqual([id(1), id(3)]);
  });

  it("never lets go of the newest, the newest whole one, the verified, the held, nor what seems to lie in the future", () => {
    fc.assert(
      fc.property(drawn, usable, (drawnSnapshots, p) => {
        const snapshots = drawnSnapshots.map(({ hours, complete }, i) => ({ snapshotId: id(i), takenAt: new Date(NOW - hours * HOUR - i).toISOString(), complete }));
        const held = drawnSnapshots.flatMap((snapshot, i) => (snapshot.held ? [id(i)] : []));
        const verified = drawnSnapshots.flatMap((snapshot, i) => (snapshot.verified ? [id(i)] : []));
        const result = plan(snapshots, textOf(p), { holds: held.length === 0 ? [] : [hold(held)], verified });
        const stays = new Set(kept(result));
        const newestFirst = [...snapshots].sort((a, b) => (a.takenAt < b.takenAt ? 1 : -1));
        const must = [...held, ...verified, newestFirst[0]?.snapshotId, newestFirst.find(({ complete }) => complete)?.snapshotId, ...snapshots.filter(({ takenAt }) => Date.parse(takenAt) > NOW).map(({ snapshotId }) => snapshotId), ...newestFirst.slice(0, p.last).map(({ snapshotId }) => snapshotId)];
        for (const snapshotId of must) if (snapshotId !== undefined) expect(stays).toContain(snapshotId);
        // Each snapshot is in exactly one of the two, and each that is kept is kept for a reason.
        expect([...stays, ...result.expire.map(({ snapshotId }) => snapshotId)].sort()).toEqual(snapshots.map(({ snapshotId }) => snapshotId).sort());
        for (const { reasons } of result.keep) expect(reasons.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it("made again of what it kept, lets nothing more go", () => {
    fc.assert(
      fc.property(drawn, usable, (drawnSnapshots, p) => {
        const snapshots = drawnSnapshots.map(({ hours, complete }, i) => ({ snapshotId: id(i), takenAt: new Date(NOW - hours * HOUR - i).toISOString(), complete }));
        const stays = new Set(kept(plan(snapshots, textOf(p))));
        expect(plan(snapshots.filter(({ snapshotId }) => stays.has(snapshotId)), textOf(p)).expire).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("asked for more, keeps at least what it kept before", () => {
    fc.assert(
      fc.property(drawn, usable, policies, (drawnSnapshots, p, more) => {
        const snapshots = drawnSnapshots.map(({ hours, complete }, i) => ({ snapshotId: id(i), takenAt: new Date(NOW - hours * HOUR - i).toISOString(), complete }));
        const larger = Object.fromEntries(Object.entries(p).map(([name, n]) => [name, n + (more as Record<string, number>)[name]!]));
        const stays = new Set(kept(plan(snapshots, textOf(larger))));
        for (const snapshotId of kept(plan(snapshots, textOf(p)))) expect(stays).toContain(snapshotId);
      }),
      { numRuns: 300 },
    );
  });

  it("under a hold on everything lets nothing go", () => {
    expect(plan(series(1, 30, 60, 90), "last=1", { holds: [hold("all", "incident 7")] }).expire).toEqual([]);
  });
});

describe("a policy", () => {
  it("is read, and written in one way", () => {
    expect(parsePolicy("last=3,daily=7,weekly=5,monthly=12,yearly=6")).toEqual({ last: 3, periods: { hourly: 0, daily: 7, weekly: 5, monthly: 12, yearly: 6 }, withinMs: 0 });
    expect(formatPolicy(policy(" daily=7 , last=3,within=2w"))).toBe("last=3,daily=7,within=336h");
    expect(policy(formatPolicy(policy("hourly=24,within=6y")))).toEqual(policy("hourly=24,within=6y"));
  });
  it("with 'within=6y' never falls short of six calendar years", () => {
    expect(policy("within=6y").withinMs).toBeGreaterThanOrEqual(Date.parse("2026-11-22") - Date.parse("2020-11-22"));
  });
  it.each(["", "last", "last=", "last=-1", "last=0", "last=0,daily=0", "daily=7d", "within=30", "within=0d", "sometimes=3", "last=3,last=4", "last=3;daily=2", "last=99999999", "last=1.5"])("is not %p", (text) => {
    expect(parsePolicy(text)).toBeNull();
  });
});
