/** What a run costs with the real source: one small simulated shop that speaks the Admin API, the app's own pages and worker, snapshot after snapshot. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { newIdentity } from "#app/ui/browser/identity.ts";
import type { OverviewModel } from "#app/ui/models.ts";
import { Merchant } from "../demo/merchant.ts";
import { freePort } from "../demo/processes.ts";
import { AppPart, startShop } from "../soak/processes.ts";
import { cpuOf } from "./processes.ts";

export interface RealShopCost {
  readonly customers: number;
  readonly snapshots: number;
  readonly records: number;
  readonly millisecondsEach: number;
  readonly workerCpuSecondsEach: number;
  readonly workerPeakMemory: number;
  /** What the simulated shop itself took; Shopify's, in life. */
  readonly shopCpuSecondsEach: number;
}

export async function measureRealShop(customers: number, snapshots: number): Promise<RealShopCost> {
  const home = mkdtempSync(join(tmpdir(), "holdfast-scale-real-"));
  const port = await freePort(3800);
  const appUrl = `http://localhost:${String(port)}`;
  const shop = await startShop({ customers, orders: Math.floor(customers / 2), seed: "scale", host: "localhost", appUrl, webhooks: [{ topic: "bulk_operations/finish", address: "/webhooks/bulk_operations/finish" }] }, join(home, "sandbox.log"));
  const common = { home, shop, appUrl, port, logFile: join(home, "app.log") };
  const web = new AppPart({ ...common, role: "web" });
  const worker = new AppPart({ ...common, role: "worker" });
  try {
    await web.start();
    await worker.start();
    const merchant = new Merchant({ url: appUrl, stop: () => web.stop() }, shop);
    await merchant.see("app._index", "/app");
    await merchant.send("app.setup", "/app/setup", { intent: "create", address: pathToFileURL(join(home, "vaults", "one")).href, recipient: (await newIdentity()).publicHalf });
    const take = async (): Promise<void> => {
      await merchant.askForSnapshot();
      await merchant.idle({ everyMs: 250 });
    };
    // The first one compiles, and writes what only a first one writes.
    await take();
    const before = { worker: cpuOf(worker.pid), shop: cpuOf(shop.pid), at: performance.now() };
    for (let n = 0; n < snapshots; n++) await take();
    const { lastSnapshot } = await merchant.see<OverviewModel>("app._index", "/app");
    worker.look();
    return {
      customers,
      snapshots,
      records: lastSnapshot?.records ?? 0,
      millisecondsEach: Math.round((performance.now() - before.at) / snapshots),
      workerCpuSecondsEach: Number(((cpuOf(worker.pid) - before.worker) / snapshots).toFixed(3)),
      workerPeakMemory: worker.peak,
      shopCpuSecondsEach: Number(((cpuOf(shop.pid) - before.shop) / snapshots).toFixed(3)),
    };
  } finally {
    await worker.stop();
    await web.stop();
    await shop.stop();
    rmSync(home, { recursive: true, force: true });
  }
}
