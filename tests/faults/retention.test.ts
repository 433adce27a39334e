/** Prune and redact are broken off at every write and every removal, in each way; afterwards each snapshot is whole, and the rerun ends where an undisturbed run would have. */
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { contentKeys, placeHold, readRedactions, releaseHold, verifyVault } from "#app/vault/index.ts";
import type { PruneOutcome, RedactOutcome } from "#app/vault/index.ts";
import { PackReader } from "#app/vault/pack/pack-reader.ts";
import { SCRATCH, seededRandom } from "#tests/support/vault-kit.ts";
import { DAY, expectWhole, HOUR, keptVault, people, pruneWith, redactIn, textsOf } from "#tests/vault/retention/kit.ts";
import type { Kept } from "#tests/vault/retention/kit.ts";
import { FAULTS } from "./faulty-store.ts";
import type { Fault } from "./faulty-store.ts";

const ERASED = new Set(["person-5", "field-5-a", "field-5-b"]);

async function prepared(): Promise<Kept> {
  const kept = await keptVault();
  for (let day = 0; day < 3; day++) {
    await kept.take(people(day, day + 30, (n) => (n % 4 === day ? day : 0)));
    kept.clock.pass(DAY);
  }
  // What a run that died left.
  kept.store.rearm(4, "before");
  await expect(kept.take(people(50, 80))).rejects.toMatchObject({ code: "store.unreachable" });
  kept.store.rearm();
  return kept;
}

/** Runs it with the fault, then looks as a fresh process would. Answers the key at which it was broken off, or null when it came to its end. */
async function broken(kept: Kept, at: number, fault: Fault, work: () => Promise<unknown>): Promise<string | null> {
  kept.store.rearm(at, fault);
  const run = work();
  let ended: unknown = null;
  const settled = run.then(() => (ended = "done"), (error: unknown) => (ended = error));
  await Promise.race([settled, kept.store.hanging]);
  const { failed } = kept.store;
  if (failed !== null && fault !== "hang") expect(ended).toMatchObject({ code: expect.stringMatching(/^(store\.unreachable|vault\.damaged_object)$/) });
  kept.store.rearm();
  return failed;
}

/** Whatever happened, every snapshot that is there is whole; the only thing wrong may be the object that the store tore in half. */
async function expectNothingLost(kept: Kept, failed: string, fault: Fault, erased: ReadonlySet<string>): Promise<void> {
  const { hostKeys, identity } = kept.test;
  const report = await verifyVault({ store: kept.store, readData: true, hostKeys, opener: identity.opener, scratchDirectory: SCRATCH });
  const torn = fault === "short body" ? report.findings.filter(({ object }) => object === failed) : [];
  expect(report.findings).toEqual(torn);
  const vault = await kept.open();
  const keys = contentKeys(kept.store, identity.opener);
  const redacted = (await readRedactions(kept.store, vault.description)).size > 0;
  for (const manifest of await vault.snapshots()) {
    const found = new Map<string, string>();
    for await (const batch of vault.read(manifest, keys).records()) for (const [id, text] of textsOf(batch)) found.set(id, text);
    expect(found).toEqual(new Map([...(kept.truth.get(manifest.snapshotId) as Map<string, string>)].filter(([id]) => !redacted || !erased.has(id))));
  }
}

async function opened(kept: Kept): Promise<string> {
  let text = "";
  for (const name of kept.store.objects.keys()) {
    const id = /^packs\/..\/([0-9a-f]{64})$/.exec(name)?.[1];
    if (id === undefined || !kept.store.objects.has(`${name}.key`)) continue;
    try {
      for await (const { records } of new PackReader(kept.store, Buffer.from(kept.test.hostKeys.vaultId, "hex"), contentKeys(kept.store, kept.test.identity.opener)).frames(id)) for (const { bytes } of records) text += Buffer.from(bytes).toString();
    } catch (error) {
      expect(error).toMatchObject({ code: "vault.damaged_object" });
    }
  }
  return text;
}

const names = (kept: Kept): string[] => [...kept.store.objects.keys()].filter((key) => /^(packs|tree|snapshots)\//.test(key)).sort();

describe("a prune that is broken off", () => {
  const pruneNow = (kept: Kept): Promise<PruneOutcome> => pruneWith(kept, "last=1", { graceMs: 0 });

  it.each(FAULTS)("at any write or removal (%s) loses nothing, and the next one finishes it", async (fault) => {
    const good = await prepared();
    await pruneNow(good);
    const steps = good.store.changes;
    expect(steps).toBeGreaterThan(12);
    for (let at = 1; at <= steps; at++) {
      const kept = await prepared();
      const failed = await broken(kept, at, fault, () => pruneNow(kept));
      expect(failed).not.toBeNull();
      await expectNothingLost(kept, failed as string, fault, new Set());
      const again = await pruneNow(kept);
      expect(again.kind).toBe("done");
      expect(names(kept)).toEqual(names(good));
      await expectNothingLost(kept, failed as string, fault, new Set());
    }
  }, 120_000);
});

describe("a redaction that is broken off", () => {
  const redactNow = (kept: Kept): Promise<RedactOutcome> => redactIn(kept, ["person-5"], { tree: true });

  it.each(FAULTS)("at any write or removal (%s) leaves every snapshot readable, and the next one finishes it", async (fault) => {
    const good = await prepared();
    await redactNow(good);
    const steps = good.store.changes;
    expect(steps).toBeGreaterThan(8);
    for (let at = 1; at <= steps; at++) {
      const kept = await prepared();
      const failed = (await broken(kept, at, fault, () => redactNow(kept))) as string;
      expect(failed).not.toBeNull();
      await expectNothingLost(kept, failed, fault, ERASED);
      const again = await redactNow(kept);
      expect(again).toMatchObject({ kind: "done" });
      expect(await opened(kept)).not.toContain("canary-5x");
      await expectNothingLost(kept, failed, fault, ERASED);
      expect(await redactNow(kept)).toMatchObject({ kind: "done", report: { sequence: null, versions: 0, certificates: [] } });
    }
  }, 120_000);

  it("changes nothing that exists before the redaction is written down", async () => {
    const kept = await prepared();
    kept.store.log.length = 0;
    await redactNow(kept);
    const written = kept.store.log.findIndex((change) => /^\+redactions\/\d{10}\.json$/.test(change));
    expect(written).toBeGreaterThan(2);
    expect(kept.store.log.slice(0, written).filter((change) => change.startsWith("-"))).toEqual([]);
    const kinds = kept.store.log.map((change) => change.replace(/[0-9a-f]{32,}/g, "*").replace(/\/..\//, "/"));
    expect(kinds[0]).toBe("+keys/*.jwe");
    // Of each new pack the key comes first; of each old one the key goes first.
    expect(kinds.slice(1, written)).toEqual(Array.from({ length: written - 1 }, (_, i) => (i % 2 === 0 ? "+packs/*.key" : "+packs/*")));
    const removals = kinds.filter((change) => change.startsWith("-"));
    expect(removals).toEqual([...removals].sort((a, b) => Number(b.endsWith(".key")) - Number(a.endsWith(".key"))));
    expect(kinds.at(-1)).toMatch(/^\+redactions\/\d{10}\.certificate-1\.json$/);
  });
});

describe("any order of snapshots, prunes, holds, redactions and crashes", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ what: fc.constant("snapshot" as const), from: fc.integer({ min: 0, max: 6 }), count: fc.integer({ min: 1, max: 10 }), change: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant("prune" as const), keep: fc.constantFrom("last=1", "last=2", "daily=2", "hourly=3,last=1"), graceHours: fc.constantFrom(0, 1, 24) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant("hold" as const) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant("release" as const) }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant("redact" as const), person: fc.integer({ min: 0, max: 12 }) }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant("wait" as const), hours: fc.constantFrom(1, 10, 30) }) },
  );
  const scheduled = fc.record({ step, crash: fc.option(fc.record({ at: fc.integer({ min: 1, max: 14 }), fault: fc.constantFrom<Fault>("before", "after, answer lost") }), { freq: 3 }) });

  it("ends with a clean vault in which every snapshot is whole and nothing that was erased is left", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(scheduled, { minLength: 3, maxLength: 14 }), async (schedule) => {
        const kept = await keptVault("any order");
        const held: string[] = [];
        const holdIds: string[] = [];
        const erased = new Set<string>();
        let taken = 0;
        for (const [i, { step: what, crash }] of schedule.entries()) {
          kept.clock.pass(HOUR / 4);
          kept.store.rearm(crash?.at ?? 0, crash?.fault ?? "before");
          const vault = await kept.open();
          const o = { store: kept.store, description: vault.description, signingKey: kept.test.hostKeys.signingKey, clock: kept.clock, random: seededRandom(`hold ${i}`) };
          const work = async (): Promise<void> => {
            if (what.what === "snapshot") {
              // The ids of those who were erased are not sent again: the shop erased them too.
              const records = people(what.from, what.from + what.count, (n) => (n % 3 === what.change ? i : 0)).filter(({ id }) => !erased.has(id));
              if (records.length === 0) return;
              // Noted first: the commit may stand although its answer was lost.
              const writer = await vault.beginSnapshot({ source: { type: "jsonl", name: "s" } });
              await writer.write(records, "s");
              try {
                await writer.commit();
              } finally {
                for (const { snapshotId } of await (await kept.open()).snapshots()) if (!kept.truth.has(snapshotId)) kept.truth.set(snapshotId, textsOf(records));
              }
              taken++;
            } else if (what.what === "prune") {
              const outcome = await pruneWith(kept, what.keep, { graceMs: what.graceHours * HOUR });
              expect(outcome.kind).toBe("done");
            } else if (what.what === "hold") {
              const [newest] = await vault.snapshots();
              if (newest === undefined) return;
              const hold = await placeHold(o, { name: `h${i}`, reason: "synthetic", by: "test", snapshots: [newest.snapshotId] });
              holdIds.push(hold.holdId);
              held.push(newest.snapshotId);
            } else if (what.what === "release") {
              const id = holdIds.pop();
              const snapshot = held.pop();
              if (id === undefined || snapshot === undefined) return;
              try {
                await releaseHold(o, id, { reason: "over", by: "test" });
              } catch (error) {
                holdIds.push(id);
                held.push(snapshot);
                throw error;
              }
            } else if (what.what === "redact") {
              const ids = [`person-${what.person}`, `field-${what.person}-a`, `field-${what.person}-b`];
              const redact = (): Promise<RedactOutcome> => redactIn(kept, [ids[0] as string], { tree: true });
              let outcome: RedactOutcome;
              try {
                outcome = await redact();
              } catch (error) {
                kept.store.rearm();
                expect(error).toMatchObject({ code: "store.unreachable" });
                outcome = await redact();
              }
              if (outcome.kind === "done") for (const id of ids) erased.add(id);
              else expect(outcome.code).toBe("redaction.not_found");
            } else kept.clock.pass(what.hours * HOUR);
          };
          const { failAt } = kept.store;
          try {
            await work();
          } catch (error) {
            if (failAt === 0 || kept.store.failed === null) throw error;
            expect(error).toMatchObject({ code: "store.unreachable" });
          }
          kept.store.rearm();
          // A hold that was released although the answer was lost no longer holds; nothing else may let a held snapshot go.
          const there = new Set((await (await kept.open()).snapshots()).map(({ snapshotId }) => snapshotId));
          for (const snapshotId of held) if (crash === null || what.what !== "release") expect(there.has(snapshotId) || schedule.slice(0, i).some((earlier) => earlier.step.what === "release" && earlier.crash !== null)).toBe(true);
        }
        kept.clock.pass(3 * DAY);
        for (let again = 0; again < 2; again++) {
          expect((await pruneWith(kept, "last=2")).kind).toBe("done");
          kept.clock.pass(2 * DAY);
        }
        const ids = await expectWhole(kept, { erased });
        if (taken > 0) expect(ids.length).toBeGreaterThan(0);
        const text = await opened(kept);
        for (const id of erased) if (id.startsWith("person-")) expect(text).not.toContain(`canary-${id.slice(7)}x`);
      }),
      { numRuns: process.env["SLOW"] === "1" ? 300 : 25 },
    );
  }, process.env["SLOW"] === "1" ? 1_800_000 : 240_000);
});
