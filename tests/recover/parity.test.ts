/** A vault with parity: what is damaged or gone is put together again while it is recovered, and named. */
import { beforeAll, expect, test } from "@jest/globals";
import { createVault, openVault } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { SCRATCH, seededRandom, shopRecords, snapshotOf, steadyClock, testIdentity, type TestIdentity } from "#tests/support/vault-kit.ts";
import { copyOf, keysOf, PACK, salvaged } from "./support.ts";

let store: MemoryStore;
let identity: TestIdentity;
const records = shopRecords(300);
const truth = new Map(records.map(({ id, bytes }) => [id, Buffer.from(bytes).toString("utf8")]));

beforeAll(async () => {
  store = new MemoryStore();
  identity = await testIdentity();
  const [clock, random] = [steadyClock(), seededRandom("parity")];
  const { hostKeys } = await createVault({ store, recipients: [identity.recipient], clock, random, parity: true });
  await snapshotOf(await openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH, tuning: { frameBytes: 3000, packBytes: 9000 } }), records);
});

test.each(["vault.json", "packs/", "tree/", "keys/", "snapshots/"])("any object under %s may be altered or gone, and everything comes out, proven", async (folder) => {
  // A larger one that is gone as a whole is more than parity can give back.
  const small = [...store.objects.keys()].filter((key) => key.startsWith(folder) && !key.startsWith("keys/host-") && store.objects.has(`parity/${key}`) && (store.objects.get(key) as Uint8Array).length < 2048);
  expect(small.length).toBeGreaterThan(0);
  for (const key of small) {
    const altered = new Uint8Array(store.objects.get(key) as Uint8Array);
    altered.fill(0x20, altered.length >> 1, (altered.length >> 1) + 7);
    for (const bytes of [altered, null]) {
      const hurt = copyOf(store);
      if (bytes === null) hurt.objects.delete(key);
      else hurt.objects.set(key, bytes);
      const found = await salvaged(hurt, identity.opener);
      expect(found.members).toEqual(truth);
      expect(found.report).toMatchObject({ whole: false, lost: 0, rootProven: true, findings: [{ object: key, detail: "it is put right here from its parity" }] });
    }
  }
});

test("a pack with a hole in it comes out whole, and is named", async () => {
  const name = keysOf(store, PACK)[0] as string;
  const hurt = copyOf(store);
  const bytes = hurt.objects.get(name) as Uint8Array;
  bytes.fill(0, 300, 420);
  const found = await salvaged(hurt, identity.opener);
  expect(found.members).toEqual(truth);
  expect(found.report).toMatchObject({ whole: false, lost: 0, rootProven: true, findings: [{ code: "pack.damaged", object: name, detail: "it is put right here from its parity" }] });
});
