/** Reading in parts, in pages that fit, only what changed, and one record at a time: always the same bytes. */
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import { expectation } from "#app/sources/shopify/counts.ts";
import { fetchCurrent, type ShopifySourceOptions } from "#app/sources/shopify/index.ts";
import { SourceError, type SourceRun } from "#app/sources/port.ts";
import { PageSize, withSize } from "#app/sources/shopify/streams/page-size.ts";
import { pagedStream } from "#app/sources/shopify/streams/paged-stream.ts";
import { PAGINATION_CAP, pages } from "#app/sources/shopify/streams/pages.ts";
import type { Reading } from "#app/sources/shopify/streams/reading.ts";
import type { Gap } from "#app/vault/index.ts";
import { FakeTime } from "#tests/support/fakes-time.ts";
import { Sandboxes, gapsOf, optionsFor, readAll, sourceOf } from "./support/sandbox.ts";
import { faultyFetch, refused } from "./support/faulty-fetch.ts";

const sandboxes = new Sandboxes();
afterAll(() => sandboxes.close());
const never = new AbortController().signal;

describe("a kind that the shop counts no further than ten thousand", () => {
  const events = CATALOGUE.find(({ stream }) => stream === "events")!;

  /** A timeline with these ids; `hidden` are counted and never given. */
  function timeline(ids: readonly number[], hidden: readonly number[] = []): { reading: Reading; counts: string[] } {
    const counts: string[] = [];
    const within = (search: unknown, of: readonly number[]): number[] => {
      const above = Number(/id:>(\d+)/.exec(String(search))?.[1] ?? 0);
      const upTo = Number(/id:<=(\d+)/.exec(String(search))?.[1] ?? Infinity);
      return of.filter((id) => id > above && id <= upTo);
    };
    const client = {
      throttled: 0,
      costOf: () => null,
      query: (text: string, variables: Record<string, unknown>): Promise<unknown> => {
        if (text.includes("eventsCount")) {
          if (text.includes("$search")) counts.push(String(variables["search"]));
          const count = within(variables["search"], [...ids, ...hidden]).length;
          return Promise.resolve({ eventsCount: { count: Math.min(10_000, count), precision: count > 10_000 ? "AT_LEAST" : "EXACT" } });
        }
        const found = within(variables["search"], ids);
        const at = variables["after"] === null ? 0 : Number(variables["after"]);
        const end = at + (variables["first"] as number);
        const nodes = found.slice(at, end).map((id) => ({ __typename: "BasicEvent", id: `gid://shopify/BasicEvent/${id}`, message: "[synthetic]" }));
        return Promise.resolve({ events: { nodes, pageInfo: { hasNextPage: end < found.length, endCursor: String(end) } } });
      },
    };
    const reading = { client, signal: never, clock: new FakeTime(), progress: () => undefined, drift: () => Promise.resolve(null), ask: () => Promise.reject(new Error("nobody asks")) };
    return { reading: reading as unknown as Reading, counts };
  }

  async function read(reading: Reading): Promise<{ records: number; gaps: readonly Gap[] }> {
    const stream = pagedStream(reading, events);
    let records = 0;
    for await (const batch of stream.records()) records += batch.length;
    return { records, gaps: (await stream.finish()).gaps };
  }
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => 7 * (n + 1));

  it.each([0, 1, 10_000, 10_001, 18_000, 31_234])("is held against the shop's counts of windows: %s of them, no gap", async (total) => {
    const { reading, counts } = timeline(upTo(total));
    expect(await read(reading)).toEqual({ records: total, gaps: [] });
    expect(counts).toHaveLength(total > 10_000 ? Math.ceil(total / 9_000) : 0);
  });

  it("names what is missing from a window", async () => {
    const { reading } = timeline(upTo(20_000), [8, 9, 70_001]);
    expect((await read(reading)).gaps).toEqual([{ code: "count.mismatch", stream: "events", kind: "Event", expected: 20_003, found: 20_000 }]);
  });

  it("says that it was not counted where a window holds more than the shop counts", async () => {
    const { reading } = timeline(upTo(12_000), Array.from({ length: 5_000 }, (_, n) => 7 * n + 1));
    expect((await read(reading)).gaps).toEqual([{ code: "count.unknown", stream: "events", kind: "Event" }]);
  });
});

describe("pages", () => {
  const kind = CATALOGUE.find(({ stream }) => stream === "metaobject-definitions")!;
  const QUERY = "#graphql\n query Q($search: String, $after: String) { metaobjectDefinitions(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";

  /** A connection of so many objects that behaves as the platform says it does. */
  function connection(total: number, o: { costEach?: number; refuseOver?: number } = {}): { reading: Reading; asked: number[]; searches: unknown[] } {
    const asked: number[] = [];
    const searches: unknown[] = [];
    const client = {
      throttled: 0,
      costOf: () => (o.costEach === undefined ? null : { requested: asked.at(-1)! * o.costEach, bucket: 20_000 }),
      query: (_text: string, variables: Record<string, unknown>): Promise<unknown> => {
        const first = variables["first"] as number;
        asked.push(first);
        searches.push(variables["search"]);
        if (first > (o.refuseOver ?? Infinity)) return Promise.reject(new SourceError("source.failed", "too dear", { reason: "MAX_COST_EXCEEDED" }));
        const above = Number(/id:>(\d+)/.exec(String(variables["search"]))?.[1] ?? 0);
        const at = variables["after"] === null ? above : Number(variables["after"]);
        if (at - above + first > PAGINATION_CAP) return Promise.reject(new SourceError("source.failed", "too far", { reason: "PAGINATION_LIMIT_EXCEEDED" }));
        const nodes = Array.from({ length: Math.min(first, total - at) }, (_, n) => ({ id: `gid://shopify/MetaobjectDefinition/${at + n + 1}` }));
        const end = at + nodes.length;
        return Promise.resolve({ metaobjectDefinitions: { nodes, pageInfo: { hasNextPage: end < total, endCursor: String(end) } } });
      },
    };
    return { reading: { client, signal: never, ask: () => Promise.reject(new Error("nobody asks")) } as unknown as Reading, asked, searches };
  }

  async function read(reading: Reading, window: { by: "id"; base: string | null } | null): Promise<{ ids: Set<string>; gaps: Gap[] }> {
    const ids = new Set<string>();
    const gaps: Gap[] = [];
    let seen = 0;
    for await (const batch of pages(reading, { kind, query: QUERY, connection: "metaobjectDefinitions", window, onGap: (gap) => gaps.push(gap) }, {})) {
      for (const { id } of batch) ids.add(id);
      seen += batch.length;
    }
    expect(seen).toBe(ids.size);
    return { ids, gaps };
  }

  it.each([0, 1, 24_999, 25_000, 25_001, 60_123])("reads %s objects once each, in windows of 25,000", async (total) => {
    const { reading, searches } = connection(total);
    const { ids, gaps } = await read(reading, { by: "id", base: null });
    expect(ids.size).toBe(total);
    expect(gaps).toEqual([]);
    expect(new Set(searches).size).toBe(Math.max(1, Math.ceil(total / PAGINATION_CAP)));
  });

  it("keeps the search it was given in every window", async () => {
    const { reading, searches } = connection(30_000);
    await read(reading, { by: "id", base: "status:any" });
    expect([...new Set(searches)]).toEqual(["status:any", "status:any AND id:>25000"]);
  });

  it("names the rest where there is no way to go on", async () => {
    const { reading } = connection(25_001);
    const { ids, gaps } = await read(reading, null);
    expect(ids.size).toBe(25_000);
    expect(gaps).toEqual([{ code: "stream.partial", stream: "metaobject-definitions", reason: "PAGINATION_LIMIT" }]);
  });

  it("grow to what one query may cost, and no further", async () => {
    const { reading, asked } = connection(3_000, { costEach: 8 });
    await read(reading, null);
    expect(asked[0]).toBe(100);
    expect(Math.max(...asked)).toBe(125);
  });

  it("shrink until the platform takes them", async () => {
    const { reading, asked } = connection(100, { refuseOver: 13 });
    const { ids } = await read(reading, null);
    expect(ids.size).toBe(100);
    expect(asked.slice(0, 5)).toEqual([100, 50, 25, 12, 12]);
  });

  it("halve after every THROTTLED, and grow again when it is over", () => {
    const client = { throttled: 0, costOf: () => null };
    const size = new PageSize(client, "q");
    size.learn(100);
    expect(size.now).toBe(200);
    client.throttled++;
    size.learn(200);
    expect(size.now).toBe(100);
    for (let n = 0; n < 10; n++) {
      client.throttled++;
      size.learn(size.now);
    }
    expect(size.now).toBe(5);
    size.learn(5);
    expect(size.now).toBe(10);
  });

  it("are asked for by a variable, whatever the query says", () => {
    expect(withSize(QUERY, "metaobjectDefinitions")).toMatch(/\$first: Int!/);
    expect(withSize(QUERY, "metaobjectDefinitions")).toMatch(/metaobjectDefinitions\(after: \$after, first: \$first\)/);
  });
});

describe("a shop with every kind", () => {
  let shop: SandboxShop;
  beforeAll(async () => {
    shop = await sandboxes.start({ customers: 30, orders: 25 });
  }, 60_000);
  const records = async (o: Partial<ShopifySourceOptions> = {}, run: Partial<SourceRun> = {}): Promise<Map<string, string>> => {
    const all = new Map<string, string>();
    for await (const stream of sourceOf(shop, o).streams({ signal: never, ...run })) {
      for await (const batch of stream.records()) for (const { id, parentId, bytes } of batch) all.set(`${parentId ?? ""} ${id}`, Buffer.from(bytes).toString("utf8"));
      await stream.finish();
    }
    return all;
  };

  it("gives each record the same bytes one by one as in a snapshot", async () => {
    const whole = await records();
    let compared = 0;
    for (const kind of CATALOGUE) {
      if (kind.one === null) continue;
      const roots = [...whole.keys()].filter((name) => name.startsWith(" ") && kind.types.includes(/shopify\/(\w+)\//.exec(name)?.[1] ?? "")).slice(0, 4);
      for (const root of roots) {
        const id = root.trim();
        const current = await fetchCurrent(optionsFor(shop), kind.kind, id, never);
        expect(current).not.toBeNull();
        for (const record of current ?? []) {
          expect(Buffer.from(record.bytes).toString("utf8")).toBe(whole.get(`${record.parentId ?? ""} ${record.id}`));
          compared++;
        }
        // And nothing of the family is left out. File contents are a snapshot's affair only.
        const family = [...whole.keys()].filter((name) => name.startsWith(`${id} `) && !/File(?:Piece|Content)\//.test(name));
        const got = new Set((current ?? []).map(({ id: own, parentId }) => `${parentId ?? ""} ${own}`));
        expect(family.filter((name) => !got.has(name))).toEqual([]);
      }
    }
    expect(compared).toBeGreaterThan(60);
  }, 60_000);

  it("answers null for a record that is not there", async () => {
    expect(await fetchCurrent(optionsFor(shop), "Customer", "gid://shopify/Customer/1", never)).toBeNull();
    expect(await fetchCurrent(optionsFor(shop), "NoSuchKind", "gid://shopify/NoSuchKind/1", never)).toBeNull();
  });

  it("keeps definitions of other owners when one owner's are refused", async () => {
    const kind = CATALOGUE.find(({ stream }) => stream === "metafield-definitions")!;
    const withoutOrders = faultyFetch(({ text }) => (/metafieldDefinitions/.test(text) && text.includes('\\"ORDER\\"') ? refused("ACCESS_DENIED") : "pass"));
    const all = await readAll(sourceOf(shop, { catalogue: [kind] }));
    const reading = await readAll(sourceOf(shop, { catalogue: [kind], fetch: withoutOrders }));
    expect(gapsOf(reading)).toEqual(["metafield-definitions: stream.failed"]);
    expect(reading.kinds["MetafieldDefinition"]).toBeGreaterThan(0);
    expect(reading.kinds["MetafieldDefinition"]).toBeLessThan(all.kinds["MetafieldDefinition"]!);
  });
});

describe("only what changed", () => {
  it("is read, and says of its streams that they are not whole; the rest is read as ever", async () => {
    const shop = await sandboxes.start({ customers: 200, orders: 50 });
    const at = new Date(Date.now() - 1000).toISOString();
    const { changed, added } = await shop.changeFraction(0.05, "now");
    const expected = new Set([...changed, ...added].filter((id) => /\/(Customer|Order)\//.test(id)));
    const reading = await readAll(sourceOf(shop), { since: { at, streams: {} } });
    const read = [...reading.ids].map((name) => name.trim()).filter((id) => /^gid:\/\/shopify\/(Customer|Order)\/\d+$/.test(id));
    for (const id of expected) expect(read).toContain(id);
    expect(read.length).toBeLessThan(60);
    expect(gapsOf(reading)).toEqual(expect.arrayContaining(["customers: stream.partial", "orders: stream.partial"]));
    expect(reading.outcomes["customers"]!.counts).toEqual({});
    // What cannot be asked for so is read whole, and is no gap.
    expect(reading.outcomes["metafield-definitions"]!.gaps).toEqual([]);
  });

  it("reads a stream whole, or from further back, where it is told to", async () => {
    const shop = await sandboxes.start({ customers: 20, orders: 10 });
    const soon = new Date(Date.now() + 60_000).toISOString();
    const reading = await readAll(sourceOf(shop), { since: { at: soon, streams: { customers: null, orders: "2000-01-01T00:00:00.000Z" } } });
    expect(reading.kinds["Customer"]).toBe(20);
    expect(reading.outcomes["customers"]!.gaps).toEqual([]);
    expect(reading.kinds["Order"]).toBe(10);
    expect(gapsOf(reading)).toContain("orders: stream.partial");
  });
});

describe("counts", () => {
  const at = "2026-11-22T10:00:00.000Z";
  const said = (before: number, after: number, found: number, drift: { created: number; deleted: number } | null = null): number => {
    const answer = expectation({ before, after, at, drift }, found);
    return answer.kind === "known" ? answer.expected : NaN;
  };

  it("must be met exactly where nothing moved", () => {
    expect(said(100, 100, 99)).toBe(100);
    expect(said(100, 100, 101)).toBe(100);
    expect(said(100, 100, 100, { created: 0, deleted: 0 })).toBe(100);
  });

  it("may have been any number on the way from one to the other", () => {
    for (const found of [100, 103, 105]) expect(said(100, 105, found)).toBe(found);
    expect(said(100, 105, 99)).toBe(100);
  });

  it("are explained by what was captured: one who came and one who went leave them equal", () => {
    expect(said(100, 100, 99, { created: 1, deleted: 1 })).toBe(99);
    expect(said(100, 100, 101, { created: 1, deleted: 1 })).toBe(101);
    expect(said(100, 100, 98, { created: 1, deleted: 1 })).toBe(99);
  });

  it("are not explained by more than fits both ends", () => {
    // Captured says 50 were deleted, but the shop's own counts leave room for 2.
    expect(said(100, 99, 60, { created: 1, deleted: 50 })).toBe(98);
  });

  it("are reconciled with what was captured while a real reading went on", async () => {
    const shop = await sandboxes.start({ customers: 30, orders: 0 });
    const asked: [string, Date, Date][] = [];
    const time = new FakeTime();
    const reading = await readAll(
      sourceOf(shop, {
        clock: time,
        captured: (kind, from, to) => {
          asked.push([kind, from, to]);
          return Promise.resolve({ created: 0, deleted: 0 });
        },
      }),
    );
    expect(reading.outcomes["customers"]!.counts["Customer"]?.expected).toBe(30);
    expect(asked.map(([kind]) => kind)).toEqual(expect.arrayContaining(["Customer", "Order", "Metaobject"]));
    for (const [, from, to] of asked) expect(to.getTime()).toBeGreaterThanOrEqual(from.getTime());
  });
});
