import { describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import type { Ledger } from "#app/ledger/index.ts";
import { putRoster, readRoster, readVaultDescription, repairVault, verifyVault } from "#app/vault/index.ts";
import type { Roster } from "#app/vault/index.ts";
import { checkEnteredRosters } from "#app/workflows/verify/check-rosters.ts";
import { BucketStore, MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, steadyClock } from "#tests/support/vault-kit.ts";

const SAID: Pick<Roster, "shop" | "signIn" | "responders"> = {
  shop: "aspen-synthetic.myshopify.com",
  signIn: { issuer: "https://id.example.com", clientId: "viewer", groupsClaim: "groups", groups: ["responders"], secret: false },
  responders: ["a".repeat(43)],
};

async function world(seed = "vault") {
  const store = new MemoryStore();
  const { hostKeys } = await newTestVault(store, seed);
  const description = await readVaultDescription(store);
  const put = (said = SAID) => putRoster({ store, description, signingKey: hostKeys.signingKey, clock: steadyClock() }, said);
  return { store, description, put, read: () => readRoster(store, description) };
}

describe("the roster in the vault", () => {
  test("is not there until it is written, and then says who may, by opaque ids only", async () => {
    const { put, read } = await world();
    expect(await read()).toBeNull();
    await put();
    expect(await read()).toMatchObject({ ...SAID, sequence: 1 });
  });

  test("the newest counts: somebody who was taken off is off", async () => {
    const { put, read } = await world();
    await put();
    await put({ ...SAID, responders: [] });
    expect(await read()).toMatchObject({ sequence: 2, responders: [] });
  });

  test("what another vault's key signed is nobody's roster, and locks nobody out", async () => {
    const { put, read, store } = await world();
    await put();
    const other = await world("other");
    await other.put({ ...SAID, responders: ["intruder"] });
    await other.put({ ...SAID, responders: ["intruder"] });
    const theirs = await other.store.get("access/roster/0000000002.json");
    await store.putIfAbsent("access/roster/0000000002.json", theirs!);
    await store.putIfAbsent("access/roster/9999999999.json", Buffer.from("{}"));
    expect(await read()).toMatchObject({ sequence: 1, responders: SAID.responders });
    await put({ ...SAID, responders: ["b".repeat(43)] });
    expect(await read()).toMatchObject({ sequence: 3, responders: ["b".repeat(43)] });
  });

  test("one in another number's place counts for nothing", async () => {
    const { put, read, store } = await world();
    await put({ ...SAID, responders: ["first"] });
    await put({ ...SAID, responders: [] });
    const first = await store.get("access/roster/0000000001.json");
    await store.putIfAbsent("access/roster/0000000003.json", first!);
    expect(await read()).toMatchObject({ sequence: 2, responders: [] });
  });

  test("two hosts at once are numbered one after the other", async () => {
    const { put, read } = await world();
    const sequences = (await Promise.all([put(), put({ ...SAID, responders: [] })])).map(({ roster }) => roster.sequence);
    expect(sequences.sort()).toEqual([1, 2]);
    expect((await read())?.sequence).toBe(2);
  });
});

describe("rosters, to a verifier without keys", () => {
  const findings = async (store: MemoryStore) => (await verifyVault({ store, readData: true })).findings.map(({ code, object }) => `${code} ${object}`);
  const three = async () => {
    const made = await world();
    for (const responders of [["first"], ["second"], ["third"]]) await made.put({ ...SAID, responders });
    return made;
  };
  const name = (number: number): string => `access/roster/${String(number).padStart(10, "0")}.json`;

  test("are sound as they were written", async () => {
    const { store } = await three();
    expect(await findings(store)).toEqual([]);
  });
  test("one with any byte changed is named, be it the newest or not", async () => {
    const { store } = await three();
    for (const object of [name(1), name(3)]) {
      const whole = store.objects.get(object) as Uint8Array;
      for (const at of [0, 40, whole.length >> 1, whole.length - 2]) {
        store.objects.set(object, whole.map((byte, i) => (i === at ? byte ^ 1 : byte)));
        expect(await findings(store)).toEqual([`roster.damaged ${object}`]);
      }
      store.objects.set(object, whole);
    }
  });
  test("one in another's place, or another vault's, is named", async () => {
    const { store } = await three();
    const other = await world("other");
    await other.put();
    const second = store.objects.get(name(2)) as Uint8Array;
    for (const bytes of [store.objects.get(name(1)) as Uint8Array, other.store.objects.get(name(1)) as Uint8Array]) {
      store.objects.set(name(2), bytes);
      expect(await findings(store)).toEqual([`roster.damaged ${name(2)}`]);
    }
    store.objects.set(name(2), second);
    store.objects.delete(name(2));
    expect(await findings(store)).toEqual([`roster.missing ${name(2)}`]);
  });
  test("one that was damaged is brought back from a copy", async () => {
    const { store } = await three();
    const copy = new MemoryStore();
    for (const [key, bytes] of store.objects) copy.objects.set(key, bytes);
    store.objects.set(name(3), Buffer.from("{}"));
    await repairVault({ store: new Removing(store), from: copy });
    expect(store.objects.get(name(3))).toEqual(copy.objects.get(name(3)));
  });
  test("one whose writer died before it was entered is told, so that it can be entered; one that the vault's key did not sign is not", async () => {
    const { store, description } = await three();
    const digest = createHash("sha256").update(store.objects.get(name(2)) as Uint8Array).digest("hex");
    store.objects.set(name(3), Buffer.from("{}"));
    const ledger = { entries: async function* () { yield { action: "roster.published", outcome: "done", subject: { vault: description.vaultId, sequence: 1, digest: createHash("sha256").update(store.objects.get(name(1)) as Uint8Array).digest("hex") } }; } } as unknown as Pick<Ledger, "entries">;
    const { findings: found, unentered } = await checkEnteredRosters(store, description, ledger, new Set());
    expect(found).toEqual([]);
    expect(unentered).toEqual([{ action: "roster.published", subject: { vault: description.vaultId, shop: SAID.shop, sequence: 2, digest, responders: 1, groups: SAID.signIn?.groups.length ?? 0 }, outcome: "done" }]);
  });
  test("that the newest was taken away is told by the ledger, and that another stands in its place", async () => {
    const { store, description } = await three();
    const entries = [1, 2, 3].map((sequence) => ({ action: "roster.published", outcome: "done", subject: { vault: description.vaultId, sequence, digest: createHash("sha256").update(store.objects.get(name(sequence)) as Uint8Array).digest("hex") } }));
    const ledger = (of: readonly object[]) => ({ entries: async function* () { yield* of; } }) as unknown as Pick<Ledger, "entries">;
    expect(await checkEnteredRosters(store, description, ledger(entries), new Set())).toEqual({ findings: [], unentered: [] });
    const changed = entries.map((entry, i) => (i === 1 ? { ...entry, subject: { ...entry.subject, digest: "0".repeat(64) } } : entry));
    expect(await checkEnteredRosters(store, description, ledger(changed), new Set())).toMatchObject({ findings: [{ code: "roster.replaced", object: name(2) }], unentered: [] });
    store.objects.delete(name(3));
    expect(await checkEnteredRosters(store, description, ledger(entries), new Set())).toMatchObject({ findings: [{ code: "roster.missing", object: name(3) }], unentered: [] });
    expect(await checkEnteredRosters(store, description, ledger(entries), new Set([name(3)]))).toMatchObject({ findings: [] });
    expect(await checkEnteredRosters(store, description, ledger(entries.map((entry) => ({ ...entry, subject: { ...entry.subject, vault: "0".repeat(32) } }))), new Set())).toMatchObject({ findings: [] });
  });
});

/** Lets go of what repair takes away. */
class Removing extends BucketStore {
  constructor(of: MemoryStore) {
    super();
    Object.defineProperty(this, "objects", { value: of.objects });
  }
}
