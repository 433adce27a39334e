import { describe, expect, test } from "@jest/globals";
import { roomOn, RUN_BYTES, shortage } from "#app/platform/jobs/room.ts";
import type { Host, Shortage } from "#app/platform/jobs/room.ts";
import { databaseClock } from "#app/platform/database/database-clock.ts";
import { FixedClock } from "#tests/support/clock.ts";

const GIB = 1024 ** 3;
const host = (used: number, limit = 2 * GIB, disk = 50 * GIB): Host => ({ used: () => used, limit: () => limit, disk: () => disk });

describe("a process", () => {
  test("has room for one more run while its memory and its disk allow it", () => {
    expect(shortage(host(GIB), 3)).toBeNull();
    expect(shortage(host(2 * GIB - RUN_BYTES), 3)).toBeNull();
    expect(shortage(host(2 * GIB - RUN_BYTES + 1), 3)).toBe("memory");
    expect(shortage(host(GIB, 2 * GIB, GIB - 1), 3)).toBe("disk");
  });

  test("tries a run when it does nothing else, however little memory it was given; not on a full disk", () => {
    expect(shortage(host(GIB, GIB), 0)).toBeNull();
    expect(shortage(host(GIB, GIB, 0), 0)).toBe("disk");
  });

  test("that has no room says so once and waits until it has, or until it is told to stop", async () => {
    let used = 2 * GIB;
    let looks = 0;
    const told: Shortage[] = [];
    const room = roomOn({ ...host(0), used: () => (++looks === 2 ? (used = 0) : used) }, () => 1, (what) => told.push(what));
    await room(new AbortController().signal);
    expect([looks, told]).toEqual([2, ["memory"]]);
    used = 2 * GIB;
    const stop = new AbortController();
    const waiting = room(stop.signal);
    stop.abort();
    await waiting;
    expect(told).toEqual(["memory", "memory"]);
  });
});

describe("the clock of leases", () => {
  const pool = (at: () => string) => ({ query: () => Promise.resolve({ rows: [{ now: new Date(at()) }] }) }) as never;

  test("is the database's, however wrong this machine's is", async () => {
    const own = new FixedClock("2026-11-22T09:00:00.000Z");
    const clock = databaseClock(pool(() => "2026-11-22T11:30:00.250Z"), own);
    expect(clock.now()).toEqual(own.now());
    expect(await clock.sync()).toBe(2.5 * 3_600_000 + 250);
    own.advance(1000);
    expect(clock.now()).toEqual(new Date("2026-11-22T11:30:01.250Z"));
  });

  test("counts half of the time that the answer took", async () => {
    const own = new FixedClock("2026-11-22T09:00:00.000Z");
    const slow = { query: () => { own.advance(400); return Promise.resolve({ rows: [{ now: new Date("2026-11-22T09:00:00.200Z") }] }); } } as never;
    const clock = databaseClock(slow, own);
    expect(await clock.sync()).toBe(0);
  });
});
