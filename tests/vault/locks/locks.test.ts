/** What is locked, for how long, and who may still be erased (docs/design.md 8.8). */
import { describe, expect, it } from "@jest/globals";
import { LockingStore } from "#app/stores/index.ts";
import { contentKeys, createVault, extendLocks, KEY_LOCK_DAYS, lockClassOf, openVault, parsePolicy, placeHold, prune, redact, repairVault, rotateRecipients, verifyVault } from "#app/vault/index.ts";
import type { Finding, ObjectStore, PruneReport, SnapshotManifest, SourceRecord, Vault } from "#app/vault/index.ts";
import { LockableStore } from "#tests/support/lockable-store.ts";
import { SCRATCH, seededRandom, snapshotOf, testIdentity } from "#tests/support/vault-kit.ts";
import { DAY, Hand, people } from "../retention/kit.ts";

interface World {
  readonly inner: LockableStore;
  readonly store: ObjectStore;
  readonly clock: Hand;
  readonly identity: Awaited<ReturnType<typeof testIdentity>>;
  readonly hostKeys: Awaited<ReturnType<typeof createVault>>["hostKeys"];
  open(): Promise<Vault>;
  take(records: readonly SourceRecord[]): Promise<SnapshotManifest>;
  prune(keep: string, dryRun?: boolean): Promise<PruneReport>;
  findings(): Promise<readonly Finding[]>;
}

async function world({ days = 60, parity = false }: { days?: number; parity?: boolean } = {}): Promise<World> {
  const clock = new Hand();
  const inner = new LockableStore(() => clock.time, days);
  const store = new LockingStore(inner, days, () => new Date(clock.time));
  const identity = await testIdentity();
  const random = seededRandom("locks");
  const { hostKeys } = await createVault({ store, recipients: [identity.recipient], clock, random, parity });
  const open = (): Promise<Vault> => openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH, tuning: { frameBytes: 2_000, packBytes: 5_000 } });
  return {
    inner,
    store,
    clock,
    identity,
    hostKeys,
    open,
    take: async (records) => (await snapshotOf(await open(), records)).manifest,
    prune: async (keep, dryRun = false) => {
      const outcome = await prune({ store, description: (await open()).description, signingKey: hostKeys.signingKey, clock, policy: parsePolicy(keep)!, actor: "test", verified: new Set(), graceMs: 0, dryRun });
      if (outcome.kind !== "done") throw new Error(outcome.code);
      return outcome.report;
    },
    findings: async () => (await verifyVault({ store, readData: true, hostKeys, opener: identity.opener, scratchDirectory: SCRATCH })).findings,
  };
}

const manifestsOf = (store: LockableStore): string[] => [...store.objects.keys()].filter((key) => key.startsWith("snapshots/"));
const unlocked = (store: LockableStore): string[] => [...store.objects.keys()].filter((key) => !store.isLocked(key));
const redactPerson = async ({ store, clock, identity, hostKeys, open }: World, id: string, reason: string) =>
  redact({ store, description: (await open()).description, indexKey: hostKeys.indexKey, signingKey: hostKeys.signingKey, contentKeys: contentKeys(store, identity.opener), clock, random: seededRandom(reason), ids: [id], tree: true, actor: "test", reason });

describe("what is locked", () => {
  it("is all that a snapshot rests on and all that says what was done; never what erasure removes, nor what is put by for a while", async () => {
    const of = world({ parity: true });
    const { inner, store, clock, hostKeys, open, take, prune: pruned } = await of;
    await take(people(0, 20));
    await take(people(5, 25));
    await pruned("last=1");
    await redactPerson(await of, "person-7", "request 1");
    await placeHold({ store, description: (await open()).description, signingKey: hostKeys.signingKey, clock, random: seededRandom("hold") }, { name: "h", reason: "r", by: "b", snapshots: "all" });
    const kinds = new Set(unlocked(inner).map((key) => key.replace(/[0-9a-f]{16,}/g, "*").replace(/\/[0-9a-f]{2}\//, "/ab/").replace(/\d{8}T[\d.]+Z/, "T").replace(/\d{10}/, "n")));
    expect([...kinds].filter((kind) => !kind.startsWith("parity/")).sort()).toEqual(["packs/ab/*.key"]);
    for (const folder of ["vault.json", "keys/", "packs/", "tree/", "snapshots/", "prunes/", "redactions/", "holds/"]) expect([...inner.until.keys()].some((key) => key.startsWith(folder))).toBe(true);
  });

  it.each([
    [`packs/ab/${"ab".repeat(32)}.key`, null],
    [`packs/ab/${"ab".repeat(32)}`, "full"],
    [`parity/packs/ab/${"ab".repeat(32)}.key`, null],
    [`search/ab/${"ab".repeat(32)}.0.${"ab".repeat(16)}`, null],
    [`disclosures/${"ab".repeat(8)}-00000000.jwe`, null],
    [`prunes/doomed-${"ab".repeat(32)}`, null],
    [`repair/packs/ab/${"ab".repeat(32)}`, null],
    ["restores/plan/log-1", null],
    ["ledger/tile/0/x000/001", "full"],
    ["ledger/tile/entries/001.p/17", null],
    ["ledger/staged/12-00", null],
    ["journal/0000000/0000000001", "full"],
    [`keys/${"ab".repeat(16)}.g2.jwe`, "keys"],
  ])("%s: %s", (key, kind) => {
    expect(lockClassOf(key)).toBe(kind);
  });

  it("lasts for the storage's period, and for at most thirty days where a rotation must be able to destroy it", async () => {
    const { inner, clock } = await world({ days: 100 });
    const left = (key: string): number => Math.round((inner.until.get(key)! - clock.time) / DAY);
    expect(left("vault.json")).toBe(100);
    for (const key of [...inner.objects.keys()].filter((name) => name.startsWith("keys/"))) expect(left(key)).toBe(KEY_LOCK_DAYS);
    const short = await world({ days: 3 });
    for (const [, until] of short.inner.until) expect(Math.round((until - short.clock.time) / DAY)).toBe(3);
  });

  it("asks for a lock where a writer asks for a longer one, too", async () => {
    const { inner, store, clock } = await world({ days: 10 });
    for (const [key, days] of [["holds/longer", 400], ["holds/shorter", 1]] as const) await store.putIfAbsent(key, Buffer.from("x"), { lockUntil: new Date(clock.time + days * DAY) });
    expect(["longer", "shorter"].map((name) => Math.round((inner.until.get(`holds/${name}`)! - clock.time) / DAY))).toEqual([400, 10]);
  });
});

describe("keeping it locked", () => {
  it("never lets what a kept snapshot rests on run out of its lock, with one question a commit until half the period is over", async () => {
    const { inner, clock, take } = await world({ days: 20 });
    await take(people(0, 20));
    for (let day = 1; day <= 50; day++) {
      clock.pass(DAY);
      inner.asked = 0;
      inner.extended = [];
      await take(people(0, 20, (n) => (n === day % 20 ? day : 0)));
      expect(unlocked(inner).filter((key) => !/\.key$/.test(key))).toEqual([]);
      if (inner.extended.length === 0) expect(inner.asked).toBe(2);
      // Each object at most once a day, however many snapshots rest on it.
      expect(new Set(inner.extended).size).toBe(inner.extended.length);
    }
  });

  it("begins a sweep again that was broken off, because what tells how far it came is locked last", async () => {
    const { inner, store, clock, open, take } = await world();
    await take(people(0, 20));
    clock.pass(40 * DAY);
    const { description } = await open();
    const { locks } = inner;
    let left = 5;
    const broken = new LockingStore(Object.assign(Object.create(inner) as LockableStore, {}), 60, () => new Date(clock.time));
    Object.defineProperty(broken, "locks", { value: { ...locks, extend: (key: string, until: Date) => (left-- > 0 ? locks.extend(key, until) : Promise.reject(new Error("gone"))) } });
    await expect(extendLocks({ store: broken, description, clock })).rejects.toThrow("gone");
    inner.extended = [];
    expect(await extendLocks({ store, description, clock })).toBe(inner.extended.length);
    expect(inner.extended.indexOf("vault.json")).toBeLessThan(inner.extended.indexOf(description.indexKeyObject));
    expect(inner.extended.at(-1)).toBe(description.indexKeyObject);
    expect([...inner.until.values()].filter((until) => until < clock.time + 29 * DAY)).toEqual([]);
    expect(await extendLocks({ store, description, clock })).toBe(0);
  });

  it("locks a vault that was made before its storage's locks were used", async () => {
    const { inner, clock, open, take, store } = await world();
    await take(people(0, 20));
    inner.until.clear();
    expect(await extendLocks({ store, description: (await open()).description, clock })).toBeGreaterThan(5);
    expect(unlocked(inner).filter((key) => !/\.key$/.test(key))).toEqual([]);
  });

  it("locks all there is as long as something cannot be read, for it may need anything", async () => {
    const { inner, clock, take, open, store, prune: pruned } = await world();
    const first = await take(people(0, 20));
    await take(people(10, 30));
    await pruned("last=1");
    inner.objects.set(first.objectKey, Buffer.from("rotten"));
    clock.pass(40 * DAY);
    await extendLocks({ store, description: (await open()).description, clock });
    expect([...inner.objects.keys()].filter((key) => lockClassOf(key) !== null && inner.until.get(key)! < clock.time + 29 * DAY)).toEqual([]);
  });
});

describe("letting go", () => {
  it("prune keeps what is locked and says so, in a dry run too; its lock is not made longer, so that it goes when it ends", async () => {
    const { inner, clock, take, prune: pruned, findings } = await world({ days: 20 });
    const [first] = [await take(people(0, 20)), await take(people(10, 30))];
    clock.pass(DAY);
    const told = await pruned("last=1", true);
    expect(told.kept).toContainEqual({ object: first.objectKey, code: "store.locked" });
    const refused = await pruned("last=1");
    expect(refused.expired).toEqual([]);
    expect(refused.kept).toContainEqual({ object: first.objectKey, code: "store.locked" });
    expect(manifestsOf(inner)).toContain(first.objectKey);
    expect(await findings()).toEqual([]);

    // Snapshots go on being taken; the one that was given up is not locked anew.
    for (let day = 0; day < 19; day++) {
      clock.pass(DAY);
      await take(people(10, 30, (n) => (n === 11 ? day : 0)));
    }
    expect(inner.isLocked(first.objectKey)).toBe(false);
    expect((await pruned("last=30,within=1d", true)).kept).toEqual([]);
    const gone = await pruned("last=19");
    expect(gone.expired).toContain(first.snapshotId);
    expect(manifestsOf(inner)).not.toContain(first.objectKey);
    clock.pass(21 * DAY);
    await pruned("last=19");
    expect(await findings()).toEqual([]);
  });

  it("a person is erased while every pack is locked: the keys go, the closed packs stay until their locks end, and no lock is made longer", async () => {
    const made = await world({ days: 20 });
    const { inner, clock, take, findings, open, store, identity } = made;
    await take(people(0, 20));
    const packs = new Map([...inner.objects].filter(([key]) => key.startsWith("packs/")));
    const outcome = await redactPerson(made, "person-7", "request 2");
    if (outcome.kind !== "done") throw new Error(outcome.code);
    const [certificate] = outcome.report.certificates.map((issued) => issued.certificate);
    expect(certificate!.remaining.length).toBeGreaterThan(0);
    expect(certificate!.remaining.every(({ object, code }) => /^packs\/..\/[0-9a-f]{64}$/.test(object) && code === "store.locked")).toBe(true);
    for (const { object } of certificate!.remaining) {
      expect(inner.objects.has(object)).toBe(true);
      expect(inner.objects.has(`${object}.key`)).toBe(false);
      expect(packs.has(object)).toBe(true);
    }
    const vault = await open();
    expect(await vault.read((await vault.snapshots())[0]!, contentKeys(store, identity.opener)).tree("person-7")).toEqual([]);
    expect(await findings()).toEqual([]);
    clock.pass(11 * DAY);
    await extendLocks({ store, description: vault.description, clock });
    expect(certificate!.remaining.filter(({ object }) => inner.extended.includes(object))).toEqual([]);
  });

  it("keys that a rotation replaced are not locked anew: a removed recipient's are gone within thirty days", async () => {
    const { inner, clock, take, store, identity, hostKeys, open, findings } = await world({ days: 300 });
    await take(people(0, 5));
    const second = await testIdentity("P-384");
    const rotate = (changes: { add?: (typeof second)["recipient"][]; remove?: string[] }) => rotateRecipients({ store, opener: identity.opener, add: [], remove: [], clock, signingKey: hostKeys.signingKey, ...changes });
    expect((await rotate({ add: [second.recipient] })).kept.length).toBeGreaterThan(0);
    const old = [...inner.objects.keys()].filter((key) => /^keys\/[^.]+\.jwe$/.test(key));
    for (let day = 0; day < 32; day++) {
      clock.pass(DAY);
      await extendLocks({ store, description: (await open()).description, clock });
    }
    expect(old.filter((key) => inner.isLocked(key))).toEqual([]);
    expect((await rotate({})).kept).toEqual([]);
    expect([...inner.objects.keys()].filter((key) => old.includes(key))).toEqual([]);
    await extendLocks({ store, description: (await open()).description, clock });
    expect([...inner.objects.keys()].filter((key) => key.startsWith("keys/") && !inner.isLocked(key))).toEqual([]);
    expect(await findings()).toEqual([]);
  });
});

describe("what somebody with the storage's credentials laid over locked objects", () => {
  it("is found by verify and taken off by repair: nothing was destroyed", async () => {
    const { inner, take, store, findings } = await world();
    await take(people(0, 20));
    const [manifest] = manifestsOf(inner);
    const pack = [...inner.objects.keys()].find((key) => /^packs\/..\/[0-9a-f]{64}$/.test(key))!;
    const tree = [...inner.objects.keys()].find((key) => key.startsWith("tree/"))!;
    inner.hide("vault.json");
    inner.hide(manifest!);
    inner.hide(pack, Buffer.from("garbage"));
    inner.hide(tree);
    const { mended, unmended } = await repairVault({ store });
    expect(unmended).toEqual([]);
    expect(new Set(mended.map(({ object, by }) => `${by} ${object}`))).toEqual(new Set([manifest, pack, tree, "vault.json"].map((object) => `earlier-version ${object}`)));
    expect(await findings()).toEqual([]);
  });
});
