/** How a writer behaves over time: sharing checkpoints, remembering where it stands, tidying, locking. */
import { describe, expect, test } from "@jest/globals";
import { CHECKPOINT_LOCK_DAYS, openLedger } from "#app/ledger/index.ts";
import { newestSequence } from "#app/ledger/newest-sequence.ts";
import { checkpointKey } from "#app/ledger/layout.ts";
import { event, events, ledgerOn, LedgerMemory, ORIGIN, PUBLIC_KEY, SIGNER } from "./support.ts";

const places = (store: LedgerMemory, prefix: string) => [...store.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
const sound = async (store: LedgerMemory) => expect((await ledgerOn(store).verify({ publicKey: PUBLIC_KEY })).findings).toEqual([]);

describe("callers who do not wait for one another", () => {
  test("share checkpoints, each with its entries together, in the order of the calls", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    const appended = await Promise.all(Array.from({ length: 50 }, (_, caller) => ledger.enter(events((caller % 3) + 1, caller * 10))));
    await sound(store);
    const numbers: unknown[] = [];
    for await (const entry of ledger.entries()) numbers.push(entry.subject["n"]);
    for (const [caller, { first }] of appended.entries()) expect(numbers.slice(first, first + (caller % 3) + 1)).toEqual(Array.from({ length: (caller % 3) + 1 }, (_, n) => caller * 10 + n));
    expect(appended.map(({ first }) => first)).toEqual([...appended.map(({ first }) => first)].sort((a, b) => a - b));
    expect(places(store, "ledger/checkpoints/")).toHaveLength(1);
  });

  test("are many more than one append takes, and all go in", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    await Promise.all(Array.from({ length: 5 }, (_, n) => ledger.append(events(1500, n * 1500))));
    expect(places(store, "ledger/checkpoints/")).toHaveLength(3);
    expect((await ledger.head())?.size).toBe(7500);
    await sound(store);
  });

  test("fail together when the store does, and the ledger goes on", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    await ledger.append([event(0)]);
    store.fault = () => "lost";
    const failed = await Promise.allSettled([ledger.append([event(1)]), ledger.append([event(2)])]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    store.fault = () => undefined;
    await ledger.append([event(3)]);
    expect((await ledger.head())?.size).toBe(2);
    await sound(store);
  });

  test("an entry that is not one fails alone", async () => {
    const ledger = ledgerOn(new LedgerMemory());
    const [good, bad] = await Promise.allSettled([ledger.append([event(1)]), ledger.append([{ ...event(2), action: "no" }])]);
    expect([good.status, bad.status]).toEqual(["fulfilled", "rejected"]);
  });
});

describe("a writer that stays", () => {
  test("lists and reads nothing for an append after its first", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    await ledger.append([event(0)]);
    let reads = 0;
    const { get, list } = store;
    store.get = (key) => (reads++, get.call(store, key));
    store.list = (prefix) => (reads++, list.call(store, prefix));
    for (let n = 1; n < 200; n++) await ledger.append([event(n)]);
    expect(reads).toBe(0);
    await sound(store);
  });

  test("notices another writer, and neither loses an entry", async () => {
    const store = new LedgerMemory();
    const [a, b] = [ledgerOn(store), ledgerOn(store)];
    for (let n = 0; n < 30; n++) await (n % 3 === 0 ? a : b).append([event(n)]);
    await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? a : b).append([event(30 + n)])));
    const numbers: unknown[] = [];
    for await (const entry of a.entries()) numbers.push(entry.subject["n"]);
    expect(numbers.map(Number).sort((x, y) => x - y)).toEqual(Array.from({ length: 70 }, (_, n) => n));
    await sound(store);
  });

  test("takes back up after each write that fails or whose answer is lost", async () => {
    for (let at = 1; at <= 12; at++) {
      for (const kind of ["lost", "written"] as const) {
        const store = new LedgerMemory();
        const ledger = ledgerOn(store);
        await ledger.append(events(254));
        const base = store.writes;
        store.fault = (write) => (write === base + at ? kind : undefined);
        let failures = 0;
        for (let n = 0; n < 3; n++) await ledger.append([event(254 + n)]).catch(() => failures++);
        expect(failures).toBe(1);
        await sound(store);
        expect([256, 257]).toContain((await ledger.head())?.size);
      }
    }
  });
});

describe("tidying", () => {
  test("leaves no partial tile and no staged entries beneath what is full", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    for (let n = 0; n < 256; n++) await ledger.append([event(n)]);
    expect(places(store, "ledger/tile/")).toEqual(["ledger/tile/0/000", "ledger/tile/1/000.p/1", "ledger/tile/entries/000"]);
    expect(places(store, "ledger/staged/")).toEqual([]);
    await sound(store);
  });

  test("is not missed where the store refuses it, and can be made up for", async () => {
    const store = new LedgerMemory();
    store.refuseRemove = true;
    const ledger = ledgerOn(store);
    for (let n = 0; n < 30; n++) await ledger.append(events(10, n * 10));
    await sound(store);
    const before = store.objects.size;
    await expect(ledger.tidy()).rejects.toThrow("refused");
    store.refuseRemove = false;
    expect(await ledger.tidy()).toBe(before - store.objects.size);
    expect(places(store, "ledger/tile/")).toEqual([
      "ledger/tile/0/000",
      ...[260, 270, 280, 290, 300].map((size) => `ledger/tile/0/001.p/${size - 256}`).sort(),
      "ledger/tile/1/000.p/1",
      "ledger/tile/entries/000",
      ...[260, 270, 280, 290, 300].map((size) => `ledger/tile/entries/001.p/${size - 256}`).sort(),
    ]);
    await sound(store);
    expect(await ledgerOn(store).tidy()).toBe(0);
  });

  test("a store that can only create is enough", async () => {
    const store = new LedgerMemory();
    const { putIfAbsent, get, list } = store;
    const ledger = ledgerOn({ putIfAbsent: putIfAbsent.bind(store), get: get.bind(store), list: list.bind(store) });
    for (let n = 0; n < 5; n++) await ledger.append(events(100, n * 100));
    expect(await ledger.tidy()).toBe(0);
    await sound(store);
  });

  test("the newest checkpoint taken away is noticed even when no partial tile is left to tell", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    await ledger.append(events(250));
    await ledger.append(events(10, 250));
    store.objects.delete(checkpointKey(2));
    await expect(ledgerOn(store).append([event(1)])).rejects.toMatchObject({ code: "ledger.rolled_back" });
    expect((await ledgerOn(store).verify({ publicKey: PUBLIC_KEY })).findings.map(({ code }) => code)).toContain("ledger.rolled_back");
  });
});

describe("checkpoints under lock", () => {
  test("are locked where the store can, and nothing else is", async () => {
    const store = Object.assign(new LedgerMemory(), { traits: { objectLock: true } });
    const now = new Date("2026-01-02T03:04:05.678Z");
    const ledger = openLedger({ store, origin: ORIGIN, signer: SIGNER, clock: { now: () => now }, check: () => undefined });
    await ledger.append(events(3));
    await ledger.append(events(3));
    expect([...store.locks]).toEqual([1, 2].map((n) => [checkpointKey(n), new Date(now.getTime() + CHECKPOINT_LOCK_DAYS * 86_400_000)]));
  });

  test("are not where it cannot", async () => {
    const store = new LedgerMemory();
    await ledgerOn(store).append(events(3));
    expect(store.locks.size).toBe(0);
  });
});

describe("finding the newest checkpoint", () => {
  const withCheckpoints = (numbers: Iterable<number>) => new LedgerMemory([...numbers].map((n) => [checkpointKey(n), new Uint8Array(1)]));
  const upTo = (n: number) => Array.from({ length: n }, (_, k) => k + 1);

  test.each([0, 1, 2, 999, 1000, 1001, 1999, 2000, 3000, 7999, 8000, 8001, 12_345])("of %i takes few listings", async (count) => {
    const store = withCheckpoints(upTo(count));
    let listed = 0;
    const { list } = store;
    store.list = (prefix) => (listed++, list.call(store, prefix));
    expect(await newestSequence(store)).toBe(count);
    expect(listed).toBeLessThanOrEqual(2 + 2 * Math.ceil(Math.log2(count / 1000 + 2)));
  });

  test("is not misled by missing ones or by other names", async () => {
    const store = withCheckpoints(upTo(2500).filter((n) => n < 300 || n > 1200));
    store.objects.set("ledger/checkpoints/00000000000000009999x", new Uint8Array(1));
    store.objects.set("ledger/checkpoints/readme", new Uint8Array(1));
    expect(await newestSequence(store)).toBe(2500);
  });
});
