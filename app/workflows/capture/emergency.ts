/**
 * A snapshot now, because something is wrong: ahead of all queued work, beside one that is under way, and held: until the run of the assistant that it was taken
 * in ends, until an incident that is numbered elsewhere is closed, or for a stated time (emergency-hold.ts).
 */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import { recordEvent } from "../shared/outbox.ts";
import { recordRefusal, type RefusalPorts } from "../shared/record-refusal.ts";
import { takeSnapshot, type SnapshotOutcome, type TakeSnapshotPorts } from "../snapshot/take-snapshot.ts";
import { EMERGENCY_REASONS, type CapturePorts, type EmergencyReason, type Ports, type Run } from "../ports.ts";
import { holdEmergency, type EmergencyHoldPorts } from "./emergency-hold.ts";

export interface EmergencyRequest {
  readonly shop: string;
  readonly actor: Actor;
  readonly reason: EmergencyReason;
  /** The run of the assistant it is taken in: it stands in that run's timeline, and is held until the run ends. */
  readonly assistantRun?: string;
  /** An incident that has its number elsewhere: held until somebody says that it is closed. */
  readonly incident?: string;
  /** With neither: how long it is held, hours. Default 72. */
  readonly holdHours?: number;
}

export type RequestedEmergency =
  | { readonly kind: "requested"; readonly run: Run }
  /** One is queued or running already: that one is answered. */
  | { readonly kind: "already-running"; readonly run: Run }
  | { readonly kind: "refused"; readonly code: AccessRefusal | "emergency.bad_request" | "emergency.run_over" }
  | { readonly kind: "not-linked"; readonly code: "vault.not_linked" };

export type EmergencyPorts = Pick<Ports, "runs" | "ids" | "log" | "assistantRuns"> & RefusalPorts & Pick<CapturePorts, "emergencies">;

const HOUR_MS = 3_600_000;
export const HOLD_HOURS = 72;
const MOST_HOURS = 24 * 366;
/** A number as another system gives it; no date, no sentence. */
export const INCIDENT = /^(?!\d{4}-\d\d-\d\d)[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Keeps the request and wakes the room that every worker keeps for emergencies: it starts within a minute. */
export async function takeEmergencySnapshot(ports: EmergencyPorts, { shop, actor, reason, assistantRun, incident, holdHours = HOLD_HOURS }: EmergencyRequest): Promise<RequestedEmergency> {
  const decision = mayRequest("snapshot.take", actor, shop);
  if (!decision.allowed) {
    await recordRefusal(ports, { shop, actor, asked: "snapshot.take", code: decision.code });
    return { kind: "refused", code: decision.code };
  }
  if (!EMERGENCY_REASONS.includes(reason) || (incident !== undefined && !INCIDENT.test(incident)) || !(holdHours > 0 && holdHours <= MOST_HOURS)) return { kind: "refused", code: "emergency.bad_request" };
  if (assistantRun !== undefined && (incident !== undefined || !(await isOpen(ports, shop, assistantRun)))) return { kind: "refused", code: incident === undefined ? "emergency.run_over" : "emergency.bad_request" };
  const link = await ports.links.get(shop);
  if (link === null) return { kind: "not-linked", code: "vault.not_linked" };
  const requestedAt = ports.clock.now();
  const requestedBy = actorName(actor);
  const belongs = { ...(incident === undefined ? {} : { incident }), ...(assistantRun === undefined ? {} : { assistant: assistantRun }) };
  const { run, created } = await ports.runs.create({ id: ports.ids.next(), shop, kind: "emergency", requestedBy, requestedAt, input: { why: reason, ...belongs }, urgency: "emergency" });
  if (!created) return { kind: "already-running", run };
  const holdUntil = incident === undefined && assistantRun === undefined ? new Date(requestedAt.getTime() + holdHours * HOUR_MS) : null;
  await ports.emergencies.add({ runId: run.id, shop, reason, incident: incident ?? null, assistantRun: assistantRun ?? null, holdUntil, requestedBy, requestedAt, startedAt: null, snapshotId: null, holdId: null, state: "waiting", code: null });
  ports.log.info("snapshot.emergency", { shop, run: run.id, why: reason });
  await recordEvent(ports, shop, {
    actor: requestedBy,
    action: "snapshot.emergency",
    subject: { vault: link.vaultId, shop, run: run.id, why: reason.replaceAll("-", "_"), ...belongs, ...(holdUntil === null ? {} : { until: holdUntil.toISOString() }) },
    outcome: "done",
  });
  return { kind: "requested", run };
}

async function isOpen({ assistantRuns }: EmergencyPorts, shop: string, id: string): Promise<boolean> {
  const run = (await assistantRuns?.get(shop, id)) ?? null;
  return run !== null && (run.state === "open" || run.state === "decided");
}

export type RunEmergencyPorts = TakeSnapshotPorts & EmergencyHoldPorts;

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
