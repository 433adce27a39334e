import { hash } from "node:crypto";
import { afterAll, describe, expect, it } from "@jest/globals";
import { sortKeyOf } from "#app/vault/format/sort-key.ts";
import { Scratch } from "#app/vault/scratch/scratch.ts";
import { putExact } from "#app/vault/snapshot/put-exact.ts";
import { IndexReader } from "#app/vault/tree/index-reader.ts";
import { KeyLookup } from "#app/vault/tree/key-lookup.ts";
import { RunWriter } from "#app/vault/tree/run-writer.ts";
import type { RunDescription } from "#app/vault/types.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { SCRATCH, seededNumbers, seededRandom } from "#tests/support/vault-kit.ts";

const keys = { vaultId: Buffer.alloc(16, 3), indexKey: Buffer.alloc(32, 4) };
const scratch = new Scratch(SCRATCH);
afterAll(() => scratch.remove());

const COUNT = 20_000;
const nameOf = (i: number): string => sortKeyOf("customers", `gid://synthetic/${String(i).padStart(8, "0")}`, null);
/** As incompressible as real ones. */
const digestOf = (i: number): string => hash("sha256", String(i), "buffer").toString("latin1", 0, 16);

async function largeRun(store: MemoryStore): Promise<RunDescription> {
  const writer = new RunWriter(keys, seededRandom("lookup"), (key, bytes) => putExact(store, key, bytes), scratch);
  for (let i = 0; i < COUNT; i++) await writer.add(nameOf(i), { digest: digestOf(i), place: -1, pack: "ab".repeat(32), frame: i >> 7, ordinal: i & 127 });
  return (await writer.finish()) as RunDescription;
}

async function lookUp(store: MemoryStore, run: RunDescription, order: readonly number[]): Promise<{ fetched: number; size: number }> {
  const index = new IndexReader(store, keys, [run], { readAhead: 512 * 1024 });
  const lookup = new KeyLookup(index.readers);
  const wrong: number[] = [];
  for (const i of order) {
    const key = Buffer.from(nameOf(i), "latin1");
    const found = await lookup.find(key, key.length);
    if ((found === null ? null : found.leaf.digest(found.at)) !== (i < COUNT ? digestOf(i) : null)) wrong.push(i);
  }
  expect(wrong).toEqual([]);
  return { fetched: index.bytesFetched, size: run.objects.reduce((sum, object) => sum + object.size, 0) };
}

describe("look-ups in a large run", () => {
  it("of keys in order read the run once, in few large reads", async () => {
    const store = new MemoryStore();
    const run = await largeRun(store);
    const reads = store.gets;
    const { fetched, size } = await lookUp(store, run, Array.from({ length: COUNT + 10 }, (_, i) => i));
    expect(fetched).toBeLessThan(size * 1.2);
    expect(store.gets - reads).toBeLessThan(30);
  });

  it("of shuffled keys open a block for most of them, and never fetch a window for each", async () => {
    const store = new MemoryStore();
    const run = await largeRun(store);
    const { fetched } = await lookUp(store, run, drawn(6000));
    expect(fetched / 6000).toBeLessThan(16 * 1024);
  });

  it("of shuffled keys that were brought in order read the run once for each lot", async () => {
    const store = new MemoryStore();
    const run = await largeRun(store);
    const lots = [drawn(2000), drawn(2000), drawn(2000)].map((lot) => lot.sort((a, b) => a - b));
    const { fetched, size } = await lookUp(store, run, lots.flat());
    expect(fetched).toBeLessThan(size * lots.length * 1.2);
  });
});

/** Numbers of entries in no order, a few beyond the last. */
function drawn(count: number): number[] {
  const number = seededNumbers(count);
  return Array.from({ length: count }, () => Math.floor(number() * (COUNT + 100)));
}
