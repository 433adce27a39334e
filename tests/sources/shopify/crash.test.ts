/**
 * A process that dies at any step of a reading. Every request it makes is a step; it dies at each of them in turn, and another process goes on with what
 * was remembered. What the next one reads is what one undisturbed reading reads, and the shop is not asked to prepare the same thing twice.
 */
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { SandboxShop } from "#app/sandbox/index.ts";
import { CATALOGUE } from "#app/sources/shopify/catalogue/all.ts";
import type { ResumeState } from "#app/sources/port.ts";
import { Sandboxes, gapsOf, readAll, sourceOf, type Reading } from "./support/sandbox.ts";

const STREAMS = ["metaobject-definitions", "metafield-definitions", "metaobjects", "customers", "orders"];
const kinds = CATALOGUE.filter(({ stream }) => STREAMS.includes(stream)).map((kind) => ({ ...kind, parts: [] }));
/** Customers, orders and the one type of which there are many metaobjects. */
const BULKS = 3;

const sandboxes = new Sandboxes();
let shop: SandboxShop;
let truth: Reading;
let steps = 0;
beforeAll(async () => {
  shop = await sandboxes.start({ customers: 40, orders: 30, metaobjects: 1050 });
  truth = await readAll(sourceOf(shop, { catalogue: kinds, fetch: (input, init) => fetch(input, init).finally(() => steps++) }));
}, 60_000);
afterAll(() => sandboxes.close());

/** Reads until the process dies at request `at` ("before": it never left; "after": the shop has carried it out, nobody heard). Answers what was remembered. */
async function die(at: number, when: "before" | "after", resume: ResumeState | undefined, started: { n: number }): Promise<ResumeState | undefined> {
  const dead = new AbortController();
  let remembered = resume;
  let asked = 0;
  const dying: typeof fetch = async (input, init) => {
    const last = ++asked === at;
    if (last && when === "before") dead.abort(new Error("power cut"));
    dead.signal.throwIfAborted();
    const answer = await counting(started)(input, init);
    if (last) dead.abort(new Error("power cut"));
    dead.signal.throwIfAborted();
    return answer;
  };
  await readAll(sourceOf(shop, { catalogue: kinds, fetch: dying }), {
    signal: dead.signal,
    ...(resume === undefined ? {} : { resume }),
    onProgress: (progress) => {
      // What is said after the end is heard by nobody.
      if (!dead.signal.aborted) remembered = JSON.parse(JSON.stringify(progress.resume)) as ResumeState;
    },
  }).catch((error: unknown) => {
    if (!dead.signal.aborted) throw error;
  });
  return remembered;
}

function counting(started: { n: number }): typeof fetch {
  return (input, init) => {
    if (typeof init?.body === "string" && init.body.includes("bulkOperationRunQuery")) started.n++;
    return fetch(input, init);
  };
}

async function goOn(resume: ResumeState | undefined, started: { n: number }): Promise<void> {
  const reading = await readAll(sourceOf(shop, { catalogue: kinds, fetch: counting(started) }), resume === undefined ? {} : { resume });
  expect(gapsOf(reading)).toEqual([]);
  expect(reading.ids).toEqual(truth.ids);
  expect(reading.kinds).toEqual(truth.kinds);
}

describe("a process that dies", () => {
  it.each(["before", "after"] as const)("at any request (%s the shop has carried it out) is followed by one that reads everything", async (when) => {
    expect(steps).toBeGreaterThan(15);
    for (let at = 1; at <= steps; at++) {
      const started = { n: 0 };
      const remembered = await die(at, when, undefined, started);
      await goOn(remembered, started);
      // At most the one whose start nobody lived to remember is asked for again. (Other requests may be under way when one dies.)
      expect(started.n).toBeLessThanOrEqual(BULKS + 1);
    }
  }, 120_000);

  it("again and again, a step further each time, still comes to an end", async () => {
    const started = { n: 0 };
    let remembered: ResumeState | undefined;
    for (let at = 2; at < steps; at += 3) remembered = await die(at, "after", remembered, started);
    await goOn(remembered, started);
    expect(started.n).toBeLessThanOrEqual(BULKS + 3);
  }, 60_000);

  it("in the middle of a download, which the next one reads from the same result", async () => {
    const started = { n: 0 };
    shop.setFaults({ slowDownload: 200_000 });
    const dead = new AbortController();
    let remembered: ResumeState | undefined;
    const downloads: string[] = [];
    await readAll(
      sourceOf(shop, {
        catalogue: kinds,
        fetch: async (input, init) => {
          const answer = await counting(started)(input, init);
          const address = typeof input === "string" ? input : "";
          if (!address.includes("bulk-results") || answer.body === null) return answer;
          downloads.push(new URL(address).pathname);
          const chunks = answer.body as unknown as AsyncIterable<Uint8Array>;
          const cut = new ReadableStream<Uint8Array>({
            async start(controller) {
              dead.signal.addEventListener("abort", () => controller.error(dead.signal.reason));
              for await (const chunk of chunks) {
                controller.enqueue(chunk);
                setImmediate(() => dead.abort(new Error("power cut")));
                break;
              }
            },
          });
          return new Response(cut, { status: answer.status, headers: answer.headers });
        },
      }),
      { signal: dead.signal, onProgress: ({ resume }) => void (dead.signal.aborted || (remembered = resume)) },
    ).catch(() => undefined);
    expect(dead.signal.aborted).toBe(true);
    shop.setFaults({});
    const ranges: (string | null)[] = [];
    const reading = await readAll(sourceOf(shop, { catalogue: kinds, fetch: noting(ranges, counting(started)) }), remembered === undefined ? {} : { resume: remembered });
    expect([gapsOf(reading), reading.ids, reading.kinds]).toEqual([[], truth.ids, truth.kinds]);
    expect(started.n).toBe(BULKS);
    expect(downloads.length).toBeGreaterThan(0);
    // The shop's work is not asked for twice; the download begins anew, as docs/decisions/0024 has it: the vault's writer must see every record.
    expect(ranges.length).toBeGreaterThanOrEqual(BULKS);
    expect(new Set(ranges)).toEqual(new Set([null]));
  }, 30_000);
});

/** Notes the byte range that each download of a result asks for. */
function noting(ranges: (string | null)[], send: typeof fetch): typeof fetch {
  return (input, init) => {
    if (typeof input === "string" && input.includes("bulk-results")) ranges.push(new Headers(init?.headers).get("range"));
    return send(input, init);
  };
}

describe("a connection that breaks in the middle of a download", () => {
  it("goes on in the same process at the very byte where it stopped, and reads nothing twice", async () => {
    const asked = new Map<string, (string | null)[]>();
    const HANDED_OUT = 100;
    const breaking: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      if (typeof input !== "string" || !input.includes("bulk-results")) return answer;
      const { pathname } = new URL(input);
      const before = asked.get(pathname) ?? [];
      asked.set(pathname, [...before, new Headers(init?.headers).get("range")]);
      if (before.length > 0) {
        expect(answer.status).toBe(206);
        return answer;
      }
      const bytes = new Uint8Array(await answer.arrayBuffer());
      let handedOut = false;
      const cut = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (handedOut) controller.error(new Error("the connection broke"));
          else controller.enqueue(bytes.subarray(0, HANDED_OUT));
          handedOut = true;
        },
      }, { highWaterMark: 0 });
      return new Response(cut, { status: answer.status, headers: { "content-length": String(bytes.byteLength) } });
    };
    const reading = await readAll(sourceOf(shop, { catalogue: kinds, fetch: breaking }));
    expect([gapsOf(reading), reading.ids, reading.kinds]).toEqual([[], truth.ids, truth.kinds]);
    expect(asked.size).toBe(BULKS);
    for (const ranges of asked.values()) expect(ranges).toEqual([null, `bytes=${HANDED_OUT}-`]);
  }, 30_000);
});
