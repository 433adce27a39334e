/**
 * Sees to it that the shop sends messages about every type of metaobject that holds entries: makes what is missing, removes what is no longer wanted. Looks at what
 * is there first and works out the difference, so that it can be done again at any time and by anybody; what was made twice is made once.
 */
import { failureOf } from "../shared/failure.ts";
import type { Ports, ShopSubscription, SubscriptionPorts, SubscriptionState, WantedSubscription } from "../ports.ts";

export type KeepSubscriptionsPorts = Pick<Ports, "clock" | "log" | "alerts" | "platforms"> & { readonly subscriptions: SubscriptionPorts };

/** Types that are subscribed to, three subscriptions each. What a shop allows is not published; a shop with more types is told of by name of the gap, not by failure. */
export const MOST_TYPES = 150;
/** Types as the platform makes them; anything else would be a filter of another meaning. */
const TYPE = /^[A-Za-z0-9_$:-]{1,255}$/;
/** One look that failed may be a shop that was away for a moment. */
const FAILURES_TOLD = 2;
const SUBJECT = "stream:metaobjects";
const SCOPE = "read_metaobjects";

export async function keepSubscriptions(ports: KeepSubscriptionsPorts, { shop, signal }: { readonly shop: string; readonly signal: AbortSignal }): Promise<SubscriptionState> {
  const { clock, log, subscriptions } = ports;
  const before = await subscriptions.records.get(shop);
  let state: SubscriptionState;
  try {
    state = await look(ports, shop, before, signal);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null || signal.aborted) throw error;
    log.warn("subscriptions.not_kept", { shop, code: failure.code });
    state = { shop, at: clock.now(), since: null, types: before?.types ?? 0, missing: before?.missing ?? 0, failures: (before?.failures ?? 0) + 1, code: failure.code };
  }
  await tell(ports, state);
  await subscriptions.records.put(state);
  return state;
}

async function look(ports: KeepSubscriptionsPorts, shop: string, before: SubscriptionState | null, signal: AbortSignal): Promise<SubscriptionState> {
  const { clock, log, subscriptions: { open, address, topics } } = ports;
  const granted = (await ports.platforms?.get(shop))?.surroundings.scopes;
  // Not granted: what it means for the copies is a task on Exposure; there is nothing to subscribe to.
  if (granted !== undefined && !granted.includes(SCOPE)) return { shop, at: clock.now(), since: null, types: 0, missing: 0, failures: 0, code: null };
  const of = await open(shop);
  const types = [...(await of.types(signal))].sort((a, b) => Number(b.count > 0) - Number(a.count > 0) || (a.type < b.type ? -1 : 1));
  const chosen = types.filter(({ type }) => TYPE.test(type)).slice(0, MOST_TYPES);
  const wanted = chosen.flatMap(({ type }) => [...topics.keys()].map((topic): WantedSubscription => ({ topic, filter: `type:${type}` })));
  const { missing, surplus } = difference(wanted, await of.list([...topics.keys()], signal), address);
  for (const one of missing) await of.create(one, address, topics.get(one.topic) ?? [], signal);
  for (const { id } of surplus) await of.remove(id, signal);
  if (missing.length > 0 || surplus.length > 0) log.info("subscriptions.kept", { shop, types: chosen.length, made: missing.length, removed: surplus.length });
  const left = types.filter(({ type, count }) => count > 0 && !chosen.some((one) => one.type === type)).length;
  const at = clock.now();
  // What had to be made was not there for an unknown time: what was heard of before proves nothing.
  const unbroken = missing.length === 0 && before?.since != null;
  return { shop, at, since: left > 0 ? null : unbroken ? before.since : at, types: chosen.length, missing: left, failures: 0, code: null };
}

/** `surplus`: for a type that is gone, to another address, or a second time. */
export function difference(wanted: readonly WantedSubscription[], there: readonly ShopSubscription[], address: string): { readonly missing: readonly WantedSubscription[]; readonly surplus: readonly ShopSubscription[] } {
  const keyOf = ({ topic, filter }: WantedSubscription): string => `${topic} ${filter}`;
  const open = new Map(wanted.map((one) => [keyOf(one), one]));
  const surplus: ShopSubscription[] = [];
  for (const one of there) if (one.address !== address || !open.delete(keyOf(one))) surplus.push(one);
  return { missing: [...open.values()], surplus };
}

async function tell({ alerts }: KeepSubscriptionsPorts, { shop, missing, failures, code }: SubscriptionState): Promise<void> {
  const about = { shop, code: "alert.not_subscribed", subject: SUBJECT } as const;
  if (missing > 0 || failures >= FAILURES_TOLD) await alerts.raise({ ...about, severity: "warning", facts: { types: missing, ...(code === null ? {} : { cause: code }) } });
  else if (failures === 0) await alerts.resolve(about);
}
