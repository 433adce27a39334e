/** From `jsonl:PATH` or `shopify:DOMAIN` to the source behind it. */
import { SourceError, type Source } from "#app/sources/port.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./errors.ts";
import { readSandboxSession } from "./sandbox-session.ts";

const SHOP = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;

export async function openSource(cli: Cli, address: string): Promise<Source> {
  const colon = address.indexOf(":");
  const [scheme, rest] = colon === -1 ? [address, ""] : [address.slice(0, colon), address.slice(colon + 1)];
  if (rest === "") throw new SourceError("source.bad_address", "A source is written as a kind, a colon and a place");
  switch (scheme) {
    case "jsonl": {
      const { openJsonlSource } = await import("#app/sources/jsonl/index.ts");
      return openJsonlSource(rest);
    }
    case "shopify":
      return openShopify(cli, rest);
    case "magento":
    case "http":
      throw new SourceError("source.bad_address", `This version does not read ${scheme}: sources yet`);
    default:
      throw new SourceError("source.bad_address", `There is no source of the kind ${JSON.stringify(scheme)}`);
  }
}

async function openShopify(cli: Cli, domain: string): Promise<Source> {
  if (!SHOP.test(domain)) throw new SourceError("source.bad_address", "The shop's name must be its myshopify.com domain");
  const session = await readSandboxSession(cli.home, domain);
  const accessToken = session?.accessToken ?? cli.shopifyAccessToken;
  if (accessToken === undefined) throw new CliError("cli.no_shop_token", `No sandbox shop ${domain} is running here, and there is no access token for a real one`);
  const { realSleep, ShopifySource } = await import("#app/sources/shopify/index.ts");
  return new ShopifySource({
    shop: domain,
    ...(session === null ? {} : { baseUrl: session.url }),
    accessToken: async () => accessToken,
    clock: cli.clock,
    sleep: realSleep,
  });
}
