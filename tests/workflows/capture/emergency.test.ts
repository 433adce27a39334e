/** A snapshot when something is wrong: at once, held, and let go when its time is over. */
import { describe, expect, it } from "@jest/globals";
import { prune, parsePolicy, readHolds } from "#app/vault/index.ts";
import { newestOpenRun, openAssistantRuns, readRun, showRun, startAssistant, takeStep } from "#app/workflows/assistant/index.ts";
import { closeIncident, holdEmergency, settleEmergencies } from "#app/workflows/capture/emergency-hold.ts";
import { runEmergency, takeEmergencySnapshot } from "#app/workflows/capture/emergency.ts";
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
    const other = { kind: "staff", id: "1", shop: "other.myshopify.com" } as const;
    expect(await closeIncident(shop.ports, { shop: SHOP, actor: other, incident: "INC-7" })).toEqual({ kind: "refused", code: "access.other_shop" });
    expect(await closeIncident(shop.ports, { shop: SHOP, actor: STAFF, incident: "INC-8" })).toEqual({ kind: "refused", code: "emergency.no_such_incident" });
    expect(await pruned(shop)).toContain(snapshotId);
    expect(await closeIncident(shop.ports, { shop: SHOP, actor: STAFF, incident: "INC-7" })).toEqual({ kind: "closed", released: 1, later: 0 });
    expect(await pruned(shop)).not.toContain(snapshotId);
    expect(await closeIncident(shop.ports, { shop: SHOP, actor: STAFF, incident: "INC-7" })).toEqual({ kind: "refused", code: "emergency.no_such_incident" });
  });

  it("is let go by itself when its incident was closed while it was being taken, or while the storage was away", async () => {
    const shop = await capturedShop();
    const asked = await takeEmergencySnapshot(shop.ports, { shop: SHOP, actor: STAFF, reason: "incident", incident: "INC-9" });
    if (asked.kind !== "requested") throw new Error(asked.kind);
    expect(await closeIncident(shop.ports, { shop: SHOP, actor: STAFF, incident: "INC-9" })).toEqual({ kind: "closed", released: 0, later: 1 });
    await runEmergency(shop.ports, { runId: asked.run.id });
    expect(await shop.capture.emergencies.get(asked.run.id)).toMatchObject({ state: "held" });
    shop.process.time.advance(1);
    expect(await settleEmergencies(shop.ports)).toBe(1);
    expect(await shop.capture.emergencies.get(asked.run.id)).toMatchObject({ state: "released" });
  });

  it("stands in the timeline of the assistant's run it was taken in, is held until that ends, and is entered and held once however often that is tried", async () => {
    const shop = await capturedShop();
    const started = await startAssistant(shop.ports, { shop: SHOP, actor: STAFF, scenario: "ransomware" });
    if (started.kind !== "started") throw new Error(started.kind);
    shop.capture.emergencies.openRuns = (_shop, id) => ["open", "decided"].includes(shop.process.assistantRuns.rows.get(id)?.state ?? "");
    shop.capture.currentState.put(family(1, "before"));
    const snapshotId = await taken(shop, { assistantRun: started.runId });
    const [row] = await shop.capture.emergencies.list(SHOP, 1);
    // A worker that died right after the commit: the chore does it again.
    await shop.capture.emergencies.update(row?.runId ?? "", { state: "waiting", holdId: null });
    await holdEmergency(shop.ports, { runId: row?.runId ?? "", snapshotId });
    const shown = await showRun(shop.ports, { shop: SHOP, actor: STAFF, runId: started.runId });
    expect(shown?.shown.filter(({ act }) => act === "emergency-snapshot")).toEqual([expect.objectContaining({ what: "recorded", by: "system", snapshot: snapshotId })]);
    const { readVaultDescription } = await import("#app/vault/index.ts");
    expect((await readHolds(shop.store, await readVaultDescription(shop.store))).inForce).toHaveLength(1);
    for (let i = 0; i < 2; i++) await shop.snapshot();
    shop.process.time.advance(1000 * 3_600_000);
    expect(await settleEmergencies(shop.ports)).toBe(0);
    expect(await pruned(shop)).toContain(snapshotId);
    const read = await readRun(shop.process.assistantRuns, SHOP, started.runId);
    expect(await takeStep(shop.ports, { shop: SHOP, actor: STAFF, runId: started.runId, after: read?.run.steps ?? 0, step: { what: "abandoned" } })).toMatchObject({ kind: "taken" });
    expect(await settleEmergencies(shop.ports)).toBe(1);
    expect(await pruned(shop)).not.toContain(snapshotId);
    expect(await newestOpenRun(shop.ports, { shop: SHOP })).toBeNull();
    const another = await startAssistant(shop.ports, { shop: SHOP, actor: STAFF, scenario: "ransomware" });
    expect(await newestOpenRun(shop.ports, { shop: SHOP })).toBe(another.kind === "started" ? another.runId : "none");
    // One that nobody has touched for a week is offered still, and no longer taken for granted.
    shop.process.time.advance(8 * 86_400_000);
    expect(await newestOpenRun(shop.ports, { shop: SHOP })).toBeNull();
    expect(await openAssistantRuns(shop.ports, { shop: SHOP })).toHaveLength(1);
    // A run that is over takes no more.
    expect(await takeEmergencySnapshot(shop.ports, { shop: SHOP, actor: STAFF, reason: "incident", assistantRun: started.runId })).toEqual({ kind: "refused", code: "emergency.run_over" });
    expect(await takeEmergencySnapshot(shop.ports, { shop: SHOP, actor: STAFF, reason: "incident", assistantRun: "nobody" })).toEqual({ kind: "refused", code: "emergency.run_over" });
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
