import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { RowSorter } from "#app/vault/scratch/row-sorter.ts";
import type { RowSorterLimits } from "#app/vault/scratch/row-sorter.ts";
import { Scratch, sweepScratch } from "#app/vault/scratch/scratch.ts";
import { SCRATCH, seededNumbers } from "#tests/support/vault-kit.ts";

async function fill(sorter: RowSorter, keys: Iterable<string>): Promise<void> {
  const payload = Buffer.alloc(4);
  let i = 0;
  for (const key of keys) {
    payload.writeUInt32BE(i++, 0);
    const bytes = Buffer.from(key, "latin1");
    if (sorter.full(bytes.length)) await sorter.spill();
    sorter.add(bytes, bytes.length, payload);
  }
}

function* canaries(rows: number, distinct: number): Generator<string> {
  const number = seededNumbers(11);
  for (let i = 0; i < rows; i++) yield `SYNTHETIC-CANARY-${Math.floor(number() * distinct)}`;
}

describe("scratch room", () => {
  it.each<[string, RowSorterLimits | undefined, number]>([
    ["in memory", undefined, 5000],
    ["spilled a few times", { bytes: 20_000, ways: 128 }, 5000],
    ["spilled so often that files are merged on the way", { bytes: 300, ways: 128 }, 5000],
    ["of nothing", { bytes: 300, ways: 128 }, 0],
  ])("holds rows beyond memory, which come back in order, equal keys in order of arrival: %s", async (_, limits, rows) => {
    const scratch = new Scratch(SCRATCH);
    try {
      const sorter = new RowSorter(scratch, 4, limits);
      await fill(sorter, canaries(rows, 900));
      const out: [string, number][] = [];
      for await (const { bytes, keyAt, keyEnd, count } of sorter.sorted()) for (let i = 0; i < count; i++) out.push([bytes.toString("latin1", keyAt[i], keyEnd[i]), bytes.readUInt32BE(keyEnd[i])]);
      await sorter.close();
      expect(out).toHaveLength(rows);
      for (let i = 1; i < out.length; i++) {
        const [a, b] = [out[i - 1] as [string, number], out[i] as [string, number]];
        expect(a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])).toBe(true);
      }
    } finally {
      await scratch.remove();
    }
  });

  it("leaves nothing readable on disk while it is used, and nothing at all afterwards", async () => {
    const parent = join(SCRATCH, "canary");
    mkdirSync(parent, { recursive: true });
    const scratch = new Scratch(parent);
    const sorter = new RowSorter(scratch, 4, { bytes: 1500, ways: 128 });
    await fill(sorter, canaries(500, 500));
    const [directory] = readdirSync(parent);
    const files = readdirSync(join(parent, directory as string));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(readFileSync(join(parent, directory as string, file)).includes("SYNTHETIC-CANARY")).toBe(false);
    await sorter.close();
    await scratch.remove();
    expect(readdirSync(parent)).toEqual([]);
  });

  it("is swept of what dead processes left, and of nothing else", async () => {
    const parent = join(SCRATCH, "sweep");
    // Above the largest process id Linux gives out (2^22).
    const dead = join(parent, "holdfast-scratch-99999999-0123456789ab");
    const alive = join(parent, `holdfast-scratch-${process.pid}-0123456789ab`);
    const other = join(parent, "somebody-elses");
    for (const directory of [dead, alive, other]) mkdirSync(directory, { recursive: true });
    await sweepScratch(parent);
    expect([dead, alive, other].map((directory) => existsSync(directory))).toEqual([false, true, true]);
    await sweepScratch(join(parent, "not-there"));
  });
});
