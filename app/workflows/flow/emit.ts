/** Keeps what Flow is to be told. What the port FlowEvents is made of. */
import type { FlowDeliveries, FlowDeliveryState, FlowEvent, FlowEvents, FlowFacts, FlowListeners, Ports } from "../ports.ts";
import { MADE, TRIGGERS, type FlowEventName, type TriggerField } from "./triggers.ts";

export type EmitPorts = Pick<Ports, "ids" | "clock" | "log"> & {
  readonly deliveries: FlowDeliveries;
  readonly listeners: FlowListeners;
  /** Something is there to be sent. */
  readonly wake?: () => void;
};

/** What is raised as an alert may be over in a moment: it is told when it is still so after this, as people are (alerts/raise.ts). */
export const SETTLE_MS = 90_000;

export function flowEventsOf(ports: EmitPorts): FlowEvents {
  return {
    emit: async (event) => {
      const facts = checkedFacts(event);
      const now = ports.clock.now();
      const state: FlowDeliveryState = (await isUnwanted(ports, event)) ? "unwanted" : "waiting";
      const settle = "alertId" in facts ? SETTLE_MS : 0;
      const added = await ports.deliveries.add({ id: ports.ids.next(), shop: event.shop, event: event.event, subject: event.subject, facts, state, createdAt: now, nextAt: new Date(now.getTime() + settle) });
      if (!added) return;
      ports.log.info("flow.kept", { shop: event.shop, trigger: TRIGGERS[event.event].handle, subject: event.subject, state });
      if (state === "waiting") ports.wake?.();
    },
  };
}

/** Flow has told us that no workflow starts with it. As long as it has told us nothing, everything is sent. */
export async function isUnwanted({ listeners }: Pick<EmitPorts, "listeners">, { shop, event }: { readonly shop: string; readonly event: FlowEventName }): Promise<boolean> {
  return (await listeners.list(shop)).some((listener) => listener.event === event && !listener.enabled);
}

const SUBJECT = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
/** Ids, codes, times, names of kinds: no sentence, no address of a person. */
const FACT = /^[A-Za-z0-9._:+-]{1,128}$/;

/** A fact of another name or shape is a mistake of ours and might be somebody's data: it gets no further, and its value is not in the message. */
export function checkedFacts<E extends FlowEventName>({ event, subject, facts }: FlowEvent<E>): FlowFacts {
  if (!SUBJECT.test(subject)) throw new FlowError("flow.bad_fact", `${event} about something that is no subject`);
  const fields: Readonly<Record<string, TriggerField>> = TRIGGERS[event].fields;
  const wanted = Object.keys(fields).filter((name) => !(MADE as readonly string[]).includes(name));
  const given = facts as FlowFacts;
  const extra = Object.keys(given).find((name) => !wanted.includes(name));
  if (extra !== undefined) throw new FlowError("flow.bad_fact", `${event} has no fact of this name`);
  for (const name of wanted) {
    const value = given[name];
    const fits = fields[name]?.type === "number_decimal" ? typeof value === "number" && Number.isFinite(value) : fields[name]?.type === "boolean" ? typeof value === "boolean" : typeof value === "string" && FACT.test(value);
    if (!fits) throw new FlowError("flow.bad_fact", `${event} with a fact that is none (${name})`);
  }
  return given;
}

export class FlowError extends Error {
  override readonly name = "FlowError";
  readonly code: "flow.bad_fact";
  readonly retry = "never";
  constructor(code: "flow.bad_fact", message: string) {
    super(message);
    this.code = code;
  }
}
