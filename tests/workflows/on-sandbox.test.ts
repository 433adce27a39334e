/** The main job end to end, on real sandbox servers: snapshot, drill, and nobody hears of the canary. */
import { afterEach, describe, expect, it } from "@jest/globals";
import { tmpdir } from "node:os";
import { startSandbox, type SandboxOptions, type SandboxShop } from "#app/sandbox/index.ts";
import { ShopifyRestoreTarget, ShopifySource, realSleep, shopifyComparison } from "#app/sources/shopify/index.ts";
import { SourceError } from "#app/sources/port.ts";
import { contentKeys } from "#app/vault/index.ts";
import { checkVault, requestDrill, requestSnapshot, runDrill, takeSnapshot, vaultLedger, type DrillOutcome, type RehearsalShop } from "#app/workflows/index.ts";
import { linkedShop, SHOP, snapshot, STAFF, unwrapped, type LinkedShop } from "./support/linked-shop.ts";

const CANARY = "CANARY-5e1f-SYNTHETIC-diagnosis";
const started: SandboxShop[] = [];
let shop: LinkedShop;

afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
  expect(shop.process.leftovers()).toEqual([]);
});

const options = (sandbox: SandboxShop): ConstructorParameters<typeof ShopifySource>[0] => ({
  shop: sandbox.shop,
  baseUrl: sandbox.url,
  accessToken: () => Promise.resolve(sandbox.accessToken),
  clock: { now: () => new Date() },
  sleep: (ms, signal) => realSleep(Math.min(ms, 5), signal),
});

async function sandbox(o: SandboxOptions): Promise<SandboxShop> {
  const one = await startSandbox({ rateLimit: "off", ...o });
  started.push(one);
  return one;
}

async function shopOf(o: SandboxOptions): Promise<SandboxShop> {
  shop = await linkedShop();
  const one = await sandbox(o);
  shop.process.sources.set(SHOP, () => new ShopifySource(options(one)));
  return one;
}

/** `between`: what happens to the restored shop before it is read again. */
async function drill(between: (restored: SandboxShop) => Promise<void> = () => Promise.resolve()): Promise<DrillOutcome> {
  shop.process.startShop = async (): Promise<RehearsalShop> => {
    const fresh = await sandbox({ empty: true });
    const target = new ShopifyRestoreTarget(options(fresh));
    return {
      shop: fresh.shop,
      source: new ShopifySource(options(fresh)),
      target: {
        description: target.description,
        orderedKinds: target.orderedKinds,
        assess: (change, o) => target.assess(change, o),
        revise: (changes, run) => target.revise(changes, run),
        read: (roots, signal) => target.read(roots, signal),
        apply: async (records, run) => {
          const outcome = await target.apply(records, run);
          await between(fresh);
          return outcome;
        },
      },
      comparison: shopifyComparison,
      stop: () => Promise.resolve(),
    };
  };
  const asked = await requestDrill(shop.process, { shop: SHOP, actor: STAFF, snapshotId: "latest", keys: await unwrapped(shop) });
  if (asked.kind !== "requested") throw new Error(asked.kind);
  return runDrill(shop.process, { runId: asked.run.id });
}

async function admin(target: SandboxShop, query: string, variables: object = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`${target.url}/admin/api/2026-10/graphql.json`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-shopify-access-token": target.accessToken },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await response.json()) as { data: Record<string, unknown>; errors?: unknown };
  expect(answer.errors).toBeUndefined();
  return answer.data;
}

describe("a shop of a few hundred people", () => {
  it("is copied whole, restored, and found equal; a second snapshot holds what changed", async () => {
    const one = await shopOf({ customers: 250, orders: 200 });
    const first = await snapshot(shop);
    if (first.kind !== "committed") throw new Error(JSON.stringify(first));
    const counts = one.counts({ children: true });
    const { records: all, kinds } = first.snapshot;
    expect(first.snapshot).toMatchObject({ complete: true, gapCount: 0, kinds: { Customer: { records: 250, expected: 250 }, Order: { records: 200, expected: 200 } } });
    const of = (...names: string[]): number => names.reduce((sum, name) => sum + (kinds[name]?.records ?? 0), 0);
    expect(of("MailingAddress", "LineItem", "Metaobject", "MetaobjectDefinition")).toBe(counts.children.addresses + counts.children.lineItems + counts.metaobjects + counts.metaobjectDefinitions);
    expect(Object.values(kinds).reduce((sum, { records }) => sum + records, 0)).toBe(all);

    const outcome = await drill();
    if (outcome.kind !== "finished") throw new Error(JSON.stringify(outcome));
    expect(outcome.drill).toMatchObject({ passed: true, code: "drill.passed", differences: [], refused: 0, compared: all });
    const definitions = of("MetafieldDefinition", "MetaobjectDefinition");
    expect(outcome.drill.restored).toBeGreaterThanOrEqual(counts.customers + counts.orders + counts.metaobjects + definitions + of("Segment", "Company", "CompanyLocation", "Page", "Blog", "Article"));
    expect(outcome.drill.costPoints).toBeGreaterThanOrEqual(outcome.drill.restored * 10);
    expect(outcome.drill.losses).toContainEqual({ kind: "Customer", field: "createdAt", reason: "platform.assigns" });

    const change = await one.changeFraction(0.05, "later");
    const second = await snapshot(shop);
    if (second.kind !== "committed") throw new Error(JSON.stringify(second));
    expect(second.snapshot.complete).toBe(true);
    expect(second.snapshot.added + second.snapshot.changed + second.snapshot.removed).toBeGreaterThan(0);
    expect(second.snapshot.unchanged).toBeGreaterThan(all * 0.8);
    expect(change.changed.length + change.added.length + change.deleted.length).toBeGreaterThan(0);
    expect(await drill()).toMatchObject({ kind: "finished", drill: { passed: true } });

    const { ledger, hostKeys } = await opened();
    const checked = await checkVault({ store: shop.store, ledger: () => ledger, hostKeys, opener: shop.identity.opener, readData: true, scratchDirectory: tmpdir(), keptCheckpoint: undefined, onProgress: () => undefined });
    expect(checked).toMatchObject({ ok: true, findings: [], report: { snapshots: 2 } });
  }, 120_000);

  it("fails the drill when one metafield of the restored shop was changed, naming kind and field", async () => {
    await shopOf({ customers: 40, orders: 20 });
    await snapshot(shop);
    const outcome = await drill(async (restored) => {
      const data = (await admin(restored, "{ customers(first: 1) { nodes { id metafields(first: 1) { nodes { namespace key type } } } } }")) as {
        customers: { nodes: { id: string; metafields: { nodes: { namespace: string; key: string; type: string }[] } }[] };
      };
      const owner = data.customers.nodes[0]!;
      const set = await admin(restored, "mutation Spoil($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { userErrors { message } } }", {
        m: [{ ownerId: owner.id, ...owner.metafields.nodes[0]!, value: owner.metafields.nodes[0]!.type === "json" ? '{"mark":"SYNTHETIC","spoilt":true}' : "SYNTHETIC spoilt" }],
      });
      expect(set).toEqual({ metafieldsSet: { userErrors: [] } });
    });
    expect(outcome).toMatchObject({ kind: "finished", drill: { passed: false, code: "drill.differs", differences: [{ kind: "Metafield", field: "value", records: 1 }] } });
  }, 60_000);

  it("names the field of an address that came back wrong, although addresses have no name of their own", async () => {
    await shopOf({ customers: 20, orders: 0 });
    await snapshot(shop);
    const outcome = await drill(async (restored) => {
      const data = (await admin(restored, "{ customers(first: 1) { nodes { id addressesV2(first: 5) { nodes { firstName lastName company address1 address2 city provinceCode countryCodeV2 zip phone } } } } }")) as {
        customers: { nodes: { id: string; addressesV2: { nodes: Record<string, unknown>[] } }[] };
      };
      const { id, addressesV2 } = data.customers.nodes[0]!;
      const addresses = addressesV2.nodes.map(({ countryCodeV2, ...address }, n) => ({ ...address, countryCode: countryCodeV2, ...(n === 0 ? { city: "SYNTHETIC elsewhere" } : {}) }));
      expect(await admin(restored, "mutation A($i: CustomerInput!) { customerUpdate(input: $i) { userErrors { message } } }", { i: { id, addresses } })).toEqual({ customerUpdate: { userErrors: [] } });
    });
    expect(outcome).toMatchObject({ kind: "finished", drill: { passed: false, code: "drill.differs", differences: [{ kind: "MailingAddress", field: "city", records: 1 }] } });
  }, 60_000);

  it("fails the drill when one customer of the restored shop was deleted", async () => {
    await shopOf({ customers: 20, orders: 0 });
    await snapshot(shop);
    const outcome = await drill(async (restored) => {
      const data = (await admin(restored, "{ customers(first: 1) { nodes { id } } }")) as { customers: { nodes: { id: string }[] } };
      await admin(restored, "mutation Gone($id: ID!) { customerDelete(input: { id: $id }) { userErrors { message } } }", { id: data.customers.nodes[0]!.id });
    });
    if (outcome.kind !== "finished") throw new Error(outcome.kind);
    expect(outcome.drill).toMatchObject({ passed: false, code: "drill.differs" });
    expect(outcome.drill.differences).toContainEqual({ kind: "Customer", field: "(missing)", records: 1 });
  }, 60_000);
});

describe("a snapshot with a gap", () => {
  it("is kept, says so with the shop's code, and does not take what was not read for deleted", async () => {
    const one = await shopOf({ customers: 80, orders: 20 });
    const first = await snapshot(shop);
    if (first.kind !== "committed") throw new Error(JSON.stringify(first));
    one.setFaults({ failBulk: { afterObjects: 60, times: 1, errorCode: "TIMEOUT" } });
    const second = await snapshot(shop);
    if (second.kind !== "committed") throw new Error(JSON.stringify(second));
    expect(second.snapshot).toMatchObject({ complete: false, removed: 0 });
    expect(second.snapshot.gaps).toContainEqual(expect.objectContaining({ code: "stream.failed", stream: "customers", reason: "TIMEOUT" }));
    expect(second.snapshot.records).toBe(first.snapshot.records);
    one.setFaults({});
    expect(await snapshot(shop)).toMatchObject({ kind: "committed", snapshot: { complete: true, records: first.snapshot.records } });
  }, 60_000);
});

describe("a worker that is killed while it reads", () => {
  it("leaves no snapshot, and the next one finishes with the same bulk operations", async () => {
    const one = await shopOf({ customers: 60, orders: 60 });
    const source = new ShopifySource(options(one));
    const { streams } = source;
    let batches = 0;
    shop.process.sources.set(SHOP, () => ({
      description: source.description,
      orderedKinds: source.orderedKinds,
      async *streams(run) {
        for await (const stream of streams.call(source, run)) {
          yield {
            name: stream.name,
            finish: () => stream.finish(),
            async *records() {
              for await (const batch of stream.records()) {
                // What a kill looks like from the outside: the lease is not renewed, and nothing more is written.
                if (stream.name === "customers" && batches++ === 0) {
                  shop.process.runs.heartbeat = "lost";
                  shop.process.runs.workerDied("run-1");
                }
                yield batch;
              }
            },
          };
        }
      },
    }));
    await requestSnapshot(shop.process, { shop: SHOP, actor: STAFF });
    expect(await takeSnapshot(shop.process, { runId: "run-1" })).toEqual({ kind: "not-claimed" });
    expect([...shop.store.objects.keys()].filter((key) => key.startsWith("snapshots/"))).toEqual([]);
    const kept = JSON.stringify(shop.process.runs.runs.get("run-1")?.resume);
    expect(kept).toContain("BulkOperation");

    shop.process.runs.heartbeat = null;
    shop.process.sources.set(SHOP, () => new ShopifySource(options(one)));
    expect(await takeSnapshot(shop.process, { runId: "run-1" })).toMatchObject({ kind: "committed", snapshot: { complete: true } });
    expect(shop.process.runs.runs.get("run-1")?.resume).toMatchObject(JSON.parse(kept) as object);
  }, 60_000);
});

describe("the canary", () => {
  it("is in the vault for the identity to open, and nowhere else", async () => {
    const one = await shopOf({ customers: 30, orders: 30, canary: CANARY });
    expect(one.canaryPlaces.length).toBeGreaterThan(3);
    const outcomes: unknown[] = [await snapshot(shop)];
    outcomes.push(await drill());
    outcomes.push(
      await drill(async (restored) => {
        const data = (await admin(restored, "{ customers(first: 1) { nodes { id note } } }")) as { customers: { nodes: { id: string }[] } };
        await admin(restored, "mutation N($i: CustomerInput!) { customerUpdate(input: $i) { userErrors { message } } }", { i: { id: data.customers.nodes[0]!.id, note: `${CANARY} again` } });
      }),
    );
    one.setFaults({ failBulk: { afterObjects: 20, times: 1 }, invalidLineEvery: 7 });
    outcomes.push(await snapshot(shop));
    shop.process.sources.set(SHOP, () => Promise.reject(new SourceError("source.unreachable", "gone")));
    outcomes.push(await snapshot(shop));

    const stored = [...shop.store.objects].map(([key, bytes]) => `${key} ${Buffer.from(bytes).toString("latin1")}`).join("\n");
    const said = `${JSON.stringify(outcomes)}\n${await shop.process.saidAndKept()}`;
    for (const token of [CANARY, Buffer.from(CANARY).toString("base64").slice(0, 30), "SYNTHETIC:"]) {
      expect(said).not.toContain(token);
      expect(stored).not.toContain(token);
    }
    const { vault } = await opened();
    const found: string[] = [];
    const newest = (await vault.snapshots()).at(-1)!;
    for await (const batch of vault.read(newest, contentKeys(shop.store, shop.identity.opener)).records()) {
      for (const { kind, bytes } of batch) if (Buffer.from(bytes).includes(CANARY)) found.push(kind);
    }
    expect(found).toHaveLength(one.canaryPlaces.length);
  }, 90_000);
});

async function opened(): Promise<{ vault: import("#app/vault/index.ts").Vault; ledger: import("#app/ledger/index.ts").Ledger; hostKeys: import("#app/vault/index.ts").HostKeys }> {
  const { openVault } = await import("#app/vault/index.ts");
  const hostKeys = [...shop.process.hostKeys.values()][0]!;
  const vault = await openVault({ store: shop.store, hostKeys, clock: shop.process.clock, random: shop.process.random, scratchDirectory: "/nowhere" });
  return { vault, ledger: await vaultLedger(shop.process, hostKeys.vaultId, shop.store), hostKeys };
}
