/** The world around a vault misbehaves: other writers, clocks that jump, disks that fill up, storage that may not be written. A clear error or none, nothing lost, and the next run is fine. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { FilesystemStore, ReadOnlyStore } from "#app/stores/index.ts";
import { contentKeys, openVault, StoreError, verifyVault } from "#app/vault/index.ts";
import type { Clock, ObjectStore, SourceRecord, Vault } from "#app/vault/index.ts";
import { RowSorter } from "#app/vault/scratch/row-sorter.ts";
import { Scratch } from "#app/vault/scratch/scratch.ts";
import { enterMissing } from "#app/workflows/snapshot/enter-snapshots.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, readAll, record, SCRATCH, seededRandom, snapshotOf, steadyClock } from "#tests/support/vault-kit.ts";
import type { TestVault } from "#tests/support/vault-kit.ts";
import { freshlyChecked, ledgerOf } from "./whole-vault.ts";

const tuning = { frameBytes: 2_000, packBytes: 4_000 };
const noise = seededRandom("noise");
const text = (): string => `synthetic ${Buffer.from(noise(120)).toString("hex")}`;
const first = Array.from({ length: 90 }, (_, i) => record("customers", `id${i}`, text()));
const second: SourceRecord[] = first.map((item, i) => (i % 3 === 0 ? record("customers", item.id, text()) : item));
const third: SourceRecord[] = first.map((item, i) => (i % 4 === 0 ? record("customers", item.id, text()) : item));
const texts = (records: readonly SourceRecord[]): Map<string, string> => new Map(records.map(({ id, bytes }) => [id, Buffer.from(bytes).toString()]));

function opened(store: ObjectStore, { hostKeys }: TestVault, seed: string, clock: Clock = steadyClock("2026-03-02T00:00:00.000Z"), scratchDirectory = SCRATCH): Promise<Vault> {
  return openVault({ store, hostKeys, clock, random: seededRandom(seed), scratchDirectory, tuning });
}
async function expectHolds(vault: Vault, store: ObjectStore, test: TestVault, reference: string, records: readonly SourceRecord[]): Promise<void> {
  expect(texts(await readAll(vault, reference, contentKeys(store, test.identity.opener)))).toEqual(texts(records));
}
async function expectClean(store: ObjectStore, test: TestVault): Promise<void> {
  expect((await verifyVault({ store, readData: true, hostKeys: test.hostKeys, opener: test.identity.opener, scratchDirectory: SCRATCH })).findings).toEqual([]);
}

describe("two writers at once", () => {
  it("write two whole snapshots with one parent, both entered into a ledger that holds, and a third goes on", async () => {
    const store = new MemoryStore();
    const test = await newTestVault(store);
    const ledger = (): ReturnType<typeof ledgerOf> => ledgerOf(store, test.hostKeys.vaultId, test.hostKeys, steadyClock("2026-03-02T00:00:00.000Z"));
    await snapshotOf(await opened(store, test, "0"), first);
    const run = async (seed: string, records: readonly SourceRecord[]): Promise<string> => {
      const vault = await opened(store, test, seed);
      const { snapshotId } = await snapshotOf(vault, records, { batch: 7 });
      await enterMissing(ledger(), await vault.snapshots(), steadyClock("2026-03-02T01:00:00.000Z"));
      return snapshotId;
    };
    const [a, b] = await Promise.all([run("a", second), run("b", third)]);
    const vault = await opened(store, test, "c", steadyClock("2026-03-03T00:00:00.000Z"));
    await expectHolds(vault, store, test, a, second);
    await expectHolds(vault, store, test, b, third);
    const [one, two] = [await vault.resolve(a), await vault.resolve(b)];
    expect(one.parent).toEqual(two.parent);
    const checked = await freshlyChecked(store, undefined);
    expect(checked.findings).toEqual([]);
    expect(checked.report.snapshots).toBe(3);
    await snapshotOf(vault, first);
    await expectHolds(vault, store, test, "latest", first);
    await expectClean(store, test);
  });
});

describe("a reader beside a writer", () => {
  it("finds the old state or the new one, whole, whichever write it comes in between", async () => {
    const store = new MemoryStore();
    const test = await newTestVault(store);
    await snapshotOf(await opened(store, test, "0"), first);
    const put = store.putIfAbsent.bind(store);
    let looked = 0;
    store.putIfAbsent = async (key, body, options) => {
      const look = async (): Promise<void> => {
        const reader = await opened(store, test, `look ${looked++}`);
        await expectHolds(reader, store, test, "latest", (await reader.snapshots()).length === 1 ? first : second);
      };
      await look();
      const outcome = await put(key, body, options);
      await look();
      return outcome;
    };
    await snapshotOf(await opened(store, test, "1"), second);
    expect(looked).toBeGreaterThanOrEqual(16);
  });
});

describe("a clock that jumps", () => {
  it("years ahead and back never puts snapshots out of order, nor loses one", async () => {
    const store = new MemoryStore();
    const test = await newTestVault(store);
    const moments = ["2026-03-02T00:00:00.000Z", "2036-03-02T00:00:00.000Z", "2026-03-02T00:00:01.000Z", "1970-01-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z", "2999-12-31T23:59:59.999Z", "2026-03-03T00:00:00.000Z"];
    const ids: string[] = [];
    for (const [i, moment] of moments.entries()) {
      const clock = { now: () => new Date(moment) };
      const vault = await opened(store, test, `clock ${i}`, clock);
      ids.push((await snapshotOf(vault, i % 2 === 0 ? second : third)).snapshotId);
      await enterMissing(ledgerOf(store, test.hostKeys.vaultId, test.hostKeys, clock), await vault.snapshots(), clock);
    }
    const vault = await opened(store, test, "after");
    const snapshots = await vault.snapshots();
    expect(snapshots.map((manifest) => manifest.snapshotId)).toEqual([...ids].reverse());
    expect(snapshots.map((manifest) => manifest.sequence)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    for (const [i, id] of ids.entries()) await expectHolds(vault, store, test, id, i % 2 === 0 ? second : third);
    expect((await freshlyChecked(store, undefined)).findings).toEqual([]);
  });
});

describe("storage that is full", () => {
  it("at any write says so; nothing is lost, and with room again the next run is fine", async () => {
    let writes = 1;
    for (let at = 1; at <= writes; at++) {
      const store = new MemoryStore();
      const test = await newTestVault(store);
      await snapshotOf(await opened(store, test, "0"), first);
      const put = store.putIfAbsent.bind(store);
      let n = 0;
      store.putIfAbsent = (key, body, options) => (++n >= at ? Promise.reject(new StoreError("store.no_space", "the file system is full", { retry: "later" })) : put(key, body, options));
      await expect(snapshotOf(await opened(store, test, "1"), second)).rejects.toMatchObject({ code: "store.no_space" });
      store.putIfAbsent = (key, body, options) => (n++, put(key, body, options));
      const vault = await opened(store, test, "2", steadyClock("2026-03-03T00:00:00.000Z"));
      expect(await vault.snapshots()).toHaveLength(1);
      await expectHolds(vault, store, test, "latest", first);
      n = 0;
      await snapshotOf(vault, second);
      writes = Math.max(writes, n);
      await expectHolds(vault, store, test, "latest", second);
      await expectClean(store, test);
    }
    expect(writes).toBeGreaterThanOrEqual(8);
  }, 60_000);
});

describe("storage that may not be written", () => {
  it("says so, and everything in it can be read and verified", async () => {
    const store = new MemoryStore();
    const test = await newTestVault(store);
    await snapshotOf(await opened(store, test, "0"), first);
    const before = [...store.objects.keys()];
    const readOnly = new ReadOnlyStore(store);
    await expect(snapshotOf(await opened(readOnly, test, "1"), second)).rejects.toMatchObject({ code: "store.read_only" });
    expect([...store.objects.keys()]).toEqual(before);
    await expectHolds(await opened(readOnly, test, "2"), readOnly, test, "latest", first);
    await expectClean(readOnly, test);
  });
});

const folders: string[] = [];
const mounts: string[] = [];
afterAll(() => {
  for (const mount of mounts) execFileSync("umount", [mount]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A file system of its own of so many KiB; null where this user cannot have one. */
function smallDisk(kib: number): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), "holdfast-disk-"));
  folders.push(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return null;
  }
  mounts.push(folder);
  return folder;
}
const disk = smallDisk(256);
const scratchDisk = smallDisk(64);
const withDisk = disk === null || scratchDisk === null ? it.skip : it;

describe("a real disk", () => {
  withDisk("that fills up under a vault refuses the run in the store's words; freed, it takes the next", async () => {
    const root = join(disk as string, "vault");
    const store = new FilesystemStore(root);
    const test = await newTestVault(store);
    await snapshotOf(await opened(store, test, "0"), first);
    // All but two pages: what the refused run leaves behind must not take the room that the next one needs.
    const ballast: string[] = [];
    for (let kib = 1024; kib >= 4; kib >>= 1) {
      try {
        for (;;) {
          ballast.push(join(disk as string, `ballast${String(ballast.length)}`));
          writeFileSync(ballast.at(-1) as string, Buffer.alloc(kib * 1024));
        }
      } catch {
        // Full for this size.
        rmSync(ballast.pop() as string, { force: true });
      }
    }
    for (const file of ballast.splice(-2)) rmSync(file);
    const other = Array.from({ length: 3000 }, (_, i) => record("customers", `id${i}`, text()));
    await expect(snapshotOf(await opened(store, test, "1"), other)).rejects.toMatchObject({ code: "store.no_space" });
    const vault = await opened(store, test, "2", steadyClock("2026-03-03T00:00:00.000Z"));
    await expectHolds(vault, store, test, "latest", first);
    await expectClean(store, test);
    for (const file of ballast) rmSync(file);
    await snapshotOf(vault, second);
    await expectHolds(vault, store, test, "latest", second);
    await expectClean(store, test);
    expect(existsSync(root)).toBe(true);
  }, 60_000);

  withDisk("that fills up under what does not fit in memory says that it is this machine's, in words of its own", async () => {
    const scratch = new Scratch(scratchDisk as string);
    const sorter = new RowSorter(scratch, 24);
    const fill = async (): Promise<void> => {
      const payload = Buffer.alloc(24);
      for (let i = 0; i < 2_000_000; i++) {
        const key = Buffer.from(`key ${i}`);
        if (sorter.full(key.length)) await sorter.spill();
        sorter.add(key, key.length, payload);
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: "vault.no_scratch", retry: "later" });
    await sorter.close();
    await scratch.remove();
    expect(readdirSync(scratchDisk as string)).toEqual([]);
  }, 60_000);

  it("where there may be no directory for it says so too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-noscratch-"));
    folders.push(folder);
    mkdirSync(join(folder, "x"));
    writeFileSync(join(folder, "x/file"), "");
    await expect(new Scratch(join(folder, "x/file")).file()).rejects.toMatchObject({ code: "vault.no_scratch" });
  });
});
