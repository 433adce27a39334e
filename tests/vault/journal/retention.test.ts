/** The journal among prune, erasure, rotation and repair: its packs are kept, its records erased, its objects mended. */
import { describe, expect, it } from "@jest/globals";
import { contentKeys, createVault, openVault, parsePolicy, prune, redact, repairVault, verifyVault } from "#app/vault/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import { BucketStore } from "#tests/support/memory-store.ts";
import { newTestVault, SCRATCH, seededRandom, snapshotOf, steadyClock, testIdentity, type TestVault } from "#tests/support/vault-kit.ts";
import { allOf, customer, linesOf, stateOf, upsert, writerOn } from "./kit.ts";

async function sound(kit: TestVault, store: ObjectStore): Promise<void> {
  const report = await verifyVault({ store, readData: true, hostKeys: kit.hostKeys, opener: kit.identity.opener, threads: 0 });
  expect(report.findings).toEqual([]);
}

const pruned = (kit: TestVault, store: ObjectStore) =>
  prune({ store, description: kit.vault.description, signingKey: kit.hostKeys.signingKey, clock: kit.clock, actor: "test", policy: parsePolicy("last=1") as NonNullable<ReturnType<typeof parsePolicy>>, verified: new Set(), graceMs: 0 });

describe("the journal among the vault's other housekeeping", () => {
  it("keeps its packs and keys through a prune, and is cut with the snapshots that needed it", async () => {
    const store = new BucketStore();
    const kit = await newTestVault(store);
    const writer = await writerOn(kit, store);
    await snapshotOf(kit.vault, customer(1, "first"));
    await writer.append([upsert(kit, customer(1, "between"))]);
    await snapshotOf(kit.vault, customer(1, "second"));
    await writer.append([upsert(kit, customer(1, "after"))]);
    const first = await pruned(kit, store);
    expect(first.kind).toBe("done");
    await sound(kit, store);
    const packs = (): number => [...store.objects.keys()].filter((key) => /^packs\/../.test(key) && !key.endsWith(".key")).length;
    const before = packs();
    await pruned(kit, store);
    // The pack of the segment that was cut goes with the second prune.
    expect(packs()).toBe(before - 1);
    await sound(kit, store);
    expect(await allOf(await stateOf(kit, store))).toEqual(linesOf(customer(1, "after")));
    expect([...store.objects.keys()].filter((key) => key.startsWith("journal/0"))).toHaveLength(1);
  });

  it("calls nothing garbage while a segment is damaged", async () => {
    const store = new BucketStore();
    const kit = await newTestVault(store);
    await snapshotOf(kit.vault, customer(1, "first"));
    const { segment } = await (await writerOn(kit, store)).append([upsert(kit, customer(1, "x"))]);
    const bytes = store.objects.get(segment.objectKey) as Uint8Array;
    store.objects.set(segment.objectKey, Uint8Array.from(bytes, (byte, i) => (i === 200 ? byte ^ 1 : byte)));
    expect(await pruned(kit, store)).toMatchObject({ kind: "refused", objects: [segment.objectKey] });
  });

  it("lets a person be erased from it too", async () => {
    const store = new BucketStore();
    const kit = await newTestVault(store);
    await snapshotOf(kit.vault, [...customer(1, "a"), ...customer(2, "a")]);
    const writer = await writerOn(kit, store);
    await writer.append([upsert(kit, customer(1, "SYNTHETIC secret")), upsert(kit, customer(2, "b"))]);
    const outcome = await redact({
      store, description: kit.vault.description, indexKey: kit.hostKeys.indexKey, signingKey: kit.hostKeys.signingKey, contentKeys: contentKeys(store, kit.identity.opener),
      ids: ["gid://shopify/Customer/1"], tree: true, actor: "test", reason: "test", clock: kit.clock, random: kit.random,
    } as unknown as Parameters<typeof redact>[0]);
    expect(outcome.kind).toBe("done");
    expect(await allOf(await stateOf(kit, store))).toEqual(linesOf(customer(2, "b")));
    expect(await (await stateOf(kit, store)).get("gid://shopify/Customer/1")).toMatchObject({ record: null, reason: "erased" });
    await sound(kit, store);
  });

  it("is mended from parity", async () => {
    const store = new BucketStore();
    const identity = await testIdentity();
    const clock = steadyClock();
    const random = seededRandom("parity");
    const { hostKeys } = await createVault({ store, recipients: [identity.recipient], clock, random, parity: true });
    const vault = await openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH });
    const kit: TestVault = { vault, hostKeys, identity, keys: contentKeys(store, identity.opener), clock, random, reopen: () => Promise.resolve(vault) };
    const writer = await writerOn(kit, store);
    const { segment } = await writer.append([upsert(kit, customer(1, "x"))]);
    await writer.append([upsert(kit, customer(2, "y"))]);
    for (const key of [segment.objectKey, `packs/${segment.pack?.id.slice(0, 2)}/${segment.pack?.id}`, `packs/${segment.pack?.id.slice(0, 2)}/${segment.pack?.id}.key`]) {
      const good = store.objects.get(key) as Uint8Array;
      for (const bad of [null, Uint8Array.from(good, (byte, i) => (i === 20 ? byte ^ 4 : byte))]) {
        if (bad === null) store.objects.delete(key);
        else store.objects.set(key, bad);
        const report = await repairVault({ store });
        expect({ key, mended: report.mended.map(({ object }) => object), left: report.unmended }).toEqual({ key, mended: [key], left: [] });
        expect(Buffer.compare(store.objects.get(key) as Uint8Array, good)).toBe(0);
      }
    }
    await sound(kit, store);
  });
});
