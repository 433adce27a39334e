/** Flow tells when the first workflow of a shop that starts with one of our triggers is switched on, and when the last one is switched off. */
import type { FlowListeners, Ports } from "../ports.ts";
import { keepEvent } from "../shared/outbox.ts";
import { FLOW_EVENTS, TRIGGERS, type FlowEventName } from "./triggers.ts";

export type HearPorts = Pick<Ports, "clock" | "log" | "links" | "stores" | "signer" | "outbox"> & { readonly listeners: FlowListeners };

/** A clock of theirs that is further ahead than this would silence what comes later. */
const AHEAD_MS = 10 * 60_000;

/** False: it was known, or is older than what is known, or is about a trigger that is not ours. */
export async function heardFromFlow(ports: HearPorts, { shop, trigger, enabled, at }: { readonly shop: string; readonly trigger: string; readonly enabled: boolean; readonly at: Date }): Promise<boolean> {
  const event = triggerOf(trigger);
  if (event === null) {
    ports.log.warn("flow.unknown_trigger", { shop, enabled });
    return false;
  }
  const latest = new Date(ports.clock.now().getTime() + AHEAD_MS);
  if (!(await ports.listeners.record({ shop, event, enabled, at: at > latest ? latest : at }))) return false;
  ports.log.info("flow.listener", { shop, trigger: TRIGGERS[event].handle, enabled });
  await keepEvent(ports, shop, { actor: "platform", action: "setting.changed", subject: { shop, setting: `flow.${event}`, enabled }, outcome: "done" });
  return true;
}

/** Shopify's page says "the unique identifier for your trigger" and shows a name: a handle is taken, and a name as well. */
function triggerOf(trigger: string): FlowEventName | null {
  const plain = (text: string): string => text.trim().toLowerCase().replaceAll(/[^a-z]+/g, "-");
  return FLOW_EVENTS.find((event) => plain(trigger) === TRIGGERS[event].handle || plain(trigger) === plain(TRIGGERS[event].name)) ?? null;
}
