/** Fresh, empty shops for rehearsals: a sandbox shop in this process. */
import { startSandbox } from "#app/sandbox/index.ts";
import { ShopifyRestoreTarget, ShopifySource, realSleep, shopifyComparison } from "#app/sources/shopify/index.ts";
import type { Clock, SandboxShops } from "#app/workflows/ports.ts";

export function sandboxShops(clock: Clock): SandboxShops {
  return {
    start: async (signal) => {
      signal.throwIfAborted();
      // The platform's speed limit is reckoned (costPoints), not waited for.
      const sandbox = await startSandbox({ empty: true, rateLimit: "off" });
      const options = {
        shop: sandbox.shop,
        baseUrl: sandbox.url,
        accessToken: () => Promise.resolve(sandbox.accessToken),
        clock,
        sleep: realSleep,
      };
      return {
        shop: sandbox.shop,
        source: new ShopifySource(options),
        target: new ShopifyRestoreTarget(options),
        comparison: shopifyComparison,
        stop: () => sandbox.close(),
      };
    },
  };
}
