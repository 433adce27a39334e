import { beforeEach, describe, expect, it } from "@jest/globals";
import { StoreError } from "#app/vault/index.ts";
import { linkStorage, suggestStorage, type LinkedStorage } from "#app/workflows/index.ts";
import { FakeProcess } from "#tests/support/fakes-ports.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { testIdentity } from "#tests/support/vault-kit.ts";
import { SHOP, STAFF } from "./support/linked-shop.ts";

const ADDRESS = "memory://vault";
let process: FakeProcess;
let store: MemoryStore;
beforeEach(() => {
  process = new FakeProcess();
  store = new MemoryStore();
  process.byUrl.set(ADDRESS, store);
});

const link = async (o: { shop?: string; url?: string; jwk?: object } = {}): Promise<LinkedStorage> => {
  const { recipient } = await testIdentity();
  const shop = o.shop ?? SHOP;
  return linkStorage(process, { shop, actor: { ...STAFF, shop }, storageUrl: o.url ?? ADDRESS, recipient: { ...recipient, jwk: { ...recipient.jwk, ...o.jwk } } });
};

describe("linking storage", () => {
  it("makes a vault sealed to the browser's key, keeps the host's keys and remembers the link", async () => {
    const linked = await link();
    if (linked.kind !== "linked") throw new Error(linked.kind);
    expect(linked.created).toBe(true);
    expect(process.hostKeys.has(linked.link.vaultId)).toBe(true);
    expect(await process.links.get(SHOP)).toEqual(linked.link);
    expect([...store.objects.keys()].some((key) => key.startsWith("ledger/"))).toBe(true);
    expect([...store.objects.keys()].filter((key) => key.startsWith("probe/"))).toEqual([]);
  });

  it("refuses a key that carries its private half, and makes nothing", async () => {
    expect(await link({ jwk: { d: "c2VjcmV0" } })).toEqual({ kind: "bad-recipient", code: "setup.private_key" });
    expect(store.objects.size).toBe(0);
  });

  it("does not link a second vault to a shop that has one", async () => {
    await link();
    process.byUrl.set("memory://other", new MemoryStore());
    expect(await link({ url: "memory://other" })).toMatchObject({ kind: "already-linked" });
  });

  it("does not take over a vault whose keys this host does not have", async () => {
    await link();
    process.hostKeys.clear();
    expect(await link({ shop: "other.myshopify.com" })).toEqual({ kind: "occupied", code: "vault.exists" });
    expect(await process.links.get("other.myshopify.com")).toBeNull();
  });

  it("links its own vault again after the link was lost", async () => {
    const first = await link();
    process.linked.clear();
    const again = await link();
    expect(again).toMatchObject({ kind: "linked", created: false, link: { vaultId: first.kind === "linked" ? first.link.vaultId : "" } });
  });

  it("is not for the schedule", async () => {
    const { recipient } = await testIdentity();
    expect(await linkStorage(process, { shop: SHOP, actor: { kind: "schedule", shop: SHOP }, storageUrl: ADDRESS, recipient })).toMatchObject({ kind: "refused" });
  });
});

describe("trying out a storage", () => {
  it("says that an address is none", async () => {
    expect(await link({ url: "ftp://nowhere" })).toEqual({ kind: "storage-refused", step: "open", code: "store.bad_address" });
  });

  const refuse = (): Promise<never> => Promise.reject(new StoreError("store.refused", "no"));
  it.each<[string, () => void, string]>([
    ["refuses to be written to", () => (store.putIfAbsent = refuse), "write"],
    ["lets an object be replaced", () => (store.putIfAbsent = () => Promise.resolve("stored")), "write-once"],
    ["answers with other bytes", () => (store.get = () => Promise.resolve(new Uint8Array(64))), "read"],
    ["refuses to be removed from", () => (store.remove = refuse), "remove"],
    ["does not list what is there", () => (store.list = async function* () {}), "list"],
  ])("names the step at which a storage %s", async (_, spoil, step) => {
    spoil();
    expect(await link()).toMatchObject({ kind: "storage-refused", step });
    expect(process.hostKeys.size).toBe(0);
  });
});

describe("suggesting a storage", () => {
  it("gives each shop a folder of its own", () => {
    expect(suggestStorage({ shop: "Cedar-Health.myshopify.com", base: "file:///srv/holdfast/vaults/" })).toBe("file:///srv/holdfast/vaults/cedar-health");
  });
  it("keeps what an address says after its question mark", () => {
    expect(suggestStorage({ shop: "cedar.myshopify.com", base: "s3://bucket/vaults?region=eu-west-1" })).toBe("s3://bucket/vaults/cedar?region=eu-west-1");
  });
});
