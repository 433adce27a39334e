import { afterAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { sortKeyOf } from "#app/vault/format/sort-key.ts";
import { Scratch } from "#app/vault/scratch/scratch.ts";
import { putExact } from "#app/vault/snapshot/put-exact.ts";
import type { IndexKeys } from "#app/vault/tree/blocks.ts";
import { IndexReader } from "#app/vault/tree/index-reader.ts";
import type { Located } from "#app/vault/tree/leaf.ts";
import { RunWriter } from "#app/vault/tree/run-writer.ts";
import type { RunDescription } from "#app/vault/types.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { SCRATCH, seededNumbers, seededRandom } from "#tests/support/vault-kit.ts";

const keys: IndexKeys = { vaultId: Buffer.alloc(16, 3), indexKey: Buffer.alloc(32, 4) };
const random = seededRandom("tree");
const scratch = new Scratch(SCRATCH);
afterAll(() => scratch.remove());

async function writeRun(store: MemoryStore, entries: ReadonlyMap<string, Located | null>): Promise<RunDescription> {
  const writer = new RunWriter(keys, random, (key, bytes) => putExact(store, key, bytes), scratch);
  for (const key of [...entries.keys()].sort()) await writer.add(key, entries.get(key) ?? null);
  return (await writer.finish()) as RunDescription;
}

const packs = ["aa", "bb", "cc"].map((byte) => byte.repeat(32));
const located = fc.record({ digest: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("latin1")), place: fc.constantFrom(-1, -1, 0, 1, 70000), pack: fc.constantFrom(...packs), frame: fc.nat(600), ordinal: fc.nat(300) });
const key = fc.tuple(fc.constantFrom("customers", "metafields"), fc.integer({ min: 0, max: 400 }), fc.option(fc.integer({ min: 0, max: 40 }))).map(([kind, id, parent]) => sortKeyOf(kind, `gid://synthetic/${id}`, parent === null ? null : `gid://synthetic/${parent}`));
const run = fc.dictionary(key, fc.option(located, { freq: 6 }), { minKeys: 1, maxKeys: 400 }).map((entries) => new Map(Object.entries(entries)));

function merged(runs: readonly ReadonlyMap<string, Located | null>[]): Map<string, Located> {
  const all = new Map<string, Located | null>();
  for (const each of [...runs].reverse()) for (const [name, value] of each) all.set(name, value);
  return new Map([...all].filter((entry): entry is [string, Located] => entry[1] !== null).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("an index of several runs", () => {
  it("says what the newest run says of each key, one by one, in order, by prefix, by id and by look-up", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 3 }), async (models) => {
        const store = new MemoryStore();
        const runs: RunDescription[] = [];
        for (const model of models) runs.push(await writeRun(store, model));
        const truth = merged(models);
        const index = new IndexReader(store, keys, runs);

        const walked: [string, Located][] = [];
        const cursor = index.cursor();
        for (let more = await cursor.seek(); more; more = await cursor.next()) if (!cursor.removed) walked.push([cursor.key, cursor.located]);
        expect(walked).toEqual([...truth]);

        const lookup = index.lookup();
        for (const name of new Set(models.flatMap((model) => [...model.keys()]))) {
          expect(await index.find(name)).toEqual(truth.get(name) ?? null);
          const found = await lookup.find(Buffer.from(name, "latin1"), name.length);
          expect(found !== null && !found.leaf.isRemoval(found.at) ? found.leaf.digest(found.at) : null).toBe(truth.get(name)?.digest ?? null);
        }
        expect(await index.find(sortKeyOf("customers", "not there", null))).toBeNull();

        const prefix = "gid://synthetic/7\0\x01";
        const ranged: string[] = [];
        for await (const entry of index.range(prefix)) ranged.push(entry.key);
        expect(ranged).toEqual([...truth.keys()].filter((name) => name.startsWith(prefix)));

        for (const id of ["gid://synthetic/7", "gid://synthetic/100", "gid://synthetic/399"]) {
          const hasId = [...truth.keys()].filter((name) => name.startsWith(`${id}\0\0`) || name.endsWith(`\0${id}`));
          const found = await index.findById(id);
          if (hasId.length === 0) expect(found).toBeNull();
          else expect(hasId).toContain(found?.key);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("finds every one of 30,000 children by its own id, over three levels of blocks and many objects of the locator", async () => {
    const store = new MemoryStore();
    const number = seededNumbers(5);
    const model = new Map<string, Located | null>();
    for (let i = 0; i < 30_000; i++) model.set(sortKeyOf("metafields", `m${i}`, `c${Math.floor(number() * 9000)}`), { digest: String(i).padStart(16, "0"), place: -1, pack: packs[0] as string, frame: i >> 7, ordinal: i & 127 });
    const described = await writeRun(store, model);
    expect(described.height).toBe(2);
    expect(described.locator?.leaves).toBe(30);
    const index = new IndexReader(store, keys, [described]);
    for (let i = 0; i < 30_000; i += 97) expect((await index.findById(`m${i}`))?.located.digest).toBe(String(i).padStart(16, "0"));
    expect(await index.findById("m30000")).toBeNull();
  });

  it("reads a block only as what it was sealed as, where it was sealed, for the vault it was sealed for", async () => {
    const store = new MemoryStore();
    const model = new Map<string, Located | null>([...Array(600).keys()].map((i) => [sortKeyOf("customers", `c${String(i).padStart(4, "0")}`, null), { digest: "0".repeat(16), place: -1, pack: packs[0] as string, frame: 0, ordinal: i }]));
    const described = await writeRun(store, model);
    const read = (runs: RunDescription[], by: IndexKeys = keys): Promise<unknown> => new IndexReader(store, by, runs).find(sortKeyOf("customers", "c0300", null));
    await expect(read([described])).resolves.not.toBeNull();
    const damaged = { code: "vault.damaged_object" };
    await expect(read([described], { ...keys, vaultId: Buffer.alloc(16, 9) })).rejects.toMatchObject(damaged);
    await expect(read([described], { ...keys, indexKey: Buffer.alloc(32, 9) })).rejects.toMatchObject(damaged);
    await expect(read([{ ...described, height: 0 }])).rejects.toMatchObject(damaged);
    await expect(read([{ ...described, root: { ...described.root, block: described.root.block + 1 } }])).rejects.toMatchObject(damaged);
    await expect(read([{ ...described, root: { ...described.root, offset: 40, length: 100 } }])).rejects.toMatchObject(damaged);
  });
});
