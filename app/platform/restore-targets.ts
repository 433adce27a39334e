/**
 * Shops that records are put back into: the shop itself, another one whose own team has allowed it, or a sandbox shop of this process. A sandbox shop is started
 * when it is first asked for and kept, so that a run that goes on finds what it wrote; it ends with the process.
 */
import { startSandbox, type SandboxShop } from "#app/sandbox/index.ts";
import { ShopifyRestoreTarget, realSleep, type ShopifyClientOptions } from "#app/sources/shopify/index.ts";
import type { Clock, Invitations, RestoreTargets } from "#app/workflows/ports.ts";
import { holdToInvitation } from "#app/workflows/restore/access.ts";

export interface RestoreTargetsOptions {
  readonly client: (shop: string) => Promise<ShopifyClientOptions>;
  readonly clock: Clock;
  /** Which shops take records of which others. Asked again here, whoever asked before: this is where another shop's token is taken in hand. */
  readonly invitations: Invitations;
}

/** As long as no answer says otherwise: Shopify's standard plan (https://shopify.dev/docs/api/usage/limits, 100 points a second). */
const POINTS_PER_SECOND = 100;

/** A restore asks the shop many times a second: the token is taken from its sealed place once in a while, and at once when the shop refuses it. */
const TOKEN_MS = 15_000;

function keepingToken(options: ShopifyClientOptions, clock: Clock): ShopifyClientOptions {
  let kept: { readonly token: Promise<string>; readonly until: number } | null = null;
  return {
    ...options,
    accessToken: (asked) => {
      const now = clock.now().getTime();
      if (asked.fresh || kept === null || kept.until <= now) {
        const token = options.accessToken(asked);
        const mine = { token, until: now + TOKEN_MS };
        kept = mine;
        token.catch(() => {
          if (kept === mine) kept = null;
        });
      }
      return kept.token;
    },
  };
}

export function restoreTargets({ client, clock, invitations }: RestoreTargetsOptions): RestoreTargets & { close(): Promise<void> } {
  const sandboxes = new Map<string, Promise<SandboxShop>>();
  const openShop = async (shop: string, signal: AbortSignal): ReturnType<RestoreTargets["open"]> => {
    const options = keepingToken(await client(shop), clock);
    const target = new ShopifyRestoreTarget({ ...options, clock });
    return { target, pointsPerSecond: (await target.restoreRate(signal)) ?? POINTS_PER_SECOND };
  };
  return {
    async open(shop, destination, signal) {
      if (destination.kind === "same-shop") return openShop(shop, signal);
      if (destination.kind === "shop") {
        await holdToInvitation({ invitations, clock }, shop, destination);
        return openShop(destination.shop, signal);
      }
      const starting = sandboxes.get(shop) ?? startSandbox({ empty: true, rateLimit: "off" });
      sandboxes.set(shop, starting);
      const sandbox = await starting.catch((error: unknown) => {
        sandboxes.delete(shop);
        throw error;
      });
      return { target: new ShopifyRestoreTarget({ shop: sandbox.shop, baseUrl: sandbox.url, accessToken: () => Promise.resolve(sandbox.accessToken), clock, sleep: realSleep }), pointsPerSecond: POINTS_PER_SECOND };
    },
    async close() {
      for (const starting of sandboxes.values()) await (await starting).close();
      sandboxes.clear();
    },
  };
}
