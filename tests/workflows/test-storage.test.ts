/** Testing a shop's storage: who may, what the ledger keeps of it, and that it is told apart from storage that does not answer. */
import { describe, expect, it } from "@jest/globals";
import { StoreError } from "#app/vault/index.ts";
import { testStorage } from "#app/workflows/index.ts";
import type { StorageReport } from "#app/workflows/ports.ts";
import { storageTests } from "#app/platform/stores.ts";
import { FakeProcess } from "#tests/support/fakes-ports.ts";
import { linkedShop, SHOP, STAFF, URL_OF_STORE } from "./support/linked-shop.ts";

const ledgerText = (objects: ReadonlyMap<string, Uint8Array>): string => [...objects].filter(([key]) => key.startsWith("ledger/")).map(([, body]) => Buffer.from(body).toString("latin1")).join("\n");

describe("testing the storage", () => {
  it("runs the contract that adapters are held to, leaves nothing behind, and enters it into the ledger", async () => {
    const { process, store } = await linkedShop();
    const before = [...store.objects.keys()].filter((key) => !key.startsWith("ledger/"));
    const tested = await testStorage(process, storageTests(process.stores, process.random), { shop: SHOP, actor: STAFF });
    if (tested.kind !== "tested") throw new Error(tested.kind);
    expect(tested.report).toMatchObject({ store: "memory", usable: true, failed: 0, leftBehind: 0 });
    expect(tested.report.cannot.map(({ promise }) => promise)).toEqual(["lock"]);
    expect([...store.objects.keys()].filter((key) => !key.startsWith("ledger/"))).toEqual(before);
    expect(ledgerText(store.objects)).toContain("storage.tested");
  });

  it("is for those who may have the vault verified", async () => {
    const { process } = await linkedShop();
    const tests = { test: (): Promise<StorageReport> => Promise.reject(new Error("it was tested all the same")) };
    expect(await testStorage(process, tests, { shop: SHOP, actor: { ...STAFF, shop: "other.myshopify.com" } })).toMatchObject({ kind: "refused" });
    expect(await testStorage(new FakeProcess(), tests, { shop: SHOP, actor: STAFF })).toEqual({ kind: "not-linked" });
  });

  it("says by its code that storage does not answer", async () => {
    const { process } = await linkedShop();
    const tests = { test: (): Promise<StorageReport> => Promise.reject(new StoreError("store.unreachable", `${URL_OF_STORE} is silent`, { retry: "later" })) };
    expect(await testStorage(process, tests, { shop: SHOP, actor: STAFF })).toEqual({ kind: "storage-refused", code: "store.unreachable" });
  });
});
