/**
 * Every fault against every way of reading. Whatever happens, a reading that names no gap has everything the shop has, and a reading that lacks something names
 * the stream in which it is missing, and no other.
 */
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Faults, SandboxShop } from "#app/sandbox/index.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import type { ShopifySourceOptions } from "#app/sources/shopify/index.ts";
import { FakeTime } from "#tests/support/fakes-time.ts";
import { Sandboxes, readAll, sourceOf, type Reading } from "./support/sandbox.ts";
import { faultyFetch, refused, type Asked, type Reaction } from "./support/faulty-fetch.ts";

/** One stream for each way of reading; metaobjects by pages and, where there are many of a type, in bulk. */
const STREAMS = { bulk: "customers", paged: "metafield-definitions", metaobject: "metaobjects" } as const;
type Way = keyof typeof STREAMS;
const kinds = CATALOGUE.filter(({ stream }) => ["metaobject-definitions", ...Object.values(STREAMS), "orders"].includes(stream)).map((kind) => ({ ...kind, parts: [] }));
/** What a request of that stream looks like. */
const CONNECTION: Readonly<Record<Way, RegExp>> = { bulk: /\bcustomers\b/, paged: /\bmetafieldDefinitions\b/, metaobject: /\bmetaobjects\b/ };

const sandboxes = new Sandboxes();
let shop: SandboxShop;
let truth: Reading;
beforeAll(async () => {
  shop = await sandboxes.start({ customers: 60, orders: 30, metaobjects: 1100 });
  truth = await readAll(sourceOf(shop, { catalogue: kinds }));
});
afterAll(() => sandboxes.close());

interface Seen {
  readonly reading: Reading;
  /** Streams with a gap, or whose own count differs from what was found. */
  readonly gapped: ReadonlySet<string>;
  readonly missing: readonly string[];
}

async function read(o: { faults?: Faults; options?: Partial<ShopifySourceOptions> } = {}): Promise<Seen> {
  shop.setFaults(o.faults ?? {});
  try {
    const reading = await readAll(sourceOf(shop, { catalogue: kinds, ...o.options }));
    const gapped = new Set<string>();
    for (const [stream, { gaps, counts }] of Object.entries(reading.outcomes)) {
      if (gaps.length > 0) gapped.add(stream);
      // What the vault does with a source's count.
      for (const [kind, { expected }] of Object.entries(counts)) if (expected !== (reading.kinds[kind] ?? 0)) gapped.add(stream);
    }
    const missing = [...truth.ids].filter((id) => !reading.ids.has(id));
    return { reading, gapped, missing };
  } finally {
    shop.setFaults({});
  }
}

/** The promise, whatever the fault: no gap, nothing missing; something missing, a gap. */
function neverGreenWithAGap({ gapped, missing }: Seen): void {
  if (gapped.size === 0) expect(missing).toEqual([]);
  if (missing.length > 0) expect(gapped.size).toBeGreaterThan(0);
}

function complete(seen: Seen): void {
  neverGreenWithAGap(seen);
  expect([...seen.gapped]).toEqual([]);
}

function gapIn(seen: Seen, ...streams: string[]): void {
  neverGreenWithAGap(seen);
  expect([...seen.gapped].sort()).toEqual([...streams].sort());
}

const touches = (way: Way, { text }: Asked): boolean => CONNECTION[way].test(text);
const over = (react: (asked: Asked) => Reaction): Partial<ShopifySourceOptions> => ({ fetch: faultyFetch(react) });

/** Faults that pass: the reading is whole in spite of them. Each is aimed at requests about one way of reading. */
const passing: readonly [string, (way: Way) => Partial<ShopifySourceOptions> & { faults?: Faults }][] = [
  ["every third request answers 503", (way) => over((asked) => (touches(way, asked) && asked.before % 3 === 1 ? { status: 503 } : "pass"))],
  ["every third request is throttled by HTTP", (way) => over((asked) => (touches(way, asked) && asked.before % 3 === 1 ? { status: 429 } : "pass"))],
  ["every third connection breaks", (way) => over((asked) => (touches(way, asked) && asked.before % 3 === 1 ? "broken" : "pass"))],
  ["every third answer is cut off", (way) => over((asked) => (touches(way, asked) && asked.before % 3 === 1 && !asked.text.includes("bulkOperationRunQuery") ? "cut" : "pass"))],
  ["the shop fails inside twice", (way) => {
    let left = 2;
    return over((asked) => (touches(way, asked) && !asked.text.includes("mutation") && left-- > 0 ? refused("INTERNAL_SERVER_ERROR") : "pass"));
  }],
  ["three of ten requests are THROTTLED", () => ({ faults: { throttle: 0.3 } })],
  ["the token is refused once and a fresh one is accepted", (way) => {
    let stale = true;
    return {
      accessToken: ({ fresh }) => {
        if (fresh) stale = false;
        return Promise.resolve(shop.accessToken);
      },
      ...over((asked) => (touches(way, asked) && stale ? { status: 401 } : "pass")),
    };
  }],
];

describe.each(Object.keys(STREAMS) as Way[])("reading %s", (way) => {
  it.each(passing)("is whole although %s", async (_, fault) => {
    const { faults, ...options } = fault(way);
    complete(await read({ options, ...(faults === undefined ? {} : { faults }) }));
  });

  it.each([
    ["a scope is missing", refused("ACCESS_DENIED"), "ACCESS_DENIED"],
    ["a field is gone", refused("undefinedField", "Field 'note' doesn't exist on type 'Customer'"), "SCHEMA_MISMATCH"],
    ["the shop refuses for a reason of its own", refused("SHOP_INACTIVE"), "SHOP_INACTIVE"],
  ])("names its gap and keeps the other streams when %s", async (_, reaction, reason) => {
    const seen = await read({ options: over((asked) => (touches(way, asked) && !/customersCount|MetaobjectTypes/.test(asked.text) ? reaction : "pass")) });
    gapIn(seen, STREAMS[way]);
    expect(seen.missing.length).toBeGreaterThan(0);
    expect(seen.reading.outcomes[STREAMS[way]]!.gaps).toContainEqual({ code: "stream.failed", stream: STREAMS[way], reason });
  });

  it("ends the run, with nothing to commit, when the token is refused for good", async () => {
    await expect(read({ options: over((asked) => (touches(way, asked) ? { status: 401 } : "pass")) })).rejects.toMatchObject({ code: "source.unauthorized" });
  });

  it("ends the run, to be tried again, when the shop cannot be reached any more", async () => {
    await expect(read({ options: over((asked) => (touches(way, asked) && asked.about !== "download" ? "broken" : "pass")) })).rejects.toMatchObject({ code: "source.unreachable", retry: "later" });
  });
});

describe("bulk operations and their results", () => {
  it("are whole when one fails inside and is submitted again", async () => {
    let started = 0;
    const only = over(({ text }) => {
      if (text.includes("bulkOperationRunQuery") && ++started === 2) shop.setFaults({});
      return "pass";
    });
    complete(await read({ faults: { failBulk: { afterObjects: 40, errorCode: "INTERNAL_SERVER_ERROR" } }, options: only }));
    expect(started).toBe(4);
  });

  it("leave a named gap and what they had when they fail for good", async () => {
    let started = 0;
    // Only the first operation fails: the customers'.
    const only = over(({ text }) => {
      if (text.includes("bulkOperationRunQuery") && ++started === 2) shop.setFaults({});
      return "pass";
    });
    const seen = await read({ faults: { failBulk: { afterObjects: 40, errorCode: "TIMEOUT" } }, options: only });
    gapIn(seen, "customers");
    expect(seen.reading.outcomes["customers"]!.gaps.map(({ code }) => code)).toEqual(expect.arrayContaining(["stream.failed", "stream.partial"]));
    expect(seen.reading.kinds["Customer"]).toBeGreaterThan(0);
  });

  it("leave a named gap in each stream when every one of them fails", async () => {
    gapIn(await read({ faults: { failBulk: { afterObjects: 10, errorCode: "INTERNAL_SERVER_ERROR" } } }), "customers", "metaobjects", "orders");
  });

  it.each([1, 3, 6])("are whole when the download breaks %s times in the middle of a line", async (times) => {
    complete(await read({ faults: { cutDownload: { atByte: 4_001, times } } }));
  });

  it("leave a named gap when a download never gets further", async () => {
    const seen = await read({ options: over(({ about, text }) => (about === "download" && text.includes("bulk-results") ? { status: 500 } : "pass")) });
    gapIn(seen, "customers", "metaobjects", "orders");
    expect(seen.reading.outcomes["customers"]!.gaps).toContainEqual({ code: "stream.cut", stream: "customers" });
  });

  it("are whole when an address has expired and is asked for again", async () => {
    let left = 2;
    complete(await read({ options: over(({ about }) => (about === "download" && left-- > 0 ? { status: 403 } : "pass")) }));
  });

  it("are whole without any webhook, slow, and with slow downloads", async () => {
    complete(await read({ faults: { loseFinishWebhook: 1, slowBulk: 50, slowDownload: 2_000_000 } }));
  });

  it("name every line that is no record, and keep the others", async () => {
    const seen = await read({ faults: { invalidLineEvery: 40 } });
    gapIn(seen, "customers", "metaobjects", "orders");
    expect(seen.missing).toEqual([]);
  });

  it("are cancelled and submitted again when they stand still", async () => {
    // The shop holds two operations back for good. On the source's clock every look is a minute later.
    const time = new FakeTime();
    let cancelled = 0;
    const options: Partial<ShopifySourceOptions> = {
      clock: time,
      stalled: { runningMs: 10 * 60_000, createdMs: 10 * 60_000 },
      sleep: async (_ms, signal) => {
        await time.sleep(60_000, signal);
        await new Promise((resolve) => setTimeout(resolve, 3));
      },
      ...over(({ text }) => {
        if (text.includes("bulkOperationCancel")) cancelled++;
        return "pass";
      }),
    };
    complete(await read({ faults: { stallBulk: { times: 2, afterObjects: 20 } }, options }));
    expect(cancelled).toBe(2);
  });

  it("are submitted again when the platform cancels them", async () => {
    complete(await read({ faults: { cancelBulk: { times: 2, afterObjects: 20 } } }));
  });

  it.each([1, 4])("take turns behind %s of somebody else's", async (othersRunning) => {
    complete(await read({ faults: { othersRunning } }));
  });

  it("wait for somebody else's five to end, and cancel none of them", async () => {
    const time = new FakeTime();
    let refusals = 0;
    const options: Partial<ShopifySourceOptions> = {
      clock: time,
      sleep: async (ms, signal) => {
        await time.sleep(ms, signal);
        if (++refusals === 5) shop.setFaults({});
        await new Promise((resolve) => setTimeout(resolve, 3));
      },
      ...over(({ text }) => (text.includes("bulkOperationCancel") ? { status: 500 } : "pass")),
    };
    complete(await read({ faults: { othersRunning: 5 }, options }));
  });

  it("name the stream of which a field may not be read", async () => {
    gapIn(await read({ faults: { denyFields: ["Customer.note"] } }), "customers");
  });
});

describe("a shop whose answers fail now and then", () => {
  it.each<[string, Faults]>([
    ["before anything is done", { serverError: 0.15 }],
    ["after it was done, unheard", { lostAnswer: 0.1 }],
    ["late", { slowAnswer: 20 }],
  ])("is read whole (%s)", async (_, faults) => {
    complete(await read({ faults }));
  });
});

describe("all of it at once", () => {
  it.each([1, 2, 3, 4, 5])("never looks whole when it is not (round %s)", async (round) => {
    let n = round * 7919;
    const chance = (p: number): boolean => {
      n = (n * 1_103_515_245 + 12_345) % 2_147_483_648;
      return n / 2_147_483_648 < p;
    };
    const seen = await read({
      faults: { throttle: 0.1, cutDownload: { atByte: 3_000 + round, times: 3 }, ...(round % 2 === 0 ? { failBulk: { afterObjects: 60, times: 2, errorCode: "TIMEOUT" as const } } : {}), ...(round === 3 ? { duplicateLineEvery: 25 } : {}) },
      options: over(() => (chance(0.08) ? "broken" : chance(0.05) ? { status: 502 } : "pass")),
    }).catch((error: unknown) => error as Error & { code?: string });
    if (seen instanceof Error) expect(seen.code).toMatch(/^source\.(unreachable|throttled)$/);
    else neverGreenWithAGap(seen);
  });
});
