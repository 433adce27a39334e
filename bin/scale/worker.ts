/** One worker of the simulation: the app as server.ts composes it, with shops that cost nothing to have. `node worker.ts '{"waitMs": 2000}'`; prints "ready". */
import { compose } from "#app/platform/compose.server.ts";
import { readEnv } from "#app/platform/env.server.ts";
import { syntheticShops } from "./shops.ts";

const { waitMs } = JSON.parse(process.argv[2] ?? "{}") as { waitMs: number };
const app = await compose(readEnv(), { shops: syntheticShops(waitMs) });
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void app.close().then(() => process.exit(0));
  });
}
process.stdout.write("ready\n");
