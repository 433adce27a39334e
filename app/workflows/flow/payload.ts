/** What Flow is sent for an event: every field of its trigger by its key, none besides. */
import type { Alert, FlowDelivery } from "../ports.ts";
import { TRIGGERS, type FlowEventName, type Trigger } from "./triggers.ts";

export interface PayloadWords {
  /** A sentence about what went wrong; no contents of records. `alert`: what it was raised as, if it was. */
  readonly reason: (event: FlowEventName, facts: FlowDelivery["facts"], alert: Alert | null) => string;
  /** The address in the admin of one of our screens. */
  readonly link: (shop: string, path: string) => string;
}

/** "50 KB" is quoted for a payload, in nothing that Shopify has published; ours are a few hundred bytes, and a test holds them below this. */
export const MOST_PAYLOAD_BYTES = 4096;
const MOST_REASON = 300;

export function payloadOf({ id, shop, event, facts }: Pick<FlowDelivery, "id" | "shop" | "event" | "facts">, { reason, link }: PayloadWords, alert: Alert | null = null): Readonly<Record<string, string | number | boolean>> {
  const trigger: Trigger = TRIGGERS[event];
  const made: Readonly<Record<string, () => string>> = {
    eventId: () => id,
    page: () => link(shop, trigger.page(facts)),
    reason: () => clip(reason(event, facts, alert)),
  };
  return Object.fromEntries(Object.entries(trigger.fields).map(([name, { key }]) => [key, made[name]?.() ?? facts[name] ?? ""]));
}

function clip(text: string): string {
  return text.length <= MOST_REASON ? text : `${text.slice(0, MOST_REASON - 1)}…`;
}
