/** Each write and each removal of a rotation goes wrong in each way; afterwards every snapshot opens for somebody who is a recipient, and the rerun succeeds. */
import { describe, expect, it } from "@jest/globals";
import { contentKeys, openVaultWithIdentity, readRecipients, readVaultDescription, rotateRecipients, StoreError, verifyVault } from "#app/vault/index.ts";
import type { RotateRecipients, Rotated } from "#app/vault/index.ts";
import { newTestVault, readAll, record, SCRATCH, snapshotOf, steadyClock, testIdentity } from "#tests/support/vault-kit.ts";
import type { TestIdentity } from "#tests/support/vault-kit.ts";
import { FAULTS, FaultyStore } from "./faulty-store.ts";
import type { Fault } from "./faulty-store.ts";

const first = Array.from({ length: 30 }, (_, i) => record("customers", `id${i}`, `synthetic ${i}`));
const second = [...first, record("customers", "more", "synthetic, later")];

/** Counts removals among the calls that may go wrong. */
class RotationStore extends FaultyStore {
  removals = 0;
  failRemovalAt = 0;
  private stuck: () => void = () => undefined;
  /** Resolves when a removal hangs. */
  readonly stuckAt = new Promise<void>((resolve) => (this.stuck = resolve));
  override remove(key: string): Promise<void> {
    this.removals++;
    if (this.failRemovalAt === 0 || this.removals < this.failRemovalAt) return super.remove(key);
    if (this.removals === this.failRemovalAt && this.fault === "after, answer lost") super.remove(key).catch(() => undefined);
    if (this.fault === "hang") {
      this.stuck();
      return new Promise(() => undefined);
    }
    return Promise.reject(new StoreError("store.unreachable", "the connection broke", { retry: "later" }));
  }
}

interface Prepared {
  readonly store: RotationStore;
  readonly leaver: TestIdentity;
  readonly comer: TestIdentity;
  rotate(opener: TestIdentity): Promise<Rotated>;
}

let pair: Promise<[TestIdentity, TestIdentity]> | undefined;

async function prepared(): Promise<Prepared> {
  const [leaver, comer] = await (pair ??= Promise.all([testIdentity(), testIdentity()]));
  const store = new RotationStore();
  const { vault } = await newTestVault(store, "crash", leaver);
  await snapshotOf(vault, first);
  await snapshotOf(vault, second);
  store.writes = 0;
  const clock = steadyClock("2026-06-01T00:00:00.000Z");
  const change: Omit<RotateRecipients, "opener"> = { store, add: [comer.recipient], remove: [leaver.recipient.keyId], clock };
  return { store, leaver, comer, rotate: (identity) => rotateRecipients({ ...change, opener: identity.opener }) };
}

/** Everybody who is a recipient, by the store's own word, opens every snapshot. */
async function opensForRecipients({ store, leaver, comer }: Prepared): Promise<TestIdentity> {
  const description = await readVaultDescription(store);
  // Half a list is no list: a person brings it back or removes it, and until then the list before counts for reading.
  const current = await readRecipients(store, description).then((list) => list.recipients.map((recipient) => recipient.keyId), () => [leaver.recipient.keyId]);
  const identities = [leaver, comer].filter((identity) => current.includes(identity.recipient.keyId));
  expect(identities).toHaveLength(1);
  for (const identity of identities) {
    const vault = await openVaultWithIdentity({ store, opener: identity.opener });
    expect(await readAll(vault, "latest", contentKeys(store, identity.opener))).toHaveLength(second.length);
    expect(await readAll(vault, "latest~1", contentKeys(store, identity.opener))).toHaveLength(first.length);
  }
  return identities[0] as TestIdentity;
}

async function crash(fault: Fault, at: number): Promise<void> {
  const world = await prepared();
  const { store } = world;
  store.failAt = at;
  store.fault = fault;
  const run = world.rotate(world.leaver);
  run.catch(() => undefined);
  if (fault === "hang") await store.hanging;
  else await expect(run).rejects.toMatchObject({ code: "store.unreachable" });
  store.failAt = 0;
  const survivor = await opensForRecipients(world);
  if (fault === "short body" && store.failed === "recipients/1.json") {
    await expect(world.rotate(survivor)).rejects.toMatchObject({ code: "vault.damaged_object", object: "recipients/1.json" });
    store.objects.delete("recipients/1.json");
  }
  await finishes(world, survivor);
}

async function finishes(world: Prepared, survivor: TestIdentity): Promise<void> {
  await world.rotate(survivor);
  expect(await opensForRecipients(world)).toBe(world.comer);
  // No key that the recipient who left could open is in force; what an interrupted run left is told as left over.
  const report = await verifyVault({ store: world.store, readData: true, opener: world.comer.opener, scratchDirectory: SCRATCH });
  expect(report.findings).toEqual([]);
  for (const [key, bytes] of world.store.objects) {
    if (key.startsWith("keys/") && !report.orphans.includes(key)) expect(await world.leaver.opener.open(bytes)).toBeNull();
  }
}

async function goodRun(): Promise<Prepared> {
  const world = await prepared();
  await world.rotate(world.leaver);
  return world;
}

describe("a rotation that dies", () => {
  it("has written keys, their digests and then the list, and removed old keys last", async () => {
    const { store } = await goodRun();
    const written = store.written.slice(-store.writes);
    expect(written.slice(0, -2).every((key) => /^keys\/.*\.g1\.jwe$/.test(key))).toBe(true);
    expect(written.slice(-2)).toEqual([expect.stringMatching(/^recipients\/keys-[0-9a-f]{64}$/), "recipients/1.json"]);
    expect(store.removals).toBe(4);
  });

  it.each(FAULTS)("at any write (%s) leaves every snapshot open to a recipient, and a rerun that succeeds", async (fault) => {
    const writes = (await goodRun()).store.writes;
    expect(writes).toBe(6);
    for (let at = 1; at <= writes; at++) await crash(fault, at);
  }, 60_000);

  it.each(["before", "after, answer lost"] as const)("at any removal (%s) has happened all the same, and a rerun clears away the rest", async (fault) => {
    const { removals } = (await goodRun()).store;
    for (let at = 1; at <= removals; at++) {
      const world = await prepared();
      world.store.fault = fault;
      world.store.failRemovalAt = at;
      const { kept } = await world.rotate(world.leaver);
      expect(kept).toHaveLength(removals - at + 1);
      world.store.failRemovalAt = 0;
      expect(await opensForRecipients(world)).toBe(world.comer);
      await finishes(world, world.comer);
      for (const [key, bytes] of world.store.objects) if (key.startsWith("keys/")) expect(await world.leaver.opener.open(bytes)).toBeNull();
    }
  });

  it("at any removal (hang) has happened by then: whoever comes next finds the new list in force, and clears away the rest", async () => {
    const { removals } = (await goodRun()).store;
    for (let at = 1; at <= removals; at++) {
      const world = await prepared();
      world.store.fault = "hang";
      world.store.failRemovalAt = at;
      world.rotate(world.leaver).catch(() => undefined);
      await world.store.stuckAt;
      world.store.failRemovalAt = 0;
      expect(await opensForRecipients(world)).toBe(world.comer);
      await finishes(world, world.comer);
      for (const [key, bytes] of world.store.objects) if (key.startsWith("keys/")) expect(await world.leaver.opener.open(bytes)).toBeNull();
    }
  });
});
