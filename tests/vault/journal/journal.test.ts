/** The journal as a whole: sealed, chained, read back as of a moment, verified, cut. */
import { describe, expect, it } from "@jest/globals";
import { journalPacks, journalSegments, journalVersions, lastStates, openVaultWithIdentity, pruneJournal, readCuts, rotateRecipients, verifyVault, contentKeys } from "#app/vault/index.ts";
import type { JournalChange, ObjectStore } from "#app/vault/index.ts";
import { NO_REDACTIONS } from "#app/vault/retention/redactions.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, record, snapshotOf, testIdentity, type TestVault } from "#tests/support/vault-kit.ts";
import { allOf, customer, LATER, linesOf, stateOf, upsert, writerOn } from "./kit.ts";

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

async function tombstone(kit: TestVault, store: ObjectStore, id: string, segment: number | null): Promise<JournalChange> {
  const at = kit.clock.now();
  const [newest = null] = await kit.vault.snapshots();
  const last = await lastStates({ store, description: kit.vault.description, indexKey: kit.hostKeys.indexKey, snapshot: newest }).find("Customer", id, segment);
  return { change: "tombstone", kind: "Customer", id, occurredAt: at, receivedAt: at, fetchedAt: at, last };
}

async function verified(kit: TestVault, store: ObjectStore): Promise<readonly { code: string; object: string }[]> {
  const report = await verifyVault({ store, readData: true, hostKeys: kit.hostKeys, opener: kit.identity.opener, threads: 0 });
  return report.findings.map(({ code, object }) => ({ code, object }));
}

describe("the journal", () => {
  it("gives back the newest state of each record over the snapshot, as of any moment", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    await snapshotOf(kit.vault, [...customer(1, "a"), ...customer(2, "a"), ...customer(3, "a", 2)]);
    const writer = await writerOn(kit, store);
    await writer.append([upsert(kit, customer(1, "b", 2)), upsert(kit, customer(4, "new"))]);
    const between = kit.clock.now();
    await writer.append([upsert(kit, customer(3, "c", 0)), await tombstone(kit, store, "gid://shopify/Customer/2", null)]);
    expect(await allOf(await stateOf(kit, store))).toEqual(linesOf([...customer(1, "b", 2), ...customer(3, "c", 0), ...customer(4, "new")]));
    expect(await allOf(await stateOf(kit, store, between))).toEqual(linesOf([...customer(1, "b", 2), ...customer(2, "a"), ...customer(3, "a", 2), ...customer(4, "new")]));
    const state = await stateOf(kit, store);
    expect((await state.get("gid://shopify/Metafield/1001"))?.record?.kind).toBe("Metafield");
    expect(await state.get("gid://shopify/Metafield/3000")).toBeNull();
    expect(await state.get("gid://shopify/Customer/2")).toBeNull();
    expect(linesOf(await state.tree("gid://shopify/Customer/1"))).toEqual(linesOf(customer(1, "b", 2)));
    expect(await state.tree("gid://shopify/Customer/2")).toEqual([]);
    expect(await verified(kit, store)).toEqual([]);
  });

  it("takes an older state that was sealed later for what it is", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    const writer = await writerOn(kit, store);
    const early = kit.clock.now();
    const late = kit.clock.now();
    await writer.append([upsert(kit, customer(1, "new"), late)]);
    await writer.append([upsert(kit, customer(1, "old"), early)]);
    expect(await allOf(await stateOf(kit, store))).toEqual(linesOf(customer(1, "new")));
  });

  it("does not let a state from before the snapshot cover the snapshot", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    const writer = await writerOn(kit, store);
    await writer.append([upsert(kit, customer(1, "before"))]);
    const late = upsert(kit, customer(1, "before, sealed after"));
    await snapshotOf(kit.vault, customer(1, "snapshot"));
    await writer.append([late]);
    expect(await allOf(await stateOf(kit, store))).toEqual(linesOf(customer(1, "snapshot")));
  });

  it("keeps the order of ordered children", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    const id = "gid://shopify/Order/1";
    const items = ["3", "1", "2"].map((n) => record("LineItem", `gid://shopify/LineItem/${n}`, JSON.stringify({ id: `gid://shopify/LineItem/${n}` }), id));
    const { entries } = await (await writerOn(kit, store)).append([upsert(kit, [record("Order", id, JSON.stringify({ id, note: "SYNTHETIC" })), ...items])]);
    expect(entries[0]?.records.map(({ place }) => place)).toEqual([null, 0, 1, 2]);
    expect((await (await stateOf(kit, store)).tree(id)).map((found) => found.id)).toEqual([id, ...items.map((item) => item.id)]);
  });

  it("keeps the last state of what was deleted, from the snapshot or from the journal", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    await snapshotOf(kit.vault, [...customer(1, "a", 2), ...customer(2, "a")]);
    const writer = await writerOn(kit, store);
    const first = await writer.append([upsert(kit, customer(2, "b"))]);
    await writer.append([await tombstone(kit, store, "gid://shopify/Customer/1", null), await tombstone(kit, store, "gid://shopify/Customer/2", first.segment.sequence), await tombstone(kit, store, "gid://shopify/Customer/9", null)]);
    const versions: string[] = [];
    const { description } = kit.vault;
    const ids = new Set(["gid://shopify/Customer/1", "gid://shopify/Customer/2"]);
    for await (const { record: found, action } of journalVersions(store, description, kit.hostKeys.indexKey, contentKeys(store, kit.identity.opener), ids, NO_REDACTIONS)) if (action === "delete") versions.push(...linesOf([found]));
    expect(versions.sort()).toEqual(linesOf([...customer(1, "a", 2), ...customer(2, "b")]));
    const packs: string[] = [];
    for await (const { id } of journalPacks(store, description)) packs.push(id);
    // The snapshot's pack is needed by the journal now, whatever becomes of the snapshot.
    expect(new Set(packs).size).toBe(2);
    expect(await verified(kit, store)).toEqual([]);
  });

  it("seals so that the host cannot read back, with a fresh content key after a while", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    const before = await keysOf(store, "keys/");
    const writer = await writerOn(kit, store, undefined, 3000);
    for (let i = 0; i < 4; i++) await writer.append([upsert(kit, customer(i, "SYNTHETIC-CANARY"))]);
    expect((await keysOf(store, "keys/")).length - before.length).toBeGreaterThan(1);
    for await (const { key } of store.list("")) expect(Buffer.from((await store.get(key)) ?? []).includes("SYNTHETIC-CANARY")).toBe(false);
    for await (const segment of journalSegments(store, kit.vault.description)) expect(segment.sealed.includes("gid://")).toBe(false);
    const host = await stateOf({ ...kit, identity: { ...kit.identity, opener: { open: () => Promise.resolve(null) } } }, store);
    await expect(host.get("gid://shopify/Customer/1")).rejects.toMatchObject({ code: "vault.no_key" });
  });

  it("goes on behind what another program wrote, and notices that it did", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    const one = await writerOn(kit, store);
    const other = await writerOn(kit, store);
    const { segment } = await one.append([upsert(kit, customer(1, "one"))]);
    await expect(other.append([upsert(kit, customer(2, "other"))])).rejects.toMatchObject({ code: "vault.journal_contended" });
    const again = await writerOn(kit, store, { sequence: segment.sequence, digest: segment.digest });
    await again.append([upsert(kit, customer(2, "other"))]);
    expect(await allOf(await stateOf(kit, store))).toEqual(linesOf([...customer(1, "one"), ...customer(2, "other")]));
    expect(await verified(kit, store)).toEqual([]);
  });

  it("notices that the storage was set back behind what this host wrote", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    const writer = await writerOn(kit, store);
    await writer.append([upsert(kit, customer(1, "one"))]);
    const { segment } = await writer.append([upsert(kit, customer(2, "two"))]);
    await store.remove(segment.objectKey);
    await expect(writerOn(kit, store, segment)).rejects.toMatchObject({ code: "vault.journal_rolled_back" });
    const report = await verifyVault({ store, readData: false, hostKeys: kit.hostKeys, journal: segment });
    expect(report.findings).toContainEqual(expect.objectContaining({ code: "journal.rolled_back", object: segment.objectKey }));
    // Without anything known from elsewhere the end cannot be told from the truth.
    expect((await verifyVault({ store, readData: false, hostKeys: kit.hostKeys })).ok).toBe(true);
  });

  it("opens for a recipient that a rotation added, and not for one it removed", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    await (await writerOn(kit, store)).append([upsert(kit, customer(1, "one"))]);
    const added = await testIdentity();
    await rotateRecipients({ store, opener: kit.identity.opener, add: [added.recipient], remove: [kit.identity.recipient.keyId], clock: kit.clock });
    const { segment } = await (await writerOn(kit, store)).append([upsert(kit, customer(2, "two"))]);
    expect(segment.recipients?.sequence).toBe(1);
    expect(await allOf(await stateOf({ ...kit, identity: added }, store))).toEqual(linesOf([...customer(1, "one"), ...customer(2, "two")]));
    const old = await stateOf(kit, store);
    await expect(old.get("gid://shopify/Customer/2")).rejects.toMatchObject({ code: "vault.no_key" });
    expect(await verified({ ...kit, identity: added }, store)).toEqual([]);
  });

  it("is cut where no kept snapshot needs it, and stays a proven chain", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    const writer = await writerOn(kit, store);
    for (let i = 0; i < 3; i++) await writer.append([upsert(kit, customer(i, "old"))]);
    const { manifest } = await snapshotOf(kit.vault, customer(1, "snapshot"));
    for (let i = 0; i < 2; i++) await writer.append([upsert(kit, customer(i, "new"))]);
    const cut = { store, description: kit.vault.description, signingKey: kit.hostKeys.signingKey, clock: kit.clock, actor: "system", keepFrom: new Date(manifest.startedAt) };
    expect(await pruneJournal({ ...cut, dryRun: true })).toEqual({ removed: 3, through: 3 });
    expect(await keysOf(store, "journal/0")).toHaveLength(5);
    expect(await pruneJournal(cut)).toEqual({ removed: 3, through: 3 });
    expect((await readCuts(store, kit.vault.description)).records).toHaveLength(1);
    expect(await pruneJournal(cut)).toEqual({ removed: 0, through: 3 });
    expect(await keysOf(store, "journal/0")).toHaveLength(2);
    const findings = await verified(kit, store);
    expect(findings).toEqual([]);
    expect(await allOf(await stateOf(kit, store))).toEqual(linesOf([...customer(1, "new"), ...customer(0, "new")]));
    // Everything is old: the newest stays, for the next one to name.
    expect(await pruneJournal({ ...cut, keepFrom: LATER })).toEqual({ removed: 1, through: 4 });
    expect(await keysOf(store, "journal/0")).toHaveLength(1);
    expect(await verified(kit, store)).toEqual([]);
    const again = await writerOn(kit, store);
    await again.append([upsert(kit, customer(9, "after"))]);
    expect(await verified(kit, store)).toEqual([]);
  });

  it("lets an identity alone read it", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    await (await writerOn(kit, store)).append([upsert(kit, customer(1, "one"))]);
    const vault = await openVaultWithIdentity({ store, opener: kit.identity.opener });
    expect(vault.description.vaultId).toBe(kit.vault.description.vaultId);
    expect((await verifyVault({ store, readData: true, opener: kit.identity.opener, threads: 0 })).recordsChecked).toBe(2);
  });

  it("refuses a change that is not one family, and writes nothing", async () => {
    const store = new MemoryStore();
    const kit = await newTestVault(store);
    const writer = await writerOn(kit, store);
    const stranger = [...customer(1, "a"), record("Metafield", "gid://shopify/Metafield/5", "{}", "gid://shopify/Customer/2")];
    await expect(writer.append([upsert(kit, stranger)])).rejects.toMatchObject({ code: "vault.bad_record" });
    await expect(writer.append([])).rejects.toThrow(RangeError);
    expect(await keysOf(store, "journal/")).toEqual([]);
    await writer.append([upsert(kit, customer(1, "a"))]);
    expect(await keysOf(store, "journal/")).toHaveLength(1);
  });
});
