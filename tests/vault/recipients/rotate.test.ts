/** Recipients come and go, packs stay: who can open what before and after, what is signed, what is refused. */
import { describe, expect, it } from "@jest/globals";
import { contentKeys, openHostKeys, openVault, openVaultWithIdentity, readRecipients, readVaultDescription, recipientHistory, rotateRecipients, StoreError, verifyVault } from "#app/vault/index.ts";
import type { RotateRecipients, Rotated } from "#app/vault/index.ts";
import { signDescription } from "#app/vault/snapshot/description.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, readAll, record, SCRATCH, seededRandom, snapshotOf, steadyClock, testIdentity } from "#tests/support/vault-kit.ts";
import type { TestIdentity, TestVault } from "#tests/support/vault-kit.ts";

const records = Array.from({ length: 40 }, (_, i) => record("customers", `id${i}`, `synthetic ${i}`));
const later = [...records, record("customers", "new", "synthetic, taken after the rotation")];

interface World {
  readonly store: MemoryStore;
  readonly test: TestVault;
  readonly first: TestIdentity;
  readonly second: TestIdentity;
  rotate(changes?: Partial<RotateRecipients>): Promise<Rotated>;
}

async function world(store = new MemoryStore(), seed = "rotation"): Promise<World> {
  const [first, second] = await Promise.all([testIdentity(), testIdentity("P-384")]);
  const test = await newTestVault(store, seed, first);
  await snapshotOf(test.vault, records);
  const clock = steadyClock("2026-05-01T00:00:00.000Z");
  return { store, test, first, second, rotate: (changes) => rotateRecipients({ store, opener: first.opener, add: [], remove: [], clock, signingKey: test.hostKeys.signingKey, ...changes }) };
}

async function recordsFor(store: MemoryStore, identity: TestIdentity, reference = "latest"): Promise<number> {
  const vault = await openVaultWithIdentity({ store, opener: identity.opener });
  return (await readAll(vault, reference, contentKeys(store, identity.opener))).length;
}

async function faults(store: MemoryStore, identity: TestIdentity): Promise<unknown> {
  const report = await verifyVault({ store, readData: true, opener: identity.opener, scratchDirectory: SCRATCH });
  return { findings: report.findings, orphans: report.orphans };
}

const CLEAN = { findings: [], orphans: [] };
const packsOf = (store: MemoryStore): string[] => [...store.objects].filter(([key]) => /^(packs|tree|snapshots)\//.test(key)).map(([key, bytes]) => `${key} ${Buffer.from(bytes).toString("base64")}`);

describe("adding a recipient", () => {
  it("lets it open every snapshot there is, and leaves every pack, block and manifest as it was", async () => {
    const { store, first, second, rotate } = await world();
    const before = packsOf(store);
    const rotated = await rotate({ add: [second.recipient] });
    expect(rotated).toMatchObject({ changed: true, sequence: 1, generation: 1, added: [second.recipient.keyId], removed: [], keys: 3, kept: [] });
    expect(packsOf(store)).toEqual(before);
    expect(await recordsFor(store, first)).toBe(40);
    expect(await recordsFor(store, second)).toBe(40);
    expect(await faults(store, second)).toEqual(CLEAN);
  });

  it("makes the next snapshot open to it, by a writer that was up before the rotation", async () => {
    const { store, test, second, rotate } = await world();
    const { digest } = await rotate({ add: [second.recipient] });
    const { manifest } = await snapshotOf(test.vault, later);
    expect(manifest.recipients).toEqual({ sequence: 1, digest });
    expect(await recordsFor(store, second)).toBe(41);
    expect(await faults(store, second)).toEqual(CLEAN);
  });

  it("twice is once", async () => {
    const { store, second, rotate } = await world();
    const once = await rotate({ add: [second.recipient] });
    const objects = [...store.objects.keys()].sort();
    expect(await rotate({ add: [second.recipient] })).toEqual({ ...once, changed: false, added: [] });
    expect([...store.objects.keys()].sort()).toEqual(objects);
  });

  it("takes nobody whose key is too weak or not the one it is named after", async () => {
    const { first, second, rotate } = await world();
    await expect(rotate({ add: [{ keyId: first.recipient.keyId, jwk: second.recipient.jwk }] })).rejects.toMatchObject({ code: "vault.bad_recipient" });
  });
});

describe("removing a recipient", () => {
  it("leaves nothing on the store that it opens, and the others everything", async () => {
    const { store, first, second, rotate } = await world();
    await rotate({ add: [second.recipient], remove: [first.recipient.keyId] });
    await expect(recordsFor(store, first)).rejects.toMatchObject({ code: "vault.no_key" });
    for (const [key, bytes] of store.objects) if (key.startsWith("keys/")) expect(await first.opener.open(bytes)).toBeNull();
    expect(await recordsFor(store, second)).toBe(40);
    expect(await faults(store, second)).toEqual(CLEAN);
  });

  it("is refused when nobody would be left, or when the key never was a recipient's, and changes nothing", async () => {
    const { store, first, second, rotate } = await world();
    const before = [...store.objects.keys()];
    await expect(rotate({ remove: [first.recipient.keyId] })).rejects.toMatchObject({ code: "vault.last_recipient" });
    await expect(rotate({ remove: [second.recipient.keyId] })).rejects.toMatchObject({ code: "vault.not_a_recipient" });
    expect([...store.objects.keys()]).toEqual(before);
  });

  it("twice is once, also for a key that was removed long ago", async () => {
    const { first, second, rotate } = await world();
    await rotate({ add: [second.recipient] });
    await rotate({ remove: [first.recipient.keyId] });
    expect(await rotate({ remove: [first.recipient.keyId], opener: second.opener })).toMatchObject({ changed: false, sequence: 2 });
  });

  it("tells which old keys a store that forbids removal still has, and verify lists them", async () => {
    const store = new MemoryStore();
    const { first, second, rotate } = await world(store);
    const born = [...store.objects.keys()].filter((key) => key.startsWith("keys/")).sort();
    store.remove = () => Promise.reject(new StoreError("store.locked", "locked"));
    const rotated = await rotate({ add: [second.recipient], remove: [first.recipient.keyId] });
    expect(rotated.kept).toEqual(born);
    expect(await faults(store, second)).toEqual({ findings: [], orphans: born });
    // A later run, when the lock has ended, clears them away.
    store.remove = MemoryStore.prototype.remove.bind(store);
    expect(await rotate({ opener: second.opener })).toMatchObject({ changed: false, kept: [] });
    expect(await faults(store, second)).toEqual(CLEAN);
  });
});

describe("a rotation", () => {
  it("by somebody who is no recipient changes nothing", async () => {
    const { store, second, rotate } = await world();
    const before = [...store.objects.keys()];
    await expect(rotate({ opener: second.opener, add: [second.recipient] })).rejects.toMatchObject({ code: "vault.no_key" });
    expect(store.objects.has("recipients/1.json")).toBe(false);
    expect(before.every((key) => store.objects.has(key))).toBe(true);
  });

  it("is refused when a key that a snapshot needs is lost, because its loss would become final", async () => {
    const { store, test, second, rotate } = await world();
    const [manifest] = await test.vault.snapshots();
    const key = `keys/${manifest?.keyIds[0]}.jwe`;
    const bytes = store.objects.get(key) as Uint8Array;
    store.objects.delete(key);
    await expect(rotate({ add: [second.recipient] })).rejects.toMatchObject({ code: "vault.missing_object", object: key });
    store.objects.set(key, bytes.subarray(1));
    await expect(rotate({ add: [second.recipient] })).rejects.toMatchObject({ code: "vault.damaged_object", object: key });
  });

  it("passes over half a key that a dead run left and no snapshot names", async () => {
    const { store, second, rotate } = await world();
    store.objects.set(`keys/${"ab".repeat(16)}.jwe`, Buffer.from('{"protected":'));
    expect(await rotate({ add: [second.recipient] })).toMatchObject({ changed: true, keys: 3 });
    expect(await rotate()).toMatchObject({ changed: false });
  });

  it("needs no host: an identity opens the signing key that the vault keeps for it", async () => {
    const { store, first, second, rotate } = await world();
    await rotate({ add: [second.recipient], signingKey: undefined });
    await rotate({ opener: second.opener, remove: [first.recipient.keyId], signingKey: undefined });
    expect(await faults(store, second)).toEqual(CLEAN);
  });

  it("wraps keys that a run made for the recipients of before", async () => {
    const { store, test, second, rotate } = await world();
    const writer = await test.vault.beginSnapshot({ source: { type: "jsonl", name: "s" } });
    await rotate({ add: [second.recipient] });
    await writer.write(later, "s");
    await writer.commit();
    await expect(recordsFor(store, second)).rejects.toMatchObject({ code: "vault.no_key" });
    expect(await rotate()).toMatchObject({ changed: true, sequence: 2, added: [], removed: [] });
    expect(await recordsFor(store, second)).toBe(41);
    expect(await rotate()).toMatchObject({ changed: false, sequence: 2 });
  });

  it("that another one overtakes is told to try again, and the keys of the other open", async () => {
    const { store, first, second, rotate } = await world();
    const third = await testIdentity();
    const put = store.putIfAbsent.bind(store);
    let overtaken: Promise<Rotated> | undefined;
    store.putIfAbsent = async (key, body) => {
      if (key === "recipients/1.json" && overtaken === undefined) await (overtaken = rotate({ add: [third.recipient] }));
      return put(key, body);
    };
    await expect(rotate({ add: [second.recipient] })).rejects.toMatchObject({ code: "vault.recipients_contended", retry: "later" });
    expect(await overtaken).toMatchObject({ sequence: 1, generation: 2 });
    for (const identity of [first, third]) expect(await recordsFor(store, identity)).toBe(40);
    expect(await rotate({ add: [second.recipient] })).toMatchObject({ sequence: 2, generation: 3 });
    for (const identity of [first, second, third]) expect(await recordsFor(store, identity)).toBe(40);
    expect(await faults(store, second)).toMatchObject({ findings: [], orphans: [expect.stringMatching(/^recipients\/keys-/)] });
  });

  it("in step with another one never leaves two lists, nor a snapshot that does not open", async () => {
    const { store, first, second, rotate } = await world();
    const third = await testIdentity();
    const ends = await Promise.allSettled([rotate({ add: [second.recipient] }), rotate({ add: [third.recipient] })]);
    const lost = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
    expect(lost.length).toBeGreaterThan(0);
    for (const reason of lost) expect(reason).toMatchObject({ code: "vault.recipients_contended" });
    await rotate({ add: [second.recipient, third.recipient] });
    for (const identity of [first, second, third]) expect(await recordsFor(store, identity)).toBe(40);
  });

  it("leaves a history that says who was a recipient from when on", async () => {
    const { store, first, second, rotate } = await world();
    await rotate({ add: [second.recipient] });
    await rotate({ remove: [first.recipient.keyId] });
    const history = await recipientHistory(store, await readVaultDescription(store));
    expect(history.map((list) => list.recipients.map((recipient) => recipient.keyId))).toEqual([[first.recipient.keyId], [first.recipient.keyId, second.recipient.keyId], [second.recipient.keyId]]);
    expect(history.map((list) => list.previous)).toEqual([null, null, history[1]?.digest]);
  });
});

describe("lists of recipients that are tampered with", () => {
  async function rotatedTwice(seed?: string): Promise<World> {
    const made = await world(new MemoryStore(), seed);
    await made.rotate({ add: [made.second.recipient] });
    await made.rotate({ remove: [made.first.recipient.keyId] });
    await snapshotOf(made.test.vault, later);
    return made;
  }
  const codes = async (store: MemoryStore): Promise<string[]> => (await verifyVault({ store, readData: false })).findings.map(({ code, object }) => `${code} ${object}`);

  it("a withheld newest list is found by verify, and the writer will not seal to the removed recipient again", async () => {
    const { store, test } = await rotatedTwice();
    store.objects.delete("recipients/2.json");
    expect(await codes(store)).toContain("recipients.missing recipients/2.json");
    await expect(snapshotOf(await test.reopen(), records)).rejects.toMatchObject({ code: "vault.recipients_rolled_back", object: "recipients/2.json" });
  });

  it("a flipped, swapped or foreign list is found by verify, and nobody seals to it", async () => {
    const { store, test } = await rotatedTwice();
    const other = await rotatedTwice("another vault");
    const one = store.objects.get("recipients/1.json") as Uint8Array;
    const two = store.objects.get("recipients/2.json") as Uint8Array;
    const flipped = Uint8Array.from(two);
    flipped[Math.floor(flipped.length / 2)]! ^= 1;
    for (const bad of [flipped, one, other.store.objects.get("recipients/2.json") as Uint8Array]) {
      store.objects.set("recipients/2.json", bad);
      expect(await codes(store)).toContain("recipients.damaged recipients/2.json");
      await expect(snapshotOf(await test.reopen(), records)).rejects.toMatchObject({ code: "vault.damaged_object" });
    }
  });

  it("a list of another history under the same number is found by the snapshots that were sealed to it", async () => {
    const { store, test, first, second } = await world();
    const fork = store.clone();
    const clock = steadyClock();
    await rotateRecipients({ store, opener: first.opener, add: [second.recipient], remove: [], clock });
    await rotateRecipients({ store: fork, opener: first.opener, add: [(await testIdentity()).recipient], remove: [], clock });
    await snapshotOf(test.vault, later);
    store.objects.set("recipients/1.json", fork.objects.get("recipients/1.json") as Uint8Array);
    expect(await codes(store)).toContain("recipients.damaged recipients/1.json");
    await expect(snapshotOf(await test.reopen(), records)).rejects.toMatchObject({ code: "vault.recipients_rolled_back", object: "recipients/1.json" });
  });

  it("a gap in the numbers is found, and a number far beyond costs neither time nor memory", async () => {
    const { store } = await rotatedTwice();
    store.objects.set("recipients/999999999.json", store.objects.get("recipients/2.json") as Uint8Array);
    expect(await codes(store)).toContain("recipients.missing recipients/3.json");
  });

  it("missing digests are found; swapped, rotten and missing keys are named by their object", async () => {
    const { store, second } = await rotatedTwice();
    const [a, b] = [...store.objects.keys()].filter((key) => /^keys\/[0-9a-f]{32}\.g2/.test(key)).concat([...store.objects.keys()].filter((key) => /^keys\/index-.*\.g2/.test(key))) as [string, string];
    const swapped = store.clone();
    swapped.objects.set(a, store.objects.get(b) as Uint8Array);
    expect(await codes(swapped)).toContain(`key.damaged ${a}`);
    const gone = store.clone();
    gone.objects.delete(b);
    expect(await codes(gone)).toContain(`key.missing ${b}`);
    const list = store.clone();
    const names = [...list.objects.keys()].filter((key) => key.startsWith("recipients/keys-"));
    expect(names).toHaveLength(2);
    const { keys } = await readRecipients(store, await readVaultDescription(store));
    list.objects.delete(`recipients/keys-${keys?.digest}`);
    expect(await codes(list)).toEqual([`recipients.missing recipients/keys-${keys?.digest}`]);
    expect(await recordsFor(list, second)).toBe(41);
  });
});

describe("a vault of the time before the host's key was wrapped", () => {
  it("gets it with its first rotation by the host, and verifies", async () => {
    const { store, test, first, second, rotate } = await world();
    const { hostKeyObject, hostKeyDigest: _, ...early } = await readVaultDescription(store);
    store.objects.delete(hostKeyObject ?? "");
    store.objects.set("vault.json", await signDescription(early, test.hostKeys.signingKey));
    expect(await faults(store, first)).toEqual(CLEAN);
    const description = await readVaultDescription(store);
    await expect(openHostKeys(store, first.opener, description)).rejects.toMatchObject({ code: "vault.missing_object" });
    await expect(rotate({ add: [second.recipient], signingKey: undefined })).rejects.toMatchObject({ code: "vault.missing_object" });
    expect(await rotate({ add: [second.recipient] })).toMatchObject({ changed: true, keys: 3 });
    expect((await openHostKeys(store, second.opener, description)).signingKey).toEqual(test.hostKeys.signingKey);
    expect(await faults(store, second)).toEqual(CLEAN);
  });
});

describe("a host that is lost", () => {
  it("is set up anew with one identity, and its snapshots continue the old ones", async () => {
    const { store, test, first, second, rotate } = await world();
    await rotate({ add: [second.recipient], remove: [first.recipient.keyId] });
    const description = await readVaultDescription(store);
    await expect(openHostKeys(store, first.opener, description)).rejects.toMatchObject({ code: "vault.no_key" });
    const hostKeys = await openHostKeys(store, second.opener, description);
    expect(hostKeys).toEqual({ ...test.hostKeys, signingKey: hostKeys.signingKey, indexKey: Buffer.from(test.hostKeys.indexKey) });
    expect(hostKeys.signingKey).toEqual(test.hostKeys.signingKey);
    const vault = await openVault({ store, hostKeys, clock: test.clock, random: seededRandom("anew"), scratchDirectory: SCRATCH });
    expect(await snapshotOf(vault, later)).toMatchObject({ added: 1, unchanged: 40 });
    expect(await faults(store, second)).toEqual(CLEAN);
  });
});
