import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { Scratch, sweepScratch } from "#app/vault/scratch/scratch.ts";
import { Sorter } from "#app/vault/scratch/sorter.ts";
import { SCRATCH, seededNumbers } from "#tests/support/vault-kit.ts";

async function sortThrough(limits: { rows: number; keyBytes: number } | undefined, rows: number, distinct: number, scratch: Scratch): Promise<[string, number][]> {
  const sorter = new Sorter(scratch, 4, limits);
  const number = seededNumbers(11);
  const payload = Buffer.alloc(4);
  for (let i = 0; i < rows; i++) {
    payload.writeUInt32BE(i, 0);
    if (sorter.add(`SYNTHETIC-CANARY-${Math.floor(number() * distinct)}`, payload)) await sorter.spill();
  }
  const out: [string, number][] = [];
  for await (const batch of sorter.sorted()) for (const row of batch) out.push([row.key, row.payload.readUInt32BE(0)]);
  await sorter.close();
  return out;
}

describe("the sorter", () => {
  it.each([
    ["in memory", undefined, 5000],
    ["spilled a few times", { rows: 700, keyBytes: 1e9 }, 5000],
    ["spilled so often that files are merged on the way", { rows: 10, keyBytes: 1e9 }, 5000],
    ["spilled for the size of its keys", { rows: 1e9, keyBytes: 3000 }, 5000],
    ["of nothing", { rows: 10, keyBytes: 1e9 }, 0],
  ])("gives rows in order, equal keys in order of arrival: %s", async (_, limits, rows) => {
    const scratch = new Scratch(SCRATCH);
    try {
      const out = await sortThrough(limits, rows, 900, scratch);
      expect(out).toHaveLength(rows);
      for (let i = 1; i < out.length; i++) {
        const [a, b] = [out[i - 1] as [string, number], out[i] as [string, number]];
        expect(a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])).toBe(true);
      }
    } finally {
      await scratch.remove();
    }
  });

  it("leaves nothing readable on disk while it works, and nothing at all afterwards", async () => {
    const parent = join(SCRATCH, "canary");
    mkdirSync(parent, { recursive: true });
    const scratch = new Scratch(parent);
    const sorter = new Sorter(scratch, 4, { rows: 50, keyBytes: 1e9 });
    for (let i = 0; i < 500; i++) if (sorter.add(`SYNTHETIC-CANARY-${i}`, Buffer.alloc(4))) await sorter.spill();
    const [directory] = readdirSync(parent);
    const files = readdirSync(join(parent, directory as string));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(readFileSync(join(parent, directory as string, file)).includes("SYNTHETIC-CANARY")).toBe(false);
    await sorter.close();
    await scratch.remove();
    expect(readdirSync(parent)).toEqual([]);
  });

  it("sweeps what dead processes left, and nothing else", async () => {
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
