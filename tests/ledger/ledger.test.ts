import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isSignedBy, leafHash, parseWitnessKey, verifierKey, verifyConsistency, verifyInclusion, type Checkpoint, type LedgerEntry } from "#app/ledger/index.ts";
import { parseTileKey, tileKey } from "#app/ledger/layout.ts";
import { encodeEntry } from "#app/ledger/entry.ts";
import { rising } from "#app/ledger/rising.ts";
import { WitnessServer } from "./witness-server.ts";
import { event, events, ledgerOn, LedgerMemory, ORIGIN, PUBLIC_KEY, signerFrom } from "./support.ts";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const numbers = async (store: LedgerMemory) => (await all(ledgerOn(store).entries())).map((entry) => entry.subject["n"]);
const hash = (hex: string) => Buffer.from(hex, "hex");

describe("tile names", () => {
  test.each([
    [{ level: 0, index: 0, width: 256 }, "ledger/tile/0/000"],
    [{ level: 0, index: 0, width: 1 }, "ledger/tile/0/000.p/1"],
    [{ level: 1, index: 1234067, width: 256 }, "ledger/tile/1/x001/x234/067"],
    [{ level: "entries", index: 273, width: 112 }, "ledger/tile/entries/273.p/112"],
    [{ level: "entries", index: 1000, width: 256 }, "ledger/tile/entries/x001/000"],
  ] as const)("%j stands where C2SP puts it", (name, key) => {
    expect(tileKey(name)).toBe(key);
    expect(parseTileKey(key)).toEqual(name);
  });

  test.each(["ledger/tile/0/0", "ledger/tile/0/x000/000", "ledger/tile/0/000.p/256", "ledger/tile/0/000.p/0", "ledger/tile/00/000", "ledger/tile/0/001/000"])("%s is no tile", (key) => {
    expect(parseTileKey(key)).toBeNull();
  });
});

describe("appending", () => {
  test("entries come back as they went in, and each checkpoint is signed and provable", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    expect(await ledger.head()).toBeNull();
    expect(await all(ledger.entries())).toEqual([]);
    const checkpoints: Checkpoint[] = [];
    let size = 0;
    for (const count of [1, 1, 3, 250, 1, 1, 300, 2]) {
      checkpoints.push(await ledger.append(events(count, size)));
      size += count;
    }
    expect(await numbers(store)).toEqual(Array.from({ length: size }, (_, n) => n));
    const head = (await ledger.head())!;
    expect(head).toEqual(checkpoints.at(-1));
    expect(head).toMatchObject({ origin: ORIGIN, size });
    for (const older of checkpoints) {
      expect(isSignedBy(older.note, PUBLIC_KEY)).toBe(true);
      const proof = await ledger.consistencyProof(older.size, head.size);
      expect(verifyConsistency(older.size, head.size, hash(older.root), hash(head.root), proof)).toBe(true);
    }
    const entries = await all(ledger.entries());
    for (const index of [0, 4, 255, 256, 500, size - 1]) {
      const leaf = leafHash(encodeEntry(entries[index]!));
      expect(verifyInclusion(leaf, index, size, await ledger.inclusionProof(index), hash(head.root))).toBe(true);
    }
    expect(await ledger.verify({ publicKey: PUBLIC_KEY })).toEqual({ ok: true, findings: [], size, root: head.root, checkpoints: checkpoints.length, cosignatures: [] });
    for (const older of checkpoints) expect(await ledger.verify({ publicKey: PUBLIC_KEY, checkpoint: older.note })).toMatchObject({ ok: true });
  });

  test("a ledger of more than 65,536 entries grows a third level of tiles and holds together", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    await ledger.append(events(65_530));
    const before = (await ledger.head())!;
    await ledger.append(events(10, 65_530));
    const head = (await ledger.head())!;
    expect([...store.objects.keys()]).toEqual(expect.arrayContaining(["ledger/tile/2/000.p/1", "ledger/tile/1/000", "ledger/tile/0/255", "ledger/tile/0/256.p/4"]));
    const proof = await ledger.consistencyProof(before.size, head.size);
    expect(verifyConsistency(before.size, head.size, hash(before.root), hash(head.root), proof)).toBe(true);
    expect(await ledger.verify({ publicKey: PUBLIC_KEY, checkpoint: before.note })).toMatchObject({ ok: true, size: 65_540 });
  }, 60_000);

  test("the same entries in however many appends give the same root", async () => {
    const whole = await ledgerOn(new LedgerMemory()).append(events(40));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 }), async (counts) => {
        const ledger = ledgerOn(new LedgerMemory());
        let size = 0;
        for (const count of [...counts, 40]) {
          const step = Math.min(count, 40 - size);
          if (step > 0) await ledger.append(events(step, size));
          size += step;
        }
        expect((await ledger.head())!.root).toBe(whole.root);
      }),
      { numRuns: 25 },
    );
  });

  test("of racing writers none loses an entry and none enters twice", async () => {
    const store = new LedgerMemory();
    const writers = Array.from({ length: 12 }, (_, w) => ledgerOn(store).append(events((w % 3) + 1, w * 100)));
    await Promise.all(writers);
    const found = (await numbers(store)).map(Number).sort((a, b) => a - b);
    expect(found).toEqual(Array.from({ length: 12 }, (_, w) => Array.from({ length: (w % 3) + 1 }, (_, n) => w * 100 + n)).flat());
    expect(await ledgerOn(store).verify({ publicKey: PUBLIC_KEY })).toMatchObject({ ok: true, checkpoints: 12 });
  });

  test.each([
    ["a member it does not know", { ...event(1), email: "x" }],
    ["an action without a dot", { ...event(1), action: "done" }],
    ["a nested subject", { ...event(1), subject: { a: {} } }],
    ["a number JSON does not have", { ...event(1), subject: { a: Number.NaN } }],
    ["text that is not well-formed", { ...event(1), reason: "\ud800" }],
    ["more than an entry holds", { ...event(1), subject: Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`k${n}`, "x".repeat(1000)])) }],
  ])("refuses %s without repeating it", async (_, entry) => {
    const store = new LedgerMemory();
    await expect(ledgerOn(store).append([entry as never])).rejects.toMatchObject({ code: "ledger.bad_entry" });
    expect(store.objects.size).toBe(0);
  });

  test("entries are canonical: members sorted, numbers and strings as RFC 8785 writes them", () => {
    const entry: LedgerEntry = { outcome: "done", at: "2026-01-02T03:04:05.678Z", action: "a.b", actor: "é\u2028\"", subject: { z: 1e21, a: -0, "€": 0.1, "\r": true } };
    expect(Buffer.from(encodeEntry(entry)).toString()).toBe(
      '{"action":"a.b","actor":"é\u2028\\"","at":"2026-01-02T03:04:05.678Z","outcome":"done","subject":{"\\r":true,"a":0,"z":1e+21,"€":0.1}}',
    );
  });

  test("without a signer a ledger can be read and not written", async () => {
    const store = new LedgerMemory();
    await ledgerOn(store).append([event(1)]);
    const { openLedger } = await import("#app/ledger/index.ts");
    const reading = openLedger({ store, origin: ORIGIN, clock: { now: () => new Date(0) } });
    expect((await reading.head())?.size).toBe(1);
    await expect(reading.append([event(2)])).rejects.toMatchObject({ code: "ledger.no_signer" });
  });
});

describe("tampering", () => {
  async function ledgerWith(counts: readonly number[]): Promise<{ store: LedgerMemory; heads: Checkpoint[] }> {
    const store = new LedgerMemory();
    const heads: Checkpoint[] = [];
    let size = 0;
    for (const count of counts) {
      heads.push(await ledgerOn(store).append(events(count, size)));
      size += count;
    }
    return { store, heads };
  }
  /** What is tidied away in time, and mends what is tampered with until then (crash.test.ts). */
  const withoutStaged = (store: LedgerMemory) => [...store.objects.keys()].filter((key) => key.startsWith("ledger/staged/")).forEach((key) => store.objects.delete(key));
  const verify = (store: LedgerMemory, checkpoint?: string) => ledgerOn(store).verify({ publicKey: PUBLIC_KEY, checkpoint });
  const currentOrFull = (key: string) => key.startsWith("ledger/tile/") || key.startsWith("ledger/checkpoints/");

  test("one flipped bit in any tile, bundle or checkpoint is found and its object is named", async () => {
    const { store } = await ledgerWith([5, 252, 3]);
    for (const [key, bytes] of store.objects) {
      if (!currentOrFull(key)) continue;
      for (const at of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
        const bad = store.copy();
        const changed = Uint8Array.from(bytes);
        changed[at]! ^= 1;
        bad.objects.set(key, changed);
        const report = await verify(bad);
        expect(report.ok).toBe(false);
        expect(report.findings.map((finding) => finding.object)).toContain(key);
        expect(report.findings.every((finding) => ["ledger.damaged", "ledger.bad_signature"].includes(finding.code))).toBe(true);
      }
    }
  });

  test("no bit of a checkpoint can be flipped unnoticed, nor of a cosigned one by whoever knows the witness", async () => {
    const server = new WitnessServer();
    await server.start();
    try {
      const { store } = await ledgerWith([2]);
      server.logs.set(ORIGIN, verifierKey(ORIGIN, PUBLIC_KEY));
      const key = parseWitnessKey(server.vkey)!;
      expect(await ledgerOn(store).cosign({ url: server.url, key })).toMatchObject({ kind: "cosigned" });
      for (const [object, bytes] of store.objects) {
        if (!/^ledger\/(checkpoints|cosigned)\//.test(object)) continue;
        for (let at = 0; at < bytes.length; at++) {
          for (const bit of [1, 2, 32, 128]) {
            const bad = store.copy();
            bad.objects.get(object)![at]! ^= bit;
            const report = await ledgerOn(bad).verify({ publicKey: PUBLIC_KEY, witnesses: [key] });
            // A changed name makes a cosignature a stranger's: then it is not counted.
            if (report.ok) expect([at, report.cosignatures]).toEqual([at, []]);
            else expect(report.findings.map((finding) => finding.object)).toContain(object);
          }
        }
      }
    } finally {
      await server.stop();
    }
  });

  test("a checkpoint where another belongs is named", async () => {
    const { store } = await ledgerWith([1, 1, 1, 4, 2]);
    const key = (n: number) => `ledger/checkpoints/${String(n).padStart(20, "0")}`;
    for (let to = 1; to <= 5; to++) {
      for (let from = 1; from <= 5; from++) {
        if (from === to) continue;
        const bad = store.copy();
        bad.objects.set(key(to), store.objects.get(key(from))!);
        const { findings } = await verify(bad);
        expect(findings).toContainEqual(expect.objectContaining({ code: "ledger.damaged", object: key(to) }));
        // Neighbours with the same bytes cannot be told apart; everybody else is left alone.
        expect(findings.filter(({ object }) => ![key(to), key(from)].includes(object))).toEqual([]);
      }
    }
  });

  test("what belongs in a rising row is what every longest rising selection holds", () => {
    const brute = (row: readonly number[]): boolean[] => {
      const all = Array.from({ length: 2 ** row.length }, (_, set) => row.map((_, n) => Math.floor(set / 2 ** n) % 2 === 1)).filter((set) => row.filter((_, n) => set[n]).every((value, n, some) => n === 0 || some[n - 1]! < value));
      const most = Math.max(...all.map((set) => set.filter(Boolean).length));
      return row.map((_, n) => all.filter((set) => set.filter(Boolean).length === most).every((set) => set[n]));
    };
    fc.assert(fc.property(fc.array(fc.nat(6), { maxLength: 8 }), (row) => expect(rising(row)).toEqual(brute(row))));
  });

  test("one changed entry names the bundle and the entry, even when its hash tile was changed with it", async () => {
    const { store } = await ledgerWith([3]);
    withoutStaged(store);
    const bundle = "ledger/tile/entries/000.p/3";
    const text = Buffer.from(store.objects.get(bundle)!).toString("latin1").replace("s1", "s9");
    store.objects.set(bundle, Buffer.from(text, "latin1"));
    expect((await verify(store)).findings).toEqual([{ code: "ledger.damaged", object: bundle, detail: "changed: entry 1" }]);
    await expect(numbers(store)).rejects.toMatchObject({ code: "ledger.damaged" });

    const tile = Uint8Array.from(store.objects.get("ledger/tile/0/000.p/3")!);
    const entry = /\{[^}]*s9[^}]*\}[^}]*\}/.exec(text)![0];
    tile.set(leafHash(Buffer.from(entry, "latin1")), 32);
    store.objects.set("ledger/tile/0/000.p/3", tile);
    expect((await verify(store)).ok).toBe(false);
  });

  test("a missing object of the newest checkpoint, or a missing checkpoint in the row, is named", async () => {
    const { store } = await ledgerWith([5, 252, 3]);
    for (const key of ["ledger/tile/0/000", "ledger/tile/1/000.p/1", "ledger/tile/0/001.p/4", "ledger/tile/entries/000", "ledger/checkpoints/00000000000000000002"]) {
      const bad = store.copy();
      expect(bad.objects.delete(key)).toBe(true);
      const report = await verify(bad);
      expect(report.findings.map(({ code, object }) => [code, object])).toContainEqual(["ledger.damaged", key]);
    }
  });

  test("older partial tiles may be dropped, as C2SP allows", async () => {
    const { store } = await ledgerWith([5, 252, 3]);
    for (const key of ["ledger/tile/0/000.p/5", "ledger/tile/entries/000.p/5"]) expect(store.objects.has(key)).toBe(false);
    for (const key of ["ledger/tile/0/001.p/1", "ledger/tile/entries/001.p/1"]) expect(store.objects.delete(key)).toBe(true);
    expect((await verify(store)).findings).toEqual([]);
  });

  test("removing the newest checkpoint alone is seen from the ledger itself, and no writer goes on from there", async () => {
    const { store } = await ledgerWith([2, 2]);
    store.objects.delete("ledger/checkpoints/00000000000000000002");
    expect((await verify(store)).findings.map((finding) => finding.code)).toContain("ledger.rolled_back");
    await expect(ledgerOn(store).append([{ ...event(9), subject: { n: 99 } }, event(8)])).rejects.toMatchObject({ code: "ledger.rolled_back" });
  });

  test("a clean roll-back is seen with a checkpoint kept elsewhere, and only with one", async () => {
    const { store, heads } = await ledgerWith([2, 2, 2]);
    const older = (await ledgerWith([2, 2])).store;
    expect((await verify(older)).ok).toBe(true);
    expect(await verify(older, heads[2]!.note)).toMatchObject({ ok: false, findings: [{ code: "ledger.rolled_back", object: "checkpoint" }] });
    expect(await verify(new LedgerMemory(), heads[0]!.note)).toMatchObject({ findings: [{ code: "ledger.rolled_back" }] });
    expect(await verify(store, heads[1]!.note)).toMatchObject({ ok: true });
  });

  test("a rewritten history, signed with the right key, is a fork to whoever kept a checkpoint", async () => {
    const { heads } = await ledgerWith([2, 2]);
    const forged = new LedgerMemory();
    await ledgerOn(forged).append([event(0), event(77), event(2), event(3), event(4)]);
    expect((await verify(forged)).ok).toBe(true);
    for (const head of heads) expect(await verify(forged, head.note)).toMatchObject({ findings: [{ code: "ledger.forked", object: "checkpoint" }] });
  });

  test("a checkpoint of the right key over another history, put among the others, is a fork", async () => {
    const { store } = await ledgerWith([2, 2]);
    const forged = new LedgerMemory();
    await ledgerOn(forged).append([event(50), event(51)]);
    store.objects.set("ledger/checkpoints/00000000000000000001", forged.objects.get("ledger/checkpoints/00000000000000000001")!);
    expect((await verify(store)).findings).toEqual([expect.objectContaining({ code: "ledger.forked", object: "ledger/checkpoints/00000000000000000001" })]);
  });

  test("another key's signature is refused, in the ledger and on the kept checkpoint, and nothing is appended on top of it", async () => {
    const { store, heads } = await ledgerWith([2]);
    const stranger = { ...signerFrom(2) };
    const theirs = new LedgerMemory();
    await ledgerOn(theirs, stranger).append(events(2));
    expect((await verify(theirs)).findings.map((finding) => finding.code)).toContain("ledger.bad_signature");
    await expect(ledgerOn(theirs).append([event(3)])).rejects.toMatchObject({ code: "ledger.bad_signature" });
    const note = Buffer.from(theirs.objects.get("ledger/checkpoints/00000000000000000001")!).toString();
    expect(await verify(store, note)).toMatchObject({ findings: [{ code: "ledger.bad_signature", object: "checkpoint" }] });
    expect(await verify(store, heads[0]!.note.replace("\n2\n", "\n1\n"))).toMatchObject({ findings: [{ code: "ledger.bad_signature" }] });
    expect(await verify(store, "hello")).toMatchObject({ findings: [{ code: "ledger.bad_signature" }] });
  });
});
