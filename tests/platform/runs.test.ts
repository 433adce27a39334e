import { beforeEach, describe, expect, test } from "@jest/globals";
import type { JobDefinition, JobQueue } from "#app/platform/jobs/job-queue.ts";
import { LEASE_MS, leasedRuns } from "#app/platform/records/runs.ts";
import type { LeasedRuns } from "#app/platform/records/runs.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const SHOP = "maple-synthetic.myshopify.com";

let clock: FixedClock;
let sent: string[];
let here: LeasedRuns;
let there: LeasedRuns;

beforeEach(async () => {
  await database().prisma.run.deleteMany();
  clock = new FixedClock();
  sent = [];
  const queue: Pick<JobQueue, "send"> = {
    send: <T>(definition: JobDefinition<T>, data: T) => {
      sent.push(`${definition.name} ${JSON.stringify(definition.shape.parse(data))}`);
      return Promise.resolve(true);
    },
  };
  const worker = (workerId: string) => leasedRuns({ ...database(), clock, queue, workerId });
  here = worker("here");
  there = worker("there");
});

const ask = (id: string, shop = SHOP, kind: "snapshot" | "drill" = "snapshot") =>
  here.create({ id, shop, kind, requestedBy: "schedule", requestedAt: clock.now(), input: { snapshot: "latest" } });

async function claim(runs: LeasedRuns, id: string) {
  const lease = await runs.claim(id);
  if (!lease) throw new Error("the run could not be claimed");
  return lease;
}

describe("a run", () => {
  test("is kept, and wakes a worker that is told its id and nothing else", async () => {
    const { run, created } = await ask("r1");
    expect(created).toBe(true);
    expect(run).toEqual({
      id: "r1", shop: SHOP, kind: "snapshot", state: "queued", requestedBy: "schedule", requestedAt: clock.now(), startedAt: null, finishedAt: null,
      attempt: 0, progress: null, resume: null, input: { snapshot: "latest" }, code: null, result: null,
    });
    expect(sent).toEqual([`run_snapshot {"runId":"r1"}`]);
    expect(await there.get("r1")).toEqual(run);
  });

  test("of one kind is under way once per shop; other kinds and shops are not concerned", async () => {
    await ask("r1");
    expect(await ask("r2")).toMatchObject({ created: false, run: { id: "r1" } });
    expect((await ask("r3", SHOP, "drill")).created).toBe(true);
    expect((await ask("r4", "other.myshopify.com")).created).toBe(true);
    await (await claim(here, "r1")).finish({ state: "succeeded", code: "snapshot.committed", result: "s1" });
    expect((await ask("r5")).created).toBe(true);
  });

  test("asked for twenty times at once is made once", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(`r${n}`)));
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1);
  });
});

describe("a lease", () => {
  test("is held by one worker, however many try", async () => {
    await ask("r1");
    const leases = await Promise.all([here, there, here, there].map((runs) => runs.claim("r1")));
    expect(leases.filter((lease) => lease !== null)).toHaveLength(1);
  });

  test("shows progress, keeps what the source wants back, and ends the run", async () => {
    await ask("r1");
    const lease = await claim(here, "r1");
    expect(lease.run).toMatchObject({ state: "running", attempt: 1, startedAt: clock.now() });
    expect(await lease.heartbeat({ step: "downloading", stream: "customers", records: 5 })).toBe("held");
    await lease.remember({ version: 1, operations: { customers: "gid://shopify/BulkOperation/1" } });
    expect(await there.get("r1")).toMatchObject({ progress: { step: "downloading", stream: "customers", records: 5 }, resume: { version: 1 } });
    expect(await lease.heartbeat()).toBe("held");
    expect((await there.get("r1"))?.progress).toMatchObject({ records: 5 });
    clock.advance(1000);
    await lease.finish({ state: "failed", code: "source.unauthorized" });
    expect(await there.get("r1")).toMatchObject({ state: "failed", code: "source.unauthorized", result: null, finishedAt: clock.now(), resume: null });
    expect(await lease.heartbeat()).toBe("lost");
    await lease.finish({ state: "succeeded", code: "too late" });
    expect(await there.get("r1")).toMatchObject({ state: "failed" });
  });

  test("that is renewed in time is nobody else's", async () => {
    await ask("r1");
    const lease = await claim(here, "r1");
    for (let beat = 0; beat < 5; beat++) {
      clock.advance(LEASE_MS - 1);
      await lease.heartbeat();
    }
    clock.advance(LEASE_MS);
    expect(await there.claim("r1")).toBeNull();
    expect(await there.requeueAbandoned()).toBe(0);
  });

  test("of a dead worker passes to the next, with what the source wants back; the dead one, waking, changes nothing", async () => {
    await ask("r1");
    const dead = await claim(here, "r1");
    await dead.remember({ operation: "7" });
    clock.advance(LEASE_MS + 1);
    sent = [];
    expect(await there.requeueAbandoned()).toBe(1);
    expect(sent).toEqual([`run_snapshot {"runId":"r1"}`]);
    const next = await claim(there, "r1");
    expect(next.run).toMatchObject({ attempt: 2, resume: { operation: "7" } });
    expect(await dead.heartbeat({ step: "committing" })).toBe("lost");
    await dead.remember({ operation: "8" });
    await dead.finish({ state: "succeeded", code: "snapshot.committed" });
    expect(await here.get("r1")).toMatchObject({ state: "running", attempt: 2, resume: { operation: "7" }, progress: null });
  });

  test("is lost to the worker itself when it claims the run again after a pause", async () => {
    await ask("r1");
    const first = await claim(here, "r1");
    clock.advance(LEASE_MS + 1);
    const second = await claim(here, "r1");
    expect(await first.heartbeat()).toBe("lost");
    expect(await second.heartbeat()).toBe("held");
  });

  test("is given back when the process drains, and taken up at once elsewhere", async () => {
    await ask("r1");
    const lease = await claim(here, "r1");
    await here.releaseAll();
    expect(await lease.heartbeat()).toBe("lost");
    expect((await claim(there, "r1")).run.attempt).toBe(2);
  });

  test("wakes workers again for a run whose job was lost", async () => {
    await ask("r1");
    sent = [];
    await there.requeueAbandoned();
    expect(sent).toEqual([`run_snapshot {"runId":"r1"}`]);
  });
});

describe("a request to stop", () => {
  test("ends a queued run at once and makes room for the next", async () => {
    await ask("r1");
    expect(await there.requestCancel("r1")).toBe(true);
    expect(await here.get("r1")).toMatchObject({ state: "cancelled", finishedAt: clock.now() });
    expect(await here.claim("r1")).toBeNull();
    expect((await ask("r2")).created).toBe(true);
  });

  test("reaches a running one at its next heartbeat", async () => {
    await ask("r1");
    const lease = await claim(here, "r1");
    expect(await there.requestCancel("r1")).toBe(true);
    expect(await lease.heartbeat()).toBe("cancel-requested");
  });

  test("finds nothing to stop in a run that is over", async () => {
    await ask("r1");
    await (await claim(here, "r1")).finish({ state: "succeeded", code: "snapshot.committed" });
    expect(await there.requestCancel("r1")).toBe(false);
    expect(await there.requestCancel("unknown")).toBe(false);
  });
});

test("runs are listed newest first, by shop and kind", async () => {
  await ask("r1");
  clock.advance(1);
  await ask("r2", SHOP, "drill");
  clock.advance(1);
  await ask("r3", "other.myshopify.com");
  expect((await here.list(SHOP)).map(({ id }) => id)).toEqual(["r2", "r1"]);
  expect((await here.list(SHOP, { kind: "snapshot" })).map(({ id }) => id)).toEqual(["r1"]);
  expect((await here.list(SHOP, { limit: 1 })).map(({ id }) => id)).toEqual(["r2"]);
});
