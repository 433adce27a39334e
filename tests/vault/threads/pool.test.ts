import { afterEach, describe, expect, test } from "@jest/globals";
import { ThreadPool } from "#app/vault/threads/pool.ts";
import { double } from "./doubling.ts";

let pool: ThreadPool<number, number> | null = null;
const poolOf = (threads: number): ThreadPool<number, number> => (pool = new ThreadPool({ worker: new URL("./doubling-worker.ts", import.meta.url), inline: double, threads }));
afterEach(async () => {
  await pool?.close();
  pool = null;
});

describe.each([0, 2])("a pool of %i threads", (threads) => {
  test("answers every task", async () => {
    const p = poolOf(threads);
    expect(await Promise.all([1, 2, 3, 4, 5].map((n) => p.run(n)))).toEqual([2, 4, 6, 8, 10]);
  });
  test("hands an error on with its code and object, and goes on", async () => {
    const p = poolOf(threads);
    await expect(p.run(-1)).rejects.toMatchObject({ name: "VaultError", code: "vault.damaged_object", retry: "later", object: "packs/ab/cd", message: "it is negative" });
    expect(await p.run(4)).toBe(8);
  });
  test("refuses work once closed", async () => {
    const p = poolOf(threads);
    await p.close();
    await expect(p.run(1)).rejects.toThrow("closed");
  });
});

test("a thread that dies rejects what it had, rather than leaving it waiting", async () => {
  await expect(poolOf(1).run(13)).rejects.toThrow("ended before its task");
});
