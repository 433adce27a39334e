/** Each write of a snapshot goes wrong in each way; afterwards the snapshot is whole or absent, the vault is clean, and the rerun succeeds. */
import { describe, expect, it } from "@jest/globals";
import { contentKeys, findInVault, openVault, searchKeys, verifyVault } from "#app/vault/index.ts";
import type { SourceRecord, Vault } from "#app/vault/index.ts";
import { newTestVault, readAll, record, SCRATCH, seededRandom, snapshotOf, steadyClock } from "#tests/support/vault-kit.ts";
import { testTerms, wordOf } from "#tests/support/search-terms.ts";
import type { TestVault } from "#tests/support/vault-kit.ts";
import { FAULTS, FaultyStore } from "./faulty-store.ts";
import type { Fault } from "./faulty-store.ts";

const tuning = { frameBytes: 2_000, packBytes: 4_000 };
const noise = seededRandom("noise");
const before = Array.from({ length: 120 }, (_, i) => record(i % 3 === 0 ? "customers" : "metafields", `id${i}`, `synthetic ${Buffer.from(noise(300)).toString("hex")}`, i % 3 === 0 ? null : `id${i - (i % 3)}`));
const after: SourceRecord[] = before.slice(5).map((item, i) => (i % 4 === 0 ? { ...item, bytes: Buffer.from(`synthetic changed ${Buffer.from(noise(300)).toString("hex")}`) } : item));

async function prepared(): Promise<{ store: FaultyStore; test: TestVault; open: () => Promise<Vault> }> {
  const store = new FaultyStore();
  const test = await newTestVault(store);
  const random = seededRandom("runs");
  const clock = steadyClock("2026-03-02T00:00:00.000Z");
  const open = (): Promise<Vault> => openVault({ store, hostKeys: test.hostKeys, clock, random, scratchDirectory: SCRATCH, tuning });
  await snapshotOf(await open(), before);
  store.writes = 0;
  return { store, test, open };
}

async function goodRun(): Promise<string[]> {
  const { store, open } = await prepared();
  const from = store.written.length;
  await snapshotOf(await open(), after, { terms: testTerms });
  return store.written.slice(from);
}

async function crash(fault: Fault, at: number): Promise<void> {
  const { store, test, open } = await prepared();
  store.failAt = at;
  store.fault = fault;
  const vault = await open();
  const writer = await vault.beginSnapshot({ source: { type: "jsonl", name: "s" }, terms: testTerms });
  const run = (async () => {
    for (let i = 0; i < after.length; i += 20) await writer.write(after.slice(i, i + 20), "s");
    await writer.commit();
  })();
  run.catch(() => undefined);
  if (fault === "hang") {
    await store.hanging;
    await writer.abort();
  } else await expect(run).rejects.toMatchObject({ code: "store.unreachable" });

  // The process is gone; another one looks.
  const written = store.failed as string;
  store.failAt = 0;
  const survivor = await open();
  const keys = contentKeys(store, test.identity.opener);
  const snapshots = await survivor.snapshots();
  const committed = fault === "after, answer lost" && written.startsWith("snapshots/");
  expect(snapshots).toHaveLength(committed ? 2 : 1);
  const report = await verifyVault({ store, readData: true, hostKeys: test.hostKeys, opener: test.identity.opener, scratchDirectory: SCRATCH });
  expect(report.findings).toEqual(fault === "short body" && written.startsWith("snapshots/") ? [expect.objectContaining({ code: "manifest.damaged", object: written })] : []);
  expect((await readAll(survivor, snapshots[snapshots.length - 1]?.snapshotId ?? "", keys)).length).toBe(before.length);

  const rerun = await snapshotOf(survivor, after, { terms: testTerms });
  const query = [[{ type: 3, term: wordOf((after[0] as SourceRecord).bytes) }]];
  expect((await findInVault({ store, description: survivor.description, indexKey: survivor.indexKey, at: new Date("2027-01-01"), searchKeys: searchKeys(store, survivor.description, keys), query })).faults).toEqual([]);
  expect(rerun).toMatchObject({ records: after.length, complete: true });
  const back = await readAll(survivor, "latest", keys, "key");
  expect(new Map(back.map((item) => [item.id, Buffer.from(item.bytes).toString()]))).toEqual(new Map(after.map((item) => [item.id, Buffer.from(item.bytes).toString()])));
}

describe("a run that dies", () => {
  it("writes key, packs, index, pack list and manifest in that order, each pack's key before the pack and what it is searched by after it", async () => {
    const written = await goodRun();
    const classes = written.map((key) => (key.endsWith(".key") ? "pack key" : (key.split("/")[0] as string)));
    expect(classes[0]).toBe("keys");
    expect(classes.slice(-3)).toEqual(["tree", "tree", "snapshots"]);
    const packs = classes.slice(1, -3);
    expect(packs.length).toBeGreaterThanOrEqual(4);
    expect(packs).toEqual(packs.map((_, i) => ["pack key", "packs", "search"][i % 3]));
  });

  it.each(FAULTS)("at any write (%s) leaves the snapshot whole or absent, a clean vault, and a rerun that succeeds", async (fault) => {
    const writes = (await goodRun()).length;
    for (let at = 1; at <= writes; at++) await crash(fault, at);
  }, 60_000);

  it("leaves orphans that verify lists and does not fault", async () => {
    const { store, test, open } = await prepared();
    store.failAt = 6;
    await expect(snapshotOf(await open(), after)).rejects.toMatchObject({ code: "store.unreachable" });
    store.failAt = 0;
    const report = await verifyVault({ store, readData: false, hostKeys: test.hostKeys });
    expect(report.ok).toBe(true);
    expect(report.orphans).toHaveLength(5);
  });
});

describe("a name that is taken", () => {
  it("by something else than what is being written is damage, not success", async () => {
    const { store, open } = await prepared();
    const vault = await open();
    const original = store.putIfAbsent.bind(store);
    store.putIfAbsent = async (key, body) => {
      if (key.startsWith("packs/") && !key.endsWith(".key")) store.objects.set(key, Buffer.from("planted"));
      return original(key, body);
    };
    await expect(snapshotOf(vault, after)).rejects.toMatchObject({ code: "vault.damaged_object" });
  });
});
