/** What a drill needs of this process: a fresh sandbox shop, and sealed room to compare in. */
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { newIdentity, openerFor } from "#app/keys/index.ts";
import { startSandbox } from "#app/sandbox/index.ts";
import { realSleep, shopifyComparison, ShopifyRestoreTarget, ShopifySource } from "#app/sources/shopify/index.ts";
import { FilesystemStore } from "#app/stores/index.ts";
import type { SandboxShops, Scratch } from "#app/workflows/ports.ts";
import type { Cli } from "./cli.ts";

export function rehearsalShops(cli: Cli): SandboxShops {
  return {
    async start() {
      const shop = await startSandbox({ empty: true, rateLimit: "off" });
      const options = { shop: shop.shop, baseUrl: shop.url, accessToken: async () => shop.accessToken, clock: cli.clock, sleep: realSleep };
      return {
        shop: shop.shop,
        source: new ShopifySource(options),
        target: new ShopifyRestoreTarget(options),
        comparison: shopifyComparison,
        stop: () => shop.close(),
      };
    },
  };
}

/** Sealed to an identity that lives as long as the drill. */
export function drillScratch(directory: string): Scratch {
  return {
    async open() {
      const own = await mkdtemp(path.join(directory, "drill-"));
      const identity = await newIdentity();
      return {
        directory: own,
        store: new FilesystemStore(path.join(own, "store")),
        recipient: identity.recipient,
        opener: openerFor(identity),
        remove: () => rm(own, { recursive: true, force: true }),
      };
    },
  };
}
