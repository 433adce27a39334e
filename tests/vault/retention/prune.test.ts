import { describe, expect, it } from "@jest/globals";
import { placeHold, readHolds, readPrunes, releaseHold, verifyVault } from "#app/vault/index.ts";
import type { PruneOutcome, PruneReport } from "#app/vault/index.ts";
import { seededRandom } from "#tests/support/vault-kit.ts";
import { DAY, expectWhole, HOUR, keptVault, people, pruneWith, verified } from "./kit.ts";
import type { Kept } from "./kit.ts";

function done(outcome: PruneOutcome): PruneReport {
  if (outcome.kind !== "done") throw new Error(outcome.code);
  return outcome.report;
}

/** One snapshot a day; each day a fifth of the people changes, one goes and one comes. */
async function days(count: number): Promise<{ kept: Kept; ids: string[] }> {
  const kept = await keptVault();
  const ids: string[] = [];
  for (let day = 0; day < count; day++) {
    ids.push((await kept.take(people(day, day + 25, (n) => (n % 5 === day % 5 ? day : 0)))).snapshotId);
    kept.clock.pass(DAY);
  }
  return { kept, ids };
}

const sizeOf = (kept: Kept): number => [...kept.store.objects].filter(([key]) => /^(packs|tree|keys)\//.test(key)).reduce((sum, [, body]) => sum + body.length, 0);

describe("prune", () => {
  it("expires snapshots at once, and removes what they alone needed only after the grace", async () => {
    const { kept, ids } = await days(6);
    const before = sizeOf(kept);
    const first = done(await pruneWith(kept, "last=2"));
    expect(first.expired).toEqual(ids.slice(0, 4));
    expect(first.removed).toEqual({ objects: 0, bytes: 0 });
    expect(first.waiting.objects).toBeGreaterThan(5);
    expect(Date.parse(first.waiting.dueAt ?? "") - kept.clock.time).toBeGreaterThan(DAY - 1000);
    expect(sizeOf(kept)).toBe(before);
    expect(await expectWhole(kept)).toEqual([ids[5], ids[4]]);

    kept.clock.pass(DAY - HOUR);
    expect(done(await pruneWith(kept, "last=2")).removed.objects).toBe(0);
    kept.clock.pass(HOUR);
    const second = done(await pruneWith(kept, "last=2"));
    expect(second).toMatchObject({ expired: [], sequence: null, removed: first.waiting.objects === 0 ? {} : { objects: first.waiting.objects, bytes: first.waiting.bytes }, waiting: { objects: 0, dueAt: null } });
    expect(sizeOf(kept)).toBe(before - first.waiting.bytes);
    expect(await expectWhole(kept)).toEqual([ids[5], ids[4]]);
    expect([...kept.store.objects.keys()].filter((key) => key.includes("doomed"))).toEqual([]);
    // A third has nothing to do and writes nothing.
    const objects = kept.store.objects.size;
    expect(done(await pruneWith(kept, "last=2"))).toMatchObject({ sequence: null, removed: { objects: 0 }, waiting: { objects: 0 } });
    expect(kept.store.objects.size).toBe(objects);
  });

  it("in a dry run says the same and changes nothing", async () => {
    const { kept, ids } = await days(5);
    const before = new Map(kept.store.objects);
    kept.store.log.length = 0;
    const told = done(await pruneWith(kept, "last=1", { dryRun: true }));
    expect(kept.store.log).toEqual([]);
    expect(kept.store.objects).toEqual(before);
    expect(told.plan.expire.map(({ snapshotId }) => snapshotId).sort()).toEqual(ids.slice(0, 4).sort());
    const real = done(await pruneWith(kept, "last=1"));
    expect(real.plan).toEqual({ ...told.plan });
    expect({ objects: real.waiting.objects, bytes: real.waiting.bytes }).toEqual({ objects: told.waiting.objects, bytes: told.waiting.bytes });
    kept.clock.pass(DAY);
    expect(done(await pruneWith(kept, "last=1", { dryRun: true })).removed).toEqual({ objects: told.waiting.objects, bytes: told.waiting.bytes });
    const atOnce = done(await pruneWith(kept, "last=1", { dryRun: true, graceMs: 0 }));
    expect(atOnce.removed.objects).toBe(told.waiting.objects);
  });

  it("without a grace sweeps in the same go", async () => {
    const { kept, ids } = await days(4);
    const told = done(await pruneWith(kept, "last=1", { graceMs: 0 }));
    expect(told.removed.objects).toBeGreaterThan(3);
    expect(told.waiting.objects).toBe(0);
    expect(await expectWhole(kept)).toEqual([ids[3]]);
  });

  it("whose list of garbage has rotted removes nothing by it, stops no snapshot, and is made good by the next", async () => {
    const { kept, ids } = await days(4);
    const { waiting } = done(await pruneWith(kept, "last=1"));
    const list = [...kept.store.objects.keys()].find((key) => key.includes("doomed")) as string;
    const body = kept.store.objects.get(list) as Uint8Array;
    body[20] = (body[20] as number) ^ 1;
    kept.clock.pass(DAY);
    const newest = await kept.take(people(3, 28));
    expect(done(await pruneWith(kept, "last=2"))).toMatchObject({ removed: { objects: 0 }, waiting: { objects: waiting.objects } });
    kept.clock.pass(DAY);
    expect(done(await pruneWith(kept, "last=2")).removed.objects).toBe(waiting.objects);
    expect(await expectWhole(kept)).toEqual([newest.snapshotId, ids[3]]);
    expect([...kept.store.objects.keys()].filter((key) => key.includes("doomed"))).toEqual([]);
  });

  it("with a shorter grace than before sweeps what the earlier one had put off, and nothing twice", async () => {
    const { kept, ids } = await days(5);
    const first = done(await pruneWith(kept, "last=2"));
    expect(first.waiting.objects).toBeGreaterThan(0);
    const told = done(await pruneWith(kept, "last=2", { graceMs: 0, dryRun: true }));
    expect(told.removed).toEqual({ objects: first.waiting.objects, bytes: first.waiting.bytes });
    const second = done(await pruneWith(kept, "last=2", { graceMs: 0 }));
    expect(second).toMatchObject({ expired: [], removed: told.removed, waiting: { objects: 0 } });
    expect((await verified(kept)).orphans).toEqual([]);
    expect(await expectWhole(kept)).toEqual([ids[4], ids[3]]);
  });

  it("removes what runs that died left behind, but only what was there a grace ago", async () => {
    const { kept } = await days(2);
    kept.store.rearm(6, "before");
    await expect(kept.take(people(40, 80))).rejects.toMatchObject({ code: "store.unreachable" });
    kept.store.rearm();
    const report = await verifyVault({ store: kept.store, readData: false, hostKeys: kept.test.hostKeys });
    expect(report.orphans.length).toBe(5);
    expect(done(await pruneWith(kept, "last=9")).waiting.objects).toBe(5);
    kept.clock.pass(DAY);
    kept.store.rearm(8, "before");
    await expect(kept.take(people(80, 120))).rejects.toMatchObject({ code: "store.unreachable" });
    kept.store.rearm();
    const second = done(await pruneWith(kept, "last=9"));
    expect(second.removed.objects).toBe(5);
    expect(second.waiting.objects).toBe(7);
    await expectWhole(kept);
  });

  it("leaves a run that is under way whole: what it builds on and what it has written stay for the grace", async () => {
    const { kept, ids } = await days(3);
    const vault = await kept.open();
    const records = people(2, 27, (n) => (n % 5 === 2 ? 2 : 0)).concat(people(50, 70));
    const writer = await vault.beginSnapshot({ source: { type: "jsonl", name: "s" } });
    await writer.write(records.slice(0, 60), "s");
    // Meanwhile another host takes one and prunes the one this run began with.
    await kept.take(people(90, 95));
    kept.clock.pass(HOUR);
    expect(done(await pruneWith(kept, "last=1")).expired).toEqual(ids);
    await writer.write(records.slice(60), "s");
    const summary = await writer.commit();
    kept.truth.set(summary.snapshotId, new Map(records.map(({ id, bytes }) => [id, Buffer.from(bytes).toString()])));
    kept.clock.pass(2 * DAY);
    await pruneWith(kept, "last=9");
    expect((await expectWhole(kept)).length).toBe(2);
  });

  it("makes a run that outlasts the grace refuse to commit rather than commit a snapshot with holes", async () => {
    const { kept, ids } = await days(3);
    const vault = await kept.open();
    const writer = await vault.beginSnapshot({ source: { type: "jsonl", name: "s" } });
    await writer.write(people(2, 27, (n) => (n % 5 === 2 ? 2 : 0)), "s");
    const other = await kept.take(people(90, 95));
    expect(done(await pruneWith(kept, "last=1")).expired).toEqual(ids);
    kept.clock.pass(2 * DAY);
    await pruneWith(kept, "last=1");
    // What it built on is gone already; or, if all of that is in memory, the last look before the commit finds that it is.
    await expect(writer.commit()).rejects.toMatchObject({ code: expect.stringMatching(/^vault\.(overtaken|missing_object)$/) });
    expect(await expectWhole(kept)).toEqual([other.snapshotId]);
  });

  it("makes a run refuse to commit when the sweep may begin any moment, although everything is still there", async () => {
    const { kept } = await days(3);
    const vault = await kept.open();
    const begin = () => vault.beginSnapshot({ source: { type: "jsonl", name: "s" } });
    const [soon, late] = [await begin(), await begin()];
    const records = people(2, 27, (n) => (n % 5 === 2 ? 2 : 0));
    for (const writer of [soon, late]) await writer.write(records, "s");
    await kept.take(people(90, 95));
    await pruneWith(kept, "last=1");
    kept.clock.pass(DAY - 2 * HOUR);
    const { snapshotId } = await soon.commit();
    kept.truth.set(snapshotId, new Map(records.map(({ id, bytes }) => [id, Buffer.from(bytes).toString()])));
    kept.clock.pass(1.5 * HOUR);
    await expect(late.commit()).rejects.toMatchObject({ code: "vault.overtaken", retry: "later" });
    await expectWhole(kept);
  });

  it("of two at once lets one through, and tells the other", async () => {
    const { kept, ids } = await days(4);
    let raced: PruneOutcome | null = null;
    kept.store.between = async (change) => {
      if (!change.startsWith("+prunes/0")) return;
      kept.store.between = null;
      raced = await pruneWith(kept, "last=2");
    };
    const outcome = await pruneWith(kept, "last=1");
    expect(outcome).toEqual({ kind: "refused", code: "prune.contended", objects: [] });
    expect(done(raced as unknown as PruneOutcome).expired).toEqual(ids.slice(0, 2));
    expect(await expectWhole(kept)).toEqual([ids[3], ids[2]]);
    expect(done(await pruneWith(kept, "last=1")).expired).toEqual([ids[2]]);
    kept.clock.pass(DAY);
    await pruneWith(kept, "last=1");
    expect(await expectWhole(kept)).toEqual([ids[3]]);
    expect([...kept.store.objects.keys()].filter((key) => key.includes("doomed"))).toEqual([]);
  });

  it("tells what a lock holds on to, keeps all that the locked snapshot needs, and removes it when the lock is over", async () => {
    const { kept, ids } = await days(4);
    const locked = [...kept.store.objects.keys()].filter((key) => key.startsWith("snapshots/") && key.endsWith(ids[1] as string));
    const pack = [...kept.store.objects.keys()].find((key) => key.startsWith("packs/") && !key.endsWith(".key")) as string;
    kept.store.locked.add(locked[0] as string);
    kept.store.locked.add(pack);
    const first = done(await pruneWith(kept, "last=1"));
    expect(first.kept).toEqual([{ object: locked[0], code: "store.locked" }]);
    expect(first.expired).toEqual([ids[0], ids[2]]);
    kept.clock.pass(DAY);
    await pruneWith(kept, "last=1");
    expect(await expectWhole(kept)).toEqual([ids[3], ids[1]]);
    kept.store.locked.clear();
    await pruneWith(kept, "last=1");
    kept.clock.pass(DAY);
    await pruneWith(kept, "last=1");
    expect(await expectWhole(kept)).toEqual([ids[3]]);
  });

  it("calls nothing garbage while a manifest is damaged, which may still be mended", async () => {
    const { kept } = await days(3);
    const name = [...kept.store.objects.keys()].find((key) => key.startsWith("snapshots/")) as string;
    const body = kept.store.objects.get(name) as Uint8Array;
    body[40] = (body[40] as number) ^ 1;
    const before = kept.store.objects.size;
    expect(await pruneWith(kept, "last=1", { graceMs: 0 })).toEqual({ kind: "refused", code: "prune.damaged_manifest", objects: [name] });
    expect(kept.store.objects.size).toBe(before);
  });

  it("excuses the parent it removed, and only that", async () => {
    const { kept, ids } = await days(3);
    await pruneWith(kept, "last=2");
    const { expired } = await readPrunes(kept.store, (await kept.open()).description);
    expect([...expired.keys()]).toEqual([ids[0]]);
    await expectWhole(kept);
    // Somebody takes away the record of the prune, or a snapshot that no prune named.
    const without = kept.store.copy();
    for (const key of [...without.objects.keys()]) if (key.startsWith("prunes/0")) without.objects.delete(key);
    const codes = async (store: typeof without): Promise<string[]> => (await verifyVault({ store, readData: false, hostKeys: kept.test.hostKeys })).findings.map(({ code }) => code);
    expect(await codes(without)).toContain("manifest.parent_missing");
    const gone = kept.store.copy();
    for (const key of [...gone.objects.keys()]) if (key.startsWith("snapshots/") && key.endsWith(ids[1] as string)) gone.objects.delete(key);
    expect(await codes(gone)).toEqual(["manifest.parent_missing"]);
  });

  it("keeps what has the last word of verify, in the order of rules as they are given", async () => {
    const { kept, ids } = await days(5);
    const report = done(await pruneWith(kept, "last=1", { verified: [ids[1] as string] }));
    expect(report.plan.keep.map(({ snapshotId, reasons }) => [snapshotId, reasons.map(({ code }) => code)])).toEqual([
      [ids[4], ["newest", "newest-complete", "last"]],
      [ids[1], ["verified"]],
    ]);
    expect((await expectWhole(kept)).length).toBe(2);
  });
});

describe("a hold", () => {
  const holder = async (kept: Kept) => ({ store: kept.store, description: (await kept.open()).description, signingKey: kept.test.hostKeys.signingKey, clock: kept.clock, random: seededRandom("holds") });

  it("keeps its snapshots until it is released, and is never forgotten", async () => {
    const { kept, ids } = await days(4);
    const o = await holder(kept);
    const hold = await placeHold(o, { name: "incident 7", reason: "synthetic", by: "test", snapshots: [ids[1] as string] });
    expect(done(await pruneWith(kept, "last=1", { graceMs: 0 })).expired).toEqual([ids[0], ids[2]]);
    expect(await releaseHold(o, "0000000000000000", { reason: "x", by: "test" })).toBeNull();
    expect(await releaseHold(o, hold.holdId, { reason: "closed", by: "test" })).toMatchObject({ holdId: hold.holdId, reason: "closed" });
    expect(await releaseHold(o, hold.holdId, { reason: "again", by: "test" })).toBeNull();
    const holds = await readHolds(kept.store, o.description);
    expect(holds.inForce).toEqual([]);
    expect(holds.released.map(({ hold: ended, release }) => [ended.name, release.reason])).toEqual([["incident 7", "closed"]]);
    expect(done(await pruneWith(kept, "last=1", { graceMs: 0 })).expired).toEqual([ids[1]]);
    expect(await expectWhole(kept)).toEqual([ids[3]]);
  });

  it("that is placed while a prune runs still counts", async () => {
    const { kept, ids } = await days(3);
    const o = await holder(kept);
    kept.store.between = async (change) => {
      if (!change.startsWith("+prunes/0")) return;
      kept.store.between = null;
      await placeHold(o, { name: "incident", reason: "synthetic", by: "test", snapshots: "all" });
    };
    expect(done(await pruneWith(kept, "last=1", { graceMs: 0 })).expired).toEqual([]);
    expect((await expectWhole(kept)).length).toBe(ids.length);
  });

  it("that is damaged stops every prune: it may hold anything", async () => {
    const { kept } = await days(3);
    const o = await holder(kept);
    const { holdId } = await placeHold(o, { name: "incident", reason: "synthetic", by: "test", snapshots: "all" });
    const body = kept.store.objects.get(`holds/${holdId}.json`) as Uint8Array;
    body[body.length - 5] = (body[body.length - 5] as number) ^ 1;
    expect(await pruneWith(kept, "last=1")).toEqual({ kind: "refused", code: "prune.damaged_hold", objects: [`holds/${holdId}.json`] });
    // Its id is its name: who may release it may say that it is over.
    expect(await releaseHold(o, holdId, { reason: "cannot be mended", by: "test" })).not.toBeNull();
    expect(done(await pruneWith(kept, "last=1")).expired).toHaveLength(2);
  });
});
