/** What was erased stays erased: no recovery brings it back, whatever else is lost with it; and what was not erased is all there. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { contentKeys, readVaultDescription, redact } from "#app/vault/index.ts";
import { seededRandom, steadyClock } from "#tests/support/vault-kit.ts";
import { copyOf, damagedOnPurpose, INDEX_KEY, isPackList, keysOf, MANIFEST, PACK, PACK_KEY, salvaged, type Salvaged, type Shop } from "./support.ts";

/** One that changed, so that it has versions in several packs, and one that did not. */
const ERASED = ["id3", "id99"];
let shop: Shop;

beforeAll(async () => {
  shop = await damagedOnPurpose("erasure");
  const { store, hostKeys, opener } = shop;
  const outcome = await redact({
    store,
    description: await readVaultDescription(store),
    indexKey: hostKeys.indexKey,
    signingKey: hostKeys.signingKey,
    contentKeys: contentKeys(store, opener),
    clock: steadyClock("2026-04-01T08:00:00.000Z"),
    random: seededRandom("redaction"),
    ids: ERASED,
    tree: false,
    actor: "cli",
    reason: "a synthetic request",
  });
  expect(outcome).toMatchObject({ kind: "done" });
});

function expectErased(found: Salvaged): void {
  expect([...found.members.keys(), ...found.unproven.map(({ id }) => id)].filter((id) => ERASED.includes(id))).toEqual([]);
  expect(found.lost.filter((id) => ERASED.includes(id))).toEqual([]);
}

describe("after a redaction", () => {
  test.each([[0, "latest~2"], [1, "latest~1"], [2, "latest"]])("snapshot %i comes out whole but for what was erased, which is counted and not called lost", async (number, snapshot) => {
    const found = await salvaged(shop.store, shop.opener, { snapshot });
    expectErased(found);
    const truth = new Map([...(shop.truth[number] as ReadonlyMap<string, string>)].filter(([id]) => !ERASED.includes(id)));
    expect(found.members).toEqual(truth);
    expect(found.report).toMatchObject({ whole: true, findings: [], lost: 0, erased: ERASED.length, rootProven: true });
  });

  test.each<[string, (key: string) => boolean]>([
    ["the index", (key) => key.startsWith("tree/")],
    ["the index key", (key) => INDEX_KEY.test(key)],
    ["every manifest", (key) => MANIFEST.test(key)],
    ["the lists of packs", (key) => key.startsWith("tree/") && isPackList(shop.store, key)],
    ["vault.json", (key) => key === "vault.json"],
    ["the record of the redaction", (key) => key.startsWith("redactions/")],
  ])("without %s it still gives nothing of what was erased, and all of the rest", async (_, gone) => {
    const store = copyOf(shop.store);
    for (const key of [...store.objects.keys()]) if (gone(key)) store.objects.delete(key);
    expect(store.objects.size).toBeLessThan(shop.store.objects.size);
    const found = await salvaged(store, shop.opener);
    expectErased({ ...found, lost: [] });
    const out = new Set([...found.members.values(), ...found.unproven.map(({ text }) => text)]);
    const missed = [...(shop.truth[2] as ReadonlyMap<string, string>)].filter(([id, text]) => !ERASED.includes(id) && !out.has(text)).map(([id]) => id);
    expect(missed).toEqual([]);
  });

  test("packs that a lock keeps on the storage, without their keys, give nothing", async () => {
    const locked = keysOf(shop.store, PACK).filter((key) => !shop.store.objects.has(`${key}.key`));
    expect(locked.length).toBeGreaterThan(0);
    const store = copyOf(shop.store);
    for (const key of keysOf(store, MANIFEST)) store.objects.delete(key);
    const found = await salvaged(store, shop.opener);
    expectErased(found);
    // Put under another pack's key they are noise.
    const other = keysOf(shop.store, PACK_KEY)[0] as string;
    for (const key of locked) store.objects.set(`${key}.key`, shop.store.objects.get(other) as Uint8Array);
    expectErased(await salvaged(store, shop.opener));
  });
});
