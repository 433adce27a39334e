/** What checks mean in words: nothing is promised that failed, and what is essential is told from what is good to have. */
import { describe, expect, test } from "@jest/globals";
import { CHECKS, judge, removeLeftovers, runChecks, type CheckOutcome } from "#app/stores/index.ts";
import { StoreError, type StoreTraits } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";

const traits: StoreTraits = { name: "test", objectLock: false, versioned: false, strongListing: true };
const all = (failed: (outcome: { promise: string }) => boolean = () => false): CheckOutcome[] => CHECKS.map(({ promise, name }) => ({ promise, name, passed: !failed({ promise }) }));
const outcomesOf = async (store: MemoryStore): Promise<CheckOutcome[]> => {
  const outcomes: CheckOutcome[] = [];
  for await (const outcome of runChecks({ store, reopen: async () => store, run: "run" })) outcomes.push(outcome);
  return outcomes;
};

describe("what a storage promises", () => {
  test("a storage that passes everything is usable, and lacks only what its adapter says it lacks", async () => {
    const store = new MemoryStore();
    const report = judge(await outcomesOf(store), store.traits);
    expect(report.usable).toBe(true);
    expect(report.cannot.map(({ promise, essential }) => [promise, essential])).toEqual([["lock", false]]);
    expect(store.objects.size).toBe(0);
  });

  test.each(["exact", "once", "whole", "reads", "lists", "removes", "names", "shared"])("without %s no vault may lie there, and it says what to do", (promise) => {
    const { usable, can, cannot } = judge(all((outcome) => outcome.promise === promise), traits);
    expect(usable).toBe(false);
    expect(can.map((kept) => kept.promise)).not.toContain(promise);
    expect(cannot).toContainEqual(expect.objectContaining({ promise, essential: true, todo: expect.stringMatching(/\.$/) }));
  });

  test("to promise a lock and not to keep it is worse than to have none", () => {
    expect(judge(all((outcome) => outcome.promise === "lock"), { ...traits, objectLock: true }).usable).toBe(false);
    expect(judge(all(), { ...traits, objectLock: true }).can).toContainEqual(expect.objectContaining({ promise: "lock" }));
  });

  test("what no program can try out is taken from the adapter: versions, power failures, late listings", () => {
    const { usable, cannot } = judge(all(), { ...traits, objectLock: true, versioned: true, durable: false, strongListing: false });
    expect([usable, cannot.map(({ promise }) => promise)]).toEqual([true, ["versions", "durable", "listing"]]);
  });

  test("a store that can be written over is found out", async () => {
    class Forgetful extends MemoryStore {
      override async putIfAbsent(key: string, body: Uint8Array, options?: { lockUntil?: Date }) {
        if (/^[A-Za-z0-9._/-]+$/.test(key) && options?.lockUntil === undefined) this.objects.delete(key);
        return super.putIfAbsent(key, body, options);
      }
    }
    const store = new Forgetful();
    expect(judge(await outcomesOf(store), store.traits).cannot.filter(({ essential }) => essential).map(({ promise }) => promise)).toContain("once");
  });

  test("a listing that lags is found out", async () => {
    class Lagging extends MemoryStore {
      override async *list(prefix: string) {
        const newest = this.written.at(-1);
        for await (const info of super.list(prefix)) if (info.key !== newest) yield info;
      }
    }
    const store = new Lagging();
    expect(judge(await outcomesOf(store), store.traits).cannot.filter(({ essential }) => essential).map(({ promise }) => promise)).toContain("lists");
  });

  test("a storage that does not answer at all is an error, not a list of failures", async () => {
    class Gone extends MemoryStore {
      override get(): Promise<never> {
        return Promise.reject(new StoreError("store.unreachable", "gone", { retry: "later" }));
      }
    }
    await expect(outcomesOf(new Gone())).rejects.toMatchObject({ code: "store.unreachable" });
  });

  test("what a lock kept is removed once the lock has ended, and what stays is named", async () => {
    let locked = true;
    class Locking extends MemoryStore {
      override remove(key: string): Promise<void> {
        return locked || key.endsWith("forever") ? Promise.reject(new StoreError("store.locked", "locked")) : super.remove(key);
      }
    }
    const store = new Locking();
    await store.putIfAbsent("storage-test/run/14/locked", Buffer.from("x"));
    await store.putIfAbsent("storage-test/run/forever", Buffer.from("x"));
    await store.putIfAbsent("storage-test/other/locked", Buffer.from("x"));
    expect(await removeLeftovers({ store, run: "run" }, async () => { locked = false; })).toEqual(["storage-test/run/forever"]);
    expect([...store.objects.keys()].sort()).toEqual(["storage-test/other/locked", "storage-test/run/forever"]);
  });
});
