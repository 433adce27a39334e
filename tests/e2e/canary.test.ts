/**
 * Health data leaves the shop only to lie sealed in the vault: a value planted in the shop is looked for in the log, the database's rows and
 * its files on disk, addresses, temporary files while work runs and after it, the queue, and what the pages are told.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { Merchant } from "../../bin/demo/merchant.ts";
import { startPostgres } from "#app/platform/database/embedded.ts";
import { sealer } from "#app/platform/secrets/seal.ts";
import { Secret } from "#app/platform/secrets/secret.ts";
import { newIdentity } from "#app/ui/browser/identity.ts";
import { unwrapKeys } from "#app/ui/browser/unwrap.ts";
import type { DrillNewModel, OverviewModel, ProgressModel } from "#app/ui/models.ts";
import { CANARY, filesHolding, holds } from "#tests/support/canary.ts";
import { everythingOn, Thief } from "#tests/support/thief.ts";
import { startWorld, type World } from "./support/world.ts";

describe("a value planted as health data", { timeout: 300_000 }, () => {
  let world: World;
  let home: string;
  const told: string[] = [];
  const seenWhileWorking = new Set<string>();

  before(async () => {
    world = await startWorld({ customers: 120, orders: 80, canary: CANARY });
    home = dirname(world.stores);
    const merchant = new Merchant({ url: world.appUrl, stop: () => world.stopApp() }, { ...world.shop, stop: () => world.shop.close() });
    const see = async <T>(route: string, path: string): Promise<T> => {
      const model = await merchant.see<T>(route, path);
      told.push(JSON.stringify(model));
      return model;
    };
    const untilIdle = async (): Promise<void> => {
      for (;;) {
        const { run } = await see<ProgressModel>("app.progress", "/app/progress");
        for (const file of filesHolding(home, { except: [join(home, "postgres")] }).found) seenWhileWorking.add(file);
        if (run === null) return;
        await new Promise((done) => setTimeout(done, 100));
      }
    };

    await see<OverviewModel>("app._index", "/app");
    const identity = await newIdentity();
    await merchant.send("app.setup", "/app/setup", { intent: "create", address: pathToFileURL(join(world.stores, "canary")).href, recipient: identity.publicHalf });
    for (const day of ["one", "two"]) {
      await merchant.send("app._index", "/app?index", { intent: "snapshot" });
      await untilIdle();
      await world.shop.changeFraction(0.05, day);
    }
    const offer = await see<DrillNewModel>("app.drills.new", "/app/drills/new");
    const opened = await unwrapKeys({ keyId: identity.keyId, privateJwk: JSON.parse(identity.fileText) as Record<string, string> }, offer.snapshot!.sealedKeys, offer.snapshot!.recipientKeyIds);
    if (!opened.ok) throw new Error("the identity did not open the snapshot");
    await merchant.send("app.drills.new", "/app/drills/new", { snapshotId: offer.snapshot!.snapshotId, keys: opened.keys });
    await untilIdle();
    await world.shop.sendComplianceWebhook("customers/redact");
    const overview = await see<OverviewModel>("app._index", "/app");
    if (overview.lastDrill?.state !== "passed") throw new Error(`the drill did not pass: ${JSON.stringify(overview)}`);
    await see("app.snapshots.$id", `/app/snapshots/${overview.lastSnapshot!.id}`);
    await see("app.drills.$id", `/app/drills/${overview.lastDrill.id}`);
  });
  after(async () => {
    await world.close();
  });

  it("is in the shop, in more than one place, and the search finds it", async () => {
    assert.ok(world.shop.canaryPlaces.length > 2);
    const answer = await fetch(`${world.shop.url}/admin/api/2026-10/graphql.json`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Shopify-Access-Token": world.shop.accessToken },
      body: JSON.stringify({ query: "{ customers(first: 1) { nodes { note metafields(first: 10) { nodes { value } } } } }" }),
    });
    assert.equal(holds(Buffer.from(await answer.text())), true);
  });

  it("is in no line of the log, addresses of requests included", () => {
    assert.ok(world.log().length > 200);
    assert.equal(holds(Buffer.from(world.log())), false);
  });

  it("is in nothing that a page was told", () => {
    assert.ok(told.length > 5);
    assert.equal(holds(Buffer.from(told.join("\n"))), false);
  });

  it("was in no file outside the database at any moment of the work, the vault's own objects included", () => {
    assert.deepEqual([...seenWhileWorking], []);
  });

  it("is in no row of any table, the job queue's included", async () => {
    // The app's own server: this joins it.
    const server = await startPostgres({ directory: join(home, "postgres") });
    const address = new URL(server.url);
    address.pathname = "/holdfast";
    const client = new pg.Client({ connectionString: address.href });
    await client.connect();
    try {
      const tables = await client.query<{ schema: string; name: string }>("SELECT table_schema AS schema, table_name AS name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')");
      let rows = 0;
      for (const { schema, name } of tables.rows) {
        const all = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${schema}"."${name}" t`);
        rows += all.rows.length;
        assert.deepEqual({ table: `${schema}.${name}`, holds: all.rows.some(({ row }) => holds(Buffer.from(row))) }, { table: `${schema}.${name}`, holds: false });
      }
      assert.ok(rows > 10);
    } finally {
      await client.end();
      await server.close();
    }
  });

  it("is in no file of the database or the home folder once the app has stopped", async () => {
    await world.stopApp();
    const { found, searched } = filesHolding(home);
    assert.deepEqual(found, []);
    assert.ok(searched > 100);
  });

  it("opens nothing to somebody who has a copy of the host's disk, database, environment and log, and of the storage", async () => {
    await world.stopApp();
    const places = everythingOn([join(home, "tmp"), join(home, "postgres")], { SHOPIFY_API_KEY: world.shop.apiKey, SHOPIFY_API_SECRET: world.shop.apiSecret });
    const secret = readFileSync(join(home, "secret"));
    places.set("secret", secret).set("log", Buffer.from(world.log()));
    const server = await startPostgres({ directory: join(home, "postgres") });
    const address = new URL(server.url);
    address.pathname = "/holdfast";
    const client = new pg.Client({ connectionString: address.href });
    await client.connect();
    try {
      // With the host's secret the thief reads what the database keeps sealed, too.
      const seal = sealer(new Secret(secret.toString("utf8")), "vault host keys");
      const { rows } = await client.query<{ vaultId: string; sealed: string }>('SELECT "vaultId", sealed FROM "VaultSecret"');
      assert.equal(rows.length, 1);
      for (const { vaultId, sealed } of rows) places.set("host keys", Buffer.from(await seal.open(sealed, `vault:${vaultId}`)));
    } finally {
      await client.end();
      await server.close();
    }
    const haul = await new Thief(join(world.stores, "canary")).tryEverything(places, (place) => place.startsWith(join(home, "tmp")) || ["secret", "host keys", "the environment"].includes(place));
    assert.deepEqual(haul.loot, []);
    assert.ok(haul.tried > 500, `${haul.tried} tried`);
    // The signing key.
    assert.equal(haul.privateKeys, 1);
  });
});
