/** How much of what the rate limit allows a restore uses, on the shop's own clock: time passes only while nobody does anything but wait. */
import { afterEach, describe, expect, it } from "@jest/globals";
import type { Sleep } from "#app/sources/shopify/index.ts";
import { changesBetween, differencesOf, holding, reviseTo } from "./support/living.ts";
import { Sandboxes } from "./support/sandbox.ts";

const sandboxes = new Sandboxes();
afterEach(() => sandboxes.close());

/** A clock that goes to the next waiter's time once no request is under way. */
class IdleTime {
  #now = Date.parse("2026-11-22T09:00:00.000Z");
  #waiting: { readonly at: number; readonly wake: () => void }[] = [];
  #asking = 0;
  #still = 0;
  #over = false;

  readonly clock = { now: () => new Date(this.#now) };
  readonly sleep: Sleep = (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      this.#waiting.push({ at: this.#now + Math.max(0, ms), wake: () => resolve() });
    });
  readonly fetch: typeof fetch = async (input, init) => {
    this.#asking++;
    try {
      const answer = await fetch(input, init);
      const bytes = await answer.arrayBuffer();
      return new Response(bytes, { status: answer.status, headers: answer.headers });
    } finally {
      this.#asking--;
      this.#still = 0;
    }
  };

  run(): void {
    const look = (): void => {
      if (this.#over) return;
      // Whoever has an answer needs a few turns to ask the next thing.
      if (this.#asking === 0 && ++this.#still > 20 && this.#waiting.length > 0) {
        this.#waiting.sort((a, b) => a.at - b.at);
        const next = this.#waiting.shift()!;
        this.#now = Math.max(this.#now, next.at);
        this.#still = 0;
        next.wake();
      }
      setImmediate(look);
    };
    setImmediate(look);
  }

  stop(): void {
    this.#over = true;
  }
}

describe("the rate limit", () => {
  it("is used to 95 % and more by a restore of single requests", async () => {
    const time = new IdleTime();
    const rate = 100;
    const bucket = 1_000;
    const shop = await sandboxes.start({ customers: 400, orders: 0, seed: "revise-rate", clock: time.clock, rateLimit: { restoreRate: rate, maximum: bucket } });
    time.run();
    try {
      const options = { clock: time.clock, sleep: time.sleep, fetch: time.fetch };
      const then = await holding(shop, undefined, options);
      await shop.edit(900, { seed: 1, kinds: ["Customer"] });
      const now = await holding(shop, undefined, options);
      // The bucket is full when the restore begins.
      await time.sleep(20_000);
      const began = time.clock.now().getTime();
      const changes = changesBetween(then, now).filter(({ kind }) => kind === "Customer");
      const { costPoints, counts, ids } = await reviseTo(shop, changes, { extras: "remove", options: { ...options, bulkFrom: 100_000 } });
      const seconds = (time.clock.now().getTime() - began) / 1000;
      expect(counts.refused).toBe(0);
      expect(seconds).toBeGreaterThan(5);
      const share = costPoints / (bucket + rate * seconds);
      expect(share).toBeGreaterThanOrEqual(0.95);
      expect(share).toBeLessThanOrEqual(1);
      expect(differencesOf(then, await holding(shop, undefined, options), ids, { kinds: ["Customer"] })).toEqual([]);
    } finally {
      time.stop();
    }
  }, 300_000);

  it("is waited for between batches while a run is paused, and not at all once it is cancelled", async () => {
    const shop = await sandboxes.start({ customers: 30, orders: 0, seed: "revise-pause" });
    const then = await holding(shop);
    await shop.corrupt({ seed: 1, metafields: 1 });
    const now = await holding(shop);
    const changes = changesBetween(then, now).filter(({ kind }) => kind === "Customer");
    const dead = new AbortController();
    let paused = 0;
    await expect(
      reviseTo(shop, changes, {
        signal: dead.signal,
        paused: () => {
          paused++;
          dead.abort(new Error("cancelled"));
          return Promise.resolve();
        },
      }),
    ).rejects.toMatchObject({ code: "source.cancelled" });
    expect(paused).toBe(1);
    // Nothing was written.
    expect(differencesOf(now, await holding(shop), new Map())).toEqual([]);
  }, 60_000);
});
