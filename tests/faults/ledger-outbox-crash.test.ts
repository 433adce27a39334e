/**
 * Events on their way from the database's list into the vault's log: each call to the storage and to the database goes wrong in each way, and the process is gone.
 * Another one then enters what waits: every event stands in the log once, in its order, and the log is whole.
 */
import { describe, expect, it } from "@jest/globals";
import { openLedger, type Ledger } from "#app/ledger/index.ts";
import { enterAll, enterThrough } from "#app/workflows/shared/outbox.ts";
import { directLedger } from "#app/workflows/shared/direct-ledger.ts";
import type { LedgerOutbox } from "#app/workflows/ports.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import { FATES, LedgerMemory, ORIGIN, PUBLIC_KEY, SIGNER, type Fate } from "#tests/ledger/support.ts";
import { FakeOutbox } from "#tests/support/fakes-outbox.ts";

const VAULT = "00112233445566778899aabbccddeeff";
const clock = { now: () => new Date("2026-01-02T03:04:05.678Z") };
const refused = (code: string) => ({ actor: "platform", action: "request.refused", subject: { shop: "synthetic.myshopify.com", asked: "drill.run", code }, outcome: "refused" as const });
const FIRST = ["a.one", "a.two"];
const LATER = ["b.one", "b.two", "b.three"];

function ledgerOf(store: LedgerMemory, outbox: LedgerOutbox): Promise<Ledger> {
  return directLedger({ signer: { signerFor: () => Promise.resolve({ ...SIGNER, name: ORIGIN }) }, clock, outbox } as never, VAULT, Object.assign(store, { traits: { name: "memory", objectLock: false, versioned: false, strongListing: true } }) as unknown as ObjectStore);
}

async function codes(store: LedgerMemory): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { action, subject } of openLedger({ store, origin: ORIGIN, clock }).entries()) if (action === "request.refused") found.push(subject["code"]);
  return found;
}

/** A list whose n-th call goes wrong; the writes of a database are whole or not at all. */
function faulty(inner: FakeOutbox, at: number, fate: Fate, gone: { now: boolean }, hung: () => void): LedgerOutbox & { calls: () => number } {
  let calls = 0;
  const wrap = <A extends unknown[], T>(work: (...args: A) => Promise<T>) => async (...args: A): Promise<T> => {
    if (gone.now) throw new Error("the process is gone");
    if (++calls !== at) return work(...args);
    gone.now = true;
    if (fate === "written") await work(...args);
    if (fate === "hang") {
      hung();
      return new Promise<T>(() => undefined);
    }
    throw new Error("the connection broke");
  };
  return { add: wrap(inner.add), waiting: wrap(inner.waiting), trying: wrap(inner.trying), entered: wrap(inner.entered), placed: inner.placed, exclusively: (_, work) => work(), calls: () => calls };
}

async function prepared(): Promise<{ store: LedgerMemory; outbox: FakeOutbox }> {
  const [store, outbox] = [new LedgerMemory(), new FakeOutbox()];
  await enterThrough(outbox, await ledgerOf(store, outbox), VAULT, clock, FIRST.map(refused));
  store.writes = 0;
  return { store, outbox };
}

async function survives({ store, outbox }: { store: LedgerMemory; outbox: FakeOutbox }, kept: readonly string[]): Promise<void> {
  await enterAll(outbox, await ledgerOf(store, outbox), VAULT);
  await enterThrough(outbox, await ledgerOf(store, outbox), VAULT, clock, [refused("c.last")]);
  expect(await codes(store)).toEqual([...FIRST, ...kept, "c.last"]);
  expect((await (await ledgerOf(store, outbox)).verify({ publicKey: PUBLIC_KEY })).findings).toEqual([]);
  const places = outbox.rows.map(({ place }) => place);
  expect(places).not.toContain(null);
  expect(new Set(places).size).toBe(places.length);
}

describe.each(FATES)("events on their way (%s)", (fate) => {
  it("go in once each, in order, whichever write to the storage goes wrong", async () => {
    const good = await prepared();
    await enterThrough(good.outbox, await ledgerOf(good.store, good.outbox), VAULT, clock, LATER.map(refused));
    expect(good.store.writes).toBeGreaterThanOrEqual(4);
    for (let at = 1; at <= good.store.writes; at++) {
      const world = await prepared();
      let gone = false;
      const hung = new Promise<void>((resolve) => (world.store.onHang = resolve));
      world.store.fault = (write) => (gone ? "lost" : write === at ? ((gone = true), fate) : undefined);
      const work = enterThrough(world.outbox, await ledgerOf(world.store, world.outbox), VAULT, clock, LATER.map(refused)).then(() => "done", () => "failed");
      expect(await Promise.race([work, hung])).not.toBe("done");
      world.store.fault = () => undefined;
      const survivor = Object.assign(new FakeOutbox(), { rows: world.outbox.rows });
      await survives({ store: world.store, outbox: survivor }, LATER);
    }
  });

  it("go in once each, in order, whichever call to the database goes wrong", async () => {
    const good = await prepared();
    const counted = faulty(good.outbox, 0, fate, { now: false }, () => undefined);
    await enterThrough(counted, await ledgerOf(good.store, counted), VAULT, clock, LATER.map(refused));
    expect(counted.calls()).toBeGreaterThanOrEqual(5);
    for (let at = 1; at <= counted.calls(); at++) {
      const world = await prepared();
      let outbox: LedgerOutbox | undefined;
      const hung = new Promise<void>((resolve) => (outbox = faulty(world.outbox, at, fate, { now: false }, resolve)));
      const work = enterThrough(outbox!, await ledgerOf(world.store, outbox!), VAULT, clock, LATER.map(refused)).then(() => "done", () => "failed");
      expect(await Promise.race([work, hung])).not.toBe("done");
      // What was never kept never happened: its caller was not told otherwise.
      const kept = world.outbox.rows.some(({ entry }) => entry.includes("b.one")) ? LATER : [];
      expect(kept.length > 0).toBe(at > 1 || fate === "written");
      await survives(world, kept);
    }
  });
});

it("the newest checkpoint is made good from the database when it is cut off after all was well", async () => {
  const { store, outbox } = await prepared();
  await enterThrough(outbox, await ledgerOf(store, outbox), VAULT, clock, LATER.map(refused));
  const key = [...store.objects.keys()].filter((name) => name.startsWith("ledger/checkpoints/")).at(-1)!;
  store.objects.set(key, store.objects.get(key)!.subarray(0, 50));
  await expect(codes(store)).rejects.toMatchObject({ code: "ledger.damaged" });
  await enterThrough(outbox, await ledgerOf(store, outbox), VAULT, clock, [refused("c.last")]);
  expect(await codes(store)).toEqual([...FIRST, ...LATER, "c.last"]);
  expect((await (await ledgerOf(store, outbox)).verify({ publicKey: PUBLIC_KEY })).findings).toEqual([]);
});
