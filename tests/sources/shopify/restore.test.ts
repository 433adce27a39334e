import { afterEach, describe, expect, it } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { shopifyComparison } from "#app/sources/shopify/index.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { gid, made, restore } from "./support/restoring.ts";
import { Sandboxes, sourceOf } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
afterEach(() => sandboxes.close());

async function recordsOf(shop: SandboxShop): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const stream of sourceOf(shop).streams({ signal: new AbortController().signal })) {
    for await (const batch of stream.records()) for (const record of batch) records.push({ ...record, bytes: record.bytes.slice() });
    expect((await stream.finish()).gaps).toEqual([]);
  }
  return records;
}

function formOf(records: readonly SourceRecord[], comparable: (record: SourceRecord) => SourceRecord | null): Map<string, string> {
  return new Map(records.flatMap((record) => {
    const one = comparable(record);
    return one === null ? [] : [[`${one.kind} ${one.id}`, Buffer.from(one.bytes).toString()] as const];
  }));
}

const person = (n: number, o: object = {}): SourceRecord => made("Customer", n, { firstName: "SYNTHETIC", lastName: String(n), locale: "en", tags: [], taxExempt: false, taxExemptions: [], ...o });
const field = (n: number, owner: string, key: string, type: string, value: string): SourceRecord => made("Metafield", n, { namespace: "n", key, type, value }, owner);
const valueOf = (records: readonly SourceRecord[], key: string): string | undefined =>
  records.filter(({ kind }) => kind === "Metafield").map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as { key: string; value: string }).find((one) => one.key === key)?.value;

/** Ids of the roots that a restore creates: those that a copy can be compared by. */
function writtenRoots(records: readonly SourceRecord[]): string[] {
  const comparable = shopifyComparison.original();
  return records.filter((record) => comparable(record)?.parentId === null).map(({ id }) => id);
}

describe("restoring into an empty shop", () => {
  it("brings everything back that the platform lets anybody write", async () => {
    const original = await recordsOf(await sandboxes.start({ customers: 60, orders: 60 }));
    const target = await sandboxes.start({ empty: true });
    const outcome = await restore(target, original);
    expect(outcome.refused).toEqual([]);
    const restored = await recordsOf(target);
    const back = formOf(restored, shopifyComparison.restored(outcome.ids));
    const there = formOf(original, shopifyComparison.original());
    expect([...back.keys()].sort()).toEqual([...there.keys()].sort());
    expect([...back].filter(([id, form]) => there.get(id) !== form).map(([id]) => id)).toEqual([]);
    // Every root has an id of its own now, and none kept the old one.
    const roots = writtenRoots(original);
    expect([...outcome.ids.keys()]).toEqual(expect.arrayContaining(roots));
    expect(outcome.created).toBe(roots.length);
    expect([...outcome.ids].filter(([old, now]) => old === now)).toEqual([]);
    // One mutation a root at least: 10 points each.
    expect(outcome.costPoints).toBeGreaterThanOrEqual(roots.length * 10);
  });

  it("rewrites references to the new ids, also to what is created later", async () => {
    const order = made("Order", 30, { name: "#1", customer: { id: gid("Customer", 1) }, customAttributes: [], tags: [], currencyCode: "USD", test: true });
    const records = [
      person(1),
      field(1, gid("Customer", 1), "friend", "customer_reference", gid("Customer", 2)),
      field(2, gid("Customer", 1), "orders", "list.order_reference", JSON.stringify([gid("Order", 30)])),
      field(3, gid("Customer", 1), "remark", "single_line_text_field", gid("Customer", 2)),
      person(2),
      order,
      made("LineItem", 31, { title: "SYNTHETIC lens", quantity: 1, customAttributes: [{ key: "Serial", value: "SYNTHETIC-1" }], originalUnitPriceSet: { shopMoney: { amount: "1.00", currencyCode: "USD" } } }, order.id),
    ];
    const target = await sandboxes.start({ empty: true });
    const { ids, refused } = await restore(target, records);
    expect(refused).toEqual([]);
    const restored = await recordsOf(target);
    expect(valueOf(restored, "friend")).toBe(ids.get(gid("Customer", 2)));
    expect(valueOf(restored, "orders")).toBe(JSON.stringify([ids.get(gid("Order", 30))]));
    expect(valueOf(restored, "remark")).toBe(gid("Customer", 2));
  });

  it("sets the metafields that one mutation does not hold in groups of 25", async () => {
    const records = [person(1), ...Array.from({ length: 60 }, (_, n) => field(n, gid("Customer", 1), `key_${n}`, "single_line_text_field", `SYNTHETIC ${n}`))];
    const target = await sandboxes.start({ empty: true });
    const outcome = await restore(target, records);
    expect(outcome.refused).toEqual([]);
    expect((await recordsOf(target)).filter(({ kind }) => kind === "Metafield")).toHaveLength(60);
    // One for the customer with 25 inside, two for the other 35.
    expect(outcome.costPoints).toBe(30);
  });

  it("does not lose an owner to one metafield that the shop refuses, and names that one only", async () => {
    const records = [
      person(1),
      field(1, gid("Customer", 1), "good", "single_line_text_field", "SYNTHETIC"),
      field(2, gid("Customer", 1), "bad", "number_integer", "SYNTHETIC-CANARY is no number"),
      person(2),
    ];
    const target = await sandboxes.start({ empty: true });
    const { refused, ids } = await restore(target, records);
    expect([...ids.keys()]).toEqual([gid("Customer", 2), gid("Customer", 1)].sort((a, b) => [...ids.keys()].indexOf(a) - [...ids.keys()].indexOf(b)));
    expect(refused).toEqual([{ id: gid("Metafield", 2), kind: "Metafield", code: expect.any(String) as unknown }]);
    expect(JSON.stringify(refused)).not.toContain("CANARY");
    expect(valueOf(await recordsOf(target), "good")).toBe("SYNTHETIC");
  });

  it("records what a shop refuses by code, and goes on", async () => {
    const email = { defaultEmailAddress: { emailAddress: "same@example.com", marketingState: "NOT_SUBSCRIBED" } };
    const target = await sandboxes.start({ empty: true });
    const { refused, created } = await restore(target, [person(1, email), person(2, email), person(3)]);
    expect(created).toBe(2);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ kind: "Customer" });
    expect(refused[0]!.code).toMatch(/email/);
    expect(JSON.stringify(refused)).not.toContain("same@example.com");
  });

  it("is put through although three of ten requests are throttled", async () => {
    const original = await recordsOf(await sandboxes.start({ customers: 30, orders: 30 }));
    const target = await sandboxes.start({ empty: true, faults: { throttle: 0.3 } });
    const { refused, created } = await restore(target, original);
    expect(refused).toEqual([]);
    expect(created).toBe(writtenRoots(original).length);
  });

  it("stops when it is cancelled", async () => {
    const target = await sandboxes.start({ empty: true });
    const stop = new AbortController();
    stop.abort();
    await expect(restore(target, [person(1)], stop.signal)).rejects.toMatchObject({ code: "source.cancelled" });
    expect(target.counts().customers).toBe(0);
  });
});
