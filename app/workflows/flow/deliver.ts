/**
 * Tells Flow what waits to be told. An event is in the database before anything is sent, and goes on being sent until Flow has taken it or it is given up, which
 * raises an alert. So none is lost. Flow gives no receipt that could be asked for: an answer that got lost, or a process that died between the answer and its row,
 * means the event is sent once more, with the same "Event id".
 */
import type { AlertRecords, FlowDelivery, FlowDeliveries, FlowListeners, FlowSendCode, FlowSender, Ports } from "../ports.ts";
import { deliverDue, type Attempt } from "../shared/deliver.ts";
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
/** Above what the sender waits at most. */
export const FLOW_CLAIM_MS = MINUTE;

/** Answers how many events Flow has taken. */
export function deliverToFlow(ports: DeliverFlowPorts): Promise<number> {
  return deliverDue({
    clock: ports.clock,
    line: ports.deliveries,
    claimMs: FLOW_CLAIM_MS,
    pausesMs: FLOW_BACK_OFF_MS,
    fault: "flow.failed",
    send: (delivery) => tell(ports, delivery),
    sent: (delivery) => ports.alerts.resolve({ shop: delivery.shop, code: "alert.flow_undelivered", subject: subjectOf(delivery) }),
    notSent: (delivery, why) => notTaken(ports, delivery, why),
  });
}

async function tell(ports: DeliverFlowPorts, delivery: FlowDelivery): Promise<Attempt<"unneeded" | "unwanted", FlowSendCode>> {
  const { id, shop, event, facts } = delivery;
  // A workflow may have been switched off since it was kept.
  if (await isUnwanted(ports, delivery)) return { kind: "over", state: "unwanted" };
  const alert = typeof facts["alertId"] === "string" ? await ports.alertRecords.get(shop, facts["alertId"]) : null;
  if ("alertId" in facts && (alert === null || alert.state === "resolved")) return { kind: "over", state: "unneeded" };

  const payload = payloadOf({ ...delivery, facts: alert === null ? facts : { ...facts, critical: alert.severity === "critical" } }, ports.words, alert);
  const outcome = await ports.sender.send({ shop, handle: TRIGGERS[event].handle, payload });
  ports.metrics.count("holdfast_flow_deliveries_total", { event, outcome: outcome.kind === "sent" ? "sent" : outcome.code });
  if (outcome.kind === "sent") ports.log.info("flow.told", { shop, trigger: TRIGGERS[event].handle, delivery: id, attempt: delivery.attempts });
  return outcome;
}

async function notTaken(ports: DeliverFlowPorts, { id, shop, event, attempts }: FlowDelivery, { code, again }: { readonly code: FlowSendCode; readonly again: boolean }): Promise<void> {
  ports.log.warn("flow.not_told", { shop, trigger: TRIGGERS[event].handle, delivery: id, code, attempt: attempts, again });
  if (again) return;
  // No workflow can start with a trigger that Flow does not know: unless it said that one does, nobody waits for this.
  const awaited = (await ports.listeners.list(shop)).some((listener) => listener.event === event && listener.enabled);
  if (code !== "flow.unknown_trigger" || awaited) await ports.alerts.raise({ shop, code: "alert.flow_undelivered", subject: subjectOf({ event }), severity: "warning", facts: { event, cause: code, delivery: id } });
}

function subjectOf({ event }: Pick<FlowDelivery, "event">): string {
  return `flow:${TRIGGERS[event].handle}`;
}
