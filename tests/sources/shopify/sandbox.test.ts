import { afterEach, describe, expect, it } from "@jest/globals";
import type { ResumeState, SourceProgress } from "#app/sources/port.ts";
import { realSleep, type Sleep } from "#app/sources/shopify/index.ts";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { Sandboxes, gapsOf, readAll, sourceOf, type Reading } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
afterEach(() => sandboxes.close());

function complete(shop: SandboxShop, { kinds, outcomes }: Reading): void {
  const counts = shop.counts({ children: true });
  // The catalogue reads more kinds than this; each has its own tests.
  expect(kinds["Metafield"]).toBeGreaterThanOrEqual(counts.children.customerMetafields + counts.children.orderMetafields);
  expect(kinds).toMatchObject({
    Customer: counts.customers,
    MailingAddress: counts.children.addresses,
    Order: counts.orders,
    LineItem: counts.children.lineItems,
    Metaobject: counts.metaobjects,
    MetaobjectDefinition: counts.metaobjectDefinitions,
    MetafieldDefinition: counts.metafieldDefinitions,
  });
  expect(outcomes["customers"]?.counts["Customer"]?.expected).toBe(counts.customers);
  expect(outcomes["orders"]?.counts["Order"]?.expected).toBe(counts.orders);
  expect(outcomes["metaobjects"]?.counts["Metaobject"]?.expected).toBe(counts.metaobjects);
}

describe("reading a sandbox shop over HTTP", () => {
  it("yields every record once, and counts as many as the shop does", async () => {
    const shop = await sandboxes.start({ customers: 120, orders: 90 });
    const reading = await readAll(sourceOf(shop));
    complete(shop, reading);
    expect(gapsOf(reading)).toEqual([]);
    expect(reading.ids.size).toBe(Object.values(reading.kinds).reduce((sum, n) => sum + n, 0));
  });

  it("reads metaobjects in bulk where there are many", async () => {
    const shop = await sandboxes.start({ customers: 1, orders: 1, metaobjects: 1200 });
    const phases: string[] = [];
    const reading = await readAll(sourceOf(shop), { onProgress: ({ stream, phase }) => phases.push(`${stream} ${phase}`) });
    complete(shop, reading);
    expect(phases).toContain("metaobjects/care_plan running");
  });

  it("finds an empty shop empty, and says so", async () => {
    const shop = await sandboxes.start({ empty: true });
    const reading = await readAll(sourceOf(shop));
    // Every shop is one.
    expect(reading.kinds).toEqual({ Shop: 1 });
    expect(gapsOf(reading)).toEqual([]);
    expect(reading.outcomes["customers"]?.counts).toEqual({ Customer: { expected: 0, at: expect.any(String) as unknown } });
  });

  it("keeps within a real rate limit by waiting for the bucket", async () => {
    const shop = await sandboxes.start({ customers: 40, orders: 40, rateLimit: { restoreRate: 5000, maximum: 1000 } });
    let waited = 0;
    const sleep: Sleep = (ms, signal) => {
      waited += ms;
      return realSleep(ms, signal);
    };
    complete(shop, await readAll(sourceOf(shop, { sleep })));
    expect(waited).toBeGreaterThan(0);
  });
});

describe("a shop that misbehaves", () => {
  it("is read whole although three of ten requests are throttled", async () => {
    const shop = await sandboxes.start({ customers: 60, orders: 60, faults: { throttle: 0.3 } });
    const reading = await readAll(sourceOf(shop));
    complete(shop, reading);
    expect(gapsOf(reading)).toEqual([]);
  });

  it("is read whole although downloads are cut in the middle of a line", async () => {
    const shop = await sandboxes.start({ customers: 60, orders: 60, faults: { cutDownload: { atByte: 70_001, times: 5 } } });
    const reading = await readAll(sourceOf(shop));
    complete(shop, reading);
    expect(gapsOf(reading)).toEqual([]);
  });

  it("is read whole although no finish webhook ever comes and operations are slow", async () => {
    const shop = await sandboxes.start({ customers: 20, orders: 20, faults: { loseFinishWebhook: 1, slowBulk: 60 } });
    complete(shop, await readAll(sourceOf(shop)));
  });

  it("gives what a failed operation left behind, and names the gap", async () => {
    const shop = await sandboxes.start({ customers: 80, orders: 20, faults: { failBulk: { afterObjects: 100, times: 1, errorCode: "TIMEOUT" } } });
    const reading = await readAll(sourceOf(shop));
    const { gaps, counts } = reading.outcomes["customers"]!;
    expect(gaps).toContainEqual({ code: "stream.failed", stream: "customers", reason: "TIMEOUT" });
    expect(gaps).toContainEqual({ code: "stream.partial", stream: "customers" });
    expect(reading.kinds["Customer"]).toBeGreaterThan(0);
    // The count stays the shop's own, so that the vault finds the mismatch too.
    expect(counts["Customer"]?.expected).toBe(80);
    expect(reading.kinds["Customer"]).toBeLessThan(80);
    expect(gapsOf(reading).filter((gap) => gap.startsWith("orders"))).toEqual([]);
  });

  it("names lines that are no JSON and keeps the others", async () => {
    const shop = await sandboxes.start({ customers: 40, orders: 0, faults: { invalidLineEvery: 50 } });
    const reading = await readAll(sourceOf(shop));
    expect(gapsOf(reading)).toContain("customers: record.invalid_json");
    expect(reading.kinds["Customer"]).toBe(40);
  });

  it("says source.unauthorized when the app was uninstalled", async () => {
    const shop = await sandboxes.start({ customers: 5, orders: 5 });
    const source = sourceOf(shop, { accessToken: () => Promise.resolve("no such token") });
    await expect(readAll(source)).rejects.toMatchObject({ code: "source.unauthorized" });
  });
});

describe("a restart in the middle", () => {
  it("adopts the bulk operations that run already and reads the same shop", async () => {
    const shop = await sandboxes.start({ customers: 60, orders: 60 });
    const progress: SourceProgress[] = [];
    const stop = new AbortController();
    const first = readAll(sourceOf(shop), { signal: stop.signal, onProgress: (now) => progress.push(now) }, (stream) => {
      if (stream === "customers") stop.abort();
    });
    await expect(first).rejects.toMatchObject({ code: "source.cancelled" });
    // What a database keeps: JSON.
    const resume = JSON.parse(JSON.stringify(progress.at(-1)!.resume)) as ResumeState;
    const operations = (resume as { operations: Record<string, { id: string }> }).operations;
    expect(Object.keys(operations)).toEqual(expect.arrayContaining(["customers", "orders"]));

    const again: SourceProgress[] = [];
    const reading = await readAll(sourceOf(shop), { resume, onProgress: (now) => again.push(now) });
    complete(shop, reading);
    expect(again.filter(({ phase, stream }) => phase === "requesting" && stream in operations)).toEqual([]);
    expect((again.at(-1)!.resume as typeof resume & { operations: unknown }).operations).toMatchObject(operations);
  });

  it("is not led astray by a resume state it does not understand", async () => {
    const shop = await sandboxes.start({ customers: 5, orders: 5 });
    complete(shop, await readAll(sourceOf(shop), { resume: { version: 99, operations: "?" } }));
  });
});

describe("counts", () => {
  it("takes people who came while the shop was read for what they are, not for a gap", async () => {
    const shop = await sandboxes.start({ customers: 50, orders: 5 });
    let changed = false;
    const source = sourceOf(shop);
    const running = readAll(source, {}, (stream) => {
      if (stream === "metaobject-definitions" && !changed) {
        changed = true;
        void shop.changeFraction(0.2, "during");
      }
    });
    const reading = await running;
    const expected = reading.outcomes["customers"]!.counts["Customer"]!.expected;
    expect(expected).toBe(reading.kinds["Customer"]);
  });
});
