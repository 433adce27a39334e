/** `sandbox start`: a simulated shop that stays up until it is told to stop. */
import { once } from "node:events";
import { API_VERSION } from "#app/sources/shopify/index.ts";
import { startSandbox, type SandboxShop } from "#app/sandbox/index.ts";
import { count, type Cli, type CommandResult } from "../cli.ts";
import { removeSandboxSession, writeSandboxSession } from "../sandbox-session.ts";

export interface SandboxStartOptions {
  readonly customers: number;
  readonly orders: number;
  readonly seed: string;
  readonly port: number;
}

/** `ready` is told as soon as the shop answers; the command itself ends when the signal aborts. */
export async function sandboxStart(cli: Cli, options: SandboxStartOptions, ready: (result: CommandResult) => Promise<void>): Promise<void> {
  const shop = await startSandbox({ ...options });
  try {
    const session = { url: shop.url, shop: shop.shop, accessToken: shop.accessToken, apiVersion: API_VERSION, pid: process.pid };
    await writeSandboxSession(cli.home, session);
    try {
      await ready(describe(shop));
      if (!cli.signal.aborted) await once(cli.signal, "abort");
    } finally {
      await removeSandboxSession(cli.home, session);
    }
  } finally {
    await shop.close();
  }
}

function describe(shop: SandboxShop): CommandResult {
  const { customers, orders } = shop.counts();
  return {
    json: { url: shop.url, shop: shop.shop, adminUrl: shop.adminUrl, customers, orders, pid: process.pid },
    text: [
      `${shop.shop} answers at ${shop.url}: ${count(customers)} customers, ${count(orders)} orders, all synthetic.`,
      `  holdfast snapshot VAULT --source shopify:${shop.shop}`,
      "Press Ctrl-C to stop it.",
    ].join("\n"),
  };
}
