/** What befalls a vault befalls what it is searched by: erasure, prune, rotation, damage, capture between snapshots. */
import { beforeEach, describe, expect, it } from "@jest/globals";
import { recordTerms, queryTerms } from "#app/terms/index.ts";
import type { Query } from "#app/terms/index.ts";
import { contentKeys, eraseVault, findInVault, openJournalWriter, prune, parsePolicy, rebuildSearch, redact, repairVault, rotateRecipients, searchKeys, verifyVault } from "#app/vault/index.ts";
import type { ContentKeys, FindOutcome, KeepPolicy, SourceRecord } from "#app/vault/index.ts";
import { BucketStore, MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, testIdentity, type TestVault } from "#tests/support/vault-kit.ts";
import { ADA, BEN, ORDER, record } from "./kit.ts";


let store: MemoryStore;
let world: TestVault;
beforeEach(async () => {
  store = new BucketStore();
  world = await newTestVault(store);
});

async function take(records: readonly SourceRecord[]): Promise<void> {
  const writer = await world.vault.beginSnapshot({ source: { type: "test", name: "test" }, terms: recordTerms });
  await writer.write(records, "all");
  await writer.commit();
}
const place = () => ({ store, description: world.vault.description, indexKey: world.hostKeys.indexKey, at: new Date("2027-01-01T00:00:00.000Z") });
const find = (field: Query["field"], value: string, keys: ContentKeys = contentKeys(store, world.identity.opener)): Promise<FindOutcome> => findInVault({ ...place(), searchKeys: searchKeys(store, world.vault.description, keys), query: queryTerms({ field, value }) });
const hits = async (field: Query["field"], value: string, keys?: ContentKeys): Promise<string[]> => (await find(field, value, keys)).found.map(({ kind, id, state }) => `${kind} ${id.split("/").at(-1)} ${state}`);
const parts = (): string[] => [...store.objects.keys()].filter((key) => key.startsWith("search/"));
const findings = async () => (await verifyVault({ store, readData: true })).findings.map(({ code, object }) => `${code} ${object}`);

function erase(ids: readonly string[], keys: ContentKeys = contentKeys(store, world.identity.opener)) {
  const { indexKey, signingKey } = world.hostKeys;
  return redact({ store, description: world.vault.description, indexKey, signingKey, contentKeys: keys, clock: world.clock, random: world.random, ids, tree: true, actor: "cli", reason: "case 1", terms: recordTerms });
}

describe("an erasure", () => {
  beforeEach(() => take([ADA, BEN, ORDER]));

  it("leaves nothing to find of whom it erased, and everybody else as they were", async () => {
    const keys = contentKeys(store, world.identity.opener);
    expect(await hits("name", "brandt", keys)).toEqual(["Customer 1 current", "Customer 2 current"]);
    expect((await erase([ADA.id])).kind).toBe("done");
    expect(await hits("email", "ada@example.com")).toEqual([]);
    expect(await hits("name", "brandt")).toEqual(["Customer 2 current"]);
    expect(await hits("customer", BEN.id)).toEqual(["Order 5 current"]);
    expect((await find("name", "brandt")).unsearched).toBe(0);
    expect(await findings()).toEqual([]);
  });

  it("makes a copy of the old tokens noise, even for somebody with an identity and the old bytes", async () => {
    const [old] = parts() as [string];
    const bytes = store.objects.get(old) as Uint8Array;
    const outcome = await erase([ADA.id]);
    expect(store.objects.has(old)).toBe(false);
    expect(outcome.kind === "done" ? outcome.report.certificates[0]?.certificate.destroyed.search : null).toEqual([old]);
    store.objects.set(old, bytes);
    const again = await find("email", "ada@example.com");
    expect({ found: again.found, packs: again.packs, faults: again.faults }).toEqual({ found: [], packs: 1, faults: [] });
  });

  it("of the whole vault leaves no token", async () => {
    const { signingKey, indexKey } = world.hostKeys;
    await eraseVault({ store, description: world.vault.description, indexKey, signingKey, clock: world.clock, actor: "cli", reason: "case 2" });
    expect(parts()).toEqual([]);
  });
});

describe("a prune", () => {
  it("keeps what the remaining snapshots are searched by, and lets the rest go with its packs", async () => {
    await take([ADA]);
    await take([BEN]);
    expect(parts()).toHaveLength(2);
    const { signingKey } = world.hostKeys;
    const input = { store, description: world.vault.description, signingKey, clock: world.clock, policy: parsePolicy("last=1") as KeepPolicy, actor: "cli", verified: new Set<string>(), graceMs: 0 };
    expect((await prune(input)).kind).toBe("done");
    expect(parts()).toHaveLength(1);
    expect(await hits("email", "ada@example.com")).toEqual([]);
    expect(await hits("email", "ben@example.com")).toEqual(["Customer 2 current"]);
    expect(await findings()).toEqual([]);
  });
});

describe("a rotation", () => {
  it("lets a new recipient search everything, and whoever was removed nothing", async () => {
    await take([ADA, BEN]);
    const second = await testIdentity();
    await rotateRecipients({ store, opener: world.identity.opener, add: [second.recipient], remove: [world.identity.recipient.keyId], clock: world.clock, signingKey: world.hostKeys.signingKey });
    expect(await hits("name", "brandt", contentKeys(store, second.opener))).toEqual(["Customer 1 current", "Customer 2 current"]);
    expect(await find("name", "brandt")).toMatchObject({ found: [], packs: 0, unsearched: 1 });
  });
});

describe("damage", () => {
  beforeEach(() => take([ADA, BEN]));
  const spoil = (change: (bytes: Uint8Array) => Uint8Array | null): string => {
    const [key] = parts() as [string];
    const bytes = change(Uint8Array.from(store.objects.get(key) as Uint8Array));
    if (bytes === null) store.objects.delete(key);
    else store.objects.set(key, bytes);
    return key;
  };

  it("of any byte is named by a verifier without keys", async () => {
    const [key] = parts() as [string];
    const { length } = store.objects.get(key) as Uint8Array;
    for (const at of [0, 41, 52, 200, length - 1]) {
      const whole = store.objects.get(key) as Uint8Array;
      spoil((bytes) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
      expect(await findings()).toEqual([`search.damaged ${key}`]);
      store.objects.set(key, whole);
    }
  });
  it("blocks no reading, and a search says that it is not whole", async () => {
    const key = spoil((bytes) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)));
    expect(await find("name", "brandt")).toMatchObject({ found: [], faults: [key] });
    const [newest] = await world.vault.snapshots();
    expect((await world.vault.read(newest as NonNullable<typeof newest>, world.keys).get(ADA.id))?.record?.id).toBe(ADA.id);
  });
  it("by taking it away is named, and shows in a search as what was not searched", async () => {
    const key = spoil(() => null);
    expect(await findings()).toEqual([`search.missing ${key}`]);
    expect(await find("name", "brandt")).toMatchObject({ found: [], packs: 0, unsearched: 1 });
  });
  it("is mended from a copy of the vault", async () => {
    const copy = new MemoryStore();
    for (const [key, bytes] of store.objects) copy.objects.set(key, bytes);
    const key = spoil((bytes) => bytes.map((byte, i) => (i === 60 ? byte ^ 1 : byte)));
    await repairVault({ store, from: copy });
    expect(store.objects.get(key)).toEqual(copy.objects.get(key));
    expect(await hits("name", "ben brandt")).toEqual(["Customer 2 current"]);
  });
  it("by a stranger's object in its place is refused", async () => {
    const [key] = parts() as [string];
    const other = new MemoryStore();
    const theirs = await newTestVault(other, "other");
    const writer = await theirs.vault.beginSnapshot({ source: { type: "test", name: "test" }, terms: recordTerms });
    await writer.write([ADA], "all");
    await writer.commit();
    const [foreign] = [...other.objects].find(([name]) => name.startsWith("search/")) as [string, Uint8Array];
    store.objects.set(key, other.objects.get(foreign) as Uint8Array);
    expect(await find("email", "ada@example.com")).toMatchObject({ found: [], faults: [key] });
  });
});

describe("between snapshots", () => {
  it("finds what was captured since, and no longer what that replaced", async () => {
    await take([ADA, BEN]);
    const journal = await openJournalWriter({ store, description: world.vault.description, hostKeys: world.hostKeys, clock: world.clock, random: world.random, terms: recordTerms });
    const now = new Date(world.clock.now().getTime() + 60_000);
    const times = { occurredAt: now, receivedAt: now, fetchedAt: now };
    const moved = record("Customer", 1, { firstName: "Ada", lastName: "Holm", email: "ada@holm.example" });
    await journal.append([
      { change: "upsert", kind: "Customer", id: ADA.id, ...times, records: [moved] },
      { change: "tombstone", kind: "Customer", id: BEN.id, ...times, last: [] },
    ]);
    expect(await hits("email", "ada@holm.example")).toEqual(["Customer 1 current"]);
    expect(await hits("name", "brandt")).toEqual(["Customer 1 earlier", "Customer 2 gone"]);
    expect(await hits("name", "ada")).toEqual(["Customer 1 current"]);
    expect(await findings()).toEqual([]);
  });
});

describe("making a search anew", () => {
  const rebuild = (keys: ContentKeys = contentKeys(store, world.identity.opener), terms = recordTerms) => rebuildSearch({ store, description: world.vault.description, contentKeys: keys, terms, random: world.random });
  async function takeWithout(records: readonly SourceRecord[]): Promise<void> {
    const writer = await world.vault.beginSnapshot({ source: { type: "test", name: "test" } });
    await writer.write(records, "all");
    await writer.commit();
  }

  it("makes a vault searchable that was written without, once", async () => {
    await takeWithout([ADA, BEN, ORDER]);
    expect(await find("name", "brandt")).toMatchObject({ found: [], unsearched: 1 });
    expect(await rebuild()).toMatchObject({ packs: 1, opened: 1, parts: 1, unopened: 0, damaged: [] });
    expect(await hits("name", "brandt")).toEqual(["Customer 1 current", "Customer 2 current"]);
    expect((await find("name", "brandt")).unsearched).toBe(0);
    expect(await findings()).toEqual([]);
    expect(await rebuild()).toMatchObject({ opened: 0, parts: 0 });
  });
  it("replaces a damaged part, and what was said of it is not said any more", async () => {
    await take([ADA, BEN]);
    const [key] = parts() as [string];
    store.objects.set(key, (store.objects.get(key) as Uint8Array).map((byte, i) => (i === 99 ? byte ^ 1 : byte)));
    expect(await rebuild()).toMatchObject({ opened: 1, parts: 1 });
    expect(store.objects.has(key)).toBe(false);
    expect(await findings()).toEqual([]);
    expect(await hits("email", "ben@example.com")).toEqual(["Customer 2 current"]);
  });
  it("looks again where terms are found in another way now", async () => {
    await take([ADA]);
    const later = { ...recordTerms, version: 2 };
    expect(await rebuild(undefined, later)).toMatchObject({ opened: 1, parts: 1 });
    expect(await rebuild(undefined, later)).toMatchObject({ opened: 0 });
  });
  it("remembers that a pack has nothing to be found by", async () => {
    await takeWithout([record("Product", 1, { title: "Strap" })]);
    expect(await rebuild()).toMatchObject({ opened: 1, parts: 1 });
    expect(await rebuild()).toMatchObject({ opened: 0 });
    expect(await find("name", "brandt")).toMatchObject({ found: [], unsearched: 0, faults: [] });
  });
  it("opens nothing for a stranger, and says so", async () => {
    await takeWithout([ADA]);
    expect(await rebuild(contentKeys(store, (await testIdentity()).opener))).toMatchObject({ opened: 0, parts: 0, unopened: 1 });
  });
  it("brings back nothing of whom an erasure removed", async () => {
    await takeWithout([ADA, BEN]);
    await rebuild();
    await erase([ADA.id]);
    await rebuild();
    expect(await hits("name", "brandt")).toEqual(["Customer 2 current"]);
    expect(await hits("email", "ada@example.com")).toEqual([]);
  });
});
