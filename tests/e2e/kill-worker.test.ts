/**
 * Slow tier: the app's process is killed (kill -9) at ten random moments of its snapshots. Each time what lies in the storage is whole or absent, and the
 * next process takes the run up again by itself, once the dead one's lease has run out.
 */
import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Merchant } from "../../bin/demo/merchant.ts";
import { openStore } from "#app/stores/index.ts";
import { newIdentity } from "#app/ui/browser/identity.ts";
import type { OverviewModel, ProgressModel } from "#app/ui/models.ts";
import { verifyVault } from "#app/vault/index.ts";
import { seededRandom } from "#tests/bench/export-file.ts";
import { startWorld, type World } from "./support/world.ts";

const KILLS = 10;
/** Lease, reaper and a snapshot, with room for a slow machine. */
const TAKEN_UP_WITHIN_MS = 150_000;

describe("a worker killed at a random moment of a snapshot", { timeout: 1_800_000, skip: process.env["SLOW"] !== "1" }, () => {
  let world: World;
  let merchant: Merchant;
  let address = "";

  before(async () => {
    world = await startWorld({ customers: 2500, orders: 1500 });
    address = pathToFileURL(join(world.stores, "kill")).href;
    merchant = new Merchant({ url: world.appUrl, stop: () => world.stopApp() }, { ...world.shop, stop: () => world.shop.close() });
    await merchant.see("app._index", "/app");
    await merchant.send("app.setup", "/app/setup", { intent: "create", address, recipient: (await newIdentity()).publicHalf });
  });
  after(async () => {
    await world.close();
  });

  const overview = (): Promise<OverviewModel> => merchant.see<OverviewModel>("app._index", "/app");
  const running = async (): Promise<boolean> => (await merchant.see<ProgressModel>("app.progress", "/app/progress")).run !== null;

  it(`leaves each snapshot whole or absent, ${String(KILLS)} times, and the next process ends the run`, async () => {
    const random = seededRandom(11);
    let interrupted = 0;
    let before = 0;
    for (let round = 1; round <= KILLS; round += 1) {
      await merchant.send("app._index", "/app?index", { intent: "snapshot" });
      await sleep(200 + 2800 * random());
      if (await running()) interrupted += 1;
      await world.stopApp("SIGKILL");

      const verdict = await verifyVault({ store: await openStore(address), readData: true });
      assert.deepEqual(verdict.findings, []);
      assert.ok(verdict.snapshots === before || verdict.snapshots === before + 1);

      await world.startApp();
      const until = performance.now() + TAKEN_UP_WITHIN_MS;
      while (await running()) {
        assert.ok(performance.now() < until, "nobody took the run up");
        await sleep(500);
      }
      const { lastSnapshot, lastProblem } = await overview();
      assert.equal(lastProblem, null);
      assert.equal(lastSnapshot?.complete, true);
      before = (await verifyVault({ store: await openStore(address), readData: true })).snapshots;
      await world.shop.changeFraction(0.02, `round ${String(round)}`);
    }
    assert.ok(interrupted >= KILLS / 2, `only ${String(interrupted)} of ${String(KILLS)} fell into a snapshot`);
  });
});
