/** The journal against damage, malice and death at any write: every segment is whole or absent, and what was altered is found and named. */
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { StoreError, verifyVault } from "#app/vault/index.ts";
import type { JournalSegment, ObjectStore } from "#app/vault/index.ts";
import { decodeEntries, encodeEntries } from "#app/vault/journal/entries.ts";
import { journalObject, journalSequenceOf } from "#app/vault/journal/names.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, type TestVault } from "#tests/support/vault-kit.ts";
import { allOf, customer, linesOf, stateOf, upsert, writerOn } from "./kit.ts";

async function three(store: MemoryStore, seed = "vault"): Promise<{ readonly kit: TestVault; readonly segments: JournalSegment[] }> {
  const kit = await newTestVault(store, seed);
  const writer = await writerOn(kit, store);
  const segments: JournalSegment[] = [];
  for (let i = 1; i <= 3; i++) segments.push((await writer.append([upsert(kit, customer(i, `v${i}`))])).segment);
  return { kit, segments };
}

async function findings(kit: TestVault, store: ObjectStore): Promise<string[]> {
  const report = await verifyVault({ store, readData: true, hostKeys: kit.hostKeys, opener: kit.identity.opener, threads: 0 });
  return report.findings.map(({ code, object }) => `${code} ${object}`);
}

describe("what is done to a journal is found", () => {
  const name = (n: number): string => journalObject(n);
  const rows: readonly [string, (store: MemoryStore, other: MemoryStore) => void, string][] = [
    ["a segment taken from the middle", (store) => store.objects.delete(name(2)), `journal.missing ${name(2)}`],
    ["the first segment taken", (store) => store.objects.delete(name(1)), `journal.missing ${name(1)}`],
    ["two segments swapped", (store) => { const one = store.objects.get(name(1)) as Uint8Array; store.objects.set(name(1), store.objects.get(name(2)) as Uint8Array); store.objects.set(name(2), one); }, `journal.damaged ${name(1)}`],
    ["one segment under another's number too", (store) => store.objects.set(name(4), store.objects.get(name(3)) as Uint8Array), `journal.damaged ${name(4)}`],
    ["another vault's segment", (store, other) => store.objects.set(name(2), other.objects.get(name(2)) as Uint8Array), `journal.damaged ${name(2)}`],
    ["a stranger's object", (store) => store.objects.set("journal/note.txt", Buffer.from("x")), "object.unknown journal/note.txt"],
    ["a forged cut", (store) => store.objects.set("journal/cuts/0000000001.json", Buffer.from("{}")), "journal.damaged journal/cuts/0000000001.json"],
  ];
  it.each(rows)("%s", async (_, harm, wanted) => {
    const store = new MemoryStore();
    const other = new MemoryStore();
    const { kit } = await three(store);
    await three(other, "other");
    expect(await findings(kit, store)).toEqual([]);
    harm(store, other);
    expect(await findings(kit, store)).toContain(wanted);
  });

  it("a segment written anew by the vault's own key after the storage was set back", async () => {
    const store = new MemoryStore();
    const { kit, segments } = await three(store);
    const old = store.objects.get(name(2)) as Uint8Array;
    store.objects.delete(name(2));
    store.objects.delete(name(3));
    const writer = await writerOn(kit, store);
    await writer.append([upsert(kit, customer(9, "second chain"))]);
    // The third of the first chain comes back.
    await writer.append([upsert(kit, customer(9, "again"))]);
    expect(await findings(kit, store)).toEqual([]);
    store.objects.set(name(2), old);
    expect(await findings(kit, store)).toContain(`journal.mismatch ${name(3)}`);
    expect(segments).toHaveLength(3);
  });

  it("any bit of any object of a segment", async () => {
    const store = new MemoryStore();
    const { kit, segments } = await three(store);
    const [segment] = segments as [JournalSegment];
    const pack = segment.pack?.id ?? "";
    const keyId = segment.keys[0]?.id ?? "";
    const objects = [segment.objectKey, `packs/${pack.slice(0, 2)}/${pack}`, `packs/${pack.slice(0, 2)}/${pack}.key`, `keys/${keyId}.jwe`];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...objects), fc.nat(), fc.integer({ min: 0, max: 7 }), async (object, place, bit) => {
        const bad = store.clone();
        const bytes = bad.objects.get(object) as Uint8Array;
        bytes[place % bytes.length] = (bytes[place % bytes.length] as number) ^ (1 << bit);
        expect((await findings(kit, bad)).join(" ")).toContain(object);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe("the decoder of entries", () => {
  it("gives back what was encoded", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    const { entries, segment } = await (await writerOn(kit, store)).append([upsert(kit, customer(1, "x", 3))]);
    const packs = [segment.pack?.id ?? ""];
    expect(decodeEntries(encodeEntries(entries, packs), packs, "o")).toEqual(entries);
  });
  it("never throws anything but damage, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          decodeEntries(bytes, ["aa".repeat(32)], "journal/x");
        } catch (error) {
          expect(error).toMatchObject({ code: "vault.damaged_object", object: "journal/x" });
        }
      }),
      { numRuns: 3000 },
    );
  });
  it("refuses numbers that would make it reserve what is not there", () => {
    expect(() => decodeEntries(Buffer.from([0xff, 0xff, 0x03]), [], "o")).toThrow(/ends too early/);
    expect(() => decodeEntries(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), [], "o")).toThrow(/out of bounds/);
  });
});

it("names segments by their number alone", () => {
  expect(journalObject(1)).toBe("journal/0000000/0000000001");
  expect(journalObject(12_345)).toBe("journal/0000012/0000012345");
  for (const n of [1, 999, 1000, 9_999_999_999]) expect(journalSequenceOf(journalObject(n))).toBe(n);
  for (const bad of ["journal/0000001/0000000001", "journal/0000000/1", "journal/0000000/0000000000", "journal/cuts/0000000001.json"]) expect(journalSequenceOf(bad)).toBeNull();
});

/** Dies at the n-th write: before it, or after it with the answer lost. */
class DyingStore extends MemoryStore {
  writes = 0;
  dieAt = 0;
  lost = false;
  override async putIfAbsent(key: string, body: Uint8Array): ReturnType<MemoryStore["putIfAbsent"]> {
    if (++this.writes !== this.dieAt) {
      if (this.dieAt > 0 && this.writes > this.dieAt) throw new StoreError("store.unreachable", "dead", { retry: "later" });
      return super.putIfAbsent(key, body);
    }
    if (this.lost) await super.putIfAbsent(key, body);
    throw new StoreError("store.unreachable", "died", { retry: "later" });
  }
}

it("survives death at any write: the segment is whole or absent, and the next writer goes on", async () => {
  for (const lost of [false, true]) {
    for (let dieAt = 1; dieAt <= 4; dieAt++) {
      const store = new DyingStore();
      const kit = await newTestVault(store);
      await (await writerOn(kit, store)).append([upsert(kit, customer(1, "before"))]);
      Object.assign(store, { writes: 0, dieAt, lost });
      const change = upsert(kit, customer(2, "during"));
      // Key, pack key, pack, segment.
      await expect((await writerOn(kit, store)).append([change])).rejects.toMatchObject({ code: "store.unreachable" });
      store.dieAt = 0;
      const whole = lost && dieAt === 4;
      expect(await findings(kit, store)).toEqual([]);
      expect(await allOf(await stateOf(kit, store))).toEqual(linesOf([...customer(1, "before"), ...(whole ? customer(2, "during") : [])]));
      await (await writerOn(kit, store)).append([change]);
      expect(await allOf(await stateOf(kit, store))).toEqual(linesOf([...customer(1, "before"), ...customer(2, "during")]));
      expect(await findings(kit, store)).toEqual([]);
    }
  }
});
