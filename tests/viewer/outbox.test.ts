import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openLedger, originOf } from "#app/ledger/index.ts";
import { fileOutbox, viewEvents } from "#app/viewer/index.ts";
import { directLedger } from "#app/workflows/shared/direct-ledger.ts";
import { enterAll, keptEntry } from "#app/workflows/shared/outbox.ts";
import { steadyClock, newTestVault } from "#tests/support/vault-kit.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";

let home: string;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), "holdfast-outbox-")); });
afterEach(() => { rmSync(home, { recursive: true, force: true }); });

const VAULT = "0123456789abcdef0123456789abcdef";
const clock = steadyClock();
const entry = (n: number, vault = VAULT) => ({ actor: "responder:abc", action: "viewer.signed_out", subject: { vault, shop: "a.myshopify.com", session: n.toString(16).padStart(16, "0"), code: "viewer.idle" }, outcome: "done" as const });
const kept = (n: number) => keptEntry(entry(n), clock);
const folder = (): string => join(home, "viewer", "outbox", VAULT);
const sessions = (waiting: readonly { entry: string }[]): string[] => waiting.map((one) => (JSON.parse(one.entry) as { subject: { session: string } }).subject.session.replace(/^0+/, ""));

describe("events on this host's own disk", () => {
  test("wait in order, for their owner only to read, and are there for the next process", async () => {
    const one = fileOutbox(home, "one");
    await one.add(VAULT, [kept(1), kept(2)]);
    await one.add(VAULT, [kept(3)]);
    await one.close();
    const two = fileOutbox(home, "two");
    await two.add(VAULT, [kept(4)]);
    expect(sessions(await two.waiting(VAULT))).toEqual(["1", "2", "3", "4"]);
    expect(await two.vaults()).toEqual([VAULT]);
    expect(readdirSync(folder()).map((name) => statSync(join(folder(), name)).mode & 0o077)).toEqual([0, 0]);
    await two.close();
  });

  test("are given once they were entered, and the first try is remembered", async () => {
    const box = fileOutbox(home, "one");
    await box.add(VAULT, [kept(1), kept(2)]);
    const [first, second] = await box.waiting(VAULT);
    await box.trying([first!.id, second!.id], 7);
    await box.trying([first!.id], 9);
    await box.entered([{ id: first!.id, place: 7 }]);
    expect((await box.waiting(VAULT)).map(({ id, tried }) => [id, tried])).toEqual([[second!.id, 7]]);
    await box.close();
  });

  test("a line that was torn, changed or taken out ends what is believed of its file; what was whole before it stays", async () => {
    const box = fileOutbox(home, "one");
    await box.add(VAULT, [kept(1), kept(2), kept(3)]);
    await box.close();
    const file = join(folder(), "one.events");
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const waiting = async (): Promise<string[]> => sessions(await fileOutbox(home, "two").waiting(VAULT));
    appendFileSync(file, '{"n":4,"entry":"{');
    expect(await waiting()).toEqual(["1", "2", "3"]);
    writeFileSync(file, `${lines[0]!}\n${lines[2]!}\n`);
    expect(await waiting()).toEqual(["1"]);
    writeFileSync(file, `${lines[0]!}\n${lines[1]!.replace(/"leaf":"./, '"leaf":"0')}\n${lines[2]!}\n`);
    expect(await waiting()).toEqual(["1"]);
  });

  test("go into the vault's ledger when it can be reached, once each, although the process that kept them is gone", async () => {
    const store = new MemoryStore();
    const { hostKeys } = await newTestVault(store);
    const { vaultId } = hostKeys;
    const before = fileOutbox(home, "before");
    await before.add(vaultId, [keptEntry(entry(1, vaultId), clock), keptEntry(entry(2, vaultId), clock)]);
    await before.close();
    const box = fileOutbox(home, "after");
    const signer = { signerFor: () => Promise.resolve({ name: originOf(vaultId), privateKey: hostKeys.signingKey }) };
    const ledger = await directLedger({ signer, clock }, vaultId, store);
    expect((await enterAll(box, ledger, vaultId)).entered).toBe(2);
    expect((await enterAll(box, ledger, vaultId)).entered).toBe(0);
    const entered: string[] = [];
    for await (const { subject } of openLedger({ store, origin: originOf(vaultId), clock }).entries()) entered.push(String(subject["session"]).replace(/^0+/, ""));
    expect(entered).toEqual(["1", "2"]);
    await box.close();
  });

  test("a lock whose process has died holds nobody up", async () => {
    const box = fileOutbox(home, "one");
    await box.add(VAULT, [kept(1)]);
    writeFileSync(join(folder(), "lock"), "999999999");
    expect(await box.exclusively(VAULT, () => Promise.resolve("mine"))).toBe("mine");
    expect(readdirSync(folder())).not.toContain("lock");
    await box.close();
  });
});

describe("keeping an event", () => {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const usual = (add: () => Promise<void>) => ({ add, waiting: () => Promise.resolve([]), trying: () => Promise.resolve(), entered: () => Promise.resolve(), exclusively: <T>(_: string, work: () => Promise<T>) => work() });

  test.each([["fails", () => Promise.reject(new Error("the database is gone"))], ["does not answer", () => new Promise<void>(() => undefined)]])("goes to this host's disk when the database %s", async (_, add) => {
    const own = fileOutbox(home, "one");
    await viewEvents({ vaultId: VAULT, clock, log, usual: usual(add), own, enter: () => Promise.resolve(), patienceMs: 20 }).keep([entry(1)]);
    expect(sessions(await own.waiting(VAULT))).toEqual(["1"]);
    await own.close();
  });

  test("goes to the database when that answers, and only there", async () => {
    const own = fileOutbox(home, "one");
    let added = 0;
    await viewEvents({ vaultId: VAULT, clock, log, usual: usual(() => { added++; return Promise.resolve(); }), own, enter: () => Promise.resolve() }).keep([entry(1)]);
    expect([added, await own.waiting(VAULT)]).toEqual([1, []]);
  });

  test("says so when it can be kept nowhere, and when it may not be entered", async () => {
    const broken = { ...fileOutbox(home, "one"), add: () => Promise.reject(new Error("no room")) };
    const events = viewEvents({ vaultId: VAULT, clock, log, usual: null, own: broken, enter: () => Promise.resolve() });
    await expect(events.keep([entry(1)])).rejects.toMatchObject({ code: "viewer.not_recorded" });
    await expect(events.keep([{ ...entry(1), subject: { note: "Ada Synthetic" } }])).rejects.toMatchObject({ code: "ledger.bad_entry" });
  });

  test("does not wait for the ledger", async () => {
    const own = fileOutbox(home, "one");
    await viewEvents({ vaultId: VAULT, clock, log, usual: null, own, enter: () => new Promise(() => undefined) }).keep([entry(1)]);
    expect(await own.waiting(VAULT)).toHaveLength(1);
    await own.close();
  });
});
