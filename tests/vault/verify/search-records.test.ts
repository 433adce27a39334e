/** With an identity, what packs are searched by is made again of their records while these are checked, wherever a pack is opened. */
import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { recordTerms, queryTerms } from "#app/terms/index.ts";
import { contentKeys, findInVault, openJournalWriter, rebuildSearch, redact, searchKeys, verifyVault } from "#app/vault/index.ts";
import type { SourceRecord, TermSource, VerifyOptions } from "#app/vault/index.ts";
import { packKey, packSecretKey, searchObject, searchPartOf } from "#app/vault/format/names.ts";
import { contentKeyOf, unwrapPackSecret } from "#app/vault/pack/secret.ts";
import { FoundTerms } from "#app/vault/search/found-terms.ts";
import type { SealedPart } from "#app/vault/search/part.ts";
import { PartBuilder } from "#app/vault/search/part-builder.ts";
import { BucketStore } from "#tests/support/memory-store.ts";
import { newTestVault, type TestVault } from "#tests/support/vault-kit.ts";
import { ADA, BEN, ORDER, record } from "../search/kit.ts";

const later = { ...recordTerms, version: 2 };

/** Counts what is read. */
class Counting extends BucketStore {
  readonly reads: string[] = [];
  override get(key: string, range?: { offset: number; length: number }): Promise<Uint8Array | null> {
    this.reads.push(key);
    return super.get(key, range);
  }
}

let store: Counting;
let world: TestVault;
beforeEach(async () => {
  store = new Counting();
  world = await newTestVault(store);
});

async function take(records: readonly SourceRecord[], terms: TermSource = recordTerms): Promise<void> {
  const writer = await world.vault.beginSnapshot({ source: { type: "test", name: "test" }, terms });
  await writer.write(records, "all");
  await writer.commit();
}
const parts = (): string[] => [...store.objects.keys()].filter((key) => key.startsWith("search/"));
const packOf = (part: string): string => (searchPartOf(part) as { pack: string }).pack;
const check = async (o: Partial<VerifyOptions> = {}) => (await verifyVault({ store, readData: true, opener: world.identity.opener, terms: recordTerms, ...o })).findings.map(({ code, object }) => `${code} ${object}`);
const withoutKeys = async () => (await verifyVault({ store, readData: true })).findings.map(({ code, object }) => `${code} ${object}`);
const keys = () => contentKeys(store, world.identity.opener);
const rebuild = (o: { terms?: TermSource; compare?: boolean } = {}) => rebuildSearch({ store, description: world.vault.description, contentKeys: keys(), terms: recordTerms, random: world.random, ...o });
const hits = async (value: string): Promise<string[]> => {
  const { found } = await findInVault({ store, description: world.vault.description, indexKey: world.hostKeys.indexKey, at: new Date("2027-01-01T00:00:00.000Z"), searchKeys: searchKeys(store, world.vault.description, keys()), query: queryTerms({ field: "name", value }) });
  return found.map(({ kind, id, state }) => `${kind} ${id.split("/").at(-1)} ${state}`);
};

/** As a host that was broken into could: the part of a pack, sealed by its own key, from other records. */
async function forge(pack: string, records: readonly SourceRecord[], generation = 1): Promise<string> {
  const wrapped = store.objects.get(packSecretKey(pack)) as Uint8Array;
  const contentKey = (await keys().get(contentKeyOf(wrapped, pack))) as Uint8Array;
  const vaultId = Buffer.from(world.vault.description.vaultId, "hex");
  const builder = new PartBuilder(unwrapPackSecret(wrapped, pack, contentKey, vaultId, pack), vaultId, 1, world.random);
  const found = new FoundTerms();
  for (const { kind, id, parentId, bytes } of records) found.look(recordTerms, kind, () => ({ kind, id, parentId }), bytes, 0, bytes.length);
  builder.add(found);
  const [part] = builder.seal(generation, "empty") as [SealedPart];
  const object = searchObject(pack, part.name);
  store.objects.set(object, part.bytes);
  return object;
}
const forgeFirst = (records: readonly SourceRecord[]): Promise<string> => forge(packOf(parts()[0] as string), records);

describe("a part that is whole and does not say what its records say", () => {
  beforeEach(() => take([ADA, BEN, ORDER]));

  it("is none that was written with its pack, rebuilt, or written for an erasure", async () => {
    expect(await check()).toEqual([]);
    await rebuild({ terms: later });
    expect(await check({ terms: later })).toEqual([]);
    const { indexKey, signingKey } = world.hostKeys;
    await redact({ store, description: world.vault.description, indexKey, signingKey, contentKeys: keys(), clock: world.clock, random: world.random, ids: [ADA.id], tree: true, actor: "cli", reason: "case 1", terms: recordTerms });
    expect(await check()).toEqual([]);
    // What stands for the pack is compared as any other.
    const [written] = parts() as [string];
    const forged = await forge(packOf(written), [ADA, BEN, ORDER]);
    expect(await check()).toEqual([`search.mismatch ${forged}`]);
  });
  it.each<[string, SourceRecord[]]>([
    ["hides somebody", [ADA, ORDER]],
    ["points at somebody else", [{ ...ADA, bytes: BEN.bytes }, { ...BEN, bytes: ADA.bytes }, ORDER]],
    ["says nothing at all", []],
    ["names a record that is not there", [ADA, BEN, ORDER, record("Customer", 3, { firstName: "Eve" })]],
  ])("is named with an identity where it %s, and without one is not seen", async (_, records) => {
    const forged = await forgeFirst(records);
    expect(await withoutKeys()).toEqual([]);
    expect(await check()).toEqual([`search.mismatch ${forged}`]);
  });
  it("is named by threads as by one", async () => {
    expect(await check({ threads: 1 })).toEqual([]);
    const forged = await forgeFirst([ADA, ORDER]);
    expect(await check({ threads: 1 })).toEqual([`search.mismatch ${forged}`]);
    expect(await check({ threads: 1, terms: { version: 1, kinds: recordTerms.kinds, read: recordTerms.read } })).toEqual([`search.mismatch ${forged}`]);
  });
  it("says nothing of a record that a later snapshot no longer has, and is held against it all the same", async () => {
    await take([BEN, ORDER]);
    const [first] = parts() as [string];
    expect(await check()).toEqual([]);
    const forged = await forge(packOf(first), [BEN, ORDER]);
    expect(await check()).toEqual([`search.mismatch ${forged}`]);
  });
  it("is made anew by whoever opens the records, and only where it has to be", async () => {
    expect((await rebuild({ compare: true })).written).toEqual([]);
    const forged = await forgeFirst([ADA, ORDER]);
    expect(await hits("brandt")).toEqual(["Customer 1 current"]);
    expect((await rebuild({ compare: true })).written).toHaveLength(1);
    expect(store.objects.has(forged)).toBe(false);
    expect(await check()).toEqual([]);
    expect(await hits("brandt")).toEqual(["Customer 1 current", "Customer 2 current"]);
  });
  it("is not told apart where terms are found in another way now", async () => {
    await forgeFirst([ADA]);
    expect(await check({ terms: later })).toEqual([]);
  });
  it("is not told of a pack that is damaged", async () => {
    const forged = await forgeFirst([ADA]);
    const pack = packKey(packOf(forged));
    store.objects.set(pack, (store.objects.get(pack) as Uint8Array).map((byte, i, all) => (i === all.length - 3 ? byte ^ 4 : byte)));
    expect(await check()).toEqual([`pack.damaged ${pack}`]);
  });
  it("is named as damaged, not as wrong, where a bit was flipped", async () => {
    await take(Array.from({ length: 40 }, (_, i) => record("Customer", 100 + i, { firstName: `N${i}`, lastName: "Holm" })));
    for (const key of parts()) {
      const whole = store.objects.get(key) as Uint8Array;
      store.objects.set(key, whole.map((byte, i) => (i === whole.length - 3 ? byte ^ 4 : byte)));
      expect(await check()).toEqual([`search.damaged ${key}`]);
      store.objects.set(key, whole);
    }
  });
  it("is named twice where two programs made it at once, and not at all where both say the truth", async () => {
    const pack = packOf(parts()[0] as string);
    await forge(pack, [ADA, BEN, ORDER]);
    await forge(pack, [ADA, BEN, ORDER]);
    expect(parts()).toHaveLength(3);
    expect(await check()).toEqual([]);
    const forged = await forge(pack, [ADA]);
    expect(await check()).toEqual([`search.mismatch ${forged}`]);
  });
});

describe("a part, without any key,", () => {
  beforeEach(() => take([ADA, BEN]));

  it("that goes while it is looked at is missing", async () => {
    const [part] = parts() as [string];
    const going = new Proxy(store, { get: (of, name) => (name === "get" ? (key: string, range?: { offset: number; length: number }) => (key === part ? Promise.resolve(null) : of.get(key, range)) : (Reflect.get(of, name, of) as unknown)) });
    expect((await verifyVault({ store: going, readData: true })).findings).toEqual([{ code: "search.missing", object: part, detail: "it was listed but is not there" }]);
  });
  it("that has its digest and no head of a part is damaged", async () => {
    const [part] = parts() as [string];
    const bytes = Buffer.from("synthetic, and no part of a search");
    const object = searchObject(packOf(part), `1.${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}`);
    store.objects.set(object, bytes);
    expect(await withoutKeys()).toEqual([`search.damaged ${object}`]);
    expect(await check()).toEqual([`search.damaged ${object}`]);
  });
});

it("opens each pack of a snapshot once", async () => {
  await take([ADA, BEN, ORDER]);
  const pack = packKey(packOf(parts()[0] as string));
  const reads = async (o: Partial<VerifyOptions>): Promise<number> => {
    store.reads.length = 0;
    expect(await check(o)).toEqual([]);
    return store.reads.filter((key) => key === pack || key.startsWith("search/")).length;
  };
  const without = await verifyVault({ store, readData: true, opener: world.identity.opener });
  expect(without.ok).toBe(true);
  const alone = await reads({ terms: later });
  expect(await reads({})).toBe(alone);
});

it("holds against their records what packs are searched by that only the journal has", async () => {
  await take([BEN]);
  const before = new Set(parts());
  const journal = await openJournalWriter({ store, description: world.vault.description, hostKeys: world.hostKeys, clock: world.clock, random: world.random, terms: recordTerms });
  const now = new Date(world.clock.now().getTime() + 60_000);
  await journal.append([{ change: "upsert", kind: "Customer", id: ADA.id, occurredAt: now, receivedAt: now, fetchedAt: now, records: [ADA] }]);
  const [captured] = parts().filter((key) => !before.has(key)) as [string];
  expect(await check()).toEqual([]);
  const forged = await forge(packOf(captured), []);
  expect(await check()).toEqual([`search.mismatch ${forged}`]);
  expect(await check({ terms: later })).toEqual([]);
});

it("ends with an error when a thread finds another source than was meant", async () => {
  await take([ADA]);
  await rebuild({ terms: later });
  await expect(check({ terms: later, threads: 1 })).rejects.toThrow("recordTerms is not what finds terms in way 2");
});

describe("parts of a pack that takes more than one", () => {
  /** So many terms a record that rows fill a part: no shop's records have them. */
  const many: TermSource = {
    version: 1,
    kinds: new Set(["Customer"]),
    read: () => undefined,
    scan: (_kind, bytes, _start, end, found) => {
      const own = String.fromCharCode(bytes[end - 3] as number);
      const ends: number[] = [];
      let text = "";
      for (let i = 0; i < 256; i++) ends.push((text += `\x03${own}${i}`).length);
      found(Buffer.from(text), 0, Int32Array.from(ends), 0, 256);
      return true;
    },
  };
  const anew = { ...many, version: 2 };
  const away = async (object: string, look: () => Promise<void>): Promise<void> => {
    const bytes = store.objects.get(object) as Uint8Array;
    store.objects.delete(object);
    await look();
    store.objects.set(object, bytes);
  };
  beforeEach(() => take(Array.from({ length: 1100 }, (_, i) => record("Customer", i + 1, { n: i })), many));

  it("that were written with it are missed one by one", async () => {
    const both = parts();
    expect(both).toHaveLength(2);
    expect(await check({ terms: many })).toEqual([]);
    for (const part of both) await away(part, async () => expect(await withoutKeys()).toEqual([`search.missing ${part}`]));
    await away(both[1] as string, async () => expect(await check({ terms: many })).toEqual([`search.missing ${both[1]}`]));
  });
  it("that were made anew are missed too, though no list names them: what is left says that it is not all", async () => {
    await rebuild({ terms: anew });
    const both = parts() as [string, string];
    expect(both).toHaveLength(2);
    expect(await check({ terms: anew })).toEqual([]);
    for (const part of both) {
      await away(part, async () => {
        const [left] = parts();
        const { findings } = await verifyVault({ store, readData: true });
        expect(findings).toEqual([{ code: "search.missing", object: left, detail: expect.stringMatching(/has 2 parts, of which 1 are there/) }]);
      });
    }
    await away(both[0], async () => expect(await check({ terms: anew })).toEqual([`search.missing ${both[1]}`]));
  });
  it("are not missed where making them anew was broken off and those from before are there", async () => {
    const old = parts().map((key) => [key, store.objects.get(key) as Uint8Array] as const);
    await rebuild({ terms: anew });
    store.objects.delete(parts()[1] as string);
    const [half] = parts() as [string];
    for (const [key, bytes] of old) store.objects.set(key, bytes);
    expect(await check({ terms: many })).toEqual([]);
    await away(old[0]?.[0] as string, async () => expect(await withoutKeys()).toEqual([`search.missing ${half}`]));
  });
});
