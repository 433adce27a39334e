/** What a drill needs of this process: a fresh sandbox shop, and sealed room to compare in. */
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { newIdentity, openerFor } from "#app/keys/index.ts";
import { fillEveryType, startSandbox, type SandboxShop } from "#app/sandbox/index.ts";
import { realSleep, shopifyComparison, ShopifyRestoreTarget, ShopifySource } from "#app/sources/shopify/index.ts";
import { FilesystemStore } from "#app/stores/index.ts";
import type { SandboxShops, Scratch } from "#app/workflows/ports.ts";
import type { Cli } from "./cli.ts";

/** Records of every kind come about with so many. */
const FILLED = { customers: 40, orders: 40 } as const;

export function rehearsalShops(cli: Cli): SandboxShops {
  const optionsOf = (shop: SandboxShop) => ({ shop: shop.shop, baseUrl: shop.url, accessToken: async () => shop.accessToken, clock: cli.clock, sleep: realSleep });
  return {
    async start() {
      const shop = await startSandbox({ empty: true, rateLimit: "off" });
      const options = optionsOf(shop);
      return { shop: shop.shop, source: new ShopifySource(options), target: new ShopifyRestoreTarget(options), comparison: shopifyComparison, stop: () => shop.close() };
    },
    async startFilled(signal, { seed, definitions }) {
      const shop = await startSandbox({ ...FILLED, seed, rateLimit: "off" });
      try {
        const { types } = await fillEveryType(shop, definitions, signal);
        return { shop: shop.shop, source: new ShopifySource(optionsOf(shop)), types, stop: () => shop.close() };
      } catch (error) {
        await shop.close();
        throw error;
      }
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
