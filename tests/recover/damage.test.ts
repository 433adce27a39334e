/** One object of each type is damaged or gone: all that is left comes out, what is lost is named, and nothing wrong is ever passed off as right. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { openVaultWithIdentity, VaultError } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { readAll, testIdentity } from "#tests/support/vault-kit.ts";
import { contentKeys } from "#app/vault/index.ts";
import { CONTENT_KEY, copyOf, damagedOnPurpose, INDEX_KEY, isIndex, isPackList, keysOf, MANIFEST, PACK, PACK_KEY, salvaged, type Salvaged, type Shop } from "./support.ts";

let shop: Shop;
let latest: ReadonlyMap<string, string>;
beforeAll(async () => {
  shop = await damagedOnPurpose();
  latest = shop.truth[2] as ReadonlyMap<string, string>;
});

const codes = ({ report }: Salvaged): string[] => [...new Set(report.findings.map(({ code }) => code))].sort();

/** Members are what the snapshot held and come once; and with the unproven ones, nothing is missing but what is said to be lost. */
function expectHonest(found: Salvaged, truth: ReadonlyMap<string, string>, store: MemoryStore): void {
  expect(store.objects.size).toBeGreaterThan(0);
  for (const [id, text] of found.members) expect(text).toBe(truth.get(id));
  expect(found.memberLines).toBe(found.members.size);
  expect(found.report.members).toBe(found.members.size);
  for (const id of found.lost) expect(found.members.has(id)).toBe(false);
  if (found.report.lost !== null && found.report.unproven === 0) expect(found.members.size + found.report.lost).toBe(truth.size);
}

/** Every record of the snapshot is among what came out. */
function expectNothingLost(found: Salvaged, truth: ReadonlyMap<string, string>): void {
  const unproven = new Set(found.unproven.map(({ id, text }) => `${id} ${text}`));
  expect([...truth].filter(([id, text]) => found.members.get(id) !== text && !unproven.has(`${id} ${text}`))).toEqual([]);
}

async function without(pattern: (store: MemoryStore, key: string) => boolean, options = {}): Promise<{ found: Salvaged; store: MemoryStore; removed: number }> {
  const store = copyOf(shop.store);
  const keys = [...store.objects.keys()].filter((key) => pattern(store, key));
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) store.objects.delete(key);
  const found = await salvaged(store, shop.opener, options);
  expect(found.report.whole).toBe(false);
  return { found, store, removed: keys.length };
}

describe("an undamaged vault", () => {
  test("comes out as an export does: the same records in the same order, the root proven", async () => {
    const found = await salvaged(shop.store, shop.opener);
    expect(found.report).toMatchObject({ whole: true, findings: [], lost: 0, unproven: 0, erased: 0, rootProven: true, signaturesChecked: true, members: latest.size });
    const vault = await openVaultWithIdentity({ store: shop.store, opener: shop.opener });
    const exported = await readAll(vault, "latest", contentKeys(shop.store, shop.opener));
    expect([...found.members]).toEqual(exported.map(({ id, bytes }) => [id, Buffer.from(bytes).toString("utf8")]));
    expect(found.report.kinds).toEqual({ customers: exported.filter(({ kind }) => kind === "customers").length, metafields: exported.filter(({ kind }) => kind === "metafields").length });
  });

  test.each([[0, "latest~2"], [1, "latest~1"]])("gives any snapshot by name", async (number, snapshot) => {
    const found = await salvaged(shop.store, shop.opener, { snapshot });
    expect(found.report.whole).toBe(true);
    expect(found.members).toEqual(shop.truth[number]);
    const id = found.report.manifest?.snapshotId as string;
    expect((await salvaged(shop.store, shop.opener, { snapshot: id.slice(0, 10) })).report.manifest?.snapshotId).toBe(id);
  });

  test("is refused for a snapshot that is not there, and for a folder that is no vault", async () => {
    await expect(salvaged(shop.store, shop.opener, { snapshot: "latest~3" })).rejects.toMatchObject({ code: "vault.no_such_snapshot" });
    await expect(salvaged(shop.store, shop.opener, { snapshot: "ffffffffffffffff" })).rejects.toMatchObject({ code: "vault.no_such_snapshot" });
    await expect(salvaged(new MemoryStore(), shop.opener)).rejects.toMatchObject({ code: "vault.not_found" });
  });

  test("gives nothing to an identity it is not sealed to, and says so", async () => {
    const found = await salvaged(shop.store, (await testIdentity()).opener);
    expect(codes(found)).toEqual(["key.unopenable"]);
    expect(found.members.size + found.unproven.length).toBe(0);
    expect(found.report).toMatchObject({ whole: false, lost: latest.size });
  });

  test("is not believed to be another vault", async () => {
    const found = await salvaged(shop.store, shop.opener, { vaultId: "0".repeat(32) });
    expect(found.members.size + found.unproven.length).toBe(0);
    expect(codes(found)).toContain("description.damaged");
  });
});

describe("without", () => {
  test("its description, every version of every record comes out as unproven", async () => {
    const { found } = await without((_, key) => key === "vault.json");
    expect(codes(found)).toEqual(["description.lost", "description.missing"]);
    expect(found.report).toMatchObject({ signaturesChecked: false, manifest: null, members: 0, lost: null, vaultId: shop.hostKeys.vaultId });
    for (const truth of shop.truth) expectNothingLost(found, truth);
  });

  test("its index key, packs that are used whole still prove their records, by the signed list", async () => {
    const { found, store } = await without((_, key) => INDEX_KEY.test(key), { snapshot: "latest~2" });
    expect(codes(found)).toEqual(["key.missing"]);
    expectHonest(found, shop.truth[0] as never, store);
    expect(found.members).toEqual(shop.truth[0]);
    expect(found.report).toMatchObject({ lost: 0, unproven: 0, membersByPackList: 150, rootProven: false });
  });

  test("its index key, what only the index could prove is unproven", async () => {
    const { found, store } = await without((_, key) => INDEX_KEY.test(key));
    expect(found.report.unproven).toBeGreaterThan(0);
    expect(found.report.lost).toBeNull();
    expectHonest(found, latest, store);
    expectNothingLost(found, latest);
  });

  test("any one content key, that run's records are lost and the others are not", async () => {
    for (const removed of keysOf(shop.store, CONTENT_KEY)) {
      const { found, store } = await without((_, key) => key === removed);
      expect(found.report.findings).toEqual([{ code: "key.missing", object: removed }]);
      expectHonest(found, latest, store);
      expect(found.lost).toHaveLength(found.report.lost as number);
      expect(found.members.size).toBeLessThan(latest.size);
      expect(found.members.size).toBeGreaterThan(0);
    }
  });

  test.each([["pack", PACK, "pack.missing"], ["pack's key", PACK_KEY, "pack_key.missing"]])("any one %s, only its records are lost, and each is named", async (_, pattern, code) => {
    let harmless = 0;
    for (const removed of keysOf(shop.store, pattern)) {
      const store = copyOf(shop.store);
      store.objects.delete(removed);
      const found = await salvaged(store, shop.opener);
      expectHonest(found, latest, store);
      expect(found.report.rootProven).toBe(true);
      if (found.report.whole) {
        // The newest snapshot no longer uses it.
        harmless++;
        continue;
      }
      expect(found.report.findings).toEqual([{ code, object: removed }]);
      expect(new Set([...found.lost, ...found.members.keys()])).toEqual(new Set(latest.keys()));
    }
    expect(harmless).toBeLessThan(keysOf(shop.store, pattern).length / 2);
  });

  test("any one part of the index, no record is lost, and what it would have proven is unproven or vouched for by the list", async () => {
    let hurt = 0;
    for (const removed of [...shop.store.objects.keys()].filter((key) => isIndex(shop.store, key))) {
      const store = copyOf(shop.store);
      store.objects.delete(removed);
      const found = await salvaged(store, shop.opener);
      expectHonest(found, latest, store);
      expectNothingLost(found, latest);
      if (found.report.whole) continue;
      hurt++;
      expect(found.report.findings).toContainEqual({ code: "tree.missing", object: removed });
      expect(found.report.rootProven).toBe(false);
    }
    expect(hurt).toBeGreaterThan(0);
  });

  test("its list of packs, the index still proves every record", async () => {
    const { found, store } = await without(isPackList);
    expect(codes(found)).toEqual(["pack_list.missing"]);
    expectHonest(found, latest, store);
    expect(found.members).toEqual(latest);
    expect(found.report).toMatchObject({ rootProven: true, lost: 0, unproven: 0 });
  });

  test("index and list of packs, everything comes out as unproven", async () => {
    const { found } = await without((_, key) => key.startsWith("tree/"));
    for (const truth of shop.truth) expectNothingLost(found, truth);
    expect(found.members.size).toBe(0);
  });

  test("every manifest, everything comes out as unproven", async () => {
    const { found } = await without((_, key) => MANIFEST.test(key));
    expect(found.report.manifest).toBeNull();
    for (const truth of shop.truth) expectNothingLost(found, truth);
  });

  test("vault.json, its manifests, lists, index and index key: packs and their keys are enough", async () => {
    const { found } = await without((_, key) => !PACK.test(key) && !PACK_KEY.test(key) && !CONTENT_KEY.test(key));
    for (const truth of shop.truth) expectNothingLost(found, truth);
  });
});

describe("with the newest manifest damaged", () => {
  const altered = (): MemoryStore => {
    const store = copyOf(shop.store);
    const bytes = store.objects.get(keysOf(store, MANIFEST).at(-1) as string) as Uint8Array;
    bytes[200] = (bytes[200] as number) ^ 1;
    return store;
  };

  test("the one before is recovered, and what only the newest had is unproven", async () => {
    const store = altered();
    const found = await salvaged(store, shop.opener);
    expect(found.members).toEqual(shop.truth[1]);
    expect(found.report.unreadableSnapshots).toEqual([keysOf(store, MANIFEST).at(-1)]);
    expect(codes(found)).toEqual(["manifest.damaged"]);
    expectNothingLost({ ...found, members: new Map([...found.members].filter(([id, text]) => latest.get(id) === text)) }, latest);
    expect(found.report.whole).toBe(false);
  });

  test("asked for by its id, everything comes out as unproven rather than another snapshot in its place", async () => {
    const store = altered();
    const id = (keysOf(store, MANIFEST).at(-1) as string).slice(-16);
    const found = await salvaged(store, shop.opener, { snapshot: id });
    expect(found.members.size).toBe(0);
    expectNothingLost(found, latest);
  });
});

describe("a pack", () => {
  /** The pack whose bytes tests alter: one of several frames. */
  const target = (): { name: string; whole: Uint8Array; frames: number; head: number } => {
    const name = keysOf(shop.store, PACK).find((key) => (shop.store.objects.get(key) as Uint8Array).length > 7000) as string;
    const whole = shop.store.objects.get(name) as Uint8Array;
    const frames = Buffer.from(whole).readUInt32BE(76);
    expect(frames).toBeGreaterThan(1);
    return { name, whole, frames, head: 80 + 12 * frames };
  };
  const flipped = (whole: Uint8Array, ...places: readonly (readonly [at: number, bit: number])[]): Uint8Array => {
    const bytes = new Uint8Array(whole);
    for (const [at, bit] of places) bytes[at] = (bytes[at] as number) ^ (1 << bit);
    return bytes;
  };

  test("loses nothing to any one flipped bit, in its head or in a frame, and is named all the same", async () => {
    const { name, whole, head } = target();
    const store = copyOf(shop.store);
    const places: [number, number][] = [];
    for (let at = 0; at < head; at += 3) places.push([at, (at * 5) % 8]);
    for (const at of [7, 75, 79]) for (let bit = 0; bit < 8; bit++) places.push([at, bit]);
    for (let at = head; at < whole.length; at += 397) places.push([at, at % 8]);
    for (let at = whole.length - 17; at < whole.length; at += 5) places.push([at, at % 8]);
    for (const place of places) {
      store.objects.set(name, flipped(whole, place));
      const found = await salvaged(store, shop.opener);
      expect({ place, findings: found.report.findings }).toEqual({ place, findings: [{ code: "pack.damaged", object: name, detail: "its digest is not its name" }] });
      expect(found.report).toMatchObject({ whole: false, lost: 0, unproven: 0, rootProven: true });
      expect(found.members).toEqual(latest);
    }
  }, 120_000);

  test("loses one frame, and no more, to more than a bit in it", async () => {
    const { name, whole, head } = target();
    const store = copyOf(shop.store);
    for (let at = head + 5; at < whole.length - 40; at += 900) {
      store.objects.set(name, flipped(whole, [at, 1], [at + 3, 6]));
      const found = await salvaged(store, shop.opener);
      expectHonest(found, latest, store);
      expect(found.report.findings.map(({ code }) => code)).toEqual(["pack.damaged", "frame.damaged"]);
    }
  });

  test("whose key has one flipped bit opens all the same, and the key is named", async () => {
    for (const name of keysOf(shop.store, PACK_KEY).slice(0, 2)) {
      const whole = shop.store.objects.get(name) as Uint8Array;
      const store = copyOf(shop.store);
      for (let at = 0; at < whole.length; at += 2) {
        store.objects.set(name, flipped(whole, [at, at % 8]));
        const found = await salvaged(store, shop.opener);
        expect({ at, ...found.report }).toMatchObject({ at, lost: 0, rootProven: true, findings: [{ code: "pack_key.damaged", object: name }] });
      }
    }
  }, 60_000);

  test("that was cut short gives the frames that are left", async () => {
    const name = keysOf(shop.store, PACK)[0] as string;
    const store = copyOf(shop.store);
    const whole = store.objects.get(name) as Uint8Array;
    store.objects.set(name, whole.subarray(0, whole.length - 1));
    const found = await salvaged(store, shop.opener);
    expectHonest(found, latest, store);
    expect(found.report.findings.filter(({ code }) => code === "frame.damaged")).toHaveLength(1);
  });

  test("in another's place gives nothing", async () => {
    const [a, b] = keysOf(shop.store, PACK) as [string, string];
    const store = copyOf(shop.store);
    store.objects.set(a, shop.store.objects.get(b) as Uint8Array);
    const found = await salvaged(store, shop.opener);
    expectHonest(found, latest, store);
    expect(found.report.whole).toBe(false);
  });
});

test("errors are VaultErrors with a code, never a stack of somebody else's", async () => {
  await salvaged(new MemoryStore(), shop.opener).catch((error: unknown) => {
    expect(error).toBeInstanceOf(VaultError);
  });
});
