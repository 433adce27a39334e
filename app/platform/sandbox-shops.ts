/** Fresh shops for rehearsals: sandbox shops in this process, on its own loopback address and with their own token. No real shop's address or token comes in here. */
import { fillEveryType, startSandbox, type SandboxShop } from "#app/sandbox/index.ts";
import { ShopifyRestoreTarget, ShopifySource, realSleep, shopifyComparison } from "#app/sources/shopify/index.ts";
import type { Clock, SandboxShops } from "#app/workflows/ports.ts";

/** Enough for each kind that the sandbox has to come about, and small enough for a rehearsal of seconds. */
export const FILLED = { customers: 40, orders: 40 } as const;

export function sandboxShops(clock: Clock): SandboxShops {
  const optionsOf = (sandbox: SandboxShop) => {
    // Whatever starts a sandbox shop: a restore of a drill ends on this machine or not at all.
    if (!/^http:\/\/(?:127\.0\.0\.1|localhost):\d+$/.test(sandbox.url)) throw new TypeError("a rehearsal's shop is not on this machine");
    return { shop: sandbox.shop, baseUrl: sandbox.url, accessToken: () => Promise.resolve(sandbox.accessToken), clock, sleep: realSleep };
  };
  return {
    start: async (signal) => {
      signal.throwIfAborted();
      // The platform's speed limit is reckoned (costPoints), not waited for.
      const sandbox = await startSandbox({ empty: true, rateLimit: "off" });
      const options = optionsOf(sandbox);
      return { shop: sandbox.shop, source: new ShopifySource(options), target: new ShopifyRestoreTarget(options), comparison: shopifyComparison, stop: () => sandbox.close() };
    },
    startFilled: async (signal, { seed, definitions }) => {
      signal.throwIfAborted();
      const sandbox = await startSandbox({ ...FILLED, seed, rateLimit: "off" });
      try {
        const { types } = await fillEveryType(sandbox, definitions, signal);
        return { shop: sandbox.shop, source: new ShopifySource(optionsOf(sandbox)), types, stop: () => sandbox.close() };
      } catch (error) {
        await sandbox.close();
        throw error;
      }
    },
  };
}
