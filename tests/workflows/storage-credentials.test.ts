/** Storage of the merchant's own: what opens it is tried before it is kept, and belongs to one shop. */
import { describe, expect, it } from "@jest/globals";
import { StoreError } from "#app/vault/index.ts";
import { linkStorage, vaultLedger } from "#app/workflows/index.ts";
import type { StorageUser } from "#app/workflows/ports.ts";
import { changeCredentials } from "#app/workflows/setup/change-credentials.ts";
import { FakeProcess } from "#tests/support/fakes-ports.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { testIdentity } from "#tests/support/vault-kit.ts";
import { linkedShop, SHOP, STAFF, URL_OF_STORE } from "./support/linked-shop.ts";

const GOOD = { kind: "s3", accessKeyId: "AKIDSYNTHETIC", secretAccessKey: "SECRET-CANARY" } as const;
const BAD = { ...GOOD, secretAccessKey: "WRONG-CANARY" } as const;
const URL_OF_BUCKET = "s3://backups/maple";

/** A bucket that opens for the good credentials only, given or kept. */
function bucketIn(process: FakeProcess, url: string, store: MemoryStore): void {
  const kept = (user: StorageUser) => user.credential ?? process.secrets.get(`${user.shop} ${url}`);
  const { open } = process.stores;
  Object.assign(process, {
    stores: {
      open: (address: string, user: StorageUser) => {
        if (address !== url) return open(address, user);
        return JSON.stringify(kept(user)) === JSON.stringify(GOOD) ? Promise.resolve(store) : Promise.reject(new StoreError("store.refused", "no such key"));
      },
    },
  });
}

describe("linking storage of the merchant's own", () => {
  it("keeps what opens it once it was found to work, and only then", async () => {
    const process = new FakeProcess();
    bucketIn(process, URL_OF_BUCKET, new MemoryStore());
    const { recipient } = await testIdentity();
    const link = (credential: typeof GOOD | typeof BAD) => linkStorage(process, { shop: SHOP, actor: STAFF, storageUrl: URL_OF_BUCKET, recipient, credential: credential as typeof GOOD });
    expect(await link(BAD)).toMatchObject({ kind: "storage-refused", code: "store.refused" });
    expect([process.secrets.size, process.linked.size]).toEqual([0, 0]);
    expect(await link(GOOD)).toMatchObject({ kind: "linked", created: true });
    expect(process.secrets.get(`${SHOP} ${URL_OF_BUCKET}`)).toEqual(GOOD);
    expect(await process.saidAndKept()).not.toContain("CANARY");
  });

  it("does not hand a vault whose keys this host has to another shop that knows its address", async () => {
    const { process } = await linkedShop();
    const thief = { kind: "staff", id: "9", shop: "thief.myshopify.com" } as const;
    const outcome = await linkStorage(process, { shop: "thief.myshopify.com", actor: thief, storageUrl: URL_OF_STORE, recipient: (await testIdentity()).recipient });
    expect(outcome).toEqual({ kind: "occupied", code: "vault.exists" });
    expect(process.linked.has("thief.myshopify.com")).toBe(false);
  });
});

describe("new credentials", () => {
  it("are tried on the storage first; those that do not work leave the old ones as they are", async () => {
    const shop = await linkedShop();
    const { process, store } = shop;
    bucketIn(process, URL_OF_STORE, store);
    process.secrets.set(`${SHOP} ${URL_OF_STORE}`, GOOD);
    expect(await changeCredentials(process, { shop: SHOP, actor: STAFF, credential: BAD as never })).toEqual({ kind: "storage-refused", code: "store.refused" });
    expect(process.secrets.get(`${SHOP} ${URL_OF_STORE}`)).toEqual(GOOD);
    expect(await changeCredentials(process, { shop: SHOP, actor: STAFF, credential: GOOD })).toEqual({ kind: "changed" });
    const ledger = await vaultLedger(process, process.linked.get(SHOP)!.vaultId, store);
    const entries = [];
    for await (const entry of ledger.entries()) entries.push(entry);
    expect(entries.at(-1)).toMatchObject({ action: "storage.credentials_changed", actor: "staff:42", subject: { store: "s3" } });
    expect(JSON.stringify(entries)).not.toContain("CANARY");
  });

  it("that lead to storage without this shop's vault are not kept", async () => {
    const { process } = await linkedShop();
    bucketIn(process, URL_OF_STORE, new MemoryStore());
    expect(await changeCredentials(process, { shop: SHOP, actor: STAFF, credential: GOOD })).toEqual({ kind: "storage-refused", code: "vault.not_found" });
    expect(process.secrets.size).toBe(0);
  });

  it("are nobody's to change but the shop's own staff's", async () => {
    const { process } = await linkedShop();
    expect(await changeCredentials(process, { shop: SHOP, actor: { kind: "staff", id: "9", shop: "other.myshopify.com" }, credential: GOOD })).toEqual({ kind: "refused", code: "access.other_shop" });
  });
});
