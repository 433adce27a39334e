import { describe, expect, it } from "@jest/globals";
import { StoreError } from "#app/vault/index.ts";
import { recordRequest, vaultLedger } from "#app/workflows/index.ts";
import { linkedShop, SHOP, STAFF } from "./support/linked-shop.ts";

const CUSTOMER = "gid://shopify/Customer/77123";
const asked = { actor: { kind: "platform", shop: SHOP }, shop: SHOP, deliveryId: "delivery-1", topic: "customers/redact", customerId: CUSTOMER, orderIds: [] } as const;

describe("a privacy request of the platform", () => {
  it("is kept with its thirty days, and entered without naming the person", async () => {
    const { process, store } = await linkedShop();
    expect(await recordRequest(process, asked)).toEqual({ kind: "recorded", dueAt: new Date(process.time.now().getTime() + 30 * 86_400_000), entered: true });
    const ledger = await vaultLedger(process, process.linked.get(SHOP)!.vaultId, store);
    const entries = [];
    for await (const entry of ledger.entries()) entries.push(entry);
    expect(entries.at(-1)).toMatchObject({ action: "compliance.received", actor: "platform", subject: { request: "delivery-1", topic: "customers/redact" } });
    expect(JSON.stringify([entries, process.lines])).not.toContain("77123");
    expect(process.requests.get("delivery-1")?.customerId).toBe(CUSTOMER);
  });

  it("is one request however often it is delivered", async () => {
    const { process } = await linkedShop();
    await recordRequest(process, asked);
    expect(await recordRequest(process, asked)).toEqual({ kind: "already-known" });
    expect(process.requests.size).toBe(1);
  });

  it("is kept although the storage is away", async () => {
    const { process, store } = await linkedShop();
    store.putIfAbsent = () => Promise.reject(new StoreError("store.unreachable", "away"));
    expect(await recordRequest(process, asked)).toMatchObject({ kind: "recorded", entered: false });
    expect(process.requests.size).toBe(1);
  });

  it("comes from nobody but the platform", async () => {
    const { process } = await linkedShop();
    expect(await recordRequest(process, { ...asked, actor: STAFF })).toMatchObject({ kind: "refused" });
    expect(process.requests.size).toBe(0);
  });
});
