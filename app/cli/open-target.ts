/** From `shopify:DOMAIN` to the shop that records are put back into: a sandbox shop that runs here, or a real one with the access token at hand. */
import { SourceError, type RestoreTarget } from "#app/sources/port.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./errors.ts";
import { readSandboxSession } from "./sandbox-session.ts";

const TARGET = /^shopify:([a-z0-9][a-z0-9-]*\.myshopify\.com)$/;

export async function openTarget(cli: Cli, address: string): Promise<RestoreTarget> {
  const domain = TARGET.exec(address)?.[1];
  if (domain === undefined) throw new SourceError("source.bad_address", "A target is written as shopify: and the shop's myshopify.com domain");
  const session = await readSandboxSession(cli.home, domain);
  const accessToken = session?.accessToken ?? cli.shopifyAccessToken;
  if (accessToken === undefined) throw new CliError("cli.no_shop_token", `No sandbox shop ${domain} is running here, and there is no access token for a real one`);
  const { realSleep, ShopifyRestoreTarget } = await import("#app/sources/shopify/index.ts");
  return new ShopifyRestoreTarget({ shop: domain, ...(session === null ? {} : { baseUrl: session.url }), accessToken: () => Promise.resolve(accessToken), clock: cli.clock, sleep: realSleep });
}
