/**
 * Slow tier: a shop with 100,000 customers. The app's process is killed (kill -9) once in the middle of the download of its customers and once between two pages of a kind that is read by pages; the
 * next process takes the run up by itself. What lies in the vault is then what the shop has, record by record.
 */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Merchant } from "../../bin/demo/merchant.ts";
import { compareRecords } from "../../bin/soak/compare.ts";
import { readShop } from "../../bin/soak/shop-records.ts";
import { identityFrom, openerFor } from "#app/keys/index.ts";
import { CATALOGUE } from "#app/sources/shopify/index.ts";
import { openStore } from "#app/stores/index.ts";
import { newIdentity, type NewIdentity } from "#app/ui/browser/identity.ts";
import type { OverviewModel, ProgressModel, RunModel } from "#app/ui/models.ts";
import { contentKeys, openVaultWithIdentity, verifyVault } from "#app/vault/index.ts";
import { startWorld, type World } from "./support/world.ts";

/** Fewer by LARGE_CUSTOMERS, to try it out. */
const CUSTOMERS = Number(process.env["LARGE_CUSTOMERS"] ?? 100_000);
/** Lease, reaper and the rest of a snapshot, with room for a slow machine. */
const DONE_WITHIN_MS = 600_000;

/** Streams that are asked for page by page. */
const PAGED: ReadonlySet<string> = new Set(CATALOGUE.flatMap(({ stream, read, parts }) => [...(read.how === "pages" ? [stream] : []), ...parts.filter(({ how }) => how === "details").map((part) => part.stream)]));

describe("a worker killed in a shop of 100,000 customers", { timeout: 1_800_000, skip: process.env["SLOW"] !== "1" }, () => {
  let world: World;
  let merchant: Merchant;
  let identity: NewIdentity;
  let address = "";
  let scratch = "";

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), "holdfast-large-"));
    world = await startWorld({ customers: CUSTOMERS, orders: 500 });
    address = pathToFileURL(join(world.stores, "large")).href;
    identity = await newIdentity();
    merchant = new Merchant({ url: world.appUrl, stop: () => world.stopApp() }, { ...world.shop, stop: () => world.shop.close() });
    await merchant.see("app._index", "/app");
    await merchant.send("app.setup", "/app/setup", { intent: "create", address, recipient: identity.publicHalf });
  }, { timeout: 600_000 });
  after(async () => {
    await world?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Waits for such a moment of the run. Null: the run ended before there was one. */
  async function moment(is: (run: RunModel) => boolean): Promise<RunModel | null> {
    const until = performance.now() + DONE_WITHIN_MS;
    let seen = false;
    for (;;) {
      const { run } = await merchant.see<ProgressModel>("app.progress", "/app/progress");
      if (run !== null && is(run)) return run;
      seen ||= run !== null;
      if (run === null && seen) return null;
      assert.ok(performance.now() < until, "the run does not come to an end");
      await sleep(25);
    }
  }

  it("ends with every record of the shop in the vault, killed in a download and between pages", async () => {
    await merchant.send("app._index", "/app?index", { intent: "snapshot" });
    const is: Record<"page" | "download", (run: RunModel) => boolean> = {
      page: ({ phase, stream }) => phase === "downloading" && stream !== undefined && PAGED.has(stream),
      download: ({ phase, stream, records }) => phase === "downloading" && stream === "customers" && records > CUSTOMERS / 20,
    };
    const left = new Set(Object.keys(is) as (keyof typeof is)[]);
    const store = await openStore(address);
    while (left.size > 0) {
      const run = await moment((now) => [...left].some((one) => is[one](now)));
      assert.ok(run !== null, `the run came to its end, and there was no ${[...left].join(", ")}`);
      for (const one of left) if (is[one](run)) left.delete(one);
      await world.stopApp("SIGKILL");
      // Nothing of it is a snapshot yet, and nothing that lies there is damaged.
      const { snapshots, findings } = await verifyVault({ store, readData: true });
      assert.deepEqual({ snapshots, findings }, { snapshots: 0, findings: [] });
      await world.startApp();
    }

    assert.equal(await moment(() => false), null);
    const { lastSnapshot, lastProblem } = await merchant.see<OverviewModel>("app._index", "/app");
    assert.equal(lastProblem, null);
    assert.equal(lastSnapshot?.complete, true);

    const opener = openerFor(identityFrom(JSON.parse(identity.fileText)));
    const vault = await openVaultWithIdentity({ store, scratchDirectory: scratch, opener });
    const [last] = await vault.snapshots();
    assert.equal(last?.kinds["Customer"]?.records, CUSTOMERS);
    const reader = vault.read(last, contentKeys(store, opener, vault.description));
    const reading = readShop({ ...world.shop } as unknown as Parameters<typeof readShop>[0]);
    const compared = await compareRecords(() => reading.records(), () => reader.records({ order: "key" }), scratch);
    assert.deepEqual({ missing: compared.missing, extra: compared.extra, differing: compared.differing, repeated: compared.repeated, differences: compared.differences }, { missing: 0, extra: 0, differing: 0, repeated: 0, differences: [] });
    assert.ok(compared.records.vault > CUSTOMERS);
  });
});
