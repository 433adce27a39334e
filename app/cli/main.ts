/** Entry of the holdfast command. */
import { homedir } from "node:os";
import path from "node:path";

const home = path.resolve(process.env["HOLDFAST_HOME"] ?? path.join(homedir(), ".holdfast"));

const { run } = await import("./run.ts");
// Connections kept alive would hold the process; by now everything is written.
process.exit(await run(process.argv.slice(2), { home, shopifyAccessToken: process.env["HOLDFAST_SHOPIFY_ACCESS_TOKEN"] }));
