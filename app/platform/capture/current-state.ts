/** A record of a shop as it is now. One client per shop, so that its requests share what is known of the shop's rate limit. */
import { z } from "zod";
import { CATALOGUE, realSleep } from "#app/sources/shopify/index.ts";
import { currentRecords, objectRecords } from "#app/sources/shopify/catalogue/current.ts";
import { ShopifyClient } from "#app/sources/shopify/client.ts";
import { SourceError } from "#app/sources/port.ts";
import type { Clock, CurrentState } from "#app/workflows/ports.ts";

const Answer = z.record(z.string(), z.unknown());
/** Clients kept; the one used longest ago goes. */
const MOST = 500;

export function currentState(o: { readonly clock: Clock; readonly accessToken: (shop: string) => Promise<string> }): CurrentState {
  const clients = new Map<string, ShopifyClient>();
  const clientOf = (shop: string): ShopifyClient => {
    const client = clients.get(shop) ?? new ShopifyClient({ shop, clock: o.clock, sleep: realSleep, accessToken: () => o.accessToken(shop) });
    clients.delete(shop);
    clients.set(shop, client);
    for (const oldest of clients.keys()) {
      if (clients.size <= MOST) break;
      clients.delete(oldest);
    }
    return client;
  };
  return {
    fetch: async (shop, kind, id, signal) => {
      const known = CATALOGUE.find((one) => one.kind === kind);
      // "Gone" would make a tombstone: what cannot be asked for is an error instead.
      if (known === undefined) throw new SourceError("source.failed", `no kind ${kind} can be fetched`);
      const client = clientOf(shop);
      const ask = (query: string, variables: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> => client.query(query, variables, Answer, signal);
      return known.read.how === "object" ? objectRecords(known, ask) : currentRecords(known, id, ask);
    },
  };
}
