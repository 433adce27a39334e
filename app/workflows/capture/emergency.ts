/**
 * A snapshot now, because something is wrong: ahead of all queued work, beside one that is under way, and held as long as the incident is open or for a stated
 * time. Ready for a button, a Flow action and an incident's own steps.
 */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import { holdSnapshots, releaseHeld } from "../prune/hold-snapshots.ts";
import { failureOf } from "../shared/failure.ts";
import { openShopVault } from "../shared/open-shop-vault.ts";
import { recordEvent } from "../shared/outbox.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { takeSnapshot, type SnapshotOutcome, type TakeSnapshotPorts } from "../snapshot/take-snapshot.ts";
import { EMERGENCY_REASONS, type CapturePorts, type EmergencyReason, type EmergencySnapshot, type Ports, type Run } from "../ports.ts";

export interface EmergencyRequest {
  readonly shop: string;
  readonly actor: Actor;
  readonly reason: EmergencyReason;
  /** The incident it belongs to: held until that closes. */
  readonly incident?: string;
  /** Without an incident: how long it is held, hours. Default 72. */
  readonly holdHours?: number;
}

export type RequestedEmergency =
  | { readonly kind: "requested"; readonly run: Run }
  /** One is queued or running already: that one is answered. */
  | { readonly kind: "already-running"; readonly run: Run }
  | { readonly kind: "refused"; readonly code: AccessRefusal | "emergency.bad_request" }
  | { readonly kind: "not-linked"; readonly code: "vault.not_linked" };

export type EmergencyPorts = Pick<Ports, "runs" | "ids" | "log"> & RefusalPorts & Pick<CapturePorts, "emergencies">;

const HOUR_MS = 3_600_000;
const HOLD_HOURS = 72;
const MOST_HOURS = 24 * 366;
const INCIDENT = /^(?!\d{4}-\d\d-\d\d)[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Keeps the request and wakes the room that every worker keeps for emergencies: it starts within a minute. */
export async function takeEmergencySnapshot(ports: EmergencyPorts, { shop, actor, reason, incident, holdHours = HOLD_HOURS }: EmergencyRequest): Promise<RequestedEmergency> {
  const decision = mayRequest("snapshot.take", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "snapshot.take", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  if (!EMERGENCY_REASONS.includes(reason) || (incident !== undefined && !INCIDENT.test(incident)) || !(holdHours > 0 && holdHours <= MOST_HOURS)) return { kind: "refused", code: "emergency.bad_request" };
  const link = await ports.links.get(shop);
  if (link === null) return { kind: "not-linked", code: "vault.not_linked" };
  const requestedAt = ports.clock.now();
  const requestedBy = actorName(actor);
  const { run, created } = await ports.runs.create({ id: ports.ids.next(), shop, kind: "emergency", requestedBy, requestedAt, input: { why: reason, ...(incident === undefined ? {} : { incident }) }, urgency: "emergency" });
  if (!created) return { kind: "already-running", run };
  const holdUntil = incident === undefined ? new Date(requestedAt.getTime() + holdHours * HOUR_MS) : null;
  await ports.emergencies.add({ runId: run.id, shop, reason, incident: incident ?? null, holdUntil, requestedBy, requestedAt, startedAt: null, snapshotId: null, holdId: null, state: "waiting", code: null });
  ports.log.info("snapshot.emergency", { shop, run: run.id, why: reason });
  await recordEvent(ports, shop, {
    actor: requestedBy,
    action: "snapshot.emergency",
    subject: { vault: link.vaultId, shop, run: run.id, why: reason.replaceAll("-", "_"), ...(incident === undefined ? {} : { incident }), ...(holdUntil === null ? {} : { until: holdUntil.toISOString() }) },
    outcome: "done",
  });
  return { kind: "requested", run };
}

export type RunEmergencyPorts = TakeSnapshotPorts & Pick<Ports, "outbox" | "capture">;

/** What a worker does with it: the snapshot, then the hold. */
export async function runEmergency(ports: RunEmergencyPorts, input: { readonly runId: string; readonly signal?: AbortSignal }): Promise<SnapshotOutcome> {
  const emergencies = ports.capture?.emergencies;
  await emergencies?.update(input.runId, { startedAt: ports.clock.now() });
  const outcome = await takeSnapshot(ports, input);
  if (emergencies === undefined) return outcome;
  if (outcome.kind === "committed") await holdEmergency(ports, { runId: input.runId, snapshotId: outcome.snapshot.snapshotId });
  else if (outcome.kind === "failed" || outcome.kind === "cancelled") {
    await emergencies.update(input.runId, { state: "failed", code: outcome.kind === "failed" ? outcome.code : "snapshot.cancelled" });
  }
  return outcome;
}

type HoldPorts = Pick<Ports, "links" | "keyring" | "stores" | "clock" | "random" | "signer" | "log" | "outbox">;

/** The newest snapshot is never pruned, so there is time: a worker that died before it placed the hold leaves that to a chore. */
export async function holdEmergency(ports: HoldPorts & Pick<Ports, "capture">, { runId, snapshotId }: { readonly runId: string; readonly snapshotId: string }): Promise<void> {
  const emergencies = ports.capture?.emergencies;
  const row = (await emergencies?.get(runId)) ?? null;
  if (emergencies === undefined || row === null || row.state !== "waiting") return;
  await emergencies.update(runId, { snapshotId });
  await holdOne(ports, emergencies, { ...row, snapshotId });
}

async function holdOne(ports: HoldPorts, emergencies: CapturePorts["emergencies"], row: EmergencySnapshot): Promise<void> {
  if (row.snapshotId === null) return;
  const holding = await holdPorts(ports, row);
  const held = await holdSnapshots(holding, { name: `emergency ${row.runId}`.slice(0, 64), reason: row.incident === null ? `emergency: ${row.reason}` : `incident ${row.incident}: ${row.reason}`, snapshots: [row.snapshotId] });
  await emergencies.update(row.runId, held.kind === "held" ? { state: "held", holdId: held.hold.holdId } : { state: "failed", code: held.code });
  if (held.kind === "refused") ports.log.error("emergency.not_held", { shop: row.shop, run: row.runId, code: held.code });
}

async function holdPorts(ports: HoldPorts, row: EmergencySnapshot): Promise<Parameters<typeof holdSnapshots>[0]> {
  const { vault, store, hostKeys } = await openShopVault(ports, row.shop, "");
  const ledger = await vaultLedger(ports, vault.description.vaultId, store);
  return { store, vault, hostKeys, ledger, clock: ports.clock, random: ports.random, actor: row.requestedBy };
}

/** Ends holds whose time is over. For a chore. Answers how many. */
export async function settleEmergencies(ports: HoldPorts & Pick<Ports, "capture">): Promise<number> {
  const emergencies = ports.capture?.emergencies;
  if (emergencies === undefined) return 0;
  const due = await emergencies.due(ports.clock.now(), 100);
  return release(ports, emergencies, due, "its time is over");
}

/** The incident is closed: what was held for it is as free as any other. Answers how many. */
export async function closeIncident(ports: HoldPorts & Pick<Ports, "capture">, { shop, incident }: { readonly shop: string; readonly incident: string }): Promise<number> {
  const emergencies = ports.capture?.emergencies;
  if (emergencies === undefined) return 0;
  return release(ports, emergencies, await emergencies.heldFor(shop, incident), "the incident is closed");
}

async function release(ports: HoldPorts, emergencies: CapturePorts["emergencies"], rows: readonly EmergencySnapshot[], reason: string): Promise<number> {
  let released = 0;
  for (const row of rows) {
    try {
      if (row.holdId !== null) await releaseHeld({ ...(await holdPorts(ports, row)), actor: "system" }, { hold: row.holdId, reason });
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
