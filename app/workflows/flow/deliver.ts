/**
 * Tells Flow what waits to be told. An event is in the database before anything is sent, and goes on being sent until Flow has taken it or it is given up, which
 * raises an alert. So none is lost. Flow gives no receipt that could be asked for: an answer that got lost, or a process that died between the answer and its row,
 * means the event is sent once more, with the same "Event id".
 */
import type { AlertRecords, FlowDelivery, FlowDeliveries, FlowListeners, FlowSender, FlowSent, Ports } from "../ports.ts";
import { isUnwanted } from "./emit.ts";
import { payloadOf, type PayloadWords } from "./payload.ts";
import { TRIGGERS } from "./triggers.ts";

export type DeliverFlowPorts = Pick<Ports, "clock" | "log" | "metrics" | "alerts"> & {
  readonly deliveries: FlowDeliveries;
  readonly listeners: FlowListeners;
  readonly sender: FlowSender;
  readonly alertRecords: Pick<AlertRecords, "get">;
  readonly words: PayloadWords;
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Pauses after each failed attempt: thirteen attempts over about a day. */
export const FLOW_BACK_OFF_MS: readonly number[] = [10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 8 * HOUR];
/** A delivery that is being sent is nobody else's for so long. Above what the sender waits at most. */
export const FLOW_CLAIM_MS = MINUTE;
const AT_ONCE = 20;
const SIDE_BY_SIDE = 5;
/** How long it can be looked up what was sent. */
const KEEP_MS = 90 * 24 * HOUR;

/** Answers how many events Flow has taken. */
export async function deliverToFlow(ports: DeliverFlowPorts): Promise<number> {
  const now = ports.clock.now();
  const due = [...(await ports.deliveries.claimDue(now, new Date(now.getTime() + FLOW_CLAIM_MS), AT_ONCE))];
  let sent = 0;
  const lane = async (): Promise<void> => {
    for (let delivery = due.shift(); delivery !== undefined; delivery = due.shift()) if (await deliver(ports, delivery)) sent++;
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
  return sent;
}

export function forgetFlowDeliveries({ clock, deliveries }: Pick<DeliverFlowPorts, "clock" | "deliveries">): Promise<number> {
  return deliveries.forget(new Date(clock.now().getTime() - KEEP_MS));
}

async function deliver(ports: DeliverFlowPorts, delivery: FlowDelivery): Promise<boolean> {
  try {
    return await tell(ports, delivery);
  } catch (error) {
    // A fault of ours must not be repeated for ever.
    await notTaken(ports, delivery, { kind: "failed", code: "flow.failed", retry: "later" });
    throw error;
  }
}

async function tell(ports: DeliverFlowPorts, delivery: FlowDelivery): Promise<boolean> {
  const { id, shop, event, facts } = delivery;
  const end = (state: FlowDelivery["state"], code: string | null = null): Promise<void> => ports.deliveries.ended(id, { state, at: ports.clock.now(), code });
  // A workflow may have been switched off since it was kept.
  if (await isUnwanted(ports, delivery)) {
    await end("unwanted");
    return false;
  }
  const alert = typeof facts["alertId"] === "string" ? await ports.alertRecords.get(shop, facts["alertId"]) : null;
  if ("alertId" in facts && (alert === null || alert.state === "resolved")) {
    await end("unneeded");
    return false;
  }

  const payload = payloadOf({ ...delivery, facts: alert === null ? facts : { ...facts, critical: alert.severity === "critical" } }, ports.words, alert);
  const outcome = await ports.sender.send({ shop, handle: TRIGGERS[event].handle, payload });
  ports.metrics.count("holdfast_flow_deliveries_total", { event, outcome: outcome.kind === "sent" ? "sent" : outcome.code });
  if (outcome.kind === "sent") {
    await end("sent");
    ports.log.info("flow.told", { shop, trigger: TRIGGERS[event].handle, delivery: id, attempt: delivery.attempts });
    await ports.alerts.resolve({ shop, code: "alert.flow_undelivered", subject: subjectOf(delivery) });
    return true;
  }
  await notTaken(ports, delivery, outcome);
  return false;
}

async function notTaken(ports: DeliverFlowPorts, { id, shop, event, attempts }: FlowDelivery, { code, retry, afterMs = 0 }: Extract<FlowSent, { kind: "failed" }>): Promise<void> {
  const at = ports.clock.now();
  const pause = retry === "later" ? FLOW_BACK_OFF_MS[attempts - 1] : undefined;
  ports.log.warn("flow.not_told", { shop, trigger: TRIGGERS[event].handle, delivery: id, code, attempt: attempts, again: pause !== undefined });
  if (pause !== undefined) return ports.deliveries.ended(id, { state: "waiting", at, nextAt: new Date(at.getTime() + Math.max(pause, afterMs)), code });
  await ports.deliveries.ended(id, { state: "failed", at, code });
  // No workflow can start with a trigger that Flow does not know: unless it said that one does, nobody waits for this.
  const awaited = (await ports.listeners.list(shop)).some((listener) => listener.event === event && listener.enabled);
  if (code !== "flow.unknown_trigger" || awaited) await ports.alerts.raise({ shop, code: "alert.flow_undelivered", subject: subjectOf({ event }), severity: "warning", facts: { event, cause: code, delivery: id } });
}

function subjectOf({ event }: Pick<FlowDelivery, "event">): string {
  return `flow:${TRIGGERS[event].handle}`;
}
