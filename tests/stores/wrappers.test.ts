/** The wrappers: each keeps the contract, and does its own one thing. Time and chance are handed in. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { heal, ReplicatedStore, RETRY_POLICY, RetryingStore, ThrottledStore, type Healed, type Waiting } from "#app/stores/index.ts";
import { StoreError, type ObjectStore } from "#app/vault/index.ts";
import { objectStoreContract } from "#tests/contracts/object-store.ts";
import { FaultyStore } from "#tests/faults/faulty-store.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";

const body = (text: string): Buffer => Buffer.from(text);

/** Remembers every wait and takes none. */
function waiting(random = 1): Waiting & { waits: number[] } {
  const waits: number[] = [];
  return { waits, random: () => random, sleep: (ms) => Promise.resolve(void waits.push(ms)) };
}

/** Fails the calls whose numbers are given, counted over all methods. `after`: the work is done and the answer lost. */
class Flaky extends MemoryStore {
  calls = 0;
  private readonly fails: (call: number) => null | "before" | "after";
  private readonly retry: "later" | "never";
  constructor(fails: (call: number) => null | "before" | "after", retry: "later" | "never" = "later") {
    super();
    this.fails = fails;
    this.retry = retry;
  }
  private async may<T>(work: () => Promise<T>): Promise<T> {
    const how = this.fails(++this.calls);
    const error = new StoreError("store.unreachable", "the connection broke", { retry: this.retry });
    if (how === "before") throw error;
    const done = await work();
    if (how === "after") throw error;
    return done;
  }
  override putIfAbsent(...given: Parameters<MemoryStore["putIfAbsent"]>) {
    return this.may(() => super.putIfAbsent(...given));
  }
  override get(...given: Parameters<MemoryStore["get"]>) {
    return this.may(() => super.get(...given));
  }
  override async *list(prefix: string) {
    for await (const info of super.list(prefix)) {
      yield info;
      if (this.fails(++this.calls) !== null) throw new StoreError("store.unreachable", "the connection broke", { retry: this.retry });
    }
  }
  override remove(key: string) {
    return this.may(() => super.remove(key));
  }
}

describe("the retrying wrapper", () => {
  objectStoreContract(async () => {
    const inner = new MemoryStore();
    const open = () => new RetryingStore(inner, RETRY_POLICY, waiting());
    return { store: open(), reopen: async () => open() };
  });

  test("waits longer each time, at most so long, and a random part of it", async () => {
    const all = waiting(0.5);
    await expect(new RetryingStore(new Flaky(() => "before"), { attempts: 6, baseMs: 100, mostMs: 600 }, all).get("a")).rejects.toMatchObject({ code: "store.unreachable" });
    expect(all.waits).toEqual([50, 100, 200, 300, 300]);
  });

  test("does not try again what the error says is useless, nor what is no store's error", async () => {
    const store = new Flaky(() => "before", "never");
    const all = waiting();
    await expect(new RetryingStore(store, RETRY_POLICY, all).putIfAbsent("a", body("x"))).rejects.toMatchObject({ code: "store.unreachable" });
    expect([store.calls, all.waits]).toEqual([1, []]);
  });

  test("answers stored when the write had succeeded and only its answer was lost", async () => {
    const store = new RetryingStore(new Flaky((call) => (call === 1 ? "after" : null)), RETRY_POLICY, waiting());
    expect(await store.putIfAbsent("a", body("mine"))).toBe("stored");
    expect(store.retries).toBe(1);
    expect(await store.putIfAbsent("a", body("mine"))).toBe("already-there");
  });

  test("answers already-there when the object it finds after a failure is somebody else's", async () => {
    const inner = new Flaky((call) => (call === 2 ? "before" : null));
    await inner.putIfAbsent("a", body("theirs"));
    expect(await new RetryingStore(inner, RETRY_POLICY, waiting()).putIfAbsent("a", body("mine"))).toBe("already-there");
    expect(Buffer.from((await inner.get("a"))!).toString()).toBe("theirs");
  });

  test("compares through further failures: the reading back may fail too", async () => {
    const store = new RetryingStore(new Flaky((call) => (call === 1 ? "after" : call < 5 ? "before" : null)), RETRY_POLICY, waiting());
    expect(await store.putIfAbsent("a", body("mine"))).toBe("stored");
  });

  test("goes on with a listing after the last key it gave, each key once", async () => {
    const inner = new Flaky((call) => ([25, 33, 50].includes(call) ? "before" : null));
    const keys = Array.from({ length: 20 }, (_, n) => `k/${String(n).padStart(2, "0")}`);
    for (const key of keys) await inner.putIfAbsent(key, body("x"));
    const listed: string[] = [];
    for await (const { key } of new RetryingStore(inner, RETRY_POLICY, waiting()).list("k/")) listed.push(key);
    expect(listed).toEqual(keys);
  });

  test("whatever fails and whenever, as long as it does not fail for ever: what is answered is true", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(null, "before", "after"), { maxLength: 30 }), fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 6 }), async (faults, keys) => {
        const inner = new Flaky((call) => faults[call - 1] ?? null);
        const store = new RetryingStore(inner, { attempts: 40, baseMs: 1, mostMs: 1 }, waiting());
        const first = new Map<string, string>();
        for (const [n, key] of keys.entries()) {
          const outcome = await store.putIfAbsent(key, body(`write ${n}`));
          expect(outcome).toBe(first.has(key) ? "already-there" : "stored");
          if (!first.has(key)) first.set(key, `write ${n}`);
        }
        for (const [key, text] of first) expect(Buffer.from(inner.objects.get(key)!).toString()).toBe(text);
      }),
    );
  });
});

describe("the throttled wrapper", () => {
  const clocked = () => {
    let at = 0;
    return { now: () => at, sleep: (ms: number) => Promise.resolve(void (at += ms)) };
  };
  objectStoreContract(async () => {
    const inner = new MemoryStore();
    const open = () => new ThrottledStore(inner, { bytesPerSecond: 1e6, requestsPerSecond: 100 }, clocked());
    return { store: open(), reopen: async () => open() };
  });

  test("lets one second's worth through at once and the rest at the agreed rate", async () => {
    const time = clocked();
    const store = new ThrottledStore(new MemoryStore(), { bytesPerSecond: 1000 }, time);
    for (let n = 0; n < 5; n++) await store.putIfAbsent(`k/${n}`, Buffer.alloc(1000, 1));
    expect(time.now()).toBe(4000);
  });

  test("makes the next call pay for a read whose size nobody knew before", async () => {
    const time = clocked();
    const inner = new MemoryStore();
    await inner.putIfAbsent("a", Buffer.alloc(5000, 1));
    const store = new ThrottledStore(inner, { bytesPerSecond: 1000 }, time);
    await store.get("a");
    expect(time.now()).toBe(0);
    await store.get("none");
    expect(time.now()).toBe(4000);
  });

  test("holds requests to their rate, whatever their size", async () => {
    const time = clocked();
    const store = new ThrottledStore(new MemoryStore(), { requestsPerSecond: 2 }, time);
    for (let n = 0; n < 8; n++) await store.get("none");
    expect(time.now()).toBe(3000);
    expect(() => new ThrottledStore(new MemoryStore(), { requestsPerSecond: 0 }, time)).toThrow(RangeError);
  });
});

describe("the replicated wrapper", () => {
  objectStoreContract(async () => {
    const [first, second] = [new MemoryStore(), new MemoryStore()];
    const open = () => new ReplicatedStore(first, second);
    return { store: open(), reopen: async () => open() };
  });
  const pair = () => {
    const [first, second] = [new MemoryStore(), new MemoryStore()];
    return { first, second, store: new ReplicatedStore(first, second) };
  };

  test("writes to both before it answers, and fails when one of them fails", async () => {
    const { first, second, store } = pair();
    await store.putIfAbsent("a", body("x"));
    expect([first.objects.has("a"), second.objects.has("a")]).toEqual([true, true]);
    const faulty = new FaultyStore();
    faulty.failAt = 1;
    await expect(new ReplicatedStore(new MemoryStore(), faulty).putIfAbsent("a", body("x"))).rejects.toMatchObject({ code: "store.unreachable" });
  });

  test("completes what a crash left in the first alone, when the name is written again", async () => {
    const { first, second, store } = pair();
    await first.putIfAbsent("a", body("x"));
    expect(await store.putIfAbsent("a", body("x"))).toBe("already-there");
    expect(Buffer.from(second.objects.get("a")!).toString()).toBe("x");
  });

  test("reads from either, and says so only when both are silent", async () => {
    const { first, second, store } = pair();
    await second.putIfAbsent("a", body("x"));
    expect(Buffer.from((await store.get("a"))!).toString()).toBe("x");
    const broken: ObjectStore = new Flaky(() => "before");
    expect(Buffer.from((await new ReplicatedStore(broken, second).get("a"))!).toString()).toBe("x");
    await expect(new ReplicatedStore(broken, second).get("b")).rejects.toMatchObject({ code: "store.unreachable" });
    await expect(new ReplicatedStore(first, broken).get("a")).rejects.toMatchObject({ code: "store.unreachable" });
  });

  test("lists what either has, in order, each once", async () => {
    const { first, second, store } = pair();
    for (const key of ["a", "c", "d"]) await first.putIfAbsent(key, body("x"));
    for (const key of ["b", "c", "e"]) await second.putIfAbsent(key, body("x"));
    const keys: string[] = [];
    for await (const { key } of store.list("")) keys.push(key);
    expect(keys).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("names a divergence and takes back what it had just written", async () => {
    const { first, second, store } = pair();
    await second.putIfAbsent("a", body("older"));
    await expect(store.putIfAbsent("a", body("newer"))).rejects.toMatchObject({ code: "store.diverged", retry: "never" });
    expect(first.objects.has("a")).toBe(false);
    expect(Buffer.from(second.objects.get("a")!).toString()).toBe("older");
  });

  test("removes from the second first, so that a removal that broke off is not undone by the next write", async () => {
    const { first, second, store } = pair();
    await store.putIfAbsent("a", body("x"));
    first.remove = () => Promise.reject(new StoreError("store.unreachable", "the connection broke", { retry: "later" }));
    await expect(store.remove("a")).rejects.toMatchObject({ code: "store.unreachable" });
    expect([first.objects.has("a"), second.objects.has("a")]).toEqual([true, false]);
  });
});

describe("healing two copies", () => {
  const packed = (text: string) => ({ key: `tree/ab/${createHash("sha256").update(text).digest("hex")}`, bytes: body(text) });
  /** The strict fake refuses to remove what a manifest may name; replacing rot is the one reason to. */
  class Store extends MemoryStore {
    override remove(key: string): Promise<void> {
      this.objects.delete(key);
      return Promise.resolve();
    }
  }
  const healed = async (first: ObjectStore, second: ObjectStore, more: { readData?: boolean; mayCopy?: (key: string) => boolean } = {}): Promise<Healed[]> => {
    const all: Healed[] = [];
    for await (const one of heal({ first, second, readData: true, ...more })) all.push(one);
    return all;
  };

  test("copies what one lacks, replaces what is rotten, both ways, and is then silent", async () => {
    const [first, second] = [new Store(), new Store()];
    const [a, b, c, d] = ["a", "b", "c", "d"].map(packed) as [ReturnType<typeof packed>, ReturnType<typeof packed>, ReturnType<typeof packed>, ReturnType<typeof packed>];
    await first.putIfAbsent(a.key, a.bytes);
    await second.putIfAbsent(b.key, b.bytes);
    for (const { key, bytes } of [c, d]) for (const store of [first, second]) await store.putIfAbsent(key, bytes);
    first.objects.set(c.key, body("C"));
    second.objects.set(d.key, body("D"));
    const all = await healed(first, second);
    expect(new Set(all.map((one) => JSON.stringify(one)))).toEqual(
      new Set([{ kind: "copied", key: a.key, to: "second" }, { kind: "copied", key: b.key, to: "first" }, { kind: "replaced", key: c.key, in: "first" }, { kind: "replaced", key: d.key, in: "second" }].map((one) => JSON.stringify(one))),
    );
    for (const { key, bytes } of [a, b, c, d]) for (const store of [first, second]) expect(Buffer.compare(store.objects.get(key)!, bytes)).toBe(0);
    expect(await healed(first, second)).toEqual([]);
  });

  test("touches nothing where names do not say which copy is right, nor where both are rotten", async () => {
    const [first, second] = [new Store(), new Store()];
    const { key } = packed("x");
    for (const [store, text] of [[first, "1"], [second, "2"]] as const) {
      await store.putIfAbsent("vault.json", body(text));
      await store.putIfAbsent(key, body(`rot ${text}`));
    }
    expect((await healed(first, second)).map((one) => [one.kind, one.key])).toEqual([["diverged", key], ["diverged", "vault.json"]]);
    expect(Buffer.from(first.objects.get("vault.json")!).toString()).toBe("1");
  });

  test("never spreads rot, and never brings back what was removed on purpose", async () => {
    const [first, second] = [new Store(), new Store()];
    await first.putIfAbsent(packed("x").key, body("rotten"));
    await first.putIfAbsent("packs/ab/erased.key", body("secret"));
    const all = await healed(first, second, { mayCopy: (key) => !key.endsWith(".key") });
    expect(all).toEqual([{ kind: "left", key: "packs/ab/erased.key", in: "first" }, { kind: "diverged", key: packed("x").key }]);
    expect(second.objects.size).toBe(0);
  });
});
