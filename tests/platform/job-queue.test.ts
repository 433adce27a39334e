import { afterEach, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import type { JobDefinition, JobQueue } from "#app/platform/jobs/job-queue.ts";
import { openPgBossQueue } from "#app/platform/jobs/pg-boss-queue.ts";
import { startMaintenance } from "#app/platform/jobs/maintenance.ts";
import { createLog } from "#app/platform/log.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const lines: string[] = [];
const log = createLog({ level: "info", destination: { write: (line) => void lines.push(line) } });

const open: JobQueue[] = [];
let names = 0;
/** A queue of its own for each test. */
const definition = (): JobDefinition<{ n: number }> => ({ name: `job_${++names}`, version: 1, shape: z.strictObject({ n: z.number() }) });

async function queue(): Promise<JobQueue> {
  const made = await openPgBossQueue({ pool: database().pool, log });
  open.push(made);
  return made;
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close(5000);
  lines.length = 0;
});

/** Collects what comes, and tells when so much has come. */
function collector(): { seen: number[]; add: (n: number) => void; reaches: (count: number) => Promise<void> } {
  const seen: number[] = [];
  let check: () => void = () => undefined;
  return {
    seen,
    add: (n) => {
      seen.push(n);
      check();
    },
    reaches: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (seen.length >= count) resolve();
        };
        check();
      }),
  };
}

describe("the job queue", () => {
  test("hands every job to one of several processes", async () => {
    const job = definition();
    const [one, two] = [await queue(), await queue()];
    await one.declare(job);
    await two.declare(job);
    const got = collector();
    for (const each of [one, two]) await each.work(job, 2, async ({ n }) => got.add(n));
    for (let n = 0; n < 12; n++) await one.send(job, { n });
    await got.reaches(12);
    expect([...got.seen].sort((a, b) => a - b)).toEqual([...Array(12).keys()]);
  }, 30_000);

  test("keeps one waiting job for a key", async () => {
    const job = definition();
    const one = await queue();
    await one.declare(job);
    expect([await one.send(job, { n: 1 }, { key: "run" }), await one.send(job, { n: 2 }, { key: "run" }), await one.send(job, { n: 3 }, { key: "other" })]).toEqual([true, false, true]);
    const got = collector();
    await one.work(job, 1, async ({ n }) => got.add(n));
    await got.reaches(2);
    expect(got.seen).toEqual([1, 3]);
    expect(await one.send(job, { n: 4 }, { key: "run" })).toBe(true);
  }, 30_000);

  test("tries a job again that failed, and says only that it did", async () => {
    const job = definition();
    const one = await queue();
    await one.declare(job);
    const got = collector();
    await one.work(job, 1, async ({ n }) => {
      got.add(n);
      if (got.seen.length === 1) throw new Error("canary");
    });
    await one.send(job, { n: 7 });
    await got.reaches(2);
    expect(got.seen).toEqual([7, 7]);
    expect(lines.join("")).toContain("job.failed");
    expect(lines.join("")).not.toContain("canary");
  }, 30_000);

  test("refuses to send what is not the job's shape", async () => {
    const job = definition();
    const one = await queue();
    await one.declare(job);
    await expect(one.send(job, { n: "1", token: "canary" } as never)).rejects.toThrow();
  });

  test("lets work under way end before it closes", async () => {
    const job = definition();
    const one = await queue();
    await one.declare(job);
    const got = collector();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let ended = false;
    await one.work(job, 1, async ({ n }) => {
      got.add(n);
      await gate;
      ended = true;
    });
    await one.send(job, { n: 1 });
    await got.reaches(1);
    const closed = one.close(10_000);
    release();
    await closed;
    expect(ended).toBe(true);
  }, 30_000);
});

describe("maintenance", () => {
  test("does every chore though one fails, and stops", async () => {
    const done: string[] = [];
    const chore = (name: string, fails = false) => ({
      name,
      run: () => {
        done.push(name);
        return fails ? Promise.reject(new Error("canary")) : Promise.resolve(2);
      },
    });
    const maintenance = startMaintenance([chore("one"), chore("broken", true), chore("three")], log, undefined, 60_000);
    await maintenance.stop();
    expect(done).toEqual(["one", "broken", "three"]);
    await maintenance.round();
    expect(done).toHaveLength(6);
    const text = lines.join("");
    expect(text).toContain("maintenance.failed");
    expect(text).not.toContain("canary");
  });
});
