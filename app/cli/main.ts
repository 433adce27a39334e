/** Entry of the holdfast command. */
import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import path from "node:path";

const home = path.resolve(process.env["HOLDFAST_HOME"] ?? path.join(homedir(), ".holdfast"));
// Types are stripped once, not at every start. In this host's own directory, never in a shared one: what lies there is run.
if (existsSync(home)) enableCompileCache(path.join(home, "cache"));

const { run } = await import("./run.ts");
// Connections kept alive would hold the process; by now everything is written.
process.exit(await run(process.argv.slice(2), { home, shopifyAccessToken: process.env["HOLDFAST_SHOPIFY_ACCESS_TOKEN"] }));
