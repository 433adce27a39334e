/** The wrappers: each keeps the contract, and does its own one thing. Time and chance are handed in. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ReplicatedStore, RETRY_POLICY, RetryingStore, ThrottledStore, type Waiting } from "#app/stores/index.ts";
import { StoreError, type ObjectStore } from "#app/vault/index.ts";
import { objectStoreContract } from "#tests/contracts/object-store.ts";
import { FaultyStore } from "#tests/faults/faulty-store.ts";
import { LockableStore } from "#tests/support/lockable-store.ts";
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

  test("compares what is there already, as a whole: that the first has it says nothing about the second", async () => {
    const { first, second, store } = pair();
    await first.putIfAbsent("a", body("x"));
    await second.putIfAbsent("a", body("y"));
    await expect(store.putIfAbsent("a", body("x"))).rejects.toMatchObject({ code: "store.diverged" });
  });

  test("reads the other copy of what whoever reads it doubts, where that is other than the first's and not rotten itself", async () => {
    const { first, second, store } = pair();
    const name = (text: string): string => `packs/ab/${createHash("sha256").update(text).digest("hex")}`;
    for (const [key, one, other] of [["rotten", "x", "good"], ["same", "x", "x"], [name("good"), "bad", "good"], [name("lost"), "bad", "worse"]] as const) {
      await first.putIfAbsent(key, body(one));
      await second.putIfAbsent(key, body(other));
    }
    const read = async (key: string): Promise<string> => Buffer.from((await store.get(key))!).toString();
    expect(await read(name("good"))).toBe("bad");
    expect([await store.copies.doubt("rotten"), await store.copies.doubt("same"), await store.copies.doubt(name("lost")), await store.copies.doubt("absent")]).toEqual([true, false, false, false]);
    expect(await store.copies.doubt("rotten")).toBe(false);
    expect([await read("rotten"), await read("same")]).toEqual(["good", "x"]);
    // From the first doubt on, what its name tells is looked at before it is given.
    expect(Buffer.from((await store.get(name("good"), { offset: 1, length: 2 }))!).toString()).toBe("oo");
    expect([...store.copies.each].map((copy) => copy.name)).toEqual(["first", "second"]);
  });

  test("is durable where both are, and locks where both do", async () => {
    const traits = (more: object) => Object.assign(new MemoryStore(), { traits: { name: "m", objectLock: true, versioned: false, strongListing: true, ...more } });
    expect(new ReplicatedStore(traits({}), traits({})).traits).toMatchObject({ objectLock: true });
    expect(new ReplicatedStore(traits({}), traits({})).traits.durable).toBe(true);
    expect(new ReplicatedStore(traits({ durable: false }), traits({})).traits.durable).toBe(false);
    expect(new ReplicatedStore(traits({}), traits({ durable: false, objectLock: false })).traits).toMatchObject({ durable: false, objectLock: false });
  });

  test("makes locks longer in whichever half has them, and says when the first of them ends", async () => {
    const [first, second] = [new LockableStore(() => 0, 20), new LockableStore(() => 0, 10)];
    const store = new ReplicatedStore(first, second);
    for (const half of [first, second]) await half.putIfAbsent("vault.json", body("x"), { lockUntil: new Date(half === first ? 5000 : 9000) });
    expect([store.locks?.days, (await store.locks?.until("vault.json"))?.getTime()]).toEqual([10, 5000]);
    await store.locks?.extend("vault.json", new Date(7000));
    expect([first.until.get("vault.json"), second.until.get("vault.json")]).toEqual([7000, 9000]);
    expect(await store.locks?.until("absent")).toBeNull();
    expect(new ReplicatedStore(new MemoryStore(), new MemoryStore()).locks).toBeUndefined();
    expect(new ReplicatedStore(first, new MemoryStore()).locks?.days).toBe(20);
  });

  test("removes from the second first, so that a removal that broke off is not undone by the next write", async () => {
    const { first, second, store } = pair();
    await store.putIfAbsent("a", body("x"));
    first.remove = () => Promise.reject(new StoreError("store.unreachable", "the connection broke", { retry: "later" }));
    await expect(store.remove("a")).rejects.toMatchObject({ code: "store.unreachable" });
    expect([first.objects.has("a"), second.objects.has("a")]).toEqual([true, false]);
  });
});
