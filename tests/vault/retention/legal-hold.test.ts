/** Legal holds: what the law bids to keep is not erased while it does. */
import { describe, expect, it } from "@jest/globals";
import { holdSubjects, placeHold, releaseHold } from "#app/vault/index.ts";
import type { LegalBasis } from "#app/vault/index.ts";
import { DAY, keptVault, people, redactIn } from "./kit.ts";
import type { Kept } from "./kit.ts";

async function held(legal: Partial<LegalBasis> | null): Promise<{ kept: Kept; holdId: string }> {
  const kept = await keptVault();
  await kept.take(people(0, 12));
  const { hostKeys, random } = kept.test;
  const { description } = await kept.open();
  const { holdId } = await placeHold(
    { store: kept.store, description, signingKey: hostKeys.signingKey, clock: kept.clock, random },
    { name: "case 14", reason: "litigation", by: "cli", snapshots: "all", ...(legal === null ? {} : { legal: { basis: "litigation", citation: "Doe v. Roe, No. 14", until: null, subjects: "all", ...legal } }) },
  );
  return { kept, holdId };
}

describe("a legal hold", () => {
  it("bars the erasure of whom it names, and of nobody else", async () => {
    const probe = await keptVault();
    const { kept, holdId } = await held({ subjects: [...holdSubjects(probe.test.hostKeys.indexKey, ["person-3"])] });
    expect(kept.test.hostKeys.indexKey).toEqual(probe.test.hostKeys.indexKey);
    const names = [...kept.store.objects.keys()];
    expect(await redactIn(kept, ["person-3"], { tree: true })).toMatchObject({ kind: "refused", code: "redaction.held", details: [holdId] });
    expect([...kept.store.objects.keys()]).toEqual(names);
    expect(await redactIn(kept, ["person-4"], { tree: true })).toMatchObject({ kind: "done" });
    // Together with somebody who may go, the whole act is refused: nobody has to find out who was left out.
    expect(await redactIn(kept, ["person-5", "person-3"], { tree: true })).toMatchObject({ kind: "refused", code: "redaction.held" });
  });

  it("about everybody bars every erasure, until it is released", async () => {
    const { kept, holdId } = await held({});
    expect(await redactIn(kept, ["person-3"], { tree: true })).toMatchObject({ kind: "refused", code: "redaction.held" });
    const { description } = await kept.open();
    await releaseHold({ store: kept.store, description, signingKey: kept.test.hostKeys.signingKey, clock: kept.clock, random: kept.test.random }, holdId, { reason: "settled", by: "cli" });
    expect(await redactIn(kept, ["person-3"], { tree: true })).toMatchObject({ kind: "done" });
  });

  it("ends for erasures at the time it names", async () => {
    const { kept } = await held({ until: "2026-03-12T00:00:00.000Z" });
    expect(await redactIn(kept, ["person-3"], { tree: true })).toMatchObject({ kind: "refused", code: "redaction.held" });
    kept.clock.pass(11 * DAY);
    expect(await redactIn(kept, ["person-3"], { tree: true })).toMatchObject({ kind: "done" });
  });

  it("that cannot be read bars everything, for it may be one", async () => {
    const { kept, holdId } = await held({});
    const object = `holds/${holdId}.json`;
    kept.store.objects.set(object, Buffer.from("torn"));
    expect(await redactIn(kept, ["person-3"], { tree: true })).toMatchObject({ kind: "refused", code: "redaction.damaged_hold", details: [object] });
  });

  it("is more than a hold: one without a basis keeps snapshots, and bars no erasure", async () => {
    const { kept } = await held(null);
    expect(await redactIn(kept, ["person-3"], { tree: true })).toMatchObject({ kind: "done" });
  });

  it("names nobody in clear", async () => {
    const { kept } = await held({ subjects: [...holdSubjects((await keptVault()).test.hostKeys.indexKey, ["person-3"])] });
    for (const [key, bytes] of kept.store.objects) if (key.startsWith("holds/")) expect(Buffer.from(Buffer.from(bytes).toString(), "base64url").toString("latin1") + Buffer.from(JSON.parse(Buffer.from(bytes).toString()).payload, "base64url").toString()).not.toContain("person-3");
  });
});
