/** Vaults written by every released format, as they were written. They open, and broken ones fail with the right word, forever. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { contentKeys, openVault, openVaultWithIdentity, verifyVault } from "#app/vault/index.ts";
import type { FindingCode, HostKeys, Jwk } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { identityFrom, readAll, SCRATCH, seededRandom, snapshotOf, steadyClock, record } from "#tests/support/vault-kit.ts";

const room = join(__dirname, "format-v1");

function load(): MemoryStore {
  const store = new MemoryStore();
  const walk = (folder: string): void => {
    for (const name of readdirSync(join(room, "vault", folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (statSync(join(room, "vault", path)).isDirectory()) walk(path);
      else store.objects.set(path, Uint8Array.from(readFileSync(join(room, "vault", path))));
    }
  };
  walk("");
  return store;
}

interface Expected {
  snapshotId: string;
  root: string;
  added: number;
  changed: number;
  removed: number;
  carried: number;
  complete: boolean;
  records: [string, string, string | null, string][];
}
const expected = JSON.parse(readFileSync(join(room, "expected.json"), "utf8")) as Expected[];
const keys = JSON.parse(readFileSync(join(room, "keys.json"), "utf8")) as { identity: Jwk; hostKeys: Omit<HostKeys, "indexKey"> & { indexKey: string } };
const hostKeys: HostKeys = { ...keys.hostKeys, indexKey: Buffer.from(keys.hostKeys.indexKey, "hex") };
const byName = (records: readonly (readonly unknown[])[]): string[] => records.map((item) => JSON.stringify(item)).sort();

describe("the vault of format 1", () => {
  it("is clean to every verifier", async () => {
    const { opener } = await identityFrom(keys.identity as never);
    for (const more of [{}, { hostKeys }, { opener }]) expect(await verifyVault({ store: load(), readData: true, scratchDirectory: SCRATCH, ...more })).toMatchObject({ ok: true, findings: [], orphans: [], snapshots: expected.length });
  });

  it("gives back every snapshot to the identity, without the host", async () => {
    const store = load();
    const { opener } = await identityFrom(keys.identity as never);
    const vault = await openVaultWithIdentity({ store, opener, vaultId: hostKeys.vaultId });
    expect((await vault.snapshots()).map((manifest) => manifest.snapshotId)).toEqual(expected.map((each) => each.snapshotId).reverse());
    for (const { snapshotId, records, ...counts } of expected) {
      expect(await vault.resolve(snapshotId)).toMatchObject({ snapshotId, ...counts });
      for (const order of ["stored", "key"] as const) {
        const back = await readAll(vault, snapshotId, contentKeys(store, opener), order);
        expect(byName(back.map((item) => [item.kind, item.id, item.parentId, Buffer.from(item.bytes).toString("utf8")]))).toEqual(byName(records));
      }
    }
  });

  it("takes another snapshot, and the same content still gives the same root", async () => {
    const store = load();
    const vault = await openVault({ store, hostKeys, clock: steadyClock("2027-01-01T00:00:00.000Z"), random: seededRandom("after"), scratchDirectory: SCRATCH });
    const last = expected[expected.length - 1] as Expected;
    const records = last.records.map(([kind, id, parentId, text]) => record(kind, id, text, parentId));
    expect(await snapshotOf(vault, records, { orderedKinds: new Set(["lines"]) })).toMatchObject({ root: last.root, added: 0, changed: 0, removed: 0, complete: true });
  });
});

describe("the same vault, broken", () => {
  const named = (pattern: RegExp, nth = 0): string => [...load().objects.keys()].filter((key) => pattern.test(key)).sort()[nth] as string;
  const flip = (at: number) => (body: Uint8Array) => body.map((byte, i) => (i === (at < 0 ? body.length + at : at) ? byte ^ 1 : byte));
  const pieces: [string, string, ((body: Uint8Array) => Uint8Array) | null, FindingCode[]][] = [
    ["a description with a flipped bit", "vault.json", flip(40), ["description.damaged"]],
    ["no description", "vault.json", null, ["description.missing"]],
    ["a pack with a flipped bit", named(/^packs\/..\/[^.]+$/), flip(-30), ["pack.damaged"]],
    ["a pack cut short", named(/^packs\/..\/[^.]+$/), (body) => body.subarray(0, 100), ["pack.damaged"]],
    ["a pack gone", named(/^packs\/..\/[^.]+$/), null, ["pack.missing"]],
    ["a pack key gone", named(/\.key$/), null, ["pack_key.missing"]],
    ["a pack key flipped", named(/\.key$/), flip(50), ["pack_key.damaged"]],
    ["a content key gone", named(/^keys\/[0-9a-f]/), null, ["key.missing"]],
    ["the index key flipped", named(/^keys\/index/), flip(200), ["key.damaged"]],
    ["the first manifest flipped", named(/^snapshots/), flip(300), ["manifest.damaged"]],
    ["the first manifest gone", named(/^snapshots/), null, ["manifest.parent_missing"]],
  ];
  it.each(pieces)("%s: is named by a verifier without keys", async (_, object, change, codes) => {
    const store = load();
    if (change === null) store.objects.delete(object);
    else store.objects.set(object, change(store.objects.get(object) as Uint8Array));
    const { ok, findings } = await verifyVault({ store, readData: true });
    expect(ok).toBe(false);
    expect(findings.map((finding) => finding.code)).toEqual(codes);
    if (codes[0] !== "manifest.parent_missing") expect(findings[0]?.object).toBe(object);
  });

  it("every tree object damaged or gone is named", async () => {
    for (const key of load().objects.keys()) {
      if (!key.startsWith("tree/")) continue;
      for (const [code, change] of [["damaged", flip(60)], ["missing", null]] as const) {
        const store = load();
        if (change === null) store.objects.delete(key);
        else store.objects.set(key, change(store.objects.get(key) as Uint8Array));
        expect((await verifyVault({ store, readData: false })).findings).toEqual([expect.objectContaining({ object: key, code: expect.stringMatching(`^(tree|pack_list)\\.${code}$`) as unknown })]);
      }
    }
  });
});
