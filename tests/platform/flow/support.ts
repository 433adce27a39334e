/** One process of the app as far as Flow is concerned: real rows in a real database, and a Flow that does what a test says. */
import type pg from "pg";
import { deliverToFlow, type DeliverFlowPorts } from "#app/workflows/flow/deliver.ts";
import { flowEventsOf } from "#app/workflows/flow/emit.ts";
import { flowActions, flowDeliveries, flowListeners } from "#app/platform/flow/records.ts";
import type { FlowEvents, FlowSender, FlowSent } from "#app/workflows/ports.ts";
import { eventReason } from "#app/ui/wording/flow.ts";
import { adminLink } from "#app/platform/shopify/admin-link.ts";
import { FakeProcess } from "#tests/support/fakes-ports.ts";
import { countingIds } from "#tests/support/random.ts";

export const SHOP = "maple-synthetic.myshopify.com";

export const SNAPSHOT = { snapshotId: "0123456789abcdef", takenAt: "2026-11-22T09:00:00.000Z", complete: true, gaps: 0, records: 48_211, added: 12, changed: 3, removed: 1, emergency: false } as const;

/** Takes everything, or does what `next` says, once each. */
export class FakeFlow implements FlowSender {
  readonly taken: { readonly shop: string; readonly handle: string; readonly payload: Readonly<Record<string, unknown>> }[] = [];
  readonly next: (FlowSent | "lost" | "throws")[] = [];
  always: FlowSent = { kind: "sent" };

  readonly send: FlowSender["send"] = (event) => {
    const outcome = this.next.shift() ?? this.always;
    if (outcome === "throws") return Promise.reject(new Error("the process fell over"));
    // Flow has taken it; the answer never came.
    if (outcome === "lost") {
      this.taken.push(event);
      return Promise.resolve({ kind: "failed", code: "flow.unreachable", retry: "later" });
    }
    if (outcome.kind === "sent") this.taken.push(event);
    return Promise.resolve(outcome);
  };
}

export interface Told {
  readonly process: FakeProcess;
  readonly flow: FakeFlow;
  readonly events: FlowEvents;
  readonly ports: DeliverFlowPorts & { readonly actions: ReturnType<typeof flowActions> };
  /** One round of telling. */
  round(): Promise<number>;
}

export function told(pool: pg.Pool, ids = "event"): Told {
  const process = new FakeProcess();
  const flow = new FakeFlow();
  const [deliveries, listeners, actions] = [flowDeliveries(pool), flowListeners(pool), flowActions(pool)];
  const { clock, log, metrics, alerts, alertRecords } = process;
  const link = adminLink("key-synthetic");
  const ports = { clock, log, metrics, alerts, alertRecords, deliveries, listeners, actions, sender: flow, words: { reason: eventReason, link } };
  return { process, flow, ports, events: flowEventsOf({ ids: countingIds(ids), clock, log, deliveries, listeners }), round: () => deliverToFlow(ports) };
}

export async function empty(pool: pg.Pool): Promise<void> {
  await pool.query(`TRUNCATE "FlowDelivery", "FlowListener", "FlowAction"`);
}
