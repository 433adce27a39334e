/** Everything that can be done to an object is done to every object: a fresh verifier with no key names it, and no reader ever gives wrong bytes. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { contentKeys, openVault, openVaultWithIdentity, verifyVault, VaultError } from "#app/vault/index.ts";
import type { FindingCode } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, record, SCRATCH, seededNumbers, seededRandom, snapshotOf } from "#tests/support/vault-kit.ts";
import type { TestVault } from "#tests/support/vault-kit.ts";

const noise = seededRandom("noise");
const shop = Array.from({ length: 150 }, (_, i) => record(i % 3 === 0 ? "customers" : "metafields", `id${i}`, `synthetic ${Buffer.from(noise(100)).toString("hex")}`, i % 3 === 0 ? null : `id${i - (i % 3)}`));
const truth = new Map(shop.map((item) => [item.id, Buffer.from(item.bytes).toString()]));

let store: MemoryStore;
let test: TestVault;
let other: MemoryStore;

async function twoSnapshots(into: MemoryStore, seed: string): Promise<TestVault> {
  const made = await newTestVault(into, seed);
  const vault = await openVault({ store: into, hostKeys: made.hostKeys, clock: made.clock, random: made.random, scratchDirectory: SCRATCH, tuning: { frameBytes: 3000, packBytes: 9000 } });
  await snapshotOf(vault, shop.slice(0, 90));
  await snapshotOf(vault, shop);
  return made;
}

beforeAll(async () => {
  store = new MemoryStore();
  test = await twoSnapshots(store, "a");
  other = new MemoryStore();
  await twoSnapshots(other, "b");
});

type Room = "description" | "key" | "pack" | "pack_key" | "tree" | "manifest";
function roomOf(key: string): Room {
  if (key === "vault.json") return "description";
  if (key.startsWith("keys/")) return "key";
  if (key.startsWith("snapshots/")) return "manifest";
  return key.endsWith(".key") ? "pack_key" : key.startsWith("packs/") ? "pack" : "tree";
}

/** Codes that name this object when its bytes are wrong, and when it is gone. */
function codesOf(key: string, gone: boolean): FindingCode[] {
  const room = roomOf(key);
  if (room === "tree") return gone ? ["tree.missing", "pack_list.missing"] : ["tree.damaged", "pack_list.damaged"];
  return [`${room}.${gone ? "missing" : "damaged"}` as FindingCode];
}

async function expectNamed(tampered: MemoryStore, key: string, gone: boolean, what: string): Promise<void> {
  const { findings, ok } = await verifyVault({ store: tampered, readData: true });
  const named = findings.filter((finding) => finding.object === key && codesOf(key, gone).includes(finding.code));
  expect({ what, key, named: named.length, ok }).toEqual({ what, key, named: 1, ok: false });
}

/** Readers throw a VaultError or give the truth; a third thing is a broken promise. */
async function expectNoLies(tampered: MemoryStore): Promise<void> {
  try {
    const vault = await openVaultWithIdentity({ store: tampered, opener: test.identity.opener, vaultId: test.hostKeys.vaultId });
    for (const manifest of await vault.snapshots()) {
      const reader = vault.read(manifest, contentKeys(tampered, test.identity.opener));
      for (const id of ["id0", "id1", "id100"]) {
        try {
          const found = await reader.get(id);
          if (found !== null) expect(Buffer.from(found.record?.bytes ?? []).toString()).toBe(truth.get(id));
          else expect(manifest.sequence === 1 && id === "id100").toBe(true);
        } catch (error) {
          expectOurs(error);
        }
      }
      try {
        let records = 0;
        for await (const batch of reader.records()) {
          for (const item of batch) expect(Buffer.from(item.bytes).toString()).toBe(truth.get(item.id));
          records += batch.length;
        }
        expect(records).toBe(manifest.records);
      } catch (error) {
        expectOurs(error);
      }
    }
  } catch (error) {
    expectOurs(error);
  }
}

function expectOurs(error: unknown): void {
  // An opener may say in its own words that a wrapped key does not decrypt.
  if (!(error instanceof VaultError) && (error as { code?: string }).code !== "ERR_JWE_DECRYPTION_FAILED" && (error as { code?: string }).code !== "ERR_JWE_INVALID") throw error;
}

describe("a vault nobody touched", () => {
  it("is found clean at every level of trust", async () => {
    for (const options of [{}, { hostKeys: test.hostKeys }, { opener: test.identity.opener }, { hostKeys: test.hostKeys, opener: test.identity.opener }]) {
      const report = await verifyVault({ store, readData: true, scratchDirectory: SCRATCH, ...options });
      expect(report).toMatchObject({ ok: true, findings: [], orphans: [], snapshots: 2, objects: store.objects.size, recordsChecked: "opener" in options ? shop.length : 0 });
    }
  });
});

describe("each object", () => {
  const everyObject = (): string[] => [...store.objects.keys()];

  it("flipped in any of many bits is named, and never read as anything but the truth", async () => {
    const number = seededNumbers(1);
    for (const key of everyObject()) {
      const size = (store.objects.get(key) as Uint8Array).length;
      const places = new Set([0, 1, 8, 40, 72, 76, 80, 84, 88, size >> 1, size - 17, size - 1, ...Array.from({ length: 6 }, () => Math.floor(number() * size))].filter((at) => at >= 0 && at < size));
      for (const at of places) {
        const tampered = store.clone();
        const body = tampered.objects.get(key) as Uint8Array;
        body[at] = (body[at] as number) ^ (1 << Math.floor(number() * 8));
        await expectNamed(tampered, key, false, `flip at ${at}`);
        if (at % 5 === 0) await expectNoLies(tampered);
      }
    }
  }, 120_000);

  it("cut, extended or emptied is named", async () => {
    for (const key of everyObject()) {
      const body = store.objects.get(key) as Uint8Array;
      for (const [what, changed] of [["cut by one", body.subarray(0, body.length - 1)], ["cut in half", body.subarray(0, body.length >> 1)], ["emptied", body.subarray(0, 0)], ["extended by a NUL", Buffer.concat([body, Buffer.of(0)])], ["extended by a space", Buffer.concat([body, Buffer.from(" ")])], ["doubled", Buffer.concat([body, body])]] as const) {
        const tampered = store.clone();
        tampered.objects.set(key, Uint8Array.from(changed));
        await expectNamed(tampered, key, false, what);
        await expectNoLies(tampered);
      }
    }
  }, 120_000);

  it("taken away is named, the newest manifest excepted, which only a checkpoint kept elsewhere can miss", async () => {
    const newest = everyObject().filter((key) => key.startsWith("snapshots/")).sort().pop();
    for (const key of everyObject()) {
      const tampered = store.clone();
      tampered.objects.delete(key);
      await expectNoLies(tampered);
      if (key === newest) expect((await verifyVault({ store: tampered, readData: true })).findings).toEqual([]);
      else if (roomOf(key) === "manifest") expect((await verifyVault({ store: tampered, readData: true })).findings).toEqual([expect.objectContaining({ code: "manifest.parent_missing", object: newest })]);
      else await expectNamed(tampered, key, true, "deleted");
    }
  }, 60_000);

  it("swapped with another of its kind, of this vault or another, is named", async () => {
    for (const key of everyObject()) {
      const twins = [...everyObject().map((name) => [name, store] as const), ...[...other.objects.keys()].map((name) => [name, other] as const)].filter(([name, from]) => roomOf(name) === roomOf(key) && !(name === key && from === store));
      for (const [name, from] of twins.slice(0, 4)) {
        const tampered = store.clone();
        tampered.objects.set(key, Uint8Array.from(from.objects.get(name) as Uint8Array));
        // Another vault's description is a true description, only not of this vault: what it signed nothing of is what shows.
        if (key === "vault.json") {
          expect((await verifyVault({ store: tampered, readData: true })).findings.map((finding) => finding.code)).toEqual(expect.arrayContaining(["key.missing", "manifest.damaged"]));
          expect((await verifyVault({ store: tampered, readData: true, hostKeys: test.hostKeys })).findings).toEqual([expect.objectContaining({ code: "description.other_vault" })]);
        } else await expectNamed(tampered, key, false, `replaced by ${name}`);
        await expectNoLies(tampered);
      }
    }
  }, 120_000);
});

describe("a name nobody of ours writes", () => {
  it("is told, in the vault's own folders only", async () => {
    const tampered = store.clone();
    for (const key of ["packs/zz/readme.txt", "snapshots/notes", "ledger/checkpoint", "recover/recover.mjs"]) tampered.objects.set(key, Buffer.from("x"));
    expect((await verifyVault({ store: tampered, readData: false })).findings.map(({ code, object }) => `${code} ${object}`).sort()).toEqual(["object.unknown packs/zz/readme.txt", "object.unknown snapshots/notes"]);
  });
});
