import { expect, test } from "@jest/globals";
import { ledgerOutbox } from "#app/platform/records/ledger-outbox.ts";
import { shopLock } from "#app/platform/shopify/shop-lock.ts";
import { FixedClock } from "#tests/support/clock.ts";
import { useDatabase } from "#tests/support/database/index.ts";

const database = useDatabase();
const entry = (n: number) => ({ entry: `{"n":${n}}`, leaf: n.toString(16).padStart(64, "0") });
const outbox = () => ledgerOutbox(database().pool, shopLock(database().pool, "ledger"), new FixedClock());

test("entries of many callers are kept in the order of the calls, each vault's apart", async () => {
  const box = outbox();
  await Promise.all(Array.from({ length: 200 }, (_, n) => box.add(n % 2 === 0 ? "even" : "odd", [entry(n), entry(n + 1000)])));
  const even = await box.waiting("even");
  expect(even.map(({ entry }) => (JSON.parse(entry) as { n: number }).n)).toEqual(Array.from({ length: 100 }, (_, n) => [n * 2, n * 2 + 1000]).flat());
  expect(even[0]).toMatchObject({ tried: null, leaf: "0".repeat(64) });
  expect(await box.waiting("odd")).toHaveLength(200);
  expect(await box.waiting("neither")).toEqual([]);
});

test("the first try is remembered, a place ends the waiting", async () => {
  const box = outbox();
  await box.add("v", [entry(1), entry(2), entry(3)]);
  const ids = (await box.waiting("v")).map(({ id }) => id);
  await box.trying(ids.slice(0, 2), 7);
  await box.trying(ids, 9);
  expect((await box.waiting("v")).map(({ tried }) => tried)).toEqual([7, 7, 9]);
  await box.entered([{ id: ids[0]!, place: 7 }, { id: ids[2]!, place: 8 }]);
  expect((await box.waiting("v")).map(({ id }) => id)).toEqual([ids[1]]);
});

test("what was entered is known by its place, to mend the vault's log with", async () => {
  const box = outbox();
  await box.add("p", [1, 2, 3, 4].map(entry));
  const ids = (await box.waiting("p")).map(({ id }) => id);
  await box.entered([[2, 7], [0, 5], [1, 6]].map(([which, place]) => ({ id: ids[which!]!, place: place! })));
  expect(await box.placed!("p", 6, 100)).toEqual([{ place: 6, entry: entry(2).entry }, { place: 7, entry: entry(3).entry }]);
  expect(await box.placed!("p", 5, 6)).toEqual([{ place: 5, entry: entry(1).entry }]);
  expect(await box.placed!("another", 0, 100)).toEqual([]);
});

test("nothing that was kept can be changed or removed, nor a place be given twice", async () => {
  const box = outbox();
  await box.add("w", [entry(1)]);
  const id = (await box.waiting("w"))[0]!.id;
  const { pool } = database();
  await expect(pool.query(`DELETE FROM "LedgerEntry"`)).rejects.toThrow(/are kept/);
  await expect(pool.query(`TRUNCATE "LedgerEntry"`)).rejects.toThrow(/are kept/);
  await expect(pool.query(`UPDATE "LedgerEntry" SET "entry" = '{}'`)).rejects.toThrow(/do not change/);
  await box.entered([{ id, place: 1 }]);
  await expect(box.entered([{ id, place: 2 }])).rejects.toThrow(/do not change/);
});

test("a database that fails tells every caller, and the next ones are kept", async () => {
  const real = database().pool;
  let broken = true;
  const pool = new Proxy(real, { get: (target, name) => (name === "query" && broken ? () => Promise.reject(new Error("away")) : (Reflect.get(target, name) as unknown)) });
  const box = ledgerOutbox(pool, shopLock(real, "ledger"), new FixedClock());
  const failed = await Promise.allSettled([box.add("x", [entry(1)]), box.add("x", [entry(2)])]);
  expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  broken = false;
  await ledgerOutbox(real, shopLock(real, "ledger"), new FixedClock()).add("x", [entry(3)]);
  expect(await outbox().waiting("x")).toHaveLength(1);
});

test("work on one vault is done one after the other", async () => {
  const box = outbox();
  let inside = 0;
  await Promise.all(Array.from({ length: 5 }, () => box.exclusively("y", async () => {
    expect(++inside).toBe(1);
    await box.waiting("y");
    inside--;
  })));
});
