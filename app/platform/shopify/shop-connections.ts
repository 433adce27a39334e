/** Shops as sources. Each asks for its token when it needs one, so none is kept longer than a request. */
import { fetchCurrent, ShopifyClient, ShopifySource, ShopifySurvey, SUPPORTED_VERSIONS, realSleep, type ShopifyClientOptions, type ShopifySourceOptions } from "#app/sources/shopify/index.ts";
import { SourceError } from "#app/sources/port.ts";
import type { CapturedChanges, Clock, CurrentRecords, PlatformRecords, PlatformSurveys, ShopConnections } from "#app/workflows/ports.ts";
import type { ShopifyConnection } from "./connection.ts";
import { ShopifyError } from "./shopify-error.ts";

export interface NudgedConnections extends ShopConnections, PlatformSurveys, CurrentRecords {
  /** A bulk operation of the shop ended: its sources look now instead of at their next poll. */
  nudge(shop: string): void;
  /** For whoever asks the shop's Admin API something of its own: the token, and the version found good. */
  client(shop: string): Promise<ShopifyClientOptions>;
}

export interface ShopConnectionsOptions {
  readonly shopify: Pick<ShopifyConnection, "offlineAccessToken">;
  readonly clock: Clock;
  /** After how long an operation that makes no progress is given up; the source's own choice when absent. */
  readonly stalledMs?: number;
  /** Has the version each shop is read with. */
  readonly platforms?: Pick<PlatformRecords, "get">;
  /** What was created and deleted of a kind between two instants, as captured; null: not captured all of that time. */
  readonly captured?: (shop: string, ...between: Parameters<NonNullable<ShopifySourceOptions["captured"]>>) => ReturnType<NonNullable<ShopifySourceOptions["captured"]>>;
}

/** Kinds of which nothing was captured in that time neither grew nor shrank. */
export function countsExplainedBy(changes: CapturedChanges): NonNullable<ShopConnectionsOptions["captured"]> {
  return async (shop, kind, from, to) => {
    const all = await changes.between(shop, from, to);
    return all === null ? null : (all[kind] ?? { created: 0, deleted: 0 });
  };
}

/** Clients kept, one for each shop, so that its requests share what is known of its rate limit; the one used longest ago goes. */
const MOST_CLIENTS = 500;

export function shopConnections({ shopify, clock, stalledMs, platforms, captured }: ShopConnectionsOptions): NudgedConnections {
  const opened = new Map<string, Set<WeakRef<ShopifySource>>>();
  const clients = new Map<string, ShopifyClient>();
  const accessToken = async (shop: string, refused?: string): Promise<string> => {
    try {
      return await shopify.offlineAccessToken(shop, refused === undefined ? {} : { refused });
    } catch (cause) {
      if (cause instanceof ShopifyError) throw new SourceError("source.unauthorized", `the app has no working session for ${shop}`, { cause });
      throw cause;
    }
  };
  const client = (shop: string): ShopifyClientOptions => ({ shop, clock, sleep: realSleep, accessToken: ({ refused }) => accessToken(shop, refused) });
  /** The version found good; one that this program no longer reads with is none. */
  const pinned = async (shop: string): Promise<Pick<ShopifyClientOptions, "apiVersion">> => {
    const apiVersion = (await platforms?.get(shop))?.apiVersion;
    return apiVersion !== undefined && SUPPORTED_VERSIONS.includes(apiVersion) ? { apiVersion } : {};
  };
  const kept = (options: ShopifyClientOptions): ShopifyClient => {
    const name = `${options.shop} ${options.apiVersion ?? ""}`;
    const client = clients.get(name) ?? new ShopifyClient(options);
    clients.delete(name);
    clients.set(name, client);
    for (const oldest of clients.keys()) {
      if (clients.size <= MOST_CLIENTS) break;
      clients.delete(oldest);
    }
    return client;
  };
  return {
    openSource: async (shop) => {
      await accessToken(shop);
      const source = new ShopifySource({ ...client(shop), ...(await pinned(shop)), ...(stalledMs === undefined ? {} : { stalled: { runningMs: stalledMs, createdMs: 4 * stalledMs } }), ...(captured === undefined ? {} : { captured: (...between) => captured(shop, ...between) }) });
      const sources = new Set([...(opened.get(shop) ?? [])].filter((reference) => reference.deref() !== undefined));
      opened.set(shop, sources.add(new WeakRef(source)));
      return source;
    },
    open: async (shop) => {
      await accessToken(shop);
      return new ShopifySurvey(client(shop));
    },
    client: async (shop) => ({ ...client(shop), ...(await pinned(shop)) }),
    fetch: async (shop, kind, id, signal) => fetchCurrent(kept({ ...client(shop), ...(await pinned(shop)) }), kind, id, signal),
    nudge: (shop) => {
      for (const reference of opened.get(shop) ?? []) reference.deref()?.nudge();
    },
  };
}
