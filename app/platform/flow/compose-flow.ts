/** Everything about Shopify Flow that one process needs, put together: what it is told and asks for, the sender, the inbox, and the rounds that tell and begin. */
import type pg from "pg";
import { flowEventsOf } from "#app/workflows/flow/emit.ts";
import { forgetEnded } from "#app/workflows/shared/each-due.ts";
import { releaseFlowHolds } from "#app/workflows/flow/hold.ts";
import type { AlertRecords, FlowActions, FlowDeliveries, FlowEvents, FlowListeners, FlowSender, Ports, Runs } from "#app/workflows/ports.ts";
import { eventReason } from "#app/ui/wording/flow.ts";
import type { Chore } from "../jobs/maintenance.ts";
import type { Log } from "../log.ts";
import type { Secret } from "../secrets/secret.ts";
import type { Shops } from "../shops.ts";
import type { AdminLink } from "../shopify/admin-link.ts";
import { startFlowLoop, type FlowLoop } from "./loop.ts";
import { tellMissed } from "./missed.ts";
import { flowInbox, type FlowInbox } from "./receive.ts";
import { flowActions, flowDeliveries, flowListeners } from "./records.ts";
import { tellingAlerts, tellingRuns } from "./telling.ts";

export interface ComposeFlow extends Pick<Ports, "clock" | "ids" | "metrics" | "links" | "stores" | "signer" | "catalog"> {
  readonly outbox: NonNullable<Ports["outbox"]>;
  readonly pool: pg.Pool;
  readonly log: Log;
  readonly shops: Pick<Shops, "get">;
  readonly secrets: readonly Secret<string>[];
  readonly sender: FlowSender;
  readonly link: AdminLink;
}

/** What pages and routes may do with it. */
export interface FlowApp {
  readonly inbox: FlowInbox;
  readonly deliveries: FlowDeliveries;
  readonly listeners: FlowListeners;
  readonly actions: FlowActions;
  /** Something is there to be sent. */
  readonly wake: () => void;
}

export interface ComposedFlow {
  readonly app: FlowApp;
  readonly events: FlowEvents;
  /** Around what is told of. */
  runs<T extends Runs>(runs: T): T;
  alerts(records: AlertRecords): AlertRecords;
  chores(ports: Ports): readonly Chore[];
  start(ports: Ports): FlowLoop;
}

const EVERY_MS = 15_000;
const CHECKS_MS = 300_000;

export function composeFlow(o: ComposeFlow): ComposedFlow {
  const { pool, clock, ids, log, metrics, link } = o;
  let loop: FlowLoop | null = null;
  const wake = (): void => loop?.wake();
  const [deliveries, listeners, actions] = [flowDeliveries(pool), flowListeners(pool), flowActions(pool)];
  const events = flowEventsOf({ ids, clock, log, deliveries, listeners, wake });
  const announce = { flow: events, catalog: o.catalog };
  const inbox = flowInbox({ ports: { ...o, actions, listeners, wake }, shops: o.shops, secrets: () => o.secrets.map((secret) => secret.reveal()), log });
  return {
    app: { inbox, deliveries, listeners, actions, wake },
    events,
    runs: (runs) => tellingRuns(runs, announce, log),
    alerts: (records) => tellingAlerts(records, announce, log),
    chores: (ports) => [
      { name: "flow", everyMs: EVERY_MS, run: () => tellMissed(pool, clock, announce) },
      { name: "flow holds", everyMs: CHECKS_MS, run: () => releaseFlowHolds({ ...ports, actions }) },
      { name: "flow history", everyMs: CHECKS_MS, run: async () => (await forgetEnded(clock, deliveries)) + (await forgetEnded(clock, actions)) },
    ],
    start: (ports) => {
      const capture = ports.capture;
      if (capture === undefined) throw new TypeError("Flow's actions need emergency snapshots");
      loop = startFlowLoop({ ports: { ...ports, emergencies: capture.emergencies, deliveries, listeners, actions, metrics, sender: o.sender, link, words: { reason: eventReason, link } }, log });
      return loop;
    },
  };
}
