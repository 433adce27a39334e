/** Erasing a whole vault: nothing opens any more, it can be proved, and it can be broken off anywhere. */
import { describe, expect, it } from "@jest/globals";
import { eraseVault, placeHold, readCertificates, readPrunes, verifyVault } from "#app/vault/index.ts";
import type { EraseVaultOutcome } from "#app/vault/index.ts";
import { FAULTS } from "#tests/faults/faulty-store.ts";
import { SCRATCH } from "#tests/support/vault-kit.ts";
import { DAY, keptVault, people } from "./kit.ts";
import type { Kept } from "./kit.ts";

async function prepared(parity = false): Promise<Kept> {
  const kept = await keptVault("erased", parity);
  await kept.take(people(0, 20));
  kept.clock.pass(DAY);
  await kept.take(people(5, 25));
  kept.store.objects.set("journal/00000001/0000000001", Buffer.from("a segment"));
  kept.store.objects.set("disclosures/delivery-9-00000000.jwe", Buffer.from("a package"));
  return kept;
}

async function erase(kept: Kept): Promise<EraseVaultOutcome> {
  const { description } = await kept.open();
  const { indexKey, signingKey } = kept.test.hostKeys;
  return eraseVault({ store: kept.store, description, indexKey, signingKey, clock: kept.clock, actor: "cli", reason: "shop/redact" });
}

const contents = (kept: Kept): string[] => [...kept.store.objects.keys()].filter((key) => /packs\/|tree\/|snapshots\/|keys\/[0-9a-f]{32}|journal\/|disclosures\//.test(key));

describe("erasing a whole vault", () => {
  it.each([false, true])("leaves no snapshot, no pack, no content key, and a certificate (parity: %s)", async (parity) => {
    const kept = await prepared(parity);
    const packs = [...kept.store.objects.keys()].filter((key) => /^packs\/..\/[0-9a-f]{64}$/.test(key));
    const outcome = await erase(kept);
    expect(outcome).toMatchObject({ kind: "done", report: { snapshots: 2, packs: packs.length, kept: [] } });
    expect(contents(kept)).toEqual([]);
    const { description } = await kept.open();
    const [certificate] = await readCertificates(kept.store, description);
    expect([...(certificate?.certificate.destroyed.packs ?? [])].sort()).toEqual(packs.sort());
    expect(certificate?.certificate.method).toContain("whole vault");
    expect((await readPrunes(kept.store, description)).expired.size).toBe(2);
    // A verifier who comes later finds an empty vault in which nothing is amiss.
    expect(await verifyVault({ store: kept.store, readData: true, hostKeys: kept.test.hostKeys, scratchDirectory: SCRATCH })).toMatchObject({ ok: true, findings: [], snapshots: 0, orphans: [] });
    expect(await erase(kept)).toMatchObject({ kind: "done", report: { snapshots: 0, packs: 0, certificates: [] } });
  });

  it.each(FAULTS)("broken off at any write or removal (%s) is finished by the next one", async (fault) => {
    const good = await prepared();
    good.store.rearm();
    await erase(good);
    const steps = good.store.changes;
    expect(steps).toBeGreaterThan(10);
    for (let at = 1; at <= steps; at++) {
      const kept = await prepared();
      kept.store.rearm(at, fault);
      const run = erase(kept).then(() => undefined, () => undefined);
      await Promise.race([run, kept.store.hanging]);
      kept.store.rearm();
      expect(await erase(kept)).toMatchObject({ kind: "done" });
      expect({ at, contents: contents(kept) }).toEqual({ at, contents: [] });
      const { description } = await kept.open();
      expect((await readCertificates(kept.store, description)).flatMap(({ certificate }) => certificate.remaining)).toEqual([]);
      expect((await readCertificates(kept.store, description)).length).toBeGreaterThan(0);
    }
  }, 60_000);

  it("is barred by every hold in force, legal or not", async () => {
    const kept = await prepared();
    const { description } = await kept.open();
    const { hostKeys, random } = kept.test;
    const { holdId } = await placeHold({ store: kept.store, description, signingKey: hostKeys.signingKey, clock: kept.clock, random }, { name: "incident", reason: "open", by: "cli", snapshots: "all" });
    const before = [...kept.store.objects.keys()];
    expect(await erase(kept)).toEqual({ kind: "refused", code: "redaction.held", details: [holdId] });
    expect([...kept.store.objects.keys()]).toEqual(before);
  });
});
