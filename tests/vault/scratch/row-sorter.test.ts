import { readdirSync, readFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { NumberSorter } from "#app/vault/scratch/number-sorter.ts";
import { compareRanges } from "#app/vault/format/bytes.ts";
import { RowSorter } from "#app/vault/scratch/row-sorter.ts";
import { Scratch } from "#app/vault/scratch/scratch.ts";
import { SCRATCH } from "#tests/support/vault-kit.ts";

async function sortRows(keys: readonly string[], limits?: { bytes: number; ways: number }): Promise<[string, number][]> {
  const scratch = new Scratch(SCRATCH);
  const sorter = new RowSorter(scratch, 4, limits);
  try {
    for (const [i, key] of keys.entries()) {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(i, 0);
      const bytes = Buffer.from(key, "latin1");
      if (sorter.full(bytes.length)) await sorter.spill();
      sorter.add(bytes, bytes.length, payload);
    }
    const out: [string, number][] = [];
    for await (const block of sorter.sorted()) {
      for (let i = 0; i < block.count; i++) {
        const end = block.keyEnd[i] as number;
        out.push([block.bytes.toString("latin1", block.keyAt[i], end), block.bytes.readUInt32BE(end)]);
      }
    }
    return out;
  } finally {
    await sorter.close();
    await scratch.remove();
  }
}

/** What a stable sort by bytes gives. */
const expected = (keys: readonly string[]): [string, number][] =>
  keys.map((key, i): [string, number] => [key, i]).sort(([a, i], [b, j]) => (a < b ? -1 : a > b ? 1 : i - j));

const keyOf = fc.string({ unit: "binary-ascii", maxLength: 12 });

describe("the sorter of rows", () => {
  test.each([
    ["in memory", undefined],
    ["spilled a few times", { bytes: 400, ways: 64 }],
    ["spilled so often that files are merged on the way", { bytes: 60, ways: 3 }],
  ])("gives any rows in order, equal keys in order of arrival: %s", async (_, limits) => {
    await fc.assert(
      fc.asyncProperty(fc.array(keyOf, { maxLength: 120 }), async (keys) => {
        expect(await sortRows(keys, limits)).toEqual(expected(keys));
      }),
      { numRuns: 40 },
    );
  });

  test("gives interleaved ascending stretches in order, as an export brings them", async () => {
    const keys = Array.from({ length: 6000 }, (_, i) => [`customer ${String(i).padStart(6, "0")}`, `customer ${String(i).padStart(6, "0")} field`, `order ${String(i).padStart(6, "0")}`]).flat();
    expect(await sortRows(keys)).toEqual(expected(keys));
    expect(await sortRows(keys, { bytes: 20_000, ways: 64 })).toEqual(expected(keys));
  });

  test("gives more stretches than it keeps apart in order", async () => {
    const keys = Array.from({ length: 4000 }, (_, i) => `${String((i * 7919) % 97)} ${String(i)}`);
    expect(await sortRows(keys)).toEqual(expected(keys));
  });

  test("leaves nothing readable on disk while it works", async () => {
    const parent = join(SCRATCH, "rows-canary");
    mkdirSync(parent, { recursive: true });
    const scratch = new Scratch(parent);
    const sorter = new RowSorter(scratch, 4, { bytes: 2000, ways: 64 });
    const key = Buffer.from("SYNTHETIC-CANARY");
    for (let i = 0; i < 500; i++) {
      if (sorter.full(key.length)) await sorter.spill();
      sorter.add(key, key.length, Buffer.alloc(4));
    }
    const [directory] = readdirSync(parent);
    const files = readdirSync(join(parent, directory as string));
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect(readFileSync(join(parent, directory as string, file)).includes("CANARY")).toBe(false);
    await sorter.close();
    await scratch.remove();
  });

  test("compares as bytes compare", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (a, b) => {
        expect(Math.sign(compareRanges(a, 0, a.length, b, 0, b.length))).toBe(Buffer.compare(a, b));
      }),
    );
  });
});

describe("the sorter of numbers", () => {
  test.each([
    ["in memory", undefined],
    ["spilled", 7],
    ["spilled into one file", 100],
  ])("gives any numbers in order: %s", async (_, limit) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { maxLength: 150 }), async (values) => {
        const scratch = new Scratch(SCRATCH);
        const sorter = new NumberSorter(scratch, limit);
        for (const value of values) if (sorter.add(value)) await sorter.spill();
        const out: number[] = [];
        for await (const block of sorter.sorted()) out.push(...block);
        await scratch.remove();
        expect(out).toEqual([...values].sort((a, b) => a - b));
      }),
      { numRuns: 40 },
    );
  });
});
