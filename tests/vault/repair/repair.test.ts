/** Repair: every kind of object times every kind of damage, from parity, from a second store, and with neither; and what happens when it is broken off itself. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { contentKeys, createVault, openVault, repairVault, StoreError, verifyVault } from "#app/vault/index.ts";
import type { HostKeys, RepairReport, Vault } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { readAll, record, SCRATCH, seededRandom, snapshotOf, steadyClock, testIdentity } from "#tests/support/vault-kit.ts";
import type { TestIdentity } from "#tests/support/vault-kit.ts";

/** Like a bucket: anything may be removed. Counts what changes it, and can break off at a change. */
class BucketStore extends MemoryStore {
  changes = 0;
  /** 1-based; 0: never. From that change on nothing works. */
  failAt = 0;
  locked: ReadonlySet<string> = new Set();
  private step(): void {
    this.changes++;
    if (this.failAt > 0 && this.changes >= this.failAt) throw new StoreError("store.unreachable", "the connection broke", { retry: "later" });
  }
  override async putIfAbsent(key: string, body: Uint8Array): ReturnType<MemoryStore["putIfAbsent"]> {
    this.step();
    return super.putIfAbsent(key, body);
  }
  override async remove(key: string): Promise<void> {
    this.step();
    if (this.locked.has(key)) throw new StoreError("store.locked", `${key} is locked`);
    this.objects.delete(key);
  }
  override clone(): BucketStore {
    const copy = new BucketStore();
    for (const [key, body] of this.objects) copy.objects.set(key, Uint8Array.from(body));
    return copy;
  }
}

const noise = seededRandom("noise");
const shop = Array.from({ length: 150 }, (_, i) => record(i % 3 === 0 ? "customers" : "metafields", `id${i}`, `synthetic ${Buffer.from(noise(100)).toString("hex")}`, i % 3 === 0 ? null : `id${i - (i % 3)}`));

interface Made {
  readonly store: BucketStore;
  readonly hostKeys: HostKeys;
  readonly identity: TestIdentity;
}
let plain: Made;
let withParity: Made;

async function make(parity: boolean): Promise<Made> {
  const store = new BucketStore();
  const identity = await testIdentity();
  const clock = steadyClock();
  const random = seededRandom(`parity ${parity}`);
  const { hostKeys } = await createVault({ store, recipients: [identity.recipient], clock, random, parity });
  const vault = await openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH, tuning: { frameBytes: 3000, packBytes: 9000 } });
  await snapshotOf(vault, shop.slice(0, 90));
  await snapshotOf(vault, shop);
  return { store, hostKeys, identity };
}

const open = ({ hostKeys }: Made, store: BucketStore): Promise<Vault> => openVault({ store, hostKeys, clock: steadyClock(), random: seededRandom("open"), scratchDirectory: SCRATCH });

beforeAll(async () => {
  plain = await make(false);
  withParity = await make(true);
});

type Damage = (body: Uint8Array) => Uint8Array | null;
const DAMAGES: Readonly<Record<string, Damage>> = {
  "one bit flipped": (body) => body.map((byte, i) => (i === body.length >> 1 ? byte ^ 16 : byte)),
  "a tenth overwritten": (body) => body.map((byte, i) => (i >= body.length * 0.4 && i < body.length * 0.5 ? byte ^ 0x5a : byte)),
  "cut in half": (body) => body.subarray(0, body.length >> 1),
  "a byte appended": (body) => Buffer.concat([body, Buffer.of(0)]),
  gone: () => null,
};

function damage(made: Made, key: string, how: Damage): BucketStore {
  const store = made.store.clone();
  const changed = how(store.objects.get(key) as Uint8Array);
  if (changed === null) store.objects.delete(key);
  else store.objects.set(key, Uint8Array.from(changed));
  return store;
}

function same(a: BucketStore, b: BucketStore): boolean {
  return a.objects.size === b.objects.size && [...a.objects].every(([key, body]) => Buffer.compare(body, b.objects.get(key) ?? Buffer.alloc(0)) === 0);
}

const newest = (store: BucketStore): string => [...store.objects.keys()].filter((key) => key.startsWith("snapshots/")).sort().pop() as string;

describe("a vault with nothing wrong", () => {
  it("is left as it is, byte for byte, and not written to", async () => {
    for (const made of [plain, withParity]) {
      const store = made.store.clone();
      expect(await repairVault({ store })).toMatchObject({ mended: [], unmended: [], refused: [], parityWritten: 0, report: { ok: true } });
      expect(store.changes).toBe(0);
    }
  });
});

describe("with parity", () => {
  it("every object, of every kind, damaged in every way that leaves enough of it, is mended to the byte", async () => {
    for (const key of withParity.store.objects.keys()) {
      const size = (withParity.store.objects.get(key) as Uint8Array).length;
      for (const [what, how] of Object.entries(DAMAGES)) {
        // Whole copies are kept up to 4 KiB; a larger object keeps what a tenth of a small pack holds, not half of it. Parity itself can always be made anew.
        if (!key.startsWith("parity/") && size > 4096 && (what === "gone" || what === "cut in half")) continue;
        const store = damage(withParity, key, how);
        const result = await repairVault({ store, vaultId: withParity.hostKeys.vaultId });
        if (key === newest(store) || (key === newest(withParity.store) && what === "gone")) {
          // Nothing but the ledger knows of the newest manifest: it tells.
          const id = key.slice(-16);
          await repairVault({ store, also: [{ object: `snapshots/*-${id}` }] });
          expect({ what, key, same: same(store, withParity.store) }).toEqual({ what, key, same: true });
          continue;
        }
        expect({ what, key, mended: result.mended, unmended: result.unmended }).toEqual({ what, key, mended: [{ object: key, by: key.startsWith("parity/") ? "encoded" : "parity" }], unmended: [] });
        expect({ what, key, same: same(store, withParity.store) }).toEqual({ what, key, same: true });
      }
    }
  }, 120_000);

  it("a pack and its parity both hurt a little are both mended", async () => {
    const key = [...withParity.store.objects.keys()].find((name) => /^packs\/..\/[^.]+$/.test(name)) as string;
    const store = damage(withParity, key, DAMAGES["one bit flipped"] as Damage);
    const parity = store.objects.get(`parity/${key}`) as Uint8Array;
    parity[parity.length - 40] = (parity[parity.length - 40] as number) ^ 1;
    expect((await repairVault({ store })).mended.map((item) => item.by).sort()).toEqual(["encoded", "parity"]);
    expect(same(store, withParity.store)).toBe(true);
  });

  it("what is beyond mending is said plainly, and left as it is", async () => {
    const key = [...withParity.store.objects.keys()].find((name) => /^packs\/..\/[^.]+$/.test(name)) as string;
    const store = damage(withParity, key, (body) => body.subarray(0, 100));
    const before = store.clone();
    expect(await repairVault({ store })).toMatchObject({ mended: [], unmended: [{ code: "pack.damaged", object: key }], report: { ok: false } });
    expect(same(store, before)).toBe(true);
  });

  it("is never believed against the vault: a parity object that was planted mends nothing", async () => {
    const packs = [...withParity.store.objects.keys()].filter((name) => /^packs\/..\/[^.]+$/.test(name));
    const store = damage(withParity, packs[0] as string, DAMAGES["one bit flipped"] as Damage);
    store.objects.set(`parity/${packs[0]}`, Uint8Array.from(store.objects.get(`parity/${packs[1]}`) as Uint8Array));
    const result = await repairVault({ store });
    expect(result.mended.filter((item) => item.object === packs[0])).toEqual([]);
    expect(result.unmended.map((finding) => finding.object)).toContain(packs[0]);
  });
});

describe("from a second store", () => {
  it("every object, of every kind, damaged in every way, is mended to the byte", async () => {
    for (const key of plain.store.objects.keys()) {
      for (const [what, how] of Object.entries(DAMAGES)) {
        const store = damage(plain, key, how);
        const also = key === newest(plain.store) && what === "gone" ? [{ object: `snapshots/*-${key.slice(-16)}` }] : [];
        const { mended, unmended } = await repairVault({ store, from: plain.store, also });
        expect({ what, key, mended, unmended }).toEqual({ what, key, mended: [{ object: key, by: "second-store" }], unmended: [] });
        expect(same(store, plain.store)).toBe(true);
      }
    }
  }, 120_000);

  it("all objects damaged at once are mended", async () => {
    const store = plain.store.clone();
    for (const body of store.objects.values()) body[body.length >> 1] = (body[body.length >> 1] as number) ^ 1;
    expect((await repairVault({ store, from: plain.store })).report.ok).toBe(true);
    expect(same(store, plain.store)).toBe(true);
  });

  it("that is another vault, nothing is taken", async () => {
    for (const key of plain.store.objects.keys()) {
      const store = damage(plain, key, (body) => body.subarray(0, body.length >> 1));
      const { mended } = await repairVault({ store, from: withParity.store, vaultId: plain.hostKeys.vaultId });
      expect({ key, mended }).toEqual({ key, mended: [] });
    }
  });

  it("a snapshot that was pruned here and is still there does not come back", async () => {
    const store = plain.store.clone();
    const gone = newest(store);
    store.objects.delete(gone);
    expect((await repairVault({ store, from: plain.store })).mended).toEqual([]);
    expect(store.objects.has(gone)).toBe(false);
  });
});

describe("with neither", () => {
  it("a flipped bit costs at most one frame: small objects are found again by search, a pack loses the records of one frame and no other", async () => {
    const all = await readAll(await open(plain, plain.store), "latest", contentKeys(plain.store, plain.identity.opener));
    expect(all).toHaveLength(shop.length);
    let packs = 0;
    for (const key of plain.store.objects.keys()) {
      if (key.startsWith("tree/")) continue; // the index can be read around: see salvage
      const store = damage(plain, key, DAMAGES["one bit flipped"] as Damage);
      const { mended, unmended } = await repairVault({ store, vaultId: plain.hostKeys.vaultId });
      // What is small enough is found by trying every bit, a small pack too.
      if ((plain.store.objects.get(key) as Uint8Array).length <= 4096) {
        expect({ key, mended, unmended }).toEqual({ key, mended: [{ object: key, by: "search" }], unmended: [] });
        expect(same(store, plain.store)).toBe(true);
        continue;
      }
      packs++;
      expect(unmended).toEqual([expect.objectContaining({ code: "pack.damaged", object: key })]);
      const vault = await open(plain, store);
      const reader = vault.read(await vault.resolve("latest"), contentKeys(store, plain.identity.opener));
      let lost = 0;
      for (const { id } of shop) await reader.get(id).catch(() => lost++);
      // Frames of 3000 bytes hold 14 records of 210.
      expect(lost).toBeGreaterThan(0);
      expect(lost).toBeLessThanOrEqual(14);
    }
    expect(packs).toBeGreaterThan(0);
  }, 60_000);
});

describe("--add-parity", () => {
  it("gives parity to a vault that was made without, once, and to good objects only", async () => {
    const key = [...plain.store.objects.keys()].find((name) => /^packs\/..\/[^.]+$/.test(name)) as string;
    const store = damage(plain, key, DAMAGES["one bit flipped"] as Damage);
    const result = await repairVault({ store, addParity: true });
    expect(result.parityWritten).toBe(plain.store.objects.size - 1);
    expect(store.objects.has(`parity/${key}`)).toBe(false);
    expect((await repairVault({ store, addParity: true, from: plain.store })).parityWritten).toBe(1);
    expect((await repairVault({ store, addParity: true })).parityWritten).toBe(0);
    expect(await verifyVault({ store, readData: true })).toMatchObject({ ok: true, orphans: [] });
    (store.objects.get(key) as Uint8Array)[200] = 0;
    expect((await repairVault({ store })).mended).toEqual([{ object: key, by: "parity" }]);
  });
});

describe("a repair that is broken off", () => {
  it("at any change loses nothing: the next one ends where it would have", async () => {
    const hurt = withParity.store.clone();
    for (const key of hurt.objects.keys()) {
      if (key.startsWith("parity/")) continue;
      const body = hurt.objects.get(key) as Uint8Array;
      body[body.length >> 1] = (body[body.length >> 1] as number) ^ 1;
    }
    const whole = hurt.clone();
    const done: RepairReport = await repairVault({ store: whole });
    expect(done.report.ok).toBe(true);
    expect(same(whole, withParity.store)).toBe(true);
    for (let at = 1; at <= whole.changes; at++) {
      const store = hurt.clone();
      store.failAt = at;
      await expect(repairVault({ store })).rejects.toMatchObject({ code: "store.unreachable" });
      store.failAt = 0;
      expect((await repairVault({ store })).report.ok).toBe(true);
      expect({ at, same: same(store, withParity.store) }).toEqual({ at, same: true });
    }
  }, 120_000);

  it("by a lock says which object the storage keeps, and leaves no spare", async () => {
    const key = [...withParity.store.objects.keys()].find((name) => /^packs\/..\/[^.]+$/.test(name)) as string;
    const store = damage(withParity, key, DAMAGES["one bit flipped"] as Damage);
    store.locked = new Set([key]);
    expect(await repairVault({ store })).toMatchObject({ mended: [], refused: [{ object: key, code: "store.locked" }], unmended: [{ object: key }] });
    expect([...store.objects.keys()].filter((name) => name.startsWith("repair/"))).toEqual([]);
  });
});
