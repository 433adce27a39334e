/** What a second snapshot of an export costs: no more than twice what changed, and nothing where only the order did. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { openJsonlSource } from "#app/sources/jsonl/index.ts";
import type { SnapshotSummary, Vault } from "#app/vault/index.ts";
import { copySource } from "#app/workflows/snapshot/copy-source.ts";
import { writeExportFile } from "#tests/bench/export-file.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, seededNumbers } from "#tests/support/vault-kit.ts";

const MIB = 1024 * 1024;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "holdfast-delta-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function copy(vault: Vault, file: string): Promise<SnapshotSummary> {
  return copySource({ vault, source: await openJsonlSource(file), checkpoint: null, signal: new AbortController().signal });
}

/** Bytes of the objects written since there were `from` of them, by the folder they lie in. */
function written(store: MemoryStore, from: number): Record<string, number> & { all: number; packs: number } {
  const sizes: Record<string, number> & { all: number; packs: number } = { all: 0, packs: 0 };
  for (const key of store.written.slice(from)) {
    const size = store.objects.get(key)!.length;
    const folder = key.split("/")[0]!;
    sizes.all += size;
    sizes[folder] = (sizes[folder] ?? 0) + size;
  }
  return sizes;
}

// A snapshot costs about 3.5 KB before anything has changed, so a tenth of a percent is measured on more records.
const CASES: [number, number][] = process.env["SLOW"] === "1" ? [[0.01, 24], [0.001, 24]] : [[0.01, 10]];
describe.each(CASES)("a second snapshot after a change of %d of the records of an export of %d MiB", (fraction, mib) => {
  test("adds at most twice what the changed lines take when they are compressed", async () => {
    const [day1, day2, delta] = ["day1", "day2", "delta"].map((name) => path.join(directory, `${name}-${String(fraction)}.jsonl`)) as [string, string, string];
    const { records } = await writeExportFile({ path: day1, bytes: mib * MIB, seed: 11 });
    const { changed } = await writeExportFile({ path: day2, bytes: mib * MIB, seed: 11, changeFraction: fraction, deltaPath: delta });
    expect(changed).toBeGreaterThan((records * fraction) / 2);
    const ideal = zstdCompressSync(await readFile(delta), { params: { [constants.ZSTD_c_compressionLevel]: 3 } }).length;
    const store = new MemoryStore();
    const { vault } = await newTestVault(store);
    expect(await copy(vault, day1)).toMatchObject({ records, added: records, complete: true });
    const before = store.written.length;
    expect(await copy(vault, day2)).toMatchObject({ records, added: 0, changed, removed: 0, unchanged: records - changed, complete: true });
    const added = written(store, before);
    expect(added.packs).toBeGreaterThan(0);
    expect(added.all / ideal).toBeLessThanOrEqual(2);
  }, 120_000);
});

describe("a second snapshot of the same lines in another order", () => {
  /** Lines of a small export, an array of them. */
  async function exported(records: number): Promise<{ file: string; lines: string[] }> {
    const file = path.join(directory, "ordered.jsonl");
    await writeExportFile({ path: file, bytes: records * 850, seed: 5 });
    return { file, lines: (await readFile(file, "utf8")).trimEnd().split("\n") };
  }
  async function rewritten(lines: readonly string[]): Promise<string> {
    const file = path.join(directory, "shuffled.jsonl");
    await writeFile(file, lines.map((line) => `${line}\n`).join(""));
    return file;
  }

  test("finds nothing changed and writes no pack, whichever order it is that keeps line items as they are", async () => {
    const { file, lines } = await exported(2000);
    const store = new MemoryStore();
    const { vault } = await newTestVault(store);
    const first = await copy(vault, file);
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const shuffled = inOrderOfLineItems(lines, shuffle(lines, seed));
        expect(shuffled).not.toEqual(lines);
        const before = store.written.length;
        const { root, records, added, changed, removed, unchanged } = await copy(vault, await rewritten(shuffled));
        expect({ root, records, added, changed, removed, unchanged }).toEqual({ root: first.root, records: lines.length, added: 0, changed: 0, removed: 0, unchanged: lines.length });
        const { packs, all } = written(store, before);
        expect(packs).toBe(0);
        expect(all).toBeLessThan(4096);
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  test("tells line items that changed places, changes none of them, and stores none of them again", async () => {
    const { file, lines } = await exported(2000);
    const store = new MemoryStore();
    const { vault } = await newTestVault(store);
    const first = await copy(vault, file);
    const reversed = [...lines].reverse();
    const before = store.written.length;
    const again = await copy(vault, await rewritten(reversed));
    expect(again).toMatchObject({ records: lines.length, added: 0, changed: 0, removed: 0, moved: displaced(lines, reversed) });
    expect(again.moved).toBeGreaterThan(0);
    expect(again.root).not.toBe(first.root);
    expect(written(store, before).packs).toBe(0);
  }, 60_000);
});

/** Fisher and Yates, from a seed. */
function shuffle(lines: readonly string[], seed: number): string[] {
  const random = seededNumbers(seed);
  const out = [...lines];
  for (let n = out.length - 1; n > 0; n--) {
    const other = Math.floor(random() * (n + 1));
    [out[n], out[other]] = [out[other]!, out[n]!];
  }
  return out;
}

interface Line {
  readonly id: string;
  readonly __parentId?: string;
}

/** Line items by their order, in the order they have among the lines. */
function lineItems(lines: readonly string[]): Map<string, string[]> {
  const families = new Map<string, string[]>();
  for (const line of lines) {
    const { id, __parentId } = JSON.parse(line) as Line;
    if (id.includes("/LineItem/")) families.set(__parentId!, [...(families.get(__parentId!) ?? []), line]);
  }
  return families;
}

/** The shuffled lines, the line items of each order put into the places of these in the order they had. */
function inOrderOfLineItems(lines: readonly string[], shuffled: readonly string[]): string[] {
  const families = lineItems(lines);
  return shuffled.map((line) => {
    const { id, __parentId } = JSON.parse(line) as Line;
    return id.includes("/LineItem/") ? families.get(__parentId!)!.shift()! : line;
  });
}

/** How many line items have another place among those of their order. */
function displaced(lines: readonly string[], others: readonly string[]): number {
  const now = lineItems(others);
  return [...lineItems(lines)].reduce((sum, [parent, items]) => sum + items.filter((item, place) => now.get(parent)![place] !== item).length, 0);
}
