import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { checkProof, parseWitnessKey, verifierKey, type Witness } from "#app/ledger/index.ts";
import { openNote, parseVkey } from "./independent.ts";
import { event, events, ledgerOn, LedgerMemory, ORIGIN, PUBLIC_KEY } from "./support.ts";
import { WitnessServer } from "./witness-server.ts";

const server = new WitnessServer();
let witness: Witness;
beforeAll(async () => {
  await server.start();
  witness = { url: server.url, key: parseWitnessKey(server.vkey)! };
});
afterAll(() => server.stop());
beforeEach(() => {
  server.seen.clear();
  server.answers.length = 0;
  server.spoil = (status, body) => ({ status, body });
  server.logs.set(ORIGIN, verifierKey(ORIGIN, PUBLIC_KEY));
});

const cosigned = (store: LedgerMemory) => [...store.objects.keys()].filter((key) => key.startsWith("ledger/cosigned/"));
const verify = (store: LedgerMemory) => ledgerOn(store).verify({ publicKey: PUBLIC_KEY, witnesses: [witness.key] });

describe("a witness", () => {
  test("cosigns a ledger as it grows, seeing a consistency proof each time", async () => {
    const store = new LedgerMemory();
    const ledger = ledgerOn(store);
    expect(await ledger.cosign(witness)).toEqual({ kind: "empty" });
    for (const [n, count] of [3, 1, 260, 9].entries()) {
      const head = await ledger.append(events(count));
      server.time = 1_790_000_000 + n;
      const answer = await ledger.cosign(witness);
      expect(answer).toMatchObject({ kind: "cosigned", cosignature: { witness: server.name, at: new Date((1_790_000_000 + n) * 1000) } });
      if (answer.kind === "cosigned") expect(openNote(answer.note, parseVkey(server.vkey))).toEqual({ text: head.note.split("\n\n")[0] + "\n", time: 1_790_000_000 + n });
      expect(server.seen.get(ORIGIN)?.size).toBe(head.size);
    }
    expect(server.answers).toEqual([200, 200, 200, 200]);
    expect(cosigned(store)).toHaveLength(4);
    const report = await verify(store);
    expect(report.findings).toEqual([]);
    expect(report.cosignatures.map(({ size }) => size)).toEqual([3, 4, 264, 273]);
  });

  test("says what it saw last when the ledger does not know, and the proof starts there", async () => {
    const store = new LedgerMemory();
    await ledgerOn(store).append(events(5));
    await ledgerOn(store).cosign(witness);
    for (const key of cosigned(store)) store.objects.delete(key);
    await ledgerOn(store).append(events(4));
    expect(await ledgerOn(store).cosign(witness)).toMatchObject({ kind: "cosigned" });
    expect(server.answers).toEqual([200, 409, 200]);
  });

  test("cosigns an idle ledger again, which says that it was still the longest then", async () => {
    const store = new LedgerMemory();
    await ledgerOn(store).append(events(5));
    await ledgerOn(store).cosign(witness);
    server.time += 86_400;
    expect(await ledgerOn(store).cosign(witness)).toMatchObject({ kind: "cosigned" });
    expect((await verify(store)).cosignatures).toHaveLength(2);
  });

  test("its word goes into the proofs that are given away", async () => {
    const store = new LedgerMemory();
    await ledgerOn(store).append(events(5));
    await ledgerOn(store).cosign(witness);
    await ledgerOn(store).append(events(5));
    const proofs = await Promise.all([2, 7].map(async (index) => checkProof((await ledgerOn(store).prove(index))!, { publicKey: PUBLIC_KEY, witnesses: [witness.key] })));
    expect(proofs).toMatchObject([{ ok: true, checkpoint: { size: 5 }, cosignatures: [{ witness: server.name }] }, { ok: true, checkpoint: { size: 10 }, cosignatures: [] }]);
  });

  test("that has seen more than there is now exposes a roll-back", async () => {
    const store = new LedgerMemory();
    await ledgerOn(store).append(events(5));
    const older = store.copy();
    await ledgerOn(store).append(events(5));
    await ledgerOn(store).cosign(witness);
    expect(await ledgerOn(older).cosign(witness)).toEqual({ kind: "rolled-back", seen: 10 });
    // What it signed, kept in the store, does the same without asking it.
    for (const key of cosigned(store)) older.objects.set(key, store.objects.get(key)!);
    expect((await verify(older)).findings).toEqual([expect.objectContaining({ code: "ledger.rolled_back", object: cosigned(store)[0] })]);
  });

  test.each([5, 8])("refuses another history of %i entries, signed with the right key", async (size) => {
    const store = new LedgerMemory();
    await ledgerOn(store).append(events(5));
    await ledgerOn(store).cosign(witness);
    const forged = new LedgerMemory();
    await ledgerOn(forged).append(events(size, 90));
    expect(await ledgerOn(forged).cosign(witness)).toEqual({ kind: "forked" });
    for (const key of cosigned(store)) forged.objects.set(key, store.objects.get(key)!);
    expect((await verify(forged)).findings).toEqual([expect.objectContaining({ code: "ledger.forked", object: cosigned(store)[0] })]);
  });

  test("that does not know the log, or not the key, cosigns nothing", async () => {
    const store = new LedgerMemory();
    await ledgerOn(store).append([event(1)]);
    server.logs.delete(ORIGIN);
    expect(await ledgerOn(store).cosign(witness)).toEqual({ kind: "unknown-log" });
    server.logs.set(ORIGIN, server.vkey.replace(server.name, ORIGIN) && verifierKey(ORIGIN, { x: Buffer.alloc(32, 9).toString("base64url") }));
    expect(await ledgerOn(store).cosign(witness)).toEqual({ kind: "unknown-log" });
    expect(cosigned(store)).toEqual([]);
  });

  test.each([
    ["a server's error", { status: 500, body: "" }],
    ["an empty answer", { status: 200, body: "" }],
    ["an answer that is no note", { status: 200, body: "hello\n" }],
    ["a conflict without a size", { status: 409, body: "many\n", type: "text/x.tlog.size" }],
    ["a conflict of another type", { status: 409, body: "1\n", type: "text/html" }],
    ["an absurd length", { status: 200, body: "x".repeat(100_000) }],
  ])("%s is no cosignature", async (_, answer) => {
    const store = new LedgerMemory();
    await ledgerOn(store).append([event(1)]);
    server.spoil = () => answer;
    expect(await ledgerOn(store).cosign(witness)).toMatchObject({ kind: "unavailable" });
    expect(cosigned(store)).toEqual([]);
  });

  test("a signature that is not its own is no cosignature, and others in its answer are ignored", async () => {
    const store = new LedgerMemory();
    await ledgerOn(store).append([event(1)]);
    server.spoil = (status, body) => ({ status, body: body.replace(/ (\S+)\n$/, (_, b: string) => ` ${Buffer.from(Buffer.from(b, "base64").map((byte, n) => (n === 70 ? byte ^ 1 : byte))).toString("base64")}\n`) });
    expect(await ledgerOn(store).cosign(witness)).toMatchObject({ kind: "unavailable" });
    server.seen.clear();
    server.spoil = (status, body) => ({ status, body: `\u2014 stranger.example ${Buffer.alloc(76, 3).toString("base64")}\n${body}` });
    const answer = await ledgerOn(store).cosign(witness);
    expect(answer).toMatchObject({ kind: "cosigned" });
    expect(answer.kind === "cosigned" && answer.note.includes("stranger")).toBe(false);
  });

  test("that is not there is said to be unavailable", async () => {
    const store = new LedgerMemory();
    await ledgerOn(store).append([event(1)]);
    const gone = new WitnessServer();
    await gone.start();
    await gone.stop();
    expect(await ledgerOn(store).cosign({ ...witness, url: gone.url })).toEqual({ kind: "unavailable", detail: "no connection" });
  });

  test("a changed cosignature in the store is found", async () => {
    const store = new LedgerMemory();
    await ledgerOn(store).append([event(1)]);
    await ledgerOn(store).cosign(witness);
    const [key] = cosigned(store);
    const note = Buffer.from(store.objects.get(key!)!).toString();
    const line = note.trimEnd().split("\n").at(-1)!;
    const [dash, name, base64] = line.split(" ");
    const bytes = Buffer.from(base64!, "base64");
    bytes[11]! ^= 1; // the time
    store.objects.set(key!, Buffer.from(note.replace(line, `${dash} ${name} ${bytes.toString("base64")}`)));
    expect((await verify(store)).findings).toEqual([expect.objectContaining({ code: "ledger.bad_signature", object: key })]);
  });
});

describe("a witness's key", () => {
  test("is read in the form C2SP gives it", () => {
    expect(parseWitnessKey(server.vkey)).toMatchObject({ name: server.name });
    for (const bad of ["", "a+b", server.vkey.replace(server.name, "other.example"), verifierKey(ORIGIN, PUBLIC_KEY), `${server.vkey}A`]) expect(parseWitnessKey(bad)).toBeNull();
  });
});
