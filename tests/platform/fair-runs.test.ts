import { beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { JobDefinition, JobQueue } from "#app/platform/jobs/job-queue.ts";
import { processRecord } from "#app/platform/records/processes.ts";
import { GAVE_UP, MOST_CRASHES } from "#app/platform/records/reaper.ts";
import { LEASE_MS, leasedRuns } from "#app/platform/records/runs.ts";
import type { LeasedRuns } from "#app/platform/records/runs.ts";
import type { RunKind, RunUrgency } from "#app/workflows/ports.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const MINUTE = 60_000;
const SNAPSHOTS = { kinds: ["snapshot"] } as const;

let clock: FixedClock;
let sent: string[];
let pokes: string[];
let keys: Set<string>;
let here: LeasedRuns;
let there: LeasedRuns;
let names = 0;

beforeEach(async () => {
  await database().prisma.run.deleteMany();
  await database().prisma.process.deleteMany();
  clock = new FixedClock();
  sent = [];
  pokes = [];
  keys = new Set();
  const queue: Pick<JobQueue, "send"> = {
    send: <T>(definition: JobDefinition<T>, data: T) => {
      sent.push(`${definition.name} ${(data as { runId: string }).runId}`);
      return Promise.resolve(true);
    },
  };
  const base = { ...database(), clock, queue };
  here = leasedRuns({ ...base, workerId: "here", holdsKeys: (id) => keys.has(id), wakeHere: (kind) => pokes.push(kind) });
  there = leasedRuns({ ...base, workerId: "there" });
});

const ask = async (shop: string, { kind = "snapshot", by = "schedule", urgency, id = `r${++names}` }: { kind?: RunKind; by?: string; urgency?: RunUrgency; id?: string } = {}) =>
  (await here.create({ id, shop, kind, requestedBy: by, requestedAt: clock.now(), input: {}, ...(urgency === undefined ? {} : { urgency }) })).run.id;

/** Takes the next run and finishes it after so long. */
async function serve(took = 0, lane: Parameters<LeasedRuns["claimNext"]>[0] = SNAPSHOTS): Promise<string | null> {
  const next = await there.claimNext(lane);
  if (next === null) return null;
  clock.advance(took);
  await (await there.claim(next.run.id))?.finish({ state: "succeeded", code: "snapshot.committed" });
  return next.run.shop;
}

describe("of the runs that wait", () => {
  test("the one that has waited longest is next, and each is given to one worker", async () => {
    for (const shop of ["a", "b", "c"]) {
      await ask(shop);
      clock.advance(1);
    }
    const taken = await Promise.all([here, there, here, there].map(async (runs) => (await runs.claimNext(SNAPSHOTS))?.run.shop ?? null));
    expect(taken.filter((shop) => shop !== null).sort()).toEqual(["a", "b", "c"]);
  });

  test("an emergency is first, then a person's, then the schedule's, then what may wait an hour", async () => {
    await ask("background", { kind: "verify" });
    await ask("schedule");
    clock.advance(MINUTE);
    await ask("person", { by: "staff:1" });
    await ask("emergency", { by: "staff:1", urgency: "emergency" });
    const lane = { kinds: ["snapshot", "verify"] } as const;
    expect([await serve(0, lane), await serve(0, lane), await serve(0, lane), await serve(0, lane), await serve(0, lane)]).toEqual(["emergency", "person", "schedule", "background", null]);
  });

  test("none waits for ever: one of the least hurry goes before what comes an hour later", async () => {
    await ask("background", { kind: "verify" });
    clock.advance(61 * MINUTE);
    await ask("person", { by: "staff:1" });
    expect(await serve(0, { kinds: ["snapshot", "verify"] })).toBe("background");
  });

  test("shops that fell due at once keep that place, however late each is asked: one that asks in between gains nothing", async () => {
    const due = clock.now();
    const fallsDue = async (shop: string): Promise<void> => void (await here.create({ id: `due-${shop}`, shop, kind: "snapshot", requestedBy: "schedule", requestedAt: clock.now(), wantedAt: due, input: {} }));
    await fallsDue("a");
    await ask("greedy", { by: "staff:1" });
    const served = [await serve(1000)];
    for (const shop of ["b", "c", "d"]) {
      clock.advance(MINUTE);
      await ask("greedy", { by: "staff:1" });
      await fallsDue(shop);
      served.push(await serve(1000));
    }
    expect([...served, await serve(0), await serve(0)]).toEqual(["greedy", "a", "b", "c", "d", "greedy"]);
  });

  test("what fell due long ago goes no further ahead than what is asked for now", async () => {
    await ask("person", { by: "staff:1" });
    clock.advance(1);
    await here.create({ id: "old", shop: "old", kind: "snapshot", requestedBy: "schedule", requestedAt: clock.now(), wantedAt: new Date(clock.now().getTime() - 24 * 60 * MINUTE), input: {} });
    expect([await serve(0), await serve(0)]).toEqual(["person", "old"]);
  });

  test("a shop that asks again as soon as it is served does not come before one that waits", async () => {
    for (const shop of ["a", "b", "c", "d"]) await ask(shop);
    const served: (string | null)[] = [];
    await ask("greedy", { by: "staff:1" });
    for (let turn = 0; turn < 6; turn++) {
      served.push(await serve(MINUTE));
      await ask("greedy", { by: "staff:1" });
    }
    // Its first request is a person's; from then on it stands in line like everybody.
    expect(served).toEqual(["greedy", "a", "b", "c", "d", "greedy"]);
  });

  test("an emergency that finds its shop's run waiting makes that one urgent", async () => {
    await ask("a");
    clock.advance(MINUTE);
    const waiting = await ask("b");
    sent = [];
    expect(await ask("b", { by: "staff:1", urgency: "emergency" })).toBe(waiting);
    expect(sent).toEqual([`run_snapshot ${waiting}`, `run_urgent ${waiting}`]);
    expect(await serve(0, { kinds: ["snapshot"], urgentOnly: true })).toBe("b");
    expect(await serve(0, { kinds: ["snapshot"], urgentOnly: true })).toBeNull();
  });

  test("a slot for short ones passes over shops whose last run was long, and over those nobody knows yet", async () => {
    for (const [shop, took] of [["long", 60 * MINUTE], ["short", MINUTE]] as const) {
      await ask(shop);
      await serve(took);
    }
    await ask("long");
    await ask("unknown");
    await ask("short");
    const quick = { kinds: ["snapshot"], quickOnly: true } as const;
    expect([await serve(0, quick), await serve(0, quick), await serve(), await serve()]).toEqual(["short", null, "long", "unknown"]);
  });

  test("no more than two of a shop run at once, over all kinds; an emergency is not held up by that", async () => {
    for (const kind of ["snapshot", "verify", "drill"] as const) await ask("busy", { kind });
    const lane = { kinds: ["snapshot", "verify", "drill"] } as const;
    const first = await here.claimNext(lane);
    await here.claimNext(lane);
    expect(await there.claimNext(lane)).toBeNull();
    const done = await here.claim(first?.run.id ?? "");
    await done?.finish({ state: "succeeded", code: "snapshot.committed" });
    await ask("busy", { kind: first?.run.kind ?? "drill", urgency: "emergency", by: "staff:1" });
    expect((await there.claimNext(lane))?.run.kind).toBe(first?.run.kind);
  });

  test("every run is served, whoever asks for what and when, and no shop waits for more than the others' turns", async () => {
    const step = fc.record({ shop: fc.integer({ min: 0, max: 5 }), by: fc.constantFrom("schedule", "staff:1"), serve: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await database().prisma.run.deleteMany();
        const since = new Map<string, number>();
        let turns = 0;
        const take = async (): Promise<boolean> => {
          const shop = await serve(10_000);
          if (shop === null) return false;
          turns++;
          // Six shops: those before it in line, and each of those that a person asks for once more.
          expect(turns - (since.get(shop) ?? turns)).toBeLessThanOrEqual(12);
          since.delete(shop);
          return true;
        };
        for (const { shop, by, serve: now } of steps) {
          await ask(`s${shop}`, { by });
          if (!since.has(`s${shop}`)) since.set(`s${shop}`, turns);
          clock.advance(1000);
          if (now) await take();
        }
        while (await take());
        expect(since.size).toBe(0);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

describe("a run whose keys lie in one process", () => {
  const DRILLS = { kinds: ["drill"] } as const;
  const presence = (id: string) => processRecord({ pool: database().pool, clock, id, role: "web", version: "0" });

  test("is that process's own: it is woken there, and no other takes it", async () => {
    keys.add("d1");
    await ask("a", { kind: "drill", id: "d1" });
    expect([sent, pokes]).toEqual([[], ["drill"]]);
    expect(await there.claimNext(DRILLS)).toBeNull();
    expect(await there.claim("d1")).toBeNull();
    expect((await here.claimNext(DRILLS))?.run.id).toBe("d1");
  });

  test("stays so while the process is up, and is anybody's to end when it is gone", async () => {
    await presence("here").beat();
    keys.add("d1");
    await ask("a", { kind: "drill", id: "d1" });
    clock.advance(LEASE_MS - 1);
    await there.requeueAbandoned();
    expect(await there.claimNext(DRILLS)).toBeNull();
    clock.advance(2);
    sent = [];
    await there.requeueAbandoned();
    expect(sent).toEqual(["run_drill d1"]);
    expect((await there.claimNext(DRILLS))?.run.id).toBe("d1");
  });

  test("is let go when the process ends in order", async () => {
    keys.add("d1");
    await ask("a", { kind: "drill", id: "d1" });
    sent = [];
    await here.releaseAll();
    expect(sent).toEqual(["run_drill d1"]);
    expect((await there.claimNext(DRILLS))?.run.id).toBe("d1");
  });
});

describe("a run that is handed back", () => {
  test("wakes others at once, keeps its place, its resume state and its good name", async () => {
    await ask("a", { id: "r" });
    await ask("b");
    const next = await here.claimNext(SNAPSHOTS);
    const lease = await here.claim("r");
    await lease?.remember({ operation: "7" });
    sent = [];
    expect(await here.handBack("r")).toBe(true);
    expect(sent).toEqual(["run_snapshot r"]);
    expect(next?.run.id).toBe("r");
    expect(await lease?.heartbeat()).toBe("lost");
    expect((await there.claimNext(SNAPSHOTS))?.run).toMatchObject({ id: "r", attempt: 2, resume: { operation: "7" } });
    expect((await database().prisma.run.findUnique({ where: { id: "r" } }))?.crashes).toBe(0);
    expect(await here.handBack("r")).toBe(false);
  });
});

test("a run over which process after process dies is ended with a code, and makes room for the next", async () => {
  await ask("a", { id: "poison" });
  for (let death = 1; death <= MOST_CRASHES; death++) {
    expect((await there.claimNext(SNAPSHOTS))?.run.attempt).toBe(death);
    clock.advance(LEASE_MS + 1);
    await here.requeueAbandoned();
  }
  expect(await here.get("poison")).toMatchObject({ state: "failed", code: GAVE_UP, finishedAt: clock.now() });
  expect(await here.claim("poison")).toBeNull();
  expect(await ask("a", { id: "next" })).toBe("next");
});

test("reminders for a long line are few, and every kind gets its own", async () => {
  for (let n = 0; n < 60; n++) await ask(`s${n}`);
  await ask("late", { kind: "verify" });
  sent = [];
  await here.requeueAbandoned();
  expect(sent.filter((job) => job.startsWith("run_snapshot"))).toHaveLength(32);
  expect(sent.filter((job) => job.startsWith("run_verify"))).toHaveLength(1);
});
