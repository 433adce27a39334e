/** Snapshots of a simulated shop with everything around them: the look before, the inventory after, and readings of changes in between. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { startSandbox, type SandboxShop } from "#app/sandbox/index.ts";
import { ShopifySource, ShopifySurvey, type ShopifySourceOptions } from "#app/sources/shopify/index.ts";
import { exposure } from "#app/workflows/coverage/exposure.ts";
import { requestSnapshot, takeSnapshot } from "#app/workflows/index.ts";
import type { CatalogSnapshot } from "#app/workflows/ports.ts";
import { FakeCoverageTasks, FakeInventory, FakePlatforms } from "#tests/support/fakes-coverage.ts";
import { briefly } from "../../sources/shopify/support/sandbox.ts";
import { linkedShop, SHOP, STAFF, type LinkedShop } from "../support/linked-shop.ts";

const CANARY = "SYNTHETIC-CANARY-5f1c";
let shop: LinkedShop;
let sandbox: SandboxShop;
let platforms: FakePlatforms;
let tasks: FakeCoverageTasks;
let inventory: FakeInventory;
let network: typeof fetch;
beforeEach(async () => {
  shop = await linkedShop();
  platforms = new FakePlatforms();
  tasks = new FakeCoverageTasks();
  inventory = new FakeInventory();
  network = (input, init) => fetch(input, init);
  sandbox = await startSandbox({ customers: 60, orders: 30, rateLimit: "off", canary: CANARY });
  shop.process.sources.set(SHOP, () => new ShopifySource(options()));
});
afterEach(() => sandbox.close());

const options = (): ShopifySourceOptions => ({ shop: SHOP, baseUrl: sandbox.url, accessToken: () => Promise.resolve(sandbox.accessToken), clock: { now: () => new Date() }, sleep: briefly, fetch: (input, init) => network(input, init) });
const ports = () => ({ ...shop.process, platforms, coverageTasks: tasks, inventory, surveys: { open: () => Promise.resolve(new ShopifySurvey(options())) } });

async function snapshot(scope: "whole" | "changes" = "whole"): Promise<CatalogSnapshot> {
  // The vault's clock is the process's, the shop's is real: both must go on together.
  shop.process.time.advance(Math.max(1000, Date.now() - shop.process.time.now().getTime()));
  const asked = await requestSnapshot(shop.process, { shop: SHOP, actor: STAFF, scope });
  if (asked.kind !== "requested") throw new Error(asked.kind);
  const outcome = await takeSnapshot(ports(), { runId: asked.run.id });
  if (outcome.kind !== "committed") throw new Error(JSON.stringify(outcome));
  return outcome.snapshot;
}

describe("a snapshot with everything around it", () => {
  it("looks first, keeps what there is as the inventory, and nothing of what records say", async () => {
    const first = await snapshot();
    expect(first).toMatchObject({ complete: true, gapCount: 0 });
    const known = await exposure(ports(), { shop: SHOP });
    expect(known.platform).toMatchObject({ apiVersion: "2026-10", changedAt: null });
    expect(known.state).toBe("safe");
    const rows = new Map(known.inventory.filter(({ kind }) => kind !== "Metafield").map(({ kind, records }) => [kind, records]));
    expect(rows.get("Customer")).toBe(60);
    for (const [kind, { records }] of Object.entries(first.kinds)) {
      const sum = known.inventory.filter((row) => row.kind === kind).reduce((all, row) => all + row.records, 0);
      expect([kind, sum]).toEqual([kind, records]);
    }
    expect(known.inventory).toContainEqual(expect.objectContaining({ kind: "Metafield", owner: "Customer", namespace: "health_intake", key: "intake_form" }));
    expect(known.inventory.every(({ bytes }) => bytes > 0)).toBe(true);
    const kept = JSON.stringify([...platforms.records.values(), tasks.tasks, [...inventory.rows.values()]]) + (await shop.process.saidAndKept());
    expect(kept).not.toContain(CANARY);
    expect(kept).not.toContain("SYNTHETIC:");
  }, 60_000);

  it("asks about a field that somebody adds, within one run", async () => {
    await snapshot();
    await admin(`mutation { metafieldDefinitionCreate(definition: { ownerType: CUSTOMER, namespace: "lab_results", key: "panel", name: "Panel (SYNTHETIC)", type: "json" }) { userErrors { message } } }`);
    shop.process.time.advance(2 * 3_600_000);
    await snapshot();
    expect(tasks.tasks.map(({ subject, state }) => `${subject} ${state}`)).toContain("namespace:CUSTOMER/lab_results open");
    expect((await exposure(ports(), { shop: SHOP })).reasons.map(({ code }) => code)).toContain("coverage.tasks_open");
    shop.process.time.advance(8 * 24 * 3_600_000);
    expect(await exposure(ports(), { shop: SHOP })).toMatchObject({ state: "not-safe", reasons: expect.arrayContaining([expect.objectContaining({ code: "coverage.tasks_overdue" })]) as unknown });
  }, 60_000);

  it("asks about an app that somebody installs, and about what it keeps to itself, within one run; ignoring it makes coverage red", async () => {
    await snapshot();
    sandbox.installApp({ title: "Intake Forms (SYNTHETIC)", handle: "intake-forms", scopes: ["read_customers"], metafields: { namespace: "intake", key: "form", customers: 5 } });
    // What it keeps to itself cannot be seen at all: the app is all there is to ask about.
    sandbox.installApp({ title: "Lab Panels (SYNTHETIC)", handle: "lab-panels", metafields: { namespace: "$app:labs", key: "panel", access: "PRIVATE", customers: 3 } });
    shop.process.time.advance(2 * 3_600_000);
    expect(await snapshot()).toMatchObject({ complete: true });
    const open = tasks.tasks.filter(({ state }) => state === "open").map(({ subject }) => subject);
    expect(open).toEqual(expect.arrayContaining(["app:intake-forms", "app:lab-panels", "namespace:CUSTOMER/intake"]));
    expect((await exposure(ports(), { shop: SHOP })).state).toBe("at-risk");
    shop.process.time.advance(8 * 24 * 3_600_000);
    expect((await exposure(ports(), { shop: SHOP })).state).toBe("not-safe");
  }, 60_000);

  it("raises the alert before the run fails on a field that has gone, and the run says what is missing", async () => {
    await snapshot();
    shop.process.time.advance(2 * 3_600_000);
    await sandbox.releaseVersion("2026-10", { drop: ["Customer.note"] });
    let alertedBeforeBulk = false;
    network = (input, init) => {
      const text = typeof init?.body === "string" ? init.body : "";
      if (text.includes("bulkOperationRunQuery") && /\bcustomers\b/.test(text)) alertedBeforeBulk ||= shop.process.alerts.codes(SHOP).includes("alert.api_change");
      return fetch(input, init);
    };
    const second = await snapshot();
    expect(alertedBeforeBulk).toBe(true);
    expect(second).toMatchObject({ complete: false, removed: 0 });
    expect(second.gaps).toContainEqual(expect.objectContaining({ code: "stream.failed", stream: "customers", reason: "SCHEMA_MISMATCH" }));
    const known = await exposure(ports(), { shop: SHOP });
    expect(known.reasons.map(({ code }) => code)).toEqual(expect.arrayContaining(["coverage.api_broken", "coverage.gaps", "revalidation.required"]));
    expect(known.revalidation).toMatchObject({ required: true, why: "revalidation.schema" });
    expect([...shop.process.alerts.open.values()].map(({ subject }) => subject)).toContain("api:2026-10/read/Customer.note");
    // It comes back: the alert ends by itself, and what was proven before stays unproven until a drill.
    await sandbox.releaseVersion("2026-10", {});
    shop.process.time.advance(2 * 3_600_000);
    expect(await snapshot()).toMatchObject({ complete: true });
    expect(shop.process.alerts.codes(SHOP)).not.toContain("alert.api_change");
    expect((await exposure(ports(), { shop: SHOP })).reasons.map(({ code }) => code)).toEqual(["revalidation.required"]);
  }, 60_000);

  it("warns of what a version to come will lack, and goes on reading with this one", async () => {
    await sandbox.releaseVersion("2027-01", { rename: { "Order.note": "remark" }, deprecate: ["Customer.tags"] });
    expect(await snapshot()).toMatchObject({ complete: true });
    expect(platforms.records.get(SHOP)).toMatchObject({ apiVersion: "2026-10", changedAt: null });
    const alerts = [...shop.process.alerts.open.values()].filter(({ code }) => code === "alert.api_change");
    expect(alerts.map(({ subject }) => subject)).toContain("api:2027-01/read/Order.note");
    expect(alerts.every(({ severity }) => severity === "warning")).toBe(true);
  }, 60_000);
});

describe("a snapshot of changes", () => {
  it("has what changed, carries the rest, is never called whole, and the next full one finds what was deleted", async () => {
    const first = await snapshot();
    const { changed, added, deleted } = await sandbox.changeFraction(0.7, "between");
    for (const some of [changed, added, deleted]) expect(some.length).toBeGreaterThan(0);
    const second = await snapshot("changes");
    expect(second.complete).toBe(false);
    expect(second.gaps.every(({ code, reason }) => code === "stream.partial" && reason === "incremental")).toBe(true);
    expect(second.removed).toBe(0);
    expect(second.added).toBeGreaterThan(0);
    expect(second.changed).toBeGreaterThan(0);
    expect(second.records).toBeGreaterThanOrEqual(first.records);
    // The inventory stays the full one's.
    expect((await inventory.list(SHOP)).every(({ snapshotId }) => snapshotId === first.snapshotId)).toBe(true);
    const third = await snapshot();
    expect(third).toMatchObject({ complete: true, gapCount: 0 });
    expect(third.removed).toBeGreaterThan(0);
    // What the reading of changes had taken was right: the full one finds nothing more of it.
    expect(third.added).toBe(0);
    expect(third.kinds["Customer"]?.records).toBe(sandbox.counts().customers);
  }, 60_000);

  it("is a full one where there is nothing to build on", async () => {
    expect(await snapshot("changes")).toMatchObject({ complete: true, gapCount: 0 });
  }, 60_000);
});

async function admin(query: string): Promise<void> {
  const answer = await fetch(`${sandbox.url}/admin/api/2026-10/graphql.json`, { method: "POST", headers: { "content-type": "application/json", "x-shopify-access-token": sandbox.accessToken }, body: JSON.stringify({ query }) });
  const { data, errors } = (await answer.json()) as { data?: Record<string, { userErrors: unknown[] }>; errors?: unknown };
  expect(errors).toBeUndefined();
  for (const { userErrors } of Object.values(data ?? {})) expect(userErrors).toEqual([]);
}
