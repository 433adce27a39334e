/** A snapshot when something is wrong: at once, held, and let go when its time is over. */
import { describe, expect, it } from "@jest/globals";
import { prune, parsePolicy, readHolds } from "#app/vault/index.ts";
import { closeIncident, runEmergency, settleEmergencies, takeEmergencySnapshot } from "#app/workflows/capture/emergency.ts";
import { requestSnapshot } from "#app/workflows/index.ts";
import { SHOP, STAFF } from "../support/linked-shop.ts";
import { capturedShop, family, type CapturedShop } from "./kit.ts";

async function taken(shop: CapturedShop, o: Partial<Parameters<typeof takeEmergencySnapshot>[1]> = {}): Promise<string> {
  shop.source.records = shop.capture.currentState.records;
  const asked = await takeEmergencySnapshot(shop.ports, { shop: SHOP, actor: STAFF, reason: "incident", ...o });
  if (asked.kind !== "requested") throw new Error(asked.kind);
  const outcome = await runEmergency(shop.ports, { runId: asked.run.id });
  if (outcome.kind !== "committed") throw new Error(outcome.kind);
  return outcome.snapshot.snapshotId;
}

async function pruned(shop: CapturedShop): Promise<readonly string[]> {
  const link = await shop.process.links.get(SHOP);
  const hostKeys = await shop.process.keyring.get(link?.vaultId ?? "");
  const { readVaultDescription } = await import("#app/vault/index.ts");
  const description = await readVaultDescription(shop.store);
  if (hostKeys === null) throw new Error("no keys");
  const outcome = await prune({ store: shop.store, description, signingKey: hostKeys.signingKey, clock: shop.process.clock, actor: "test", policy: parsePolicy("last=1") as NonNullable<ReturnType<typeof parsePolicy>>, verified: new Set() });
  return outcome.kind === "done" ? outcome.report.plan.keep.map(({ snapshotId }) => snapshotId) : [];
}

describe("an emergency snapshot", () => {
  it("does not wait for the snapshot that is queued or under way", async () => {
    const shop = await capturedShop();
    await requestSnapshot(shop.ports, { shop: SHOP, actor: STAFF });
    const asked = await takeEmergencySnapshot(shop.ports, { shop: SHOP, actor: STAFF, reason: "attack" });
    expect(asked).toMatchObject({ kind: "requested", run: { kind: "emergency", input: { why: "attack" } } });
    expect(await takeEmergencySnapshot(shop.ports, { shop: SHOP, actor: STAFF, reason: "attack" })).toMatchObject({ kind: "already-running" });
  });

  it("is held while its incident is open, whatever the policy says, and then no longer", async () => {
    const shop = await capturedShop();
    shop.capture.currentState.put(family(1, "before"));
    const snapshotId = await taken(shop, { incident: "INC-7" });
    for (let i = 0; i < 2; i++) await shop.snapshot();
    expect(await pruned(shop)).toContain(snapshotId);
    shop.process.time.advance(1000 * 3_600_000);
    expect(await settleEmergencies(shop.ports)).toBe(0);
    expect(await closeIncident(shop.ports, { shop: SHOP, incident: "INC-7" })).toBe(1);
    expect(await pruned(shop)).not.toContain(snapshotId);
  });

  it("is held for the stated time without an incident", async () => {
    const shop = await capturedShop();
    await taken(shop, { holdHours: 2 });
    const [row] = await shop.capture.emergencies.list(SHOP, 1);
    expect(row).toMatchObject({ state: "held", reason: "incident" });
    shop.process.time.advance(2 * 3_600_000 - 2000);
    expect(await settleEmergencies(shop.ports)).toBe(0);
    shop.process.time.advance(62_000);
    expect(await settleEmergencies(shop.ports)).toBe(1);
    const { readVaultDescription } = await import("#app/vault/index.ts");
    expect((await readHolds(shop.store, await readVaultDescription(shop.store))).inForce).toEqual([]);
    expect(await settleEmergencies(shop.ports)).toBe(0);
  });

  it("says that it failed when it did", async () => {
    const shop = await capturedShop();
    const asked = await takeEmergencySnapshot(shop.ports, { shop: SHOP, actor: STAFF, reason: "data-loss" });
    if (asked.kind !== "requested") throw new Error(asked.kind);
    const { SourceError } = await import("#app/sources/port.ts");
    shop.source.failAfter = { records: 0, error: new SourceError("source.unauthorized", "no") };
    shop.source.records = family(1, "x");
    await runEmergency(shop.ports, { runId: asked.run.id });
    expect(await shop.capture.emergencies.get(asked.run.id)).toMatchObject({ state: "failed", code: "source.unauthorized" });
  });

  it("refuses another shop's staff and nonsense", async () => {
    const shop = await capturedShop();
    expect(await takeEmergencySnapshot(shop.ports, { shop: SHOP, actor: { kind: "staff", id: "1", shop: "other.myshopify.com" }, reason: "incident" })).toMatchObject({ kind: "refused", code: "access.other_shop" });
    for (const bad of [{ incident: "a b" }, { holdHours: 0 }, { holdHours: 1e9 }, { reason: "because" as never }]) {
      expect(await takeEmergencySnapshot(shop.ports, { shop: SHOP, actor: STAFF, reason: "incident", ...bad })).toEqual({ kind: "refused", code: "emergency.bad_request" });
    }
  });
});
