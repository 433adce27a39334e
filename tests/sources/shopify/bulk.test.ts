import { afterEach, describe, expect, it } from "@jest/globals";
import { BulkQuery, type BulkResume } from "#app/sources/shopify/bulk.ts";
import { ShopifyClient } from "#app/sources/shopify/client.ts";
import { download } from "#app/sources/shopify/download.ts";
import { AT_ONCE, Operations, STALLED_AFTER } from "#app/sources/shopify/operations.ts";
import { FakeTime } from "#tests/support/fakes-time.ts";
import { CannedShop, serveBytes, type Answer } from "./support/canned-shop.ts";

const QUERY = "#graphql\n{ customers { edges { node { id } } } }";
/** Five lines; a cut after 70 bytes is in the middle of the second. */
const LINES = Buffer.from([1, 2, 3, 4, 5].map((n) => `{"id":"gid://shopify/Customer/${n}","note":"SYNTHETIC ${n}"}`).join("\n") + "\n");

interface Op {
  status: string;
  errorCode?: string;
  url?: string | null;
  partialDataUrl?: string | null;
  fileSize?: number | null;
  objectCount?: number;
}

class World {
  readonly time = new FakeTime();
  readonly started: string[] = [];
  readonly operations = new Map<string, Op[]>();
  readonly shop: CannedShop;
  /** What every new operation goes through, look by look; the last one stays. */
  script: Op[] = [];
  /** What the first operation goes through instead. */
  firstScript: Op[] | null = null;
  refuseStart = 0;
  room: () => boolean = () => true;
  onOver: () => void = () => undefined;
  onStart: () => void = () => undefined;
  readonly cancelled: string[] = [];
  readonly seenOver = new Set<string>();
  deafToCancel = false;

  constructor(file: ConstructorParameters<typeof CannedShop>[1] = (_path, range, response) => serveBytes(LINES, range, response)) {
    this.shop = new CannedShop((request) => {
      if (request.query.includes("bulkOperationRunQuery")) return this.#run();
      if (request.query.includes("bulkOperation(id")) return this.#look(String(request.variables["id"]));
      if (request.query.includes("bulkOperationCancel")) return this.#cancel(String(request.variables["id"]));
      return undefined;
    }, file);
  }

  #run(): Answer {
    if (this.refuseStart-- > 0 || !this.room()) return { body: { data: { bulkOperationRunQuery: { bulkOperation: null, userErrors: [{ code: "LIMIT_REACHED", field: null, message: "busy" }] } } } };
    const id = `gid://shopify/BulkOperation/${this.started.length + 1}`;
    this.started.push(id);
    this.onStart();
    this.operations.set(id, [...(this.firstScript !== null && this.started.length === 1 ? this.firstScript : this.script)]);
    return { body: { data: { bulkOperationRunQuery: { bulkOperation: this.#shown(id, { status: "CREATED" }), userErrors: [] } } } };
  }

  #look(id: string): Answer {
    const script = this.operations.get(id);
    if (script === undefined) return { body: { data: { bulkOperation: null } } };
    const now = script.length > 1 ? script.shift()! : script[0]!;
    if (now.status === "COMPLETED" && !this.seenOver.has(id)) {
      this.seenOver.add(id);
      this.onOver();
    }
    return { body: { data: { bulkOperation: this.#shown(id, now) } } };
  }

  #cancel(id: string): Answer {
    this.cancelled.push(id);
    if (!this.deafToCancel) this.operations.set(id, [{ status: "CANCELING" }, { status: "CANCELED" }]);
    return { body: { data: { bulkOperationCancel: { bulkOperation: { id }, userErrors: [] } } } };
  }

  #shown(id: string, op: Op): Record<string, unknown> {
    const place = (path: string | null | undefined): string | null => (path === null || path === undefined ? null : this.shop.url + path);
    return { id, status: op.status, errorCode: op.errorCode ?? null, objectCount: String(op.objectCount ?? 0), rootObjectCount: "0", fileSize: op.fileSize ?? null, url: place(op.url), partialDataUrl: place(op.partialDataUrl) };
  }

  bulk(o: { resume?: BulkResume | null; query?: string; signal?: AbortSignal; operations?: Operations } = {}): BulkQuery {
    return new BulkQuery({
      operations: o.operations ?? this.pool(),
      stream: "customers",
      query: o.query ?? QUERY,
      resume: o.resume ?? null,
      fetch,
      signal: o.signal ?? new AbortController().signal,
      countBefore: () => Promise.resolve(5),
      now: () => this.time.now().toISOString(),
      onChange: () => undefined,
    });
  }

  pool(): Operations {
    const { time } = this;
    const client = new ShopifyClient({ shop: "test.myshopify.com", baseUrl: this.shop.url, accessToken: () => Promise.resolve("t"), clock: time, sleep: time.sleep });
    return new Operations({ client, clock: time, sleep: time.sleep });
  }
}

const DONE: Op = { status: "COMPLETED", url: "/result", fileSize: LINES.length, objectCount: 5 };
const RUNNING: Op = { status: "RUNNING", objectCount: 2 };

async function read(bulk: BulkQuery): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bulk.bytes()) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

let world: World;
async function start(script: Op[], file?: ConstructorParameters<typeof World>[0]): Promise<World> {
  world = new World(file);
  world.script = script;
  await world.shop.listen();
  return world;
}
afterEach(() => world.shop.close());

describe("waiting for an operation", () => {
  it("polls with growing pauses and needs no webhook", async () => {
    await start([RUNNING, RUNNING, RUNNING, DONE]);
    await expect(read(world.bulk())).resolves.toEqual(LINES);
    expect(world.time.slept.slice(0, 4)).toEqual([250, 500, 1000, 2000]);
  });

  it("looks at once when it is nudged", async () => {
    await start([RUNNING, DONE]);
    let woken: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => (woken = resolve));
    // A sleep that would never end by itself.
    const sleep = (_ms: number, signal?: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason as Error));
        woken();
      });
    const time = new FakeTime();
    const client = new ShopifyClient({ shop: "test.myshopify.com", baseUrl: world.shop.url, accessToken: () => Promise.resolve("t"), clock: time, sleep });
    const operations = new Operations({ client, clock: time, sleep });
    const reading = read(world.bulk({ operations }));
    await asleep;
    const nudging = setInterval(() => operations.nudge(), 1);
    try {
      await expect(reading).resolves.toEqual(LINES);
    } finally {
      clearInterval(nudging);
    }
  });

  it("tries again when five operations of the app run already", async () => {
    await start([DONE]);
    world.refuseStart = 2;
    await expect(read(world.bulk())).resolves.toEqual(LINES);
    expect(world.started).toHaveLength(1);
  });

  it("never has more than five under way", async () => {
    await start([{ status: "RUNNING", objectCount: 1 }]);
    let under = 0;
    let most = 0;
    world.onStart = () => void (most = Math.max(most, ++under));
    const pool = world.pool();
    const all = Array.from({ length: AT_ONCE + 2 }, () => world.bulk({ operations: pool }));
    const starts = all.map((bulk) => bulk.start());
    await Promise.all(starts.slice(0, AT_ONCE));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(world.started).toHaveLength(AT_ONCE);
    // One after the other ends: each makes room for one more, although nobody has read a byte yet.
    for (const id of [...world.started]) {
      under--;
      world.operations.set(id, [DONE]);
    }
    world.script = [DONE];
    await Promise.all(all.map((bulk) => bulk.over()));
    expect(world.started).toHaveLength(AT_ONCE + 2);
    expect(most).toBe(AT_ONCE);
    for (const bulk of all) await expect(read(bulk)).resolves.toEqual(LINES);
  });

  it("yields nothing for a shop without such records", async () => {
    await start([{ status: "COMPLETED", url: null, objectCount: 0 }]);
    const bulk = world.bulk();
    expect(await read(bulk)).toHaveLength(0);
    expect(bulk.gaps).toEqual([]);
  });
});

describe("downloading", () => {
  it("goes on where a connection was cut, in the middle of a line", async () => {
    let served = 0;
    await start([DONE], (_path, range, response) => serveBytes(LINES, range, response, served++ < 3 ? { cutAt: 70 } : {}));
    const bulk = world.bulk();
    await expect(read(bulk)).resolves.toEqual(LINES);
    expect(world.shop.downloads.length).toBeGreaterThan(1);
    expect(world.shop.downloads[1]?.range).toBe("bytes=70-");
    expect(bulk.gaps).toEqual([]);
  });

  it("hands out no byte twice when a server ignores the range", async () => {
    let served = 0;
    await start([DONE], (_path, range, response) => serveBytes(LINES, range, response, { ignoreRange: true, ...(served++ === 0 ? { cutAt: 70 } : {}) }));
    await expect(read(world.bulk())).resolves.toEqual(LINES);
  });

  it("asks for the address again when it has expired", async () => {
    await start([{ ...DONE, url: "/old" }, { ...DONE, url: "/new" }], (path, range, response) => {
      if (path === "/new") return serveBytes(LINES, range, response);
      response.writeHead(403).end();
      return true;
    });
    await expect(read(world.bulk())).resolves.toEqual(LINES);
    expect(world.started).toHaveLength(1);
  });

  it("names the cut when the rest never comes, and keeps what did", async () => {
    let served = 0;
    await start([DONE], (_path, range, response) => {
      if (served++ === 0) return serveBytes(LINES, range, response, { cutAt: 70 });
      response.destroy();
      return true;
    });
    const bulk = world.bulk();
    await expect(read(bulk)).resolves.toEqual(LINES.subarray(0, 70));
    expect(bulk.gaps).toEqual([{ code: "stream.cut", stream: "customers" }]);
  });

  it("does not take a shorter file for the whole one", async () => {
    await start([{ ...DONE, fileSize: LINES.length + 10 }], (_path, range, response) => {
      const from = Number(/=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
      if (from > 0) response.writeHead(416).end();
      else response.writeHead(200, { "transfer-encoding": "chunked" }).end(LINES);
      return true;
    });
    const bulk = world.bulk();
    await read(bulk);
    expect(bulk.gaps).toEqual([{ code: "stream.cut", stream: "customers" }]);
  });
});

describe("a connection that goes silent", () => {
  it("is given up and the rest is asked for again", async () => {
    let served = 0;
    await start([DONE], (_path, range, response) => {
      if (served++ > 0) return serveBytes(LINES, range, response);
      response.writeHead(200, { "content-length": LINES.length });
      response.write(LINES.subarray(0, 70));
      return true;
    });
    const chunks: Uint8Array[] = [];
    const cuts: string[] = [];
    const bytes = download({
      address: () => Promise.resolve(`${world.shop.url}/result`),
      size: LINES.length,
      fetch,
      sleep: world.time.sleep,
      signal: new AbortController().signal,
      silenceMs: 30,
      onCut: () => cuts.push("cut"),
    });
    for await (const chunk of bytes) chunks.push(chunk.slice());
    expect(Buffer.concat(chunks)).toEqual(LINES);
    expect(world.shop.downloads[1]?.range).toBe("bytes=70-");
    expect(cuts).toEqual([]);
  });
});

describe("operations that do not end well", () => {
  it("keeps the partial data of a failed one and names the failure with the shop's code", async () => {
    await start([RUNNING, { status: "FAILED", errorCode: "TIMEOUT", partialDataUrl: "/partial", objectCount: 5 }]);
    const bulk = world.bulk();
    await expect(read(bulk)).resolves.toEqual(LINES);
    expect(bulk.gaps).toEqual([
      { code: "stream.failed", stream: "customers", reason: "TIMEOUT" },
      { code: "stream.partial", stream: "customers" },
    ]);
    expect(bulk.objects).toBeNull();
  });

  it.each(["CANCELED", "EXPIRED"])("submits one that is %s again", async (status) => {
    await start([DONE]);
    world.firstScript = [{ status }];
    const bulk = world.bulk();
    await expect(read(bulk)).resolves.toEqual(LINES);
    expect(world.started).toHaveLength(2);
    expect(bulk.resume?.id).toBe(world.started[1]);
    expect(bulk.gaps).toEqual([]);
  });

  it("does not submit it a third time", async () => {
    await start([{ status: "CANCELED" }]);
    const bulk = world.bulk();
    await expect(read(bulk)).resolves.toHaveLength(0);
    expect(world.started).toHaveLength(2);
    expect(bulk.gaps).toEqual([{ code: "stream.failed", stream: "customers", reason: "CANCELED" }]);
  });

  it("keeps what came of a result that expires for good while it is read", async () => {
    let served = 0;
    await start([DONE, { status: "EXPIRED", url: null }], (_path, range, response) => {
      if (served++ === 0) return serveBytes(LINES, range, response, { cutAt: 70 });
      response.writeHead(400).end();
      return true;
    });
    const bulk = world.bulk();
    await expect(read(bulk)).resolves.toEqual(LINES.subarray(0, 70));
    expect(bulk.gaps).toEqual([{ code: "stream.cut", stream: "customers" }]);
  });
});

describe("an operation that stands still", () => {
  const STILL: Op = { status: "RUNNING", objectCount: 3 };

  it("is cancelled after half an hour without one more object, and submitted again", async () => {
    await start([DONE]);
    world.firstScript = [RUNNING, STILL];
    const bulk = world.bulk();
    await expect(read(bulk)).resolves.toEqual(LINES);
    expect(world.cancelled).toEqual([world.started[0]]);
    expect(world.started).toHaveLength(2);
    expect(bulk.gaps).toEqual([]);
    const waited = world.time.slept.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThanOrEqual(STALLED_AFTER.runningMs);
    expect(waited).toBeLessThan(STALLED_AFTER.runningMs + 60_000);
  });

  it("is left alone as long as it grows, however long it takes", async () => {
    const growing = Array.from({ length: 600 }, (_, n): Op => ({ status: "RUNNING", objectCount: n }));
    await start([...growing, DONE]);
    await expect(read(world.bulk())).resolves.toEqual(LINES);
    expect(world.time.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(4 * STALLED_AFTER.runningMs);
    expect(world.cancelled).toEqual([]);
  });

  it("keeps its place in the shop's queue four times as long before it counts as stalled", async () => {
    const queued = Array.from({ length: 200 }, (): Op => ({ status: "CREATED" }));
    await start([...queued, DONE]);
    await expect(read(world.bulk())).resolves.toEqual(LINES);
    expect(world.time.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(STALLED_AFTER.runningMs);
    expect(world.cancelled).toEqual([]);
  });

  it("is a named gap when the second one stands still too, even if the shop never confirms the end", async () => {
    await start([STILL]);
    world.deafToCancel = true;
    const bulk = world.bulk();
    await expect(read(bulk)).resolves.toHaveLength(0);
    expect(world.cancelled).toEqual(world.started);
    expect(world.started).toHaveLength(2);
    expect(bulk.gaps).toEqual([{ code: "stream.failed", stream: "customers", reason: "STALLED" }]);
  });
});

describe("operations of others", () => {
  it("are not cancelled, and ours take turns behind them", async () => {
    await start([DONE]);
    // Three places of the shop are taken by somebody else for a while.
    const foreign = ["foreign-1", "foreign-2", "foreign-3"];
    let under = 0;
    let most = 0;
    world.room = () => foreign.length + under < AT_ONCE;
    world.onStart = () => void (most = Math.max(most, foreign.length + ++under));
    world.script = [RUNNING, DONE];
    world.onOver = () => void under--;
    const pool = world.pool();
    const all = Array.from({ length: AT_ONCE + 2 }, () => world.bulk({ operations: pool }));
    for (const bulk of all) bulk.begin();
    for (const bulk of all) await expect(read(bulk)).resolves.toEqual(LINES);
    expect(most).toBe(AT_ONCE);
    expect(world.cancelled).toEqual([]);
    expect(all.flatMap(({ gaps }) => gaps)).toEqual([]);
  });
});

describe("a result that waited too long for its turn", () => {
  it("is prepared anew when nothing of it has been read yet", async () => {
    await start([{ ...DONE, url: "/new" }], (path, range, response) => {
      if (path === "/new") return serveBytes(LINES, range, response);
      response.writeHead(403).end();
      return true;
    });
    world.firstScript = [{ ...DONE, url: "/old" }, { status: "EXPIRED", url: null }];
    const bulk = world.bulk();
    await expect(read(bulk)).resolves.toEqual(LINES);
    expect(world.started).toHaveLength(2);
    expect(bulk.resume?.id).toBe(world.started[1]);
    expect(bulk.gaps).toEqual([]);
  });

  it("is a named gap when it expires every time", async () => {
    await start([{ ...DONE, url: "/old" }, { status: "EXPIRED", url: null }], (_path, _range, response) => {
      response.writeHead(403).end();
      return true;
    });
    const bulk = world.bulk();
    await expect(read(bulk)).resolves.toHaveLength(0);
    expect(world.started).toHaveLength(4);
    expect(bulk.gaps).toEqual([{ code: "stream.cut", stream: "customers" }]);
  });
});

describe("after a restart", () => {
  it("reads the result of the operation it started before, instead of starting another", async () => {
    await start([RUNNING, DONE]);
    const before = world.bulk();
    await before.start();
    const { resume } = before;
    const after = world.bulk({ resume });
    await expect(read(after)).resolves.toEqual(LINES);
    expect(world.started).toHaveLength(1);
    expect(after.resume).toEqual(resume);
  });

  it.each([
    ["the shop has forgotten it", { id: "gid://shopify/BulkOperation/99" }],
    ["it ran another version's query", { query: "0000000000000000" }],
  ])("starts anew when %s", async (_, other) => {
    await start([DONE]);
    const before = world.bulk();
    await before.start();
    await expect(read(world.bulk({ resume: { ...before.resume!, ...other } }))).resolves.toEqual(LINES);
    expect(world.started).toHaveLength(2);
  });

  it("starts anew when the old one failed", async () => {
    await start([{ status: "FAILED", errorCode: "TIMEOUT" }]);
    const before = world.bulk();
    await before.start();
    world.script = [DONE];
    await expect(read(world.bulk({ resume: before.resume }))).resolves.toEqual(LINES);
    expect(world.started).toHaveLength(2);
  });
});
