/** Shops as sources. Each asks for its token when it needs one, so none is kept longer than a request. */
import { ShopifySource, realSleep } from "#app/sources/shopify/index.ts";
import { SourceError } from "#app/sources/port.ts";
import type { Clock, ShopConnections } from "#app/workflows/ports.ts";
import type { ShopifyConnection } from "./connection.ts";
import { ShopifyError } from "./shopify-error.ts";

export interface NudgedConnections extends ShopConnections {
  /** A bulk operation of the shop ended: its sources look now instead of at their next poll. */
  nudge(shop: string): void;
}

export function shopConnections(shopify: Pick<ShopifyConnection, "offlineAccessToken">, clock: Clock): NudgedConnections {
  const open = new Map<string, Set<WeakRef<ShopifySource>>>();
  const accessToken = async (shop: string): Promise<string> => {
    try {
      return await shopify.offlineAccessToken(shop);
    } catch (cause) {
      if (cause instanceof ShopifyError) throw new SourceError("source.unauthorized", `the app has no working session for ${shop}`, { cause });
      throw cause;
    }
  };
  return {
    openSource: async (shop) => {
      await accessToken(shop);
      const source = new ShopifySource({ shop, clock, sleep: realSleep, accessToken: () => accessToken(shop) });
      const sources = new Set([...(open.get(shop) ?? [])].filter((reference) => reference.deref() !== undefined));
      open.set(shop, sources.add(new WeakRef(source)));
      return source;
    },
    nudge: (shop) => {
      for (const reference of open.get(shop) ?? []) reference.deref()?.nudge();
    },
  };
}
