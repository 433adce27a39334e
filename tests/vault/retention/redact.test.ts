import { describe, expect, it } from "@jest/globals";
import { contentKeys, NO_REDACTIONS, openVault, parseCertificate, readCertificates, readRedactions, StoreError, Tombstones } from "#app/vault/index.ts";
import type { RedactOutcome, RedactReport, SourceRecord } from "#app/vault/index.ts";
import { PackReader } from "#app/vault/pack/pack-reader.ts";
import type { RetentionStore } from "#tests/faults/retention-store.ts";
import { SCRATCH, testIdentity } from "#tests/support/vault-kit.ts";
import { DAY, expectWhole, HOUR, inClear, keptVault, people, pruneWith, redactIn, textsOf, verified } from "./kit.ts";
import type { Kept } from "./kit.ts";

function done(outcome: RedactOutcome): RedactReport {
  if (outcome.kind !== "done") throw new Error(`${outcome.code} ${outcome.details.join()}`);
  return outcome.report;
}

/** Three snapshots: person 3 has two versions; person 9 goes with the last. */
async function threeSnapshots(): Promise<Kept> {
  const kept = await keptVault();
  await kept.take(people(0, 20));
  kept.clock.pass(DAY);
  await kept.take(people(0, 22, (n) => (n === 3 || n === 14 ? 2 : 1)));
  kept.clock.pass(DAY);
  await kept.take([...people(0, 9, (n) => (n === 3 ? 2 : 1)), ...people(10, 22, (n) => (n === 14 ? 2 : 1))]);
  return kept;
}

/** Every record that the packs on the store give up to the identity, whether or not an index points at it. */
async function everythingOpened(kept: Kept, store: RetentionStore = kept.store): Promise<string> {
  const keys = contentKeys(store, kept.test.identity.opener);
  let text = "";
  for (const name of store.objects.keys()) {
    const id = /^packs\/..\/([0-9a-f]{64})$/.exec(name)?.[1];
    if (id === undefined || !store.objects.has(`${name}.key`)) continue;
    for await (const { records } of new PackReader(store, Buffer.from(kept.test.hostKeys.vaultId, "hex"), keys).frames(id)) for (const { id: own, bytes } of records) text += `${own} ${Buffer.from(bytes).toString()}\n`;
  }
  return text;
}

const PERSON_3 = ["person-3", "field-3-a", "field-3-b"];

describe("redact", () => {
  it("erases a record from every snapshot, in every version, and leaves the others as they were", async () => {
    const kept = await threeSnapshots();
    expect(await everythingOpened(kept)).toContain("synthetic person-3 version 2");
    const report = done(await redactIn(kept, ["person-3"]));
    expect(report).toMatchObject({ sequence: 1, records: 1, versions: 2, unknown: 0, unopened: 0 });
    await expectWhole(kept, { erased: new Set(["person-3"]) });
    const opened = await everythingOpened(kept);
    expect(opened).not.toContain("synthetic person-3 ");
    expect(opened).toContain("synthetic field of canary-3x");
    const vault = await kept.open();
    for (const manifest of await vault.snapshots()) {
      const reader = vault.read(manifest, contentKeys(kept.store, kept.test.identity.opener));
      expect(await reader.get("person-3")).toMatchObject({ record: null, reason: "erased" });
      expect(await reader.get("person-4")).toMatchObject({ record: { id: "person-4" } });
      expect((await reader.tree("person-3")).map(({ id }) => id)).toEqual(["field-3-a", "field-3-b"]);
    }
  });

  it("erases a person with everything that belongs to them", async () => {
    const kept = await threeSnapshots();
    expect(done(await redactIn(kept, ["person-3", "person-9"], { tree: true }))).toMatchObject({ records: 6, versions: 9 });
    await expectWhole(kept, { erased: new Set([...PERSON_3, "person-9", "field-9-a", "field-9-b"]) });
    const opened = await everythingOpened(kept);
    for (const text of ["canary-3x", "canary-9x", "person-3 ", "person-9 "]) expect(opened).not.toContain(text);
    expect(opened).toContain("canary-13x");
  });

  it("destroys the old packs' keys, so that a kept copy of their bytes is noise to every key in the vault", async () => {
    const kept = await threeSnapshots();
    const before = kept.store.copy();
    const report = done(await redactIn(kept, ["person-3"], { tree: true }));
    const { destroyed } = report.certificates[0]?.certificate ?? { destroyed: { keys: [], packs: [], parity: [] } };
    expect(destroyed.packs.length).toBe(report.packs);
    // Somebody kept the packs, not their keys: they are put back, and the recovery reads whatever opens.
    const thief = kept.store.copy();
    for (const key of destroyed.packs) {
      expect(thief.objects.has(key)).toBe(false);
      expect(thief.objects.has(`${key}.key`)).toBe(false);
      thief.objects.set(key, before.objects.get(key) as Uint8Array);
    }
    const secrets = [...thief.objects].filter(([key]) => key.endsWith(".key"));
    for (const key of destroyed.packs) {
      const id = key.slice(-64);
      const reader = new PackReader(thief, Buffer.from(kept.test.hostKeys.vaultId, "hex"), contentKeys(thief, kept.test.identity.opener));
      const open = async (): Promise<void> => {
        for await (const frame of reader.frames(id)) expect(frame).toBeNull();
      };
      await expect(open()).rejects.toMatchObject({ code: "vault.missing_object" });
      for (const [, secret] of secrets) {
        thief.objects.set(`${key}.key`, secret);
        const other = new PackReader(thief, Buffer.from(kept.test.hostKeys.vaultId, "hex"), contentKeys(thief, kept.test.identity.opener));
        await expect((async () => { for await (const frame of other.frames(id)) expect(frame).toBeNull(); })()).rejects.toMatchObject({ code: "vault.damaged_object" });
      }
    }
    expect(inClear(kept.store, "canary-")).toEqual([]);
    expect(inClear(kept.store, "person-")).toEqual([]);
  });

  it("finds versions that no snapshot points at any more: of pruned snapshots and of runs that died", async () => {
    const kept = await threeSnapshots();
    await pruneWith(kept, "last=1");
    // A run that dies after its packs.
    kept.store.rearm(4, "before");
    await expect(kept.take(people(30, 60).concat(people(3, 4, () => 7)))).rejects.toMatchObject({ code: "store.unreachable" });
    kept.store.rearm();
    await kept.take(people(0, 5, (n) => (n === 3 ? 8 : 1)));
    expect(await everythingOpened(kept)).toContain("person-3 version 7");
    // Versions 1 and 2 of the pruned snapshots, 7 of the run that died, 8 of the newest; three records each.
    expect(done(await redactIn(kept, ["person-3"], { tree: true }))).toMatchObject({ records: 3, versions: 12 });
    expect(await everythingOpened(kept)).not.toContain("canary-3x");
    await expectWhole(kept, { erased: new Set(PERSON_3) });
  });

  it("leaves a signed certificate that names no record", async () => {
    const kept = await threeSnapshots();
    const { certificates } = done(await redactIn(kept, ["person-3"], { tree: true, reason: "request 17", actor: "staff:41" }));
    expect(certificates).toHaveLength(1);
    const [stored] = await readCertificates(kept.store, (await kept.open()).description);
    expect(stored).toEqual(certificates[0]);
    const { certificate, jws, object } = certificates[0]!;
    expect(certificate).toMatchObject({ actor: "staff:41", reason: "request 17", records: 3, versions: 6, remaining: [], store: { name: "memory with locks", earlierVersionsMayRemain: false } });
    expect(certificate.tombstones).toHaveLength(3);
    const clear = Buffer.from((JSON.parse(jws) as { payload: string }).payload, "base64url").toString();
    for (const text of ["person-3", "field-3", "canary"]) expect(clear).not.toContain(text);
    for (const key of [...certificate.destroyed.keys, ...certificate.destroyed.packs]) expect(kept.store.objects.has(key)).toBe(false);
    const flipped = Buffer.from(jws.replace(/.{6}$/, 'AAAA"}'));
    await expect(parseCertificate(flipped, object, (await kept.open()).description)).rejects.toMatchObject({ code: "vault.damaged_object" });
  });

  it("leaves tombstones that a restore can ask, and nobody without the index key", async () => {
    const kept = await threeSnapshots();
    await redactIn(kept, ["person-3"], { tree: true });
    const redactions = await readRedactions(kept.store, (await kept.open()).description);
    const isTombstoned = new Tombstones(kept.test.hostKeys.indexKey).test(redactions);
    expect(people(0, 22).filter(isTombstoned).map(({ id }) => id)).toEqual(PERSON_3);
    expect(isTombstoned({ kind: "metafields", id: "field-3-a", parentId: "person-4" })).toBe(false);
    expect(people(0, 22).filter(new Tombstones(new Uint8Array(32)).test(redactions))).toEqual([]);
    const vault = await kept.open();
    const asked = await vault.tombstones();
    expect(people(0, 22).filter(asked).map(({ id }) => id)).toEqual(PERSON_3);
  });

  it("again, has nothing to do; and what the shop still sends is stored anew and can be erased again", async () => {
    const kept = await threeSnapshots();
    done(await redactIn(kept, ["person-3"]));
    const objects = kept.store.objects.size;
    expect(done(await redactIn(kept, ["person-3"]))).toMatchObject({ sequence: null, records: 0, versions: 0, certificates: [] });
    expect(kept.store.objects.size).toBe(objects);
    const again = await kept.take(people(0, 5, (n) => (n === 3 ? 2 : 1)));
    const vault = await kept.open();
    expect(textsOf([(await vault.read(again, contentKeys(kept.store, kept.test.identity.opener)).get("person-3"))?.record as SourceRecord]).get("person-3")).toContain("version 2");
    expect(done(await redactIn(kept, ["person-3"]))).toMatchObject({ sequence: 2, records: 1, versions: 1 });
    await expectWhole(kept, { erased: new Set(["person-3"]) });
  });

  it("of a pack that was redacted before keeps what both took away", async () => {
    const kept = await threeSnapshots();
    done(await redactIn(kept, ["person-3"]));
    done(await redactIn(kept, ["person-4"], { tree: true }));
    done(await redactIn(kept, ["field-3-b"]));
    await expectWhole(kept, { erased: new Set(["person-3", "person-4", "field-4-a", "field-4-b", "field-3-b"]) });
    expect((await readRedactions(kept.store, (await kept.open()).description)).size).toBe(3);
  });

  it("refuses an id that nothing knows, and says how many of several it did not know", async () => {
    const kept = await threeSnapshots();
    const objects = kept.store.objects.size;
    expect(await redactIn(kept, ["person-333"])).toEqual({ kind: "refused", code: "redaction.not_found", details: [], certificates: [] });
    expect(kept.store.objects.size).toBe(objects);
    expect(done(await redactIn(kept, ["person-3", "person-333"]))).toMatchObject({ records: 1, unknown: 1 });
  });

  it("refuses an id that stands for records of several kinds until it is told which", async () => {
    const kept = await keptVault();
    const mixed = [...people(0, 4), { kind: "orders", id: "person-2", parentId: null, bytes: Buffer.from("synthetic order canary-order") }];
    const { snapshotId } = await kept.take(mixed);
    expect(await redactIn(kept, ["person-2"])).toMatchObject({ kind: "refused", code: "redaction.ambiguous", details: ["customers", "orders"] });
    expect(done(await redactIn(kept, ["person-2"], { kind: "orders" }))).toMatchObject({ records: 1, versions: 1 });
    const opened = await everythingOpened(kept);
    expect(opened).not.toContain("canary-order");
    expect(opened).toContain("synthetic person-2 version");
    expect(kept.truth.has(snapshotId)).toBe(true);
  });

  it("with an identity that opens nothing of it changes nothing", async () => {
    const kept = await threeSnapshots();
    const stranger = await testIdentity();
    const objects = kept.store.objects.size;
    await expect(redactIn(kept, ["person-3"], { contentKeys: contentKeys(kept.store, stranger.opener) })).rejects.toMatchObject({ code: "vault.no_key" });
    expect(kept.store.objects.size).toBe(objects);
    await expectWhole(kept);
  });

  it("on a store that locks packs destroys their keys, says what it had to leave, and takes it away once the lock is over", async () => {
    const kept = await threeSnapshots();
    for (const key of kept.store.objects.keys()) if (/^packs\/..\/[0-9a-f]{64}$/.test(key)) kept.store.locked.add(key);
    const first = done(await redactIn(kept, ["person-3"], { tree: true }));
    const certificate = first.certificates[0]!.certificate;
    expect(certificate.destroyed.keys).toHaveLength(first.packs);
    expect(certificate.destroyed.packs).toEqual([]);
    expect(certificate.remaining.map(({ code }) => code)).toEqual(Array.from({ length: first.packs }, () => "store.locked"));
    expect(await everythingOpened(kept)).not.toContain("canary-3x");
    await expectWhole(kept, { erased: new Set(PERSON_3) });
    // Nothing changed: no new certificate.
    expect(done(await redactIn(kept, ["person-3"])).certificates).toEqual([]);
    kept.store.locked.clear();
    const { certificates } = done(await redactIn(kept, ["person-3"]));
    expect(certificates.map(({ certificate: later }) => [later.issue, later.destroyed.packs.length, later.remaining])).toEqual([[2, first.packs, []]]);
  });

  it("in a vault with parity destroys the copies of keys that parity is, and leaves parity of all that is new", async () => {
    const kept = await keptVault("parity", true);
    await kept.take(people(0, 20));
    kept.clock.pass(DAY);
    await kept.take(people(0, 22, (n) => (n === 3 ? 2 : 1)));
    const report = done(await redactIn(kept, ["person-3"], { tree: true }));
    const { destroyed } = report.certificates[0]!.certificate;
    expect(destroyed.parity.length).toBe(2 * report.packs);
    for (const key of [...destroyed.keys, ...destroyed.packs]) for (const name of [key, `parity/${key}`]) expect(kept.store.objects.has(name)).toBe(false);
    // Verify misses no parity, of the redaction and its certificate neither.
    await expectWhole(kept, { erased: new Set(PERSON_3) });
    await kept.take(people(40, 50));
    await pruneWith(kept, "last=1", { graceMs: 0 });
    expect((await verified(kept)).orphans).toEqual([]);
    const needless = [...kept.store.objects.keys()].filter((key) => key.startsWith("parity/") && !kept.store.objects.has(key.slice("parity/".length)));
    expect(needless).toEqual([]);
  });

  it("on a store that is read-only, or that fails, says so and changes nothing", async () => {
    const kept = await threeSnapshots();
    const before = new Map(kept.store.objects);
    kept.store.putIfAbsent = () => Promise.reject(new StoreError("store.read_only", "read only"));
    kept.store.remove = () => Promise.reject(new StoreError("store.read_only", "read only"));
    await expect(redactIn(kept, ["person-3"])).rejects.toMatchObject({ code: "store.read_only" });
    await expect(pruneWith(kept, "last=1")).rejects.toMatchObject({ code: "store.read_only" });
    expect(kept.store.objects).toEqual(before);
  });

  it("on a store that keeps earlier versions says so in the certificate", async () => {
    const kept = await threeSnapshots();
    Object.assign(kept.store, { traits: { ...kept.store.traits, versioned: true } });
    expect(done(await redactIn(kept, ["person-3"])).certificates[0]?.certificate.store).toEqual({ name: "memory with locks", earlierVersionsMayRemain: true });
  });

  it("of two at once lets one through, and tells the other", async () => {
    const kept = await threeSnapshots();
    let raced: RedactOutcome | null = null;
    kept.store.between = async (change) => {
      if (!change.startsWith("+redactions/")) return;
      kept.store.between = null;
      raced = await redactIn(kept, ["person-5"], { tree: true });
    };
    expect(await redactIn(kept, ["person-3"], { tree: true })).toMatchObject({ kind: "refused", code: "redaction.contended" });
    done(raced as unknown as RedactOutcome);
    await expectWhole(kept, { erased: new Set(["person-5", "field-5-a", "field-5-b"]) });
    done(await redactIn(kept, ["person-3"], { tree: true }));
    await expectWhole(kept, { erased: new Set(["person-5", "field-5-a", "field-5-b", ...PERSON_3]) });
  });

  it("goes together with prune: what stands for a pack stays as long as the pack is needed, and goes with it", async () => {
    const kept = await threeSnapshots();
    done(await redactIn(kept, ["person-3"], { tree: true }));
    await pruneWith(kept, "last=2", { graceMs: 0 });
    expect((await expectWhole(kept, { erased: new Set(PERSON_3) })).length).toBe(2);
    await kept.take(people(100, 110));
    await pruneWith(kept, "last=1", { graceMs: 0 });
    expect((await expectWhole(kept, { erased: new Set(PERSON_3) })).length).toBe(1);
    const left = await verified(kept);
    expect(left.orphans).toEqual([]);
    expect([...kept.store.objects.keys()].filter((key) => /^keys\/[0-9a-f]{32}/.test(key)).length).toBe(1);
  });

  it("and a run that was under way meanwhile: its snapshot is whole but for what was erased", async () => {
    const kept = await threeSnapshots();
    const vault = await openVault({ store: kept.store, hostKeys: kept.test.hostKeys, clock: kept.clock, random: kept.test.random, scratchDirectory: SCRATCH });
    const records = people(0, 22, (n) => (n === 3 || n === 14 ? 2 : 1));
    const writer = await vault.beginSnapshot({ source: { type: "jsonl", name: "s" } });
    await writer.write(records.slice(0, 30), "s");
    done(await redactIn(kept, ["person-3"], { tree: true }));
    kept.clock.pass(HOUR);
    await writer.write(records.slice(30), "s");
    const { snapshotId } = await writer.commit();
    kept.truth.set(snapshotId, textsOf(records));
    await expectWhole(kept, { erased: new Set(PERSON_3) });
  });
});

describe("redactions", () => {
  it("that were taken away or tampered with are named, and erase nothing back into being", async () => {
    const kept = await threeSnapshots();
    done(await redactIn(kept, ["person-3"]));
    done(await redactIn(kept, ["person-4"]));
    const { description } = await kept.open();
    const gone = kept.store.copy();
    gone.objects.delete("redactions/0000000001.json");
    expect((await readRedactions(gone, description)).missing).toEqual(["redactions/0000000001.json"]);
    expect(await redactIn(kept, ["person-5"], { store: gone })).toMatchObject({ kind: "refused", code: "redaction.damaged_redaction" });
    expect(await pruneWith(kept, "last=1", { store: gone })).toMatchObject({ kind: "refused", code: "prune.damaged_redaction" });
    const flipped = kept.store.copy();
    const body = flipped.objects.get("redactions/0000000002.json") as Uint8Array;
    body[100] = (body[100] as number) ^ 1;
    expect((await readRedactions(flipped, description)).damaged).toEqual(["redactions/0000000002.json"]);
    const swapped = kept.store.copy();
    swapped.objects.set("redactions/0000000002.json", swapped.objects.get("redactions/0000000001.json") as Uint8Array);
    expect((await readRedactions(swapped, description)).damaged).toEqual(["redactions/0000000002.json"]);
  });

  it("are none in a vault where nothing was erased", async () => {
    const kept = await keptVault();
    expect(await readRedactions(kept.store, (await kept.open()).description)).toBe(NO_REDACTIONS);
  });
});
