/** The contract of restore targets, kept by the Shopify target on a simulated shop and by the memory that stands for one in tests of workflows. */
import { ShopifyRestoreTarget } from "#app/sources/shopify/index.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { restoreTargetContract } from "#tests/contracts/restore-target.ts";
import { fakeRevision } from "#tests/support/fakes-revision.ts";
import { changesBetween, holding } from "./support/living.ts";
import { optionsFor, Sandboxes } from "./support/sandbox.ts";

restoreTargetContract("a simulated shop", async () => {
  const sandboxes = new Sandboxes();
  const shop = await sandboxes.start({ customers: 14, orders: 2, seed: "contract" });
  const then = await holding(shop);
  const { deleted } = await shop.corrupt({ seed: 1, metafields: 0.4, deleteCustomers: 1 });
  const now = await holding(shop);
  const target = new ShopifyRestoreTarget(optionsFor(shop));
  const customers = changesBetween(then, now).filter(({ kind, then: was }) => kind === "Customer" && was !== null);
  const acts = (action: string) => customers.find((change) => target.assess(change, { extras: "keep" }).action === action)!;
  return { target, changes: [acts("update"), customers.find(({ id }) => id === deleted[0])!, acts("none")], close: () => sandboxes.close() };
});

restoreTargetContract("a memory", () => {
  const record = (n: number, note: string): SourceRecord => ({ kind: "Customer", id: `gid://shopify/Customer/${n}`, parentId: null, bytes: Buffer.from(JSON.stringify({ id: `gid://shopify/Customer/${n}`, note: `SYNTHETIC ${note}` })) });
  const target = fakeRevision();
  for (const one of [record(1, "mangled"), record(3, "fine")]) target.shop.set(one.id, [one]);
  const change = (n: number, then: string, now: string | null) => ({ kind: "Customer", id: record(n, "").id, then: [record(n, then)], now: now === null ? null : [record(n, now)] });
  return Promise.resolve({ target, changes: [change(1, "right", "mangled"), change(2, "gone", null), change(3, "fine", "fine")], close: () => Promise.resolve() });
});
