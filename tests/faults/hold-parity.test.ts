/** A hold that has rotted stops every prune, since nobody can say what it held: with parity it is mended in place. */
import { expect, it } from "@jest/globals";
import { createVault, openVault, parsePolicy, placeHold, prune, readVaultDescription, releaseHold, repairVault, verifyVault, type KeepPolicy } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { record, SCRATCH, seededRandom, snapshotOf, steadyClock, testIdentity } from "#tests/support/vault-kit.ts";

async function held() {
  const store = new MemoryStore();
  const [clock, random] = [steadyClock(), seededRandom("held")];
  const { recipient } = await testIdentity();
  const { hostKeys } = await createVault({ store, recipients: [recipient], clock, random, parity: true });
  await snapshotOf(await openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH }), [record("customers", "id1", "synthetic")]);
  const description = await readVaultDescription(store);
  const holder = { store, description, signingKey: hostKeys.signingKey, clock, random };
  const { holdId } = await placeHold(holder, { name: "case 14", reason: "litigation", by: "cli", snapshots: "all" });
  await releaseHold(holder, (await placeHold(holder, { name: "case 15", reason: "litigation", by: "cli", snapshots: "all" })).holdId, { reason: "closed", by: "cli" });
  const verify = async () => (await verifyVault({ store, readData: true, hostKeys })).findings.map(({ code, object }) => `${code} ${object}`);
  const pruned = async () => (await prune({ ...holder, policy: parsePolicy("last=1") as KeepPolicy, actor: "cli", verified: new Set(), graceMs: 0 })).kind;
  return { store, verify, pruned, key: `holds/${holdId}.json` };
}

it.each([["cut off", (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1)], ["flipped", (bytes: Uint8Array) => bytes.map((byte, n) => (n === 100 ? byte ^ 4 : byte))]] as const)("a hold that is %s is named, stops a prune, and is mended from its parity", async (_, rot) => {
  const { store, verify, pruned, key } = await held();
  expect(await verify()).toEqual([]);
  const good = store.objects.get(key)!;
  store.objects.set(key, rot(good));
  expect(await verify()).toEqual([`hold.damaged ${key}`]);
  expect(await pruned()).toBe("refused");
  expect((await repairVault({ store })).mended).toEqual([{ object: key, by: "parity" }]);
  expect(store.objects.get(key)).toEqual(good);
  expect(await verify()).toEqual([]);
  expect(await pruned()).toBe("done");
});

it("a hold's parity is checked where it is there, and a hold from before there was any is no damage; a repair can add it", async () => {
  const { store, verify, key } = await held();
  const parity = store.objects.get(`parity/${key}`)!;
  store.objects.set(`parity/${key}`, parity.subarray(1));
  expect(await verify()).toEqual([`parity.damaged parity/${key}`]);
  store.objects.delete(`parity/${key}`);
  expect(await verify()).toEqual([]);
  await repairVault({ store, addParity: true });
  expect(store.objects.get(`parity/${key}`)).toEqual(parity);
});
