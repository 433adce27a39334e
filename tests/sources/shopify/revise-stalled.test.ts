/** Bulk operations of a restore that stand still: they are cancelled, what they did is found again, and the rest is asked for once more. Nothing is there twice. */
import { afterEach, describe, expect, it } from "@jest/globals";
import type { ShopifySourceOptions } from "#app/sources/shopify/index.ts";
import type { Stalled } from "#app/sources/shopify/operations.ts";
import { MemoryRestoreLog } from "#tests/support/fakes-revision.ts";
import { FakeTime } from "#tests/support/fakes-time.ts";
import { changesBetween, differencesOf, holding, reviseTo, type Held } from "./support/living.ts";
import { Sandboxes } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
afterEach(() => sandboxes.close());

const customers = (held: Held): number => [...held.values()].filter(([root]) => root!.kind === "Customer").length;

/** On the restore's clock every look is a minute later. */
function hurried(answer: (text: string) => Response | null = () => null): { readonly options: Partial<ShopifySourceOptions> & { readonly bulkFrom: number; readonly stalled: Stalled }; cancelled: number; submitted: number } {
  const time = new FakeTime();
  const world = {
    cancelled: 0,
    submitted: 0,
    options: {
      bulkFrom: 1,
      clock: time,
      stalled: { runningMs: 10 * 60_000, createdMs: 10 * 60_000 },
      sleep: async (_ms: number, signal?: AbortSignal) => {
        await time.sleep(60_000, signal);
        await new Promise((resolve) => setTimeout(resolve, 3));
      },
      fetch: ((input, init) => {
        const text = typeof init?.body === "string" ? init.body : "";
        if (text.includes("bulkOperationCancel(")) world.cancelled++;
        if (text.includes("bulkOperationRunMutation(")) world.submitted++;
        const own = answer(text);
        return own === null ? fetch(input, init) : Promise.resolve(own);
      }) as typeof fetch,
    },
  };
  return world;
}

async function ruined(seed: string) {
  const shop = await sandboxes.start({ customers: 90, orders: 10, seed });
  const then = await holding(shop);
  await shop.corrupt({ seed: 1, metafields: 0.3, deleteCustomers: 40, mangleNamespace: "rx" });
  return { shop, then, changes: changesBetween(then, await holding(shop)) };
}

describe("a bulk operation that stands still", () => {
  it("is cancelled and submitted again, and what it created before is not created twice", async () => {
    const { shop, then, changes } = await ruined("stalled-1");
    shop.setFaults({ stallBulk: { times: 2, afterObjects: 16 } });
    const world = hurried();
    const outcome = await reviseTo(shop, changes, { options: world.options });
    expect(world.cancelled).toBe(2);
    expect(outcome.ids.size).toBeGreaterThanOrEqual(40);
    expect(outcome.results.filter(({ outcome: what, code }) => what === "refused" && code !== "platform.history")).toEqual([]);
    const after = await holding(shop);
    expect(customers(after)).toBe(customers(then));
    expect(differencesOf(then, after, outcome.ids)).toEqual([]);
  }, 120_000);

  it("and is left behind by a life that died is cancelled by the next one", async () => {
    const { shop, then, changes } = await ruined("stalled-2");
    shop.setFaults({ stallBulk: { times: 1, afterObjects: 16 } });
    const log = new MemoryRestoreLog("stalled_2");
    const dead = new AbortController();
    const first = hurried((text) => {
      // It dies while it waits: the operation has begun, and nobody has its results.
      if (text.includes("bulkOperation(id:") || text.includes("query BulkOperation(")) dead.abort(new Error("power cut"));
      return null;
    });
    await expect(reviseTo(shop, changes, { log, signal: dead.signal, options: first.options })).rejects.toThrow();
    const second = hurried();
    const outcome = await reviseTo(shop, changes, { log, options: second.options });
    expect([first.cancelled, second.cancelled]).toEqual([0, 1]);
    const after = await holding(shop);
    expect(customers(after)).toBe(customers(then));
    expect(differencesOf(then, after, outcome.ids)).toEqual([]);
  }, 120_000);

  it("and cannot be stopped ends the run: what may still be writing is not written again", async () => {
    const { shop, changes } = await ruined("stalled-3");
    shop.setFaults({ stallBulk: { times: 1, afterObjects: 16 } });
    const world = hurried((text) => (text.includes("bulkOperationCancel(") ? Response.json({ data: { bulkOperationCancel: { bulkOperation: null, userErrors: [] } } }) : null));
    await expect(reviseTo(shop, changes, { options: world.options })).rejects.toMatchObject({ code: "source.failed", reason: "not_stopped", retry: "later" });
    expect(world.submitted).toBe(1);
  }, 120_000);
});
