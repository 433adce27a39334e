/**
 * Shopify Flow: what it is told (events that may start a merchant's workflow), and what it asks for (actions). Both are kept durably first: an event is sent until
 * Flow has taken it, an action is answered from its row. Facts are ids, counts, codes and times; see flow/triggers.ts and flow/actions.ts.
 */
import type { FlowActionName, ReturnOf } from "../flow/actions.ts";
import type { FactsOf, FlowEventName } from "../flow/triggers.ts";
import type { Delivery, DeliveryLine, DueLine, SendOutcome } from "./deliveries.ts";

export type { FactsOf, FlowEventName } from "../flow/triggers.ts";
export type { FlowActionName } from "../flow/actions.ts";

// --- telling -------------------------------------------------------------------------------------------------------------

/** Something that a workflow may start with. */
export interface FlowEvent<E extends FlowEventName = FlowEventName> {
  readonly shop: string;
  readonly event: E;
  /** What it is about: an id of ours. The same event about the same subject is one event, however often it is told. At most 128 of letters, digits and ._:/-. */
  readonly subject: string;
  readonly facts: FactsOf<E>;
}

/** For whoever notices something. Cheap, and idempotent by shop, event and subject. */
export interface FlowEvents {
  emit<E extends FlowEventName>(event: FlowEvent<E>): Promise<void>;
}

export type FlowFacts = Readonly<Record<string, string | number | boolean>>;

/** The id is the event's, as the payload says it. unneeded: it was over before it was due. unwanted: the shop has no workflow that starts with it, as Flow told us. */
export interface FlowDelivery extends Delivery<"unneeded" | "unwanted"> {
  readonly event: FlowEventName;
  readonly subject: string;
  readonly facts: FlowFacts;
}

export type FlowDeliveryState = FlowDelivery["state"];

export interface FlowDeliveries extends DeliveryLine<FlowDelivery> {
  /** False: the event is known already. */
  add(delivery: Pick<FlowDelivery, "id" | "shop" | "event" | "subject" | "facts" | "state" | "createdAt" | "nextAt">): Promise<boolean>;
  /** Puts one that failed back into the line, from its first attempt on. False: there is none of this shop that failed. */
  again(shop: string, id: string, at: Date): Promise<boolean>;
  /** Newest first. */
  list(shop: string, o?: { readonly limit?: number; readonly states?: readonly FlowDeliveryState[] }): Promise<readonly FlowDelivery[]>;
}

export type FlowSent = SendOutcome<FlowSendCode>;

export type FlowSendCode =
  /** The shop's limit is used up. */
  | "flow.busy"
  | "flow.unreachable"
  /** The app has no working session for the shop. */
  | "flow.not_connected"
  /** Flow does not know this trigger: the app was deployed without it. */
  | "flow.unknown_trigger"
  /** Flow took exception to what it was sent. */
  | "flow.refused"
  /** A fault of ours. */
  | "flow.failed";

/** One request: asks the platform once and does not ask again by itself. */
export interface FlowSender {
  send(o: { readonly shop: string; readonly handle: string; readonly payload: Readonly<Record<string, unknown>> }): Promise<FlowSent>;
}

/** Which triggers a shop has workflows for, as Flow tells it when one is switched on or off. */
export interface FlowListener {
  readonly shop: string;
  readonly event: FlowEventName;
  readonly enabled: boolean;
  /** When it was so, by Flow's clock. */
  readonly at: Date;
}

export interface FlowListeners {
  /** Keeps what is newer than what is known. False: it was not. */
  record(listener: FlowListener): Promise<boolean>;
  /** Only what Flow has told us of. */
  list(shop: string): Promise<readonly FlowListener[]>;
}

// --- being asked ---------------------------------------------------------------------------------------------------------

/** waiting: nobody has begun it. working: its run is under way. */
export type FlowActionState = "waiting" | "working" | "done" | "refused";

/** One run of one step of a workflow. */
export interface FlowAction {
  readonly shop: string;
  /** Flow's action_run_id: the same id again is the same request. */
  readonly actionRunId: string;
  readonly action: FlowActionName;
  /** As parsed: numbers, flags, words from our lists. */
  readonly input: FlowFacts;
  readonly state: FlowActionState;
  readonly askedAt: Date;
  readonly attempts: number;
  readonly nextAt: Date;
  /** The run that does it. */
  readonly runId: string | null;
  readonly endedAt: Date | null;
  /** What became of it, or why it was tried again: a stable code. */
  readonly code: string | null;
  /** What Flow is given back when it is done. */
  readonly result: ReturnOf<FlowActionName> | null;
  /** A hold that it placed, and when that ends. */
  readonly holdId: string | null;
  readonly holdUntil: Date | null;
}

export type FlowActionChange = Partial<Pick<FlowAction, "state" | "nextAt" | "runId" | "endedAt" | "code" | "result" | "holdId" | "holdUntil">>;

/** In the line are requests that wait or work. */
export interface FlowActions extends DueLine<FlowAction> {
  /** Keeps a request; answers what is kept under this id, whether it is new or not. */
  ask(action: Pick<FlowAction, "shop" | "actionRunId" | "action" | "input" | "askedAt">): Promise<{ readonly action: FlowAction; readonly created: boolean }>;
  get(shop: string, actionRunId: string): Promise<FlowAction | null>;
  update(shop: string, actionRunId: string, change: FlowActionChange): Promise<void>;
  /** Newest first. */
  list(shop: string, o?: { readonly limit?: number }): Promise<readonly FlowAction[]>;
  /** Holds whose time is over. */
  heldUntil(now: Date, limit: number): Promise<readonly FlowAction[]>;
  /** Forgets what ended before and holds nothing. */
  forget(before: Date): Promise<number>;
}

export interface FlowPorts {
  readonly deliveries: FlowDeliveries;
  readonly listeners: FlowListeners;
  readonly actions: FlowActions;
}
