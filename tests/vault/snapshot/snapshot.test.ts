import { describe, expect, it } from "@jest/globals";
import { openVault, openVaultWithIdentity, contentKeys, createVault, StoreError } from "#app/vault/index.ts";
import type { Gap, KeyOpener, SourceRecord } from "#app/vault/index.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, readAll, record, SCRATCH, seededNumbers, seededRandom, shopRecords, snapshotOf, steadyClock, testIdentity } from "#tests/support/vault-kit.ts";

const bodies = (records: readonly SourceRecord[]): string[] => records.map((item) => Buffer.from(item.bytes).toString("latin1"));
const source = { type: "jsonl", name: "synthetic.jsonl" };

describe("a snapshot", () => {
  it("gives back exactly the bytes it took, in their order of arrival, whatever they are", async () => {
    const { vault, keys } = await newTestVault(new MemoryStore());
    const number = seededNumbers(3);
    const noise = Buffer.from(Array.from({ length: 3000 }, () => Math.floor(number() * 256)));
    const records = [
      record("customers", "b", "{ \"spaced\" :  1 }"),
      record("customers", "a", noise),
      record("metafields", "\u{1f600}", "", "a"),
      record("orders", "o", Buffer.alloc(4 * 1024 * 1024, "synthetic ")),
      record("orders", "a", "same id, other kind"),
      ...shopRecords(300),
    ];
    const summary = await snapshotOf(vault, records, { batch: 7 });
    expect(summary).toMatchObject({ records: records.length, complete: true, gaps: [] });
    const back = await readAll(vault, "latest", keys);
    expect(bodies(back)).toEqual(bodies(records));
    expect(back.map(({ kind, id, parentId }) => [kind, id, parentId])).toEqual(records.map(({ kind, id, parentId }) => [kind, id, parentId]));
  });

  it("of the same lines in another order writes no pack and has the same root", async () => {
    const store = new MemoryStore();
    const { vault } = await newTestVault(store);
    const records = shopRecords(500);
    const first = await snapshotOf(vault, records);
    const before = store.written.length;
    const again = await snapshotOf(vault, [...records].reverse());
    expect(again).toMatchObject({ root: first.root, added: 0, changed: 0, removed: 0, unchanged: records.length, complete: true });
    expect(store.written.slice(before).every((key) => key.startsWith("snapshots/") || key.startsWith("tree/"))).toBe(true);
    expect(again.bytesWritten).toBeLessThan(4096);
  });

  it("after a change of one record in a hundred adds packs of about that size", async () => {
    const { vault } = await newTestVault(new MemoryStore());
    const records = shopRecords(4000);
    const first = await snapshotOf(vault, records);
    const changed = records.map((item, i) => (i % 100 === 50 ? { ...item, bytes: Buffer.from(Buffer.from(item.bytes).toString().replace("synthetic", "synthetic changed")) } : item));
    const second = await snapshotOf(vault, changed);
    expect(second.changed).toBe(Math.floor((records.length + 49) / 100));
    expect(second.bytesWritten).toBeLessThan(first.bytesWritten / 25);
  });

  it("that is empty exists, has a root, and can follow a full one", async () => {
    const { vault, keys } = await newTestVault(new MemoryStore());
    const empty = await snapshotOf(vault, []);
    expect(empty).toMatchObject({ records: 0, complete: true });
    const full = await snapshotOf(vault, shopRecords(20));
    const again = await snapshotOf(vault, []);
    expect(again).toMatchObject({ records: 0, removed: full.records, root: empty.root });
    expect(await readAll(vault, "latest", keys)).toEqual([]);
    expect(await readAll(vault, "latest~1", keys)).toHaveLength(full.records);
  });

  it("keeps the first of two records with one key and names the second, in one batch, across batches and against the parent", async () => {
    const { vault, keys } = await newTestVault(new MemoryStore());
    const twice = [record("customers", "c1", "first"), record("customers", "c2", "x"), record("customers", "c1", "second"), record("customers", "c2", "x")];
    const summary = await snapshotOf(vault, twice, { batch: 2, stream: "customers" });
    expect(summary.complete).toBe(false);
    expect(summary.gaps).toEqual([
      { code: "record.duplicate", stream: "customers", kind: "customers", id: "c1" },
      { code: "record.duplicate", stream: "customers", kind: "customers", id: "c2" },
    ]);
    expect(bodies(await readAll(vault, "latest", keys))).toEqual(["first", "x"]);
    const writer = await vault.beginSnapshot({ source });
    await writer.write([record("customers", "c1", "changed"), record("customers", "c1", "first")], "s");
    const next = await writer.commit();
    expect(next).toMatchObject({ changed: 1, removed: 1, complete: false, gaps: [{ code: "record.duplicate", stream: "s", kind: "customers", id: "c1" }] });
    expect(bodies(await readAll(vault, "latest", keys))).toEqual(["changed"]);
  });

  it.each(["stream.failed", "stream.cut", "stream.partial", "record.truncated", "record.invalid_json"] as const)("with a gap %s carries what it did not see instead of calling it removed", async (code) => {
    const { vault, keys } = await newTestVault(new MemoryStore());
    await snapshotOf(vault, [record("customers", "c1", "one"), record("customers", "c2", "two"), record("orders", "o1", "three")]);
    const writer = await vault.beginSnapshot({ source });
    await writer.write([record("customers", "c1", "one")], "customers");
    const gap: Gap = { code, stream: "customers", line: 2 };
    writer.gap(gap);
    expect(await writer.commit()).toMatchObject({ records: 3, removed: 0, carried: 2, unchanged: 1, complete: false, gaps: [gap] });
    expect(bodies(await readAll(vault, "latest", keys)).sort()).toEqual(["one", "three", "two"]);
    expect(await snapshotOf(vault, [record("customers", "c1", "one")])).toMatchObject({ removed: 2, carried: 0, complete: true });
  });

  it("reconciles each kind with the source's own count and names the difference", async () => {
    const { vault } = await newTestVault(new MemoryStore());
    const writer = await vault.beginSnapshot({ source });
    await writer.write([record("customers", "c1", "1"), record("customers", "c2", "2"), record("orders", "o1", "3")], "s");
    writer.expect("customers", 2, "2026-03-01T08:00:00Z");
    writer.expect("orders", 1, "2026-03-01T08:00:00Z");
    writer.expect("orders", 2, "2026-03-01T08:00:09Z");
    writer.expect("discounts", 4, "2026-03-01T08:00:00Z");
    const summary = await writer.commit();
    expect(summary.kinds).toEqual({ customers: { records: 2, expected: 2, at: "2026-03-01T08:00:00Z" }, orders: { records: 1, expected: 3, at: "2026-03-01T08:00:09Z" }, discounts: { records: 0, expected: 4, at: "2026-03-01T08:00:00Z" } });
    expect(summary.gaps).toEqual([
      { code: "count.mismatch", stream: "discounts", kind: "discounts", expected: 4, found: 0 },
      { code: "count.mismatch", stream: "orders", kind: "orders", expected: 3, found: 1 },
    ]);
    expect(summary.complete).toBe(false);
  });

  it("sees line items that changed places, and metafields that did as no change", async () => {
    const { vault, keys } = await newTestVault(new MemoryStore());
    const orderedKinds = new Set(["lines"]);
    const order = [record("orders", "o", "o"), record("lines", "l1", "1", "o"), record("lines", "l2", "2", "o"), record("lines", "l3", "3", "o"), record("metafields", "m1", "m1", "o"), record("metafields", "m2", "m2", "o")];
    const at = (...indexes: number[]): SourceRecord[] => indexes.map((i) => order[i] as SourceRecord);
    const first = await snapshotOf(vault, at(0, 1, 2, 3, 4, 5), { orderedKinds });
    expect(await snapshotOf(vault, at(5, 4, 1, 2, 3, 0), { orderedKinds })).toMatchObject({ changed: 0, root: first.root });
    expect(await snapshotOf(vault, at(0, 1, 3, 2, 4, 5), { orderedKinds })).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 6, moved: 2 });
    expect(bodies(await vault.read(await vault.resolve("latest"), keys).tree("o"))).toEqual(["o", "1", "3", "2", "m1", "m2"]);
    expect(bodies(await readAll(vault, "latest", keys, "key"))).toEqual(["o", "1", "3", "2", "m1", "m2"]);
  });

  it("gives one record by its id, child or not, and a record with its descendants", async () => {
    const { vault, keys } = await newTestVault(new MemoryStore());
    const records = [...shopRecords(2000), record("products", "p", "p"), record("variants", "v2", "v2", "p"), record("variants", "v1", "v1", "p"), record("inventory", "i", "i", "v1")];
    await snapshotOf(vault, records);
    await snapshotOf(vault, [...records.slice(0, -1), record("inventory", "i", "i again", "v1")]);
    const reader = vault.read(await vault.resolve("latest"), keys);
    for (const i of [0, 1, 2, 777, 1500, records.length - 2]) {
      const wanted = records[i] as SourceRecord;
      const found = await reader.get(wanted.id);
      expect(found?.record).toMatchObject({ kind: wanted.kind, id: wanted.id, parentId: wanted.parentId });
      expect(Buffer.from(found?.record?.bytes ?? []).equals(Buffer.from(wanted.bytes))).toBe(true);
      expect(found?.bytesFetched).toBeLessThan(64 * 1024);
    }
    expect(await reader.get("gid://shopify/Customer/1")).toBeNull();
    expect(bodies(await reader.tree("p"))).toEqual(["p", "v1", "i again", "v2"]);
    expect(bodies(await reader.tree("v1"))).toEqual(["v1", "i again"]);
    expect(await reader.tree("nobody")).toEqual([]);
  });

  it("puts a record too large or without a usable name among the gaps and keeps the rest", async () => {
    const { vault } = await newTestVault(new MemoryStore());
    const summary = await snapshotOf(vault, [record("customers", "", "no id"), record("customers", "x".repeat(5000), "long id"), record("customers", "c", "good"), record("customers", "big", Buffer.alloc(64 * 1024 * 1024 + 1))], { stream: "s" });
    expect(summary.records).toBe(1);
    expect(summary.gaps).toEqual([{ code: "record.missing_id", stream: "s" }, { code: "record.missing_id", stream: "s" }, { code: "record.too_large", stream: "s", kind: "customers", id: "big" }]);
  });

  it("takes no notice of what happens to the bytes after write returns", async () => {
    const { vault, keys } = await newTestVault(new MemoryStore());
    const bytes = Buffer.from("synthetic before");
    const writer = await vault.beginSnapshot({ source });
    await writer.write([{ kind: "customers", id: "c", parentId: null, bytes }], "s");
    bytes.fill("X");
    await writer.commit();
    expect(bodies(await readAll(vault, "latest", keys))).toEqual(["synthetic before"]);
  });

  it("holds more gaps than it lists, and counts them all", async () => {
    const { vault } = await newTestVault(new MemoryStore());
    const writer = await vault.beginSnapshot({ source });
    for (let line = 1; line <= 1500; line++) writer.gap({ code: "record.invalid_json", stream: "s", line, reason: "SYNTHETIC" });
    const { manifest } = await writer.commit();
    expect([manifest.gaps.length, manifest.gapCount]).toEqual([1000, 1500]);
    expect((await vault.resolve("latest")).gaps[0]).toEqual({ code: "record.invalid_json", stream: "s", line: 1, reason: "SYNTHETIC" });
  });
});

describe("snapshots", () => {
  it("are found by latest, by steps back, by id and by its start", async () => {
    const { vault, reopen } = await newTestVault(new MemoryStore());
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.push((await snapshotOf(vault, [record("customers", `c${i}`, "x")])).snapshotId);
    const again = await reopen();
    expect((await again.snapshots()).map((manifest) => manifest.snapshotId)).toEqual([...ids].reverse());
    expect((await again.resolve("latest")).snapshotId).toBe(ids[3]);
    expect((await again.resolve("latest~2")).snapshotId).toBe(ids[1]);
    expect((await again.resolve((ids[0] as string).slice(0, 6))).snapshotId).toBe(ids[0]);
    await expect(again.resolve("latest~4")).rejects.toMatchObject({ code: "vault.no_such_snapshot" });
    await expect(again.resolve("0".repeat(16))).rejects.toMatchObject({ code: "vault.no_such_snapshot" });
    await expect(again.resolve("../etc/passwd")).rejects.toMatchObject({ code: "vault.no_such_snapshot" });
    await expect(again.resolve("")).rejects.toMatchObject({ code: "vault.no_such_snapshot" });
  });

  it("stay in their order when the clock goes back", async () => {
    const store = new MemoryStore();
    const { hostKeys, vault } = await newTestVault(store);
    const first = await snapshotOf(vault, [record("customers", "c1", "1")]);
    const late = await openVault({ store, hostKeys, clock: steadyClock("2020-01-01T00:00:00.000Z"), random: seededRandom("late"), scratchDirectory: SCRATCH });
    const second = await snapshotOf(late, [record("customers", "c1", "2")]);
    expect(second.manifest.parent?.snapshotId).toBe(first.snapshotId);
    expect((await late.resolve("latest")).snapshotId).toBe(second.snapshotId);
    expect(second.manifest.sequence).toBe(2);
  });

  it("taken by two writers at once are both whole and name the same parent", async () => {
    const { vault, keys } = await newTestVault(new MemoryStore());
    const base = await snapshotOf(vault, shopRecords(30));
    const one = await vault.beginSnapshot({ source });
    const two = await vault.beginSnapshot({ source });
    await one.write(shopRecords(30, 1), "s");
    await two.write(shopRecords(30, 2), "s");
    const [a, b] = await Promise.all([one.commit(), two.commit()]);
    expect([a.manifest.parent?.snapshotId, b.manifest.parent?.snapshotId]).toEqual([base.snapshotId, base.snapshotId]);
    expect((await readAll(vault, a.snapshotId, keys)).length).toBe(a.records);
    expect((await readAll(vault, b.snapshotId, keys)).length).toBe(b.records);
  });

  it("keep few runs however many there are, and all stay readable", async () => {
    const { vault, keys } = await newTestVault(new MemoryStore());
    const state = new Map(shopRecords(400).map((item) => [item.id, item]));
    const number = seededNumbers(9);
    for (let day = 0; day < 30; day++) {
      const ids = [...state.keys()];
      for (let i = 0; i < 8; i++) {
        const id = ids[Math.floor(number() * ids.length)] as string;
        if (number() < 0.3) state.delete(id);
        else if (state.has(id)) state.set(id, { ...(state.get(id) as SourceRecord), bytes: Buffer.from(`synthetic ${day} ${id}`) });
        state.set(`new-${day}-${i}`, record("customers", `new-${day}-${i}`, `synthetic ${day}`));
      }
      const summary = await snapshotOf(vault, [...state.values()]);
      expect(summary.records).toBe(state.size);
      expect(summary.manifest.runs.length).toBeLessThanOrEqual(5);
    }
    expect(new Set(bodies(await readAll(vault, "latest", keys)))).toEqual(new Set(bodies([...state.values()])));
    expect((await readAll(vault, "latest~29", keys)).length).toBeGreaterThan(400);
  });
});

describe("a writer", () => {
  it("refuses to go on after commit, after abort and after a failure", async () => {
    const store = new MemoryStore();
    const { vault } = await newTestVault(store);
    const closed = { code: "vault.writer_closed" };
    const committed = await vault.beginSnapshot({ source });
    await committed.commit();
    await expect(committed.write([record("customers", "c", "x")], "s")).rejects.toMatchObject(closed);
    await expect(committed.commit()).rejects.toMatchObject(closed);
    await committed.abort();
    const aborted = await vault.beginSnapshot({ source });
    await aborted.write([record("customers", "c", "x")], "s");
    await aborted.abort();
    await aborted.abort();
    await expect(aborted.commit()).rejects.toMatchObject(closed);
    expect(await vault.snapshots()).toHaveLength(1);
    const failing = await vault.beginSnapshot({ source });
    await failing.write([record("customers", "c", "x")], "s");
    store.putIfAbsent = () => Promise.reject(new StoreError("store.no_space", "full"));
    await expect(failing.commit()).rejects.toMatchObject({ code: "store.no_space" });
    await expect(failing.write([record("customers", "d", "x")], "s")).rejects.toMatchObject(closed);
  });
});

describe("who can open what", () => {
  it("is every recipient of whichever kind, and nobody else", async () => {
    const store = new MemoryStore();
    const identities = await Promise.all([testIdentity("P-256"), testIdentity("P-384"), testIdentity("RSA")]);
    const stranger = await testIdentity();
    const { hostKeys } = await createVault({ store, recipients: identities.map((identity) => identity.recipient), clock: steadyClock(), random: seededRandom("many") });
    const vault = await openVault({ store, hostKeys, clock: steadyClock(), random: seededRandom("m"), scratchDirectory: SCRATCH });
    await snapshotOf(vault, shopRecords(10));
    for (const { opener } of identities) {
      const opened = await openVaultWithIdentity({ store, opener });
      expect((await readAll(opened, "latest", contentKeys(store, opener))).length).toBe((await vault.resolve("latest")).records);
      await expect(opened.beginSnapshot({ source })).rejects.toMatchObject({ code: "vault.read_only" });
    }
    await expect(openVaultWithIdentity({ store, opener: stranger.opener })).rejects.toMatchObject({ code: "vault.no_key" });
    await expect(readAll(vault, "latest", contentKeys(store, stranger.opener))).rejects.toMatchObject({ code: "vault.no_key" });
  }, 60_000);

  it("is not the host after a run: with all it keeps it opens no record", async () => {
    const { vault, hostKeys } = await newTestVault(new MemoryStore());
    await snapshotOf(vault, shopRecords(10));
    const guesses: KeyOpener = { open: () => Promise.resolve(Buffer.from(hostKeys.indexKey)) };
    await expect(readAll(vault, "latest", contentKeys(vault.store, guesses))).rejects.toMatchObject({ code: "vault.damaged_object" });
    await expect(readAll(vault, "latest", { get: () => Promise.resolve(null) })).rejects.toMatchObject({ code: "vault.no_key" });
  });

  it("leaves no record, id or kind in clear in any stored object but counts per kind", async () => {
    const store = new MemoryStore();
    const { vault } = await newTestVault(store);
    await snapshotOf(vault, [record("customers", "gid://synthetic/CANARY-ID", "CANARY-BODY"), record("metafields", "CANARY-CHILD", "CANARY-BODY-2", "gid://synthetic/CANARY-ID")]);
    for (const body of store.objects.values()) {
      for (const text of [Buffer.from(body).toString("latin1"), ...(Buffer.from(body).toString("utf8").match(/[A-Za-z0-9_-]{16,}/g) ?? []).map((part) => Buffer.from(part, "base64url").toString("latin1"))]) expect(text.includes("CANARY")).toBe(false);
    }
  });
});

describe("opening and making vaults", () => {
  it("refuses an address without a vault, with one already, and keys of another", async () => {
    const store = new MemoryStore();
    const other = await newTestVault(new MemoryStore(), "other");
    const options = { clock: steadyClock(), random: seededRandom("x"), scratchDirectory: SCRATCH };
    await expect(openVault({ store, hostKeys: other.hostKeys, ...options })).rejects.toMatchObject({ code: "vault.not_found" });
    const { identity } = await newTestVault(store);
    await expect(createVault({ store, recipients: [identity.recipient], ...options })).rejects.toMatchObject({ code: "vault.exists" });
    await expect(openVault({ store, hostKeys: other.hostKeys, ...options })).rejects.toMatchObject({ code: "vault.wrong_keys" });
  });

  it("refuses recipients it could not seal to, or that are not what they say", async () => {
    const good = (await testIdentity()).recipient;
    const options = { store: new MemoryStore(), clock: steadyClock(), random: seededRandom("x") };
    const bad = { code: "vault.bad_recipient" };
    await expect(createVault({ ...options, recipients: [] })).rejects.toMatchObject(bad);
    await expect(createVault({ ...options, recipients: [{ ...good, keyId: "x" }] })).rejects.toMatchObject(bad);
    await expect(createVault({ ...options, recipients: [{ keyId: "x", jwk: { kty: "OKP", crv: "X25519", x: "AA" } }] })).rejects.toMatchObject(bad);
    const short = Buffer.alloc(256, 0xff).toString("base64url");
    await expect(createVault({ ...options, recipients: [{ keyId: "x", jwk: { kty: "RSA", n: short, e: "AQAB" } }] })).rejects.toMatchObject(bad);
    expect(options.store.objects.size).toBe(0);
  });

  it("never stores the private half of a recipient handed in by mistake", async () => {
    const { recipient } = await testIdentity();
    const store = new MemoryStore();
    await createVault({ store, recipients: [{ ...recipient, jwk: { ...recipient.jwk, d: "CANARYPRIVATE" } as never }], clock: steadyClock(), random: seededRandom("x") });
    for (const body of store.objects.values()) for (const part of Buffer.from(body).toString().split('"')) expect(Buffer.from(part, "base64url").toString().includes("CANARYPRIVATE")).toBe(false);
  });
});
