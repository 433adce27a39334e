import { describe, expect, test } from "@jest/globals";
import { bulkLines, data, startShop } from "./support.ts";
import type { Json } from "./support.ts";

const READ: Readonly<Record<string, string>> = {
  Customer: "{ customers { nodes { id updatedAt note tags metafields { nodes { id value } } } } }",
  Order: "{ orders { nodes { id updatedAt note transactions { id amountSet { shopMoney { amount } } } refunds { id note } } } }",
  DraftOrder: "{ draftOrders { nodes { id updatedAt note2 lineItems { nodes { id } } } } }",
  Product: "{ products { nodes { id descriptionHtml } } }",
};

async function everything(shop: Awaited<ReturnType<typeof startShop>>): Promise<Json> {
  return Object.fromEntries(await Promise.all(Object.entries(READ).map(async ([kind, query]) => [kind, await bulkLines(shop, query)])));
}

describe("edits", () => {
  test("change what they say, and nothing else", async () => {
    const shop = await startShop({ customers: 80, orders: 60 });
    const before = await everything(shop);
    const report = await shop.edit(120, { seed: "a" });
    const after = await everything(shop);
    expect(report.changed.length).toBeGreaterThan(20);
    expect(report.added.length).toBeGreaterThan(5);
    expect(report.deleted.length).toBeGreaterThan(5);
    for (const kind of Object.keys(READ)) {
      const of = (ids: readonly string[]): string[] => ids.filter((id) => id.startsWith(`gid://shopify/${kind}/`)).sort();
      const [old, now] = [before, after].map((lines) => new Map<string, string>(lines[kind].filter((line: Json) => line.__parentId === undefined).map((line: Json) => [line.id, JSON.stringify([line, lines[kind].filter((other: Json) => other.__parentId === line.id)])]))) as [Map<string, string>, Map<string, string>];
      expect([...now.keys()].filter((id) => !old.has(id)).sort()).toEqual(of(report.added));
      expect([...old.keys()].filter((id) => !now.has(id)).sort()).toEqual(of(report.deleted));
      expect([...now].filter(([id, text]) => old.has(id) && old.get(id) !== text).map(([id]) => id).sort()).toEqual(of(report.changed));
    }
  });

  test("are the same for equal seeds, and others for others", async () => {
    const [a, b, c] = await Promise.all([startShop({ customers: 40, orders: 40 }), startShop({ customers: 40, orders: 40 }), startShop({ customers: 40, orders: 40 })]);
    const clockless = (lines: Json): string => JSON.stringify(lines).replace(/"updatedAt":"[^"]*"/g, "");
    const reports = [await a.edit(60, { seed: 1 }), await b.edit(60, { seed: 1 }), await c.edit(60, { seed: 2 })];
    expect(reports[0]).toEqual(reports[1]);
    expect(reports[0]).not.toEqual(reports[2]);
    expect(clockless(await everything(a))).toBe(clockless(await everything(b)));
  });

  test("keep to the kinds they are given", async () => {
    const shop = await startShop({ customers: 800, orders: 40 });
    const { changed, added, deleted } = await shop.edit(40, { kinds: ["DraftOrder"] });
    expect([...changed, ...added, ...deleted].every((id) => id.startsWith("gid://shopify/DraftOrder/"))).toBe(true);
    expect(changed.length).toBeGreaterThan(0);
  });

  test("at a pace go on until they are stopped", async () => {
    let now = Date.parse("2026-11-22T09:00:00Z");
    // Each look at the clock is a tenth of a second later: the pace is the clock's, not the machine's.
    const shop = await startShop({ customers: 200, orders: 100, clock: { now: () => new Date((now += 100)) } });
    const running = shop.startEdits({ perSecond: 200, seed: 3 });
    while (running.done < 100) await data(shop, "{ shop { id } }");
    const report = await running.stop();
    const { done } = running;
    expect(report.changed.length + report.added.length + report.deleted.length).toBeGreaterThan(50);
    await data(shop, "{ shop { id } }");
    expect(running.done).toBe(done);
  });

  test("can be asked for over the control endpoint", async () => {
    const shop = await startShop({ customers: 20, orders: 20 });
    const post = async (path: string, body: object): Promise<Json> => (await fetch(`${shop.url}/sandbox/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).json();
    expect(await post("edit", { count: 10, seed: "x" })).toEqual({ changed: expect.any(Array), added: expect.any(Array), deleted: expect.any(Array) });
    expect(await post("edits/start", { perSecond: 50 })).toEqual({ perSecond: 50 });
    expect(await post("edits/stop", {})).toEqual({ changed: expect.any(Array), added: expect.any(Array), deleted: expect.any(Array) });
    expect(await post("edits/start", { perSecond: 0 })).toEqual({ errors: expect.stringContaining("perSecond") });
  });
});
