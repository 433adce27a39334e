/** Emergency snapshots are held, stand in the timeline of the assistant's run they were taken in, and are let go when what they were held for is over. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import { readHolds } from "#app/vault/index.ts";
import { holdSnapshots, releaseHeld } from "../prune/hold-snapshots.ts";
import { failureOf } from "../shared/failure.ts";
import { openShopVault } from "../shared/open-shop-vault.ts";
import { recordEvent } from "../shared/outbox.ts";
import { recordRefusal } from "../shared/record-refusal.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { recordEmergency } from "../assistant/index.ts";
import type { CapturePorts, EmergencySnapshot, Ports } from "../ports.ts";

export type EmergencyHoldPorts = Pick<Ports, "links" | "keyring" | "stores" | "clock" | "random" | "signer" | "log" | "outbox" | "capture" | "assistantRuns">;
type Emergencies = CapturePorts["emergencies"];

/** The newest snapshot is never pruned, so there is time: a worker that died before it placed the hold leaves that to a chore. Safe to repeat. */
export async function holdEmergency(ports: EmergencyHoldPorts, { runId, snapshotId }: { readonly runId: string; readonly snapshotId: string }): Promise<void> {
  const emergencies = ports.capture?.emergencies;
  const row = (await emergencies?.get(runId)) ?? null;
  if (emergencies === undefined || row === null || row.state !== "waiting") return;
  await emergencies.update(runId, { snapshotId });
  await holdOne(ports, emergencies, { ...row, snapshotId });
}

async function holdOne(ports: EmergencyHoldPorts, emergencies: Emergencies, row: EmergencySnapshot & { readonly snapshotId: string }): Promise<void> {
  const holding = await holdPorts(ports, row.shop, row.requestedBy);
  const name = `emergency ${row.runId}`.slice(0, 64);
  // Whoever died between placing it and noting it has placed it.
  const placed = (await readHolds(holding.store, holding.vault.description)).inForce.find((hold) => hold.name === name);
  const held = placed === undefined ? await holdSnapshots(holding, { name, reason: reasonOf(row), snapshots: [row.snapshotId] }) : { kind: "held" as const, hold: placed };
  // Before the row says that all is done: what dies here is done again.
  if (row.assistantRun !== null) await enterTimeline(ports, row, row.assistantRun);
  await emergencies.update(row.runId, held.kind === "held" ? { state: "held", holdId: held.hold.holdId } : { state: "failed", code: held.code });
  if (held.kind === "refused") ports.log.error("emergency.not_held", { shop: row.shop, run: row.runId, code: held.code });
}

function reasonOf({ incident, assistantRun, reason }: EmergencySnapshot): string {
  return incident !== null ? `incident ${incident}: ${reason}` : assistantRun !== null ? `run ${assistantRun} of the assistant: ${reason}` : `emergency: ${reason}`;
}

async function enterTimeline(ports: EmergencyHoldPorts, { shop, snapshotId }: EmergencySnapshot & { readonly snapshotId: string }, runId: string): Promise<void> {
  if (ports.assistantRuns === undefined) return;
  const entered = await recordEmergency({ ...ports, assistantRuns: ports.assistantRuns }, { shop, runId, snapshotId });
  if (entered !== "recorded") ports.log.warn("emergency.not_in_timeline", { shop, run: runId, snapshot: snapshotId, code: entered });
}

async function holdPorts(ports: EmergencyHoldPorts, shop: string, actor: string): Promise<Parameters<typeof holdSnapshots>[0]> {
  const { vault, store, hostKeys } = await openShopVault(ports, shop, "");
  const ledger = await vaultLedger(ports, vault.description.vaultId, store);
  return { store, vault, hostKeys, ledger, clock: ports.clock, random: ports.random, actor };
}

/** Ends holds whose time is over, or whose run of the assistant is. For a chore. Answers how many. */
export async function settleEmergencies(ports: EmergencyHoldPorts): Promise<number> {
  const emergencies = ports.capture?.emergencies;
  if (emergencies === undefined) return 0;
  return release(ports, emergencies, await emergencies.due(ports.clock.now(), 100), "system", ({ incident, assistantRun }) => (assistantRun !== null ? "the assistant's run is over" : incident !== null ? "the incident is closed" : "its time is over"));
}

export type ClosedIncident =
  /** `released`: holds that ended at once. `later`: those whose storage is away, or whose snapshot is still being taken: they end by themselves. */
  | { readonly kind: "closed"; readonly released: number; readonly later: number }
  | { readonly kind: "refused"; readonly code: AccessRefusal | "emergency.no_such_incident" }
  | { readonly kind: "not-linked"; readonly code: "vault.not_linked" };

/** A person says that the incident is closed: what was held for it is as free as any other snapshot. */
export async function closeIncident(ports: EmergencyHoldPorts, { shop, actor, incident }: { readonly shop: string; readonly actor: Actor; readonly incident: string }): Promise<ClosedIncident> {
  const decision = mayRequest("snapshots.hold", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "snapshots.hold", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  const link = await ports.links.get(shop);
  if (link === null) return { kind: "not-linked", code: "vault.not_linked" };
  const emergencies = ports.capture?.emergencies;
  const rows = (await emergencies?.ofIncident(shop, incident)) ?? [];
  if (emergencies === undefined || rows.length === 0) return { kind: "refused", code: "emergency.no_such_incident" };
  // Its time is over from now on: whatever cannot be released at once is released by the chore.
  const now = ports.clock.now();
  for (const { runId } of rows) await emergencies.update(runId, { holdUntil: now });
  await recordEvent(ports, shop, { actor: actorName(actor), action: "incident.closed", subject: { vault: link.vaultId, shop, incident, snapshots: rows.length }, outcome: "done" });
  const held = rows.filter(({ state }) => state === "held");
  const released = await release(ports, emergencies, held, actorName(actor), () => "the incident is closed");
  return { kind: "closed", released, later: rows.length - released };
}

async function release(ports: EmergencyHoldPorts, emergencies: Emergencies, rows: readonly EmergencySnapshot[], actor: string, reasonFor: (row: EmergencySnapshot) => string): Promise<number> {
  let released = 0;
  for (const row of rows) {
    try {
      if (row.holdId !== null) await releaseHeld(await holdPorts(ports, row.shop, actor), { hold: row.holdId, reason: reasonFor(row) });
      await emergencies.update(row.runId, { state: "released" });
      released++;
    } catch (error) {
      const failure = failureOf(error);
      if (failure === null) throw error;
      // The storage is away: the hold stays, which is the safe side, and is tried again.
      ports.log.warn("emergency.not_released", { shop: row.shop, run: row.runId, code: failure.code });
    }
  }
  return released;
}
