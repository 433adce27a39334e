/** The lanes of a weekly drill on real sandbox servers: every kind, every type, and nobody's data where it does not belong. */
import { afterEach, describe, expect, it } from "@jest/globals";
import { EVERY_TYPE, startSandbox, type SandboxOptions, type SandboxShop } from "#app/sandbox/index.ts";
import { sandboxShops } from "#app/platform/sandbox-shops.ts";
import { CATALOGUE, ShopifySource, realSleep } from "#app/sources/shopify/index.ts";
import { readDrillObjects, readVaultDescription } from "#app/vault/index.ts";
import { revalidation } from "#app/workflows/coverage/revalidation.ts";
import { overview, rebuildCatalog, requestDrill, requestLaneDrill, runDrill, type DrillOutcome } from "#app/workflows/index.ts";
import { linkedShop, SHOP, snapshot, STAFF, unwrapped, type LinkedShop } from "./support/linked-shop.ts";

const CANARY = "CANARY-77aa-SYNTHETIC-diagnosis";
const started: SandboxShop[] = [];
let shop: LinkedShop;

afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
  expect(shop.process.leftovers()).toEqual([]);
});

const real = { now: () => new Date() };
const options = (sandbox: SandboxShop): ConstructorParameters<typeof ShopifySource>[0] => ({ shop: sandbox.shop, baseUrl: sandbox.url, accessToken: () => Promise.resolve(sandbox.accessToken), clock: real, sleep: (ms, signal) => realSleep(Math.min(ms, 5), signal) });

async function shopOf(o: SandboxOptions): Promise<SandboxShop> {
  shop = await linkedShop();
  const one = await startSandbox({ rateLimit: "off", ...o });
  started.push(one);
  shop.process.sources.set(SHOP, () => new ShopifySource(options(one)));
  const shops = sandboxShops(real);
  shop.process.startShop = shops.start;
  shop.process.startFilled = shops.startFilled;
  return one;
}

async function laneDrill(lane: "synthetic" | "both"): Promise<DrillOutcome> {
  const asked = await requestLaneDrill(shop.process, { shop: SHOP, actor: { kind: "schedule", shop: SHOP }, lane });
  if (asked.kind !== "requested") throw new Error(asked.kind);
  return runDrill(shop.process, { runId: asked.run.id });
}

describe("the synthetic lane", () => {
  it("puts every kind and every type through a whole restore, without a key of the merchant's", async () => {
    await shopOf({ customers: 3, orders: 3 });
    await snapshot(shop);
    const outcome = await laneDrill("synthetic");
    if (outcome.kind !== "finished") throw new Error(JSON.stringify(outcome));
    const [lane] = outcome.drill.lanes!;
    expect({ differences: lane!.differences, code: lane!.code, refused: lane!.refused }).toEqual({ differences: [], code: "drill.passed", refused: 0 });
    expect(lane!.types).toEqual(EVERY_TYPE.filter((type) => !type.includes("collection")).sort());
    expect(lane!.kinds).toBeGreaterThanOrEqual(CATALOGUE.length);
    expect(lane!.scanned).toBe(lane!.compared);
    expect(lane!.steps.map(({ step }) => step)).toEqual(["make", "open", "compare", "restore", "re-read", "compare-roots"]);
    expect(shop.process.held.size).toBe(0);
    // It opened no snapshot: its record and the ledger say so, and nothing is proven by it.
    const { catalog } = shop.process;
    const { store } = shop;
    const [record] = (await readDrillObjects(store, await readVaultDescription(store))).results;
    expect(record!.statement.predicate).toMatchObject({ snapshotOpened: false, passed: true });
    const known = await overview(shop.process, { shop: SHOP });
    expect(known).toMatchObject({ state: "at-risk", lastProof: null, lastRehearsal: { drillId: outcome.drill.drillId } });
    expect(known.reasons.map(({ code }) => code)).toEqual(["drill.none"]);
    expect(revalidation({ changedAt: new Date(0), changedWhy: "revalidation.schema" }, await catalog.drills(SHOP)).required).toBe(true);
    // Without its signed record the ledger's entry must not make a full drill of it.
    for await (const { key } of store.list("drills/")) store.objects.delete(key);
    await rebuildCatalog(shop.process, { shop: SHOP });
    expect((await catalog.drills(SHOP)).map(({ lanes, passed }) => [lanes, passed])).toEqual([[[], true]]);
    expect(await overview(shop.process, { shop: SHOP })).toMatchObject({ lastProof: null });
  }, 120_000);
});

describe("the weekly drill with a key service", () => {
  it("rehearses made-up data, compares every real record, and restores the snapshot with nobody recognisable in it", async () => {
    const one = await shopOf({ customers: 30, orders: 30, canary: CANARY });
    shop.process.unattended = { openerFor: () => Promise.resolve(shop.identity.opener) };
    const taken = await snapshot(shop);
    if (taken.kind !== "committed") throw new Error(taken.kind);
    /** Everything the test environments ever held, as a shop of the sandbox gives it back. */
    const held: string[] = [];
    const { startShop } = shop.process;
    shop.process.startShop = async (signal) => {
      const fresh = await startShop(signal);
      return {
        ...fresh,
        source: {
          ...fresh.source, description: fresh.source.description, orderedKinds: fresh.source.orderedKinds,
          async *streams(run) {
            for await (const stream of fresh.source.streams(run)) {
              yield { name: stream.name, finish: () => stream.finish(), async *records() { for await (const batch of stream.records()) { for (const { bytes } of batch) held.push(Buffer.from(bytes).toString()); yield batch; } } };
            }
          },
        },
      };
    };
    const outcome = await laneDrill("both");
    if (outcome.kind !== "finished") throw new Error(JSON.stringify(outcome));
    const { lanes } = outcome.drill;
    expect(lanes!.map(({ lane, code, differences, refused }) => ({ lane, code, differences, refused }))).toEqual(["synthetic", "real", "sanitized"].map((lane) => ({ lane, code: "drill.passed", differences: [], refused: 0 })));
    expect(lanes![1]).toMatchObject({ compared: taken.snapshot.records, restored: 0 });
    expect(lanes![2]!.scanned).toBeGreaterThan(taken.snapshot.records * 0.9);

    // The test environment, looked through by itself: nothing of the real shop, whatever a sanitizer thinks of itself.
    const all = held.join("\n");
    expect(held.length).toBeGreaterThan(500);
    expect(all).not.toContain(CANARY);
    const answer = await fetch(`${one.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "content-type": "application/json", "x-shopify-access-token": one.accessToken }, body: JSON.stringify({ query: "{ customers(first: 30) { nodes { id defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } addressesV2(first: 3) { nodes { address1 } } metafields(first: 10) { nodes { key value } } } } }" }) });
    const { data } = (await answer.json()) as { data: { customers: { nodes: { id: string; defaultEmailAddress: { emailAddress: string } | null; addressesV2: { nodes: { address1: string }[] }; metafields: { nodes: { key: string; value: string }[] } }[] } } };
    expect(data.customers.nodes.length).toBe(30);
    for (const { id, defaultEmailAddress, addressesV2, metafields } of data.customers.nodes) {
      // The synthetic lane's own people share the first ids of a sandbox; the sanitized ones must not be these.
      if (defaultEmailAddress !== null) expect(all.split("\n").filter((line) => line.includes(defaultEmailAddress.emailAddress) && !line.includes(id))).toEqual([]);
      for (const { address1 } of addressesV2.nodes) expect(all).not.toContain(address1);
      for (const { key, value } of metafields.nodes) if (key === "insurance_member_id" || key === "device_serial") expect(all).not.toContain(value);
    }

    // Nothing of a record in what is kept about it.
    const kept = await readDrillObjects(shop.store, await readVaultDescription(shop.store));
    const said = JSON.stringify([kept.results.map(({ statement }) => statement), shop.process.lines, [...shop.process.catalog.drillRows.values()], [...shop.process.runs.runs.values()]]);
    expect(said).not.toContain(CANARY);
    expect(said).not.toContain("@example.com");
    expect(kept.results[0]!.statement.subject).toEqual([{ name: expect.stringMatching(/^snapshots\//) as unknown, digest: { sha256: taken.snapshot.manifestDigest } }]);
  }, 180_000);

  it("says so when the key service is away, and rehearses what needs no key", async () => {
    await shopOf({ customers: 2, orders: 1 });
    shop.process.unattended = { openerFor: () => Promise.reject(Object.assign(new Error("away"), { code: "keys.unreachable", retry: "later" })) };
    await snapshot(shop);
    const outcome = await laneDrill("both");
    expect(outcome).toMatchObject({ kind: "finished", drill: { passed: false, code: "keys.unreachable", lanes: [{ lane: "synthetic", passed: true }, { lane: "real", passed: false, code: "keys.unreachable" }] } });
  }, 120_000);
});

describe("the weekly drill with an identity", () => {
  it("runs all lanes with the keys a browser opened, and zeroes them", async () => {
    await shopOf({ customers: 5, orders: 4 });
    await snapshot(shop);
    const asked = await requestDrill(shop.process, { shop: SHOP, actor: STAFF, snapshotId: "latest", lane: "both", keys: await unwrapped(shop) });
    if (asked.kind !== "requested") throw new Error(asked.kind);
    const outcome = await runDrill(shop.process, { runId: asked.run.id });
    if (outcome.kind !== "finished") throw new Error(JSON.stringify(outcome));
    expect(outcome.drill.lanes!.map(({ lane, code }) => `${lane} ${code}`)).toEqual(["synthetic drill.passed", "real drill.passed", "sanitized drill.passed"]);
    for (const keys of shop.process.taken) for (const key of keys.values()) expect(key.every((byte) => byte === 0)).toBe(true);
  }, 120_000);
});

describe("a field that came back wrong", () => {
  it("fails the lane by kind and field, and says no value anywhere", async () => {
    await shopOf({ customers: 2, orders: 1 });
    await snapshot(shop);
    const { startShop } = shop.process;
    const WRONG = "SYNTHETIC wrong PHI 4471";
    shop.process.startShop = async (signal) => {
      const fresh = await startShop(signal);
      const spoil = (text: string): string => text.replace(/"note":"SYNTHETIC[^"]*"/, `"note":"${WRONG}"`);
      let done = false;
      return {
        ...fresh,
        source: {
          description: fresh.source.description, orderedKinds: fresh.source.orderedKinds,
          async *streams(run) {
            for await (const stream of fresh.source.streams(run)) {
              yield {
                name: stream.name,
                finish: () => stream.finish(),
                async *records() {
                  for await (const batch of stream.records()) {
                    yield batch.map((record) => {
                      const text = Buffer.from(record.bytes).toString();
                      if (done || record.kind !== "Customer" || spoil(text) === text) return record;
                      done = true;
                      return { ...record, bytes: Buffer.from(spoil(text)) };
                    });
                  }
                },
              };
            }
          },
        },
      };
    };
    const outcome = await laneDrill("synthetic");
    if (outcome.kind !== "finished") throw new Error(JSON.stringify(outcome));
    expect(outcome.drill).toMatchObject({ passed: false, code: "drill.differs", differences: [{ kind: "Customer", field: "note", records: 1 }] });
    const kept = await readDrillObjects(shop.store, await readVaultDescription(shop.store));
    expect(kept.results[0]!.statement.predicate).toMatchObject({ passed: false, lanes: [{ differences: [{ kind: "Customer", field: "note", records: 1 }] }] });
    expect(JSON.stringify([kept.results.map(({ statement }) => statement), shop.process.lines, outcome, [...shop.process.runs.runs.values()]])).not.toContain("4471");
  }, 120_000);
});

describe("a restore from the test path", () => {
  it("has no way to a real shop: the real shop's own door is never opened while a drill runs", async () => {
    await shopOf({ customers: 2, orders: 1 });
    shop.process.unattended = { openerFor: () => Promise.resolve(shop.identity.opener) };
    await snapshot(shop);
    shop.process.sources.set(SHOP, () => {
      throw new Error("a drill asked for the real shop");
    });
    expect(await laneDrill("both")).toMatchObject({ kind: "finished", drill: { passed: true } });
  }, 120_000);

  it("ends on this machine or not at all", async () => {
    const shops = sandboxShops(real);
    const fresh = await shops.start(new AbortController().signal);
    expect(fresh.shop).toMatch(/-synthetic\.myshopify\.com$/);
    expect(fresh.target.description.name).toBe(fresh.shop);
    await fresh.stop();
  });
});
