/** A writer that stops anywhere and in every way, and objects that rot afterwards: the ledger goes on as it should, or says which object is damaged. */
import { describe, expect, test } from "@jest/globals";
import { parseWitnessKey, verifierKey, type Recall } from "#app/ledger/index.ts";
import { encodeEntry } from "#app/ledger/entry.ts";
import { checkpointKey } from "#app/ledger/layout.ts";
import { event, events, FATES, ledgerOn, LedgerMemory, ORIGIN, PUBLIC_KEY, type Fate } from "./support.ts";
import { WitnessServer } from "./witness-server.ts";

const SLOW = process.env["SLOW"] === "1";

/** The numbers of the test's own entries, in order. */
async function numbers(store: LedgerMemory): Promise<number[]> {
  const found: number[] = [];
  for await (const { subject } of ledgerOn(store).entries()) if (subject["n"] !== undefined) found.push(Number(subject["n"]));
  return found;
}
const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);
const findings = async (store: LedgerMemory) => (await ledgerOn(store).verify({ publicKey: PUBLIC_KEY })).findings;
const staged = (store: LedgerMemory) => [...store.objects.keys()].filter((key) => key.startsWith("ledger/staged/"));

async function of(size: number): Promise<LedgerMemory> {
  const store = new LedgerMemory();
  if (size > 0) await ledgerOn(store).append(events(size));
  return store;
}

/** The process is gone after call `at`: whatever comes later fails too. Answers the key that went wrong. */
async function dies(store: LedgerMemory, at: number, fate: Fate, removal: boolean, work: () => Promise<unknown>): Promise<string | null> {
  let failed: string | null = null;
  let gone = false;
  const calls = removal ? store.removals : store.writes;
  const decide = (call: number, key: string | null, mine: boolean): Fate | undefined => {
    if (gone) return "lost";
    if (!mine || call !== calls + at) return undefined;
    [failed, gone] = [key, true];
    return fate;
  };
  store.fault = (write, key) => decide(write, key, !removal);
  store.removalFault = (call) => decide(call, null, removal);
  const hung = new Promise<string>((resolve) => (store.onHang = () => resolve("hung")));
  await Promise.race([work().catch(() => "failed"), hung]);
  [store.fault, store.removalFault] = [() => undefined, () => undefined];
  return failed;
}

async function goesOn(store: LedgerMemory, size: number): Promise<void> {
  // Another event follows, from a writer who knows nothing of the interrupted one.
  await ledgerOn(store).append([event(size)]);
  await ledgerOn(store).append(events(2, size + 1));
  expect(await numbers(store)).toEqual(upTo(size + 3));
  expect(await findings(store)).toEqual([]);
}

describe.each(SLOW ? [0, 1, 2, 253, 254, 255, 256, 257, 511, 512] : [0, 254, 255])("an append to %i entries", (before) => {
  test.each(FATES)("that dies at any write (%s) is in or not; the ledger names what is torn, goes on, and is whole again", async (fate) => {
    const start = await of(before);
    const good = start.copy();
    await ledgerOn(good).append(events(3, before));
    expect(good.writes).toBeGreaterThanOrEqual(4);
    const sizes = new Set<number>();
    for (let at = 1; at <= good.writes; at++) {
      const store = start.copy();
      const key = (await dies(store, at, fate, false, () => ledgerOn(store).append(events(3, before)))) ?? "none";
      const torn = fate === "short" && !key.startsWith("ledger/staged/");
      const found = await findings(store);
      expect([key, found.map(({ object }) => object)]).toEqual([key, torn ? [key] : []]);
      expect(found.every(({ code }) => code === "ledger.damaged")).toBe(true);
      const size = (await ledgerOn(store).head())?.size ?? 0;
      sizes.add(size);
      // Reading already sees it as it will be.
      expect(await numbers(store)).toEqual(upTo(size));
      await goesOn(store, size);
    }
    expect(sizes).toEqual(new Set([before, before + 3]));
  }, 60_000);

  (SLOW || before === 255 ? test : test.skip).each(FATES)("whose first retry is the same bytes again goes on after any write (%s), with the entries once", async (fate) => {
    const start = await of(before);
    const good = start.copy();
    await ledgerOn(good).append(events(3, before));
    for (let at = 1; at <= good.writes; at++) {
      const store = start.copy();
      await dies(store, at, fate, false, () => ledgerOn(store).append(events(3, before)));
      if (((await ledgerOn(store).head())?.size ?? 0) === before) await ledgerOn(store).append(events(3, before));
      await goesOn(store, before + 3);
    }
  }, 60_000);
});

test.each(FATES)("a removal that dies (%s) takes nothing that is needed", async (fate) => {
  const start = await of(250);
  await ledgerOn(start).append(events(3, 250));
  const good = start.copy();
  await ledgerOn(good).append(events(10, 253));
  expect(good.removals).toBeGreaterThanOrEqual(3);
  for (let at = 1; at <= good.removals; at++) {
    const store = start.copy();
    await dies(store, at, fate, true, () => ledgerOn(store).append(events(10, 253)));
    expect(await findings(store)).toEqual([]);
    expect(await numbers(store)).toEqual(upTo(263));
    await goesOn(store, 263);
  }
});

test.each(FATES)("a writer that lives on goes on after any write that fails (%s)", async (fate) => {
  if (fate === "hang") return;
  for (let at = 1; at <= 12; at++) {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    await ledger.append(events(254));
    const base = store.writes;
    store.fault = (write) => (write === base + at ? fate : undefined);
    let entered = 254;
    for (let n = 0; n < 4; n++) await ledger.append([event(entered)]).then(() => entered++, async () => (entered = (await numbers(store)).length));
    expect(await numbers(store)).toEqual(upTo(entered));
    expect(await findings(store)).toEqual([]);
  }
});

describe("a store that says stored and keeps half", () => {
  test("of a full tile: it is read back before the partial ones go", async () => {
    const clean = await of(254);
    await ledgerOn(clean).append(events(3, 254));
    for (let at = 1; at <= clean.writes; at++) {
      const store = await of(254);
      const from = store.writes;
      let torn = "";
      store.fault = (write, key) => (write === from + at && /\/000$/.test(key) ? ((torn = key), "short, and says stored") : undefined);
      await ledgerOn(store).append(events(3, 254));
      if (torn === "") continue;
      expect([...store.objects.keys()].filter((key) => key.startsWith(`${torn}.p/`))).toEqual([]);
      expect(await findings(store)).toEqual([]);
    }
  });

  test("of a partial tile or bundle: told by verify until it is written anew, by the next writer or under the next name", async () => {
    for (const key of ["ledger/tile/0/000.p/5", "ledger/tile/entries/000.p/5"]) {
      const store = new LedgerMemory();
      store.fault = (_, written) => (written === key ? "short, and says stored" : undefined);
      await ledgerOn(store).append(events(5));
      store.fault = () => undefined;
      expect((await findings(store)).map(({ object }) => object)).toEqual([key]);
      await goesOn(store, 5);
    }
  });
});

describe("rot at the right edge", () => {
  const flip = (store: LedgerMemory, key: string, at = 40) => void (store.objects.get(key)![at]! ^= 1);

  test("in the last bundle is never copied on: it is made again from what was staged", async () => {
    const store = await of(3);
    flip(store, "ledger/tile/entries/000.p/3");
    expect(new Set((await findings(store)).map(({ object }) => object))).toEqual(new Set(["ledger/tile/entries/000.p/3"]));
    await goesOn(store, 3);
  });

  test("in the last bundle, with nothing left to make it from, stops the writer before it writes anything, and says which entries", async () => {
    const store = await of(250);
    await ledgerOn(store).append(events(3, 250));
    for (const key of staged(store)) store.objects.delete(key);
    const key = "ledger/tile/entries/000.p/253";
    flip(store, key, store.objects.get(key)!.length - 40);
    const was = store.copy().objects;
    await expect(ledgerOn(store).append([event(253)])).rejects.toMatchObject({ code: "ledger.damaged", message: expect.stringMatching(/000\.p\/253 is not what was signed: entry 252 cannot .*vault repair --from/) });
    expect(store.objects).toEqual(was);
    expect(new Set((await findings(store)).map(({ object }) => object))).toEqual(new Set([key]));
    await expect(ledgerOn(store).tidy()).rejects.toMatchObject({ code: "ledger.damaged" });
    await expect(numbers(store)).rejects.toMatchObject({ code: "ledger.damaged" });
  });

  test("in the last bundle is mended from an older partial one and from the other keeper's list", async () => {
    const store = await of(250);
    await ledgerOn(store).append(events(3, 250));
    for (const key of staged(store)) store.objects.delete(key);
    store.objects.set("ledger/tile/entries/000.p/253", Buffer.alloc(10));
    expect(store.objects.has("ledger/tile/entries/000.p/250")).toBe(true);
    const asked: [number, number][] = [];
    const recall: Recall = (from, to) => (asked.push([from, to]), Promise.resolve(new Map(events(3, 250).map((one, n) => [250 + n, bytesOf(one)]))));
    await ledgerOn(store, undefined, recall).append([event(253)]);
    expect(asked).toEqual([[0, 253]]);
    expect(await numbers(store)).toEqual(upTo(254));
    expect(await findings(store)).toEqual([]);
  });

  test("what the other keeper says is believed only where it is what was signed", async () => {
    const store = await of(3);
    for (const key of [...staged(store), "ledger/tile/entries/000.p/3"]) store.objects.delete(key);
    const recall: Recall = () => Promise.resolve(new Map(events(3, 7).map((one, n) => [n, bytesOf(one)])));
    await expect(ledgerOn(store, undefined, recall).append([event(3)])).rejects.toMatchObject({ code: "ledger.damaged" });
  });

  test.each([3, 255, 256, 600])("in any hash tile of the edge of %i entries is made again from the bundles", async (size) => {
    for (const key of [...(await of(size)).objects.keys()].filter((name) => /^ledger\/tile\/\d\//.test(name))) {
      for (const bytes of [(was: Uint8Array) => was.subarray(0, was.length >> 1), (was: Uint8Array) => was.map((byte, n) => (n === was.length - 1 ? byte ^ 1 : byte)), () => null]) {
        const store = await of(size);
        for (const one of staged(store)) store.objects.delete(one);
        const bad = bytes(store.objects.get(key)!);
        if (bad === null) store.objects.delete(key);
        else store.objects.set(key, bad);
        expect((await findings(store)).map(({ object }) => object)).toContain(key);
        // A full tile further left is nothing that an append builds on; the copy mends it, and until then it is named.
        const needed = key.includes(".p/") || (size % 256 === 0 && key.endsWith("/000"));
        await ledgerOn(store).append([event(size)]);
        expect((await findings(store)).map(({ object }) => object).includes(key)).toBe(!needed);
      }
    }
  });

  test("in hash tiles and bundle at once stops the writer", async () => {
    const store = await of(3);
    for (const key of [...staged(store), "ledger/tile/entries/000.p/3"]) store.objects.delete(key);
    store.objects.set("ledger/tile/0/000.p/3", Buffer.alloc(96));
    await expect(ledgerOn(store).append([event(4)])).rejects.toMatchObject({ code: "ledger.damaged", message: expect.stringContaining("00000000000000000001 do not lead to its root, and cannot be made again") });
  });

  test("where the store lets nothing go: a partial tile is gone past and stays named, a full one stops the writer", async () => {
    const partial = await of(3);
    flip(partial, "ledger/tile/entries/000.p/3");
    partial.refuseRemove = true;
    await ledgerOn(partial).append([event(3)]);
    expect(await numbers(partial)).toEqual(upTo(4));
    expect((await findings(partial)).map(({ object }) => object)).toEqual(["ledger/tile/entries/000.p/3"]);

    const store = await of(255);
    store.refuseRemove = true;
    await dies(store, 3, "short", false, () => ledgerOn(store).append([event(255)]));
    const torn = "ledger/tile/0/000";
    expect(store.objects.get(torn)).toHaveLength(128 * 32);
    await expect(ledgerOn(store).append([event(256)])).rejects.toMatchObject({ code: "ledger.damaged", message: expect.stringContaining(torn) });
    store.refuseRemove = false;
    await goesOn(store, 256);
  });
});

describe("a checkpoint that is none", () => {
  const cut = (store: LedgerMemory, sequence: number) => store.objects.set(checkpointKey(sequence), store.objects.get(checkpointKey(sequence))!.subarray(0, 60));

  test("is gone past with an entry that says what lies there, and only those very bytes are accounted for", async () => {
    const store = await of(2);
    await dies(store, 2, "short", false, () => ledgerOn(store).append([event(2)]));
    const lost = store.objects.get(checkpointKey(2))!;
    expect(await findings(store)).toEqual([{ code: "ledger.damaged", object: checkpointKey(2), detail: "not a checkpoint" }]);
    expect(await ledgerOn(store).enter([event(2)])).toMatchObject({ first: 3, checkpoint: { size: 4 } });
    const entries = [];
    for await (const entry of ledgerOn(store).entries()) entries.push(entry);
    expect(entries[2]).toMatchObject({ actor: "system", action: "ledger.checkpoint_lost", subject: { sequence: 2, size: 2, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }, outcome: "done" });
    expect(store.objects.get(checkpointKey(2))).toEqual(lost);
    expect(await findings(store)).toEqual([]);
    store.objects.set(checkpointKey(2), lost.subarray(1));
    expect((await findings(store)).map(({ object }) => object)).toEqual([checkpointKey(2)]);
    store.objects.delete(checkpointKey(2));
    expect((await findings(store)).map(({ object }) => object)).toEqual([checkpointKey(2)]);
  });

  test("after another that is none, and as the very first, is gone past just the same", async () => {
    const store = new LedgerMemory();
    for (let n = 0; n < 3; n++) await dies(store, 2, "short", false, () => ledgerOn(store).append([event(0)]));
    expect([...store.objects.keys()].filter((key) => key.startsWith("ledger/checkpoints/"))).toHaveLength(3);
    expect(await ledgerOn(store).head()).toBeNull();
    await goesOn(store, 0);
  });

  test("is not gone past when entries stand beneath it", async () => {
    const store = await of(2);
    await ledgerOn(store).append([event(2)]);
    cut(store, 2);
    const was = store.copy().objects;
    const refusal = { code: "ledger.damaged", message: expect.stringMatching(/checkpoints\/0+2 is not a checkpoint, and ledger\/tile\/entries\/000\.p\/3 holds entries .*vault repair/) };
    await expect(ledgerOn(store).append([event(3)])).rejects.toMatchObject(refusal);
    await expect(numbers(store)).rejects.toMatchObject(refusal);
    await expect(ledgerOn(store).prove(0)).rejects.toMatchObject(refusal);
    expect(store.objects).toEqual(was);
    expect((await findings(store)).map(({ object }) => object)).toContain(checkpointKey(2));
  });

  test("is made good by another keeper who knows those entries, and by nobody who knows fewer", async () => {
    const store = await of(2);
    await ledgerOn(store).append([event(2), event(3)]);
    cut(store, 2);
    const knows = (count: number): Recall => (from, to) => Promise.resolve(new Map(events(count).flatMap((one, n) => (n >= from && n < to ? [[n, bytesOf(one)]] : []))));
    await expect(ledgerOn(store, undefined, knows(3)).append([event(4)])).rejects.toMatchObject({ code: "ledger.damaged" });
    expect(await ledgerOn(store, undefined, knows(4)).enter([event(4)])).toMatchObject({ first: 5 });
    expect(await numbers(store)).toEqual(upTo(5));
    expect(await findings(store)).toEqual([]);
  });

  test("is made good by its cosigned copy", async () => {
    const server = new WitnessServer();
    await server.start();
    try {
      const store = await of(2);
      const kept = await ledgerOn(store).append([event(2)]);
      server.logs.set(ORIGIN, verifierKey(ORIGIN, PUBLIC_KEY));
      await ledgerOn(store).cosign({ url: server.url, key: parseWitnessKey(server.vkey)! });
      cut(store, 2);
      expect(await ledgerOn(store).head()).toMatchObject({ size: 3, root: kept.root });
      await goesOn(store, 3);
      expect((await ledgerOn(store).verify({ publicKey: PUBLIC_KEY, checkpoint: kept.note })).findings).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  test("but speaks with another's signature is no accident", async () => {
    const store = await of(2);
    await ledgerOn(store).append([event(2)]);
    const note = Buffer.from(store.objects.get(checkpointKey(2))!).toString().replace("\n3\n", "\n2\n");
    store.objects.set(checkpointKey(2), Buffer.from(note));
    await expect(ledgerOn(store).append([event(3)])).rejects.toMatchObject({ code: "ledger.bad_signature" });
  });
});

function bytesOf(one: ReturnType<typeof event>): Uint8Array {
  return encodeEntry({ at: "2026-01-02T03:04:05.678Z", ...one });
}
