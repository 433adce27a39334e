/**
 * Runs a sandbox shop as a process of its own: `node app/sandbox/serve.ts '{"customers": 20000}'`, or `-` to read the options from
 * standard input. For very large shops start node with --max-semi-space-size=8: a shop makes much short-lived garbage, and V8 would set
 * aside a hundred megabytes for it. Prints one line of JSON when it answers; stops on SIGTERM or SIGINT.
 */
import { startSandbox } from "./index.ts";
import type { SandboxOptions } from "./types.ts";

async function optionsFrom(argument: string | undefined): Promise<SandboxOptions> {
  if (argument !== "-") return JSON.parse(argument ?? "{}") as SandboxOptions;
  let text = "";
  for await (const part of process.stdin.setEncoding("utf8")) text += String(part);
  return JSON.parse(text) as SandboxOptions;
}

try {
  const shop = await startSandbox(await optionsFrom(process.argv[2]));
  const stop = (): void => void shop.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  const { url, shop: domain, accessToken, apiKey, apiSecret, adminUrl, canaryPlaces } = shop;
  process.stdout.write(`${JSON.stringify({ url, shop: domain, accessToken, apiKey, apiSecret, adminUrl, canaryPlaces })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : "The sandbox shop could not start."}\n`);
  process.exit(1);
}
