/** All eight scenarios on a simulated shop: the damage is done, the assistant finds what it should, and what it ends in is right. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { nodeOf, type Answer } from "#app/response/index.ts";
import { startSandbox, type SandboxShop } from "#app/sandbox/index.ts";
import { ShopifySource, ShopifySurvey, type ShopifySourceOptions } from "#app/sources/shopify/index.ts";
import { contentKeys, openVault } from "#app/vault/index.ts";
import { assistantOutcome, readRun, startAssistant, takeStep } from "#app/workflows/assistant/index.ts";
import { checkPlatform } from "#app/workflows/coverage/check-platform.ts";
import { holdSnapshots, requestSnapshot, requestVerify, runVerify, takeSnapshot, vaultLedger } from "#app/workflows/index.ts";
import { recordRequest } from "#app/workflows/compliance/record-request.ts";
import type { CatalogSnapshot } from "#app/workflows/ports.ts";
import { FakeCoverageTasks, FakeInventory, FakePlatforms } from "#tests/support/fakes-coverage.ts";
import { briefly } from "../../sources/shopify/support/sandbox.ts";
import { linkedShop, SHOP, STAFF, type LinkedShop } from "../support/linked-shop.ts";

let shop: LinkedShop;
let sandbox: SandboxShop;
let network: typeof fetch;
let around: { platforms: FakePlatforms; coverageTasks: FakeCoverageTasks; inventory: FakeInventory };

beforeEach(async () => {
  shop = await linkedShop();
  around = { platforms: new FakePlatforms(), coverageTasks: new FakeCoverageTasks(), inventory: new FakeInventory() };
  network = (input, init) => fetch(input, init);
  sandbox = await startSandbox({ customers: 60, orders: 20, rateLimit: "off" });
  shop.process.sources.set(SHOP, () => new ShopifySource(options()));
});
afterEach(async () => {
  await sandbox.close();
  expect(shop.process.leftovers()).toEqual([]);
});

const options = (): ShopifySourceOptions => ({ shop: SHOP, baseUrl: sandbox.url, accessToken: () => Promise.resolve(sandbox.accessToken), clock: { now: () => new Date() }, sleep: briefly, fetch: (input, init) => network(input, init) });
const ports = () => ({ ...shop.process, ...around, surveys: { open: () => Promise.resolve(new ShopifySurvey(options())) } });
/** The vault's clock is the process's, the shop's is real: both must go on together. */
const tick = (): Date => {
  shop.process.time.advance(Math.max(2000, Date.now() - shop.process.time.now().getTime()));
  return shop.process.time.now();
};

async function snapshot(): Promise<CatalogSnapshot> {
  tick();
  const asked = await requestSnapshot(shop.process, { shop: SHOP, actor: STAFF });
  if (asked.kind !== "requested") throw new Error(asked.kind);
  const outcome = await takeSnapshot(ports(), { runId: asked.run.id });
  if (outcome.kind !== "committed") throw new Error(JSON.stringify(outcome));
  return outcome.snapshot;
}

async function verify(): Promise<void> {
  tick();
  const asked = await requestVerify(shop.process, { shop: SHOP, actor: STAFF });
  if (asked.kind !== "requested") throw new Error(asked.kind);
  await runVerify(shop.process, { runId: asked.run.id });
}

/**
 * Walks a scenario with the answers of a person: by node, a choice or a whole answer; "done" where nothing is said. What is looked up is what the shop says.
 * Answers what each check found, and the run.
 */
async function walk(scenario: string, answers: Readonly<Record<string, string | Answer>>): Promise<{ readonly runId: string; readonly found: Readonly<Record<string, { readonly outcome: string; readonly facts: Readonly<Record<string, unknown>> }>>; readonly end: string }> {
  const started = await startAssistant(ports(), { shop: SHOP, actor: STAFF, scenario });
  if (started.kind !== "started") throw new Error(started.kind);
  const { runId } = started;
  const found: Record<string, { outcome: string; facts: Record<string, unknown> }> = {};
  for (;;) {
    const { run, frozen } = (await readRun(shop.process.assistantRuns, SHOP, runId))!;
    const node = nodeOf(frozen.tree, run.current.id)!;
    if (node.kind === "end") return { runId, found, end: node.id };
    if (node.kind === "check") found[node.id] = { outcome: run.lookup!.outcome, facts: Object.fromEntries(run.lookup!.facts.map(({ name, value }) => [name, value])) };
    const said = answers[node.id];
    const answer: Answer = node.kind === "check" ? { kind: "seen", lookup: run.lookup!.n } : typeof said === "object" ? said : node.kind === "question" ? { kind: "choice", id: said ?? "?" } : { kind: (said ?? "done") as "done" };
    tick();
    const taken = await takeStep(ports(), { shop: SHOP, actor: STAFF, runId, after: run.steps, step: { what: "answered", node: node.id, answer } });
    if (taken.kind !== "taken") throw new Error(`${node.id}: ${JSON.stringify(taken)}`);
  }
}

const at = (moment: Date): Answer => ({ kind: "moment", at: moment.toISOString() });
const before = (moment: Date): string => new Date(moment.getTime() - 1000).toISOString();
const what = (selection: Extract<Answer, { kind: "what" }>["selection"]): Answer => ({ kind: "what", selection });

describe("an app overwrote data", () => {
  it("names the app, counts its changes, and ends in a plan for its fields at the second before", async () => {
    sandbox.installApp({ title: "Synthetic Labs", scopes: ["read_customers", "write_customers"] });
    const good = await snapshot();
    await verify();
    await checkPlatform(ports(), { shop: SHOP, signal: new AbortController().signal, actor: "staff:42" });
    const damage = tick();
    const report = await sandbox.corrupt({ seed: 1, mangleNamespace: "health_intake" });
    expect(report.mangled).toBeGreaterThan(10);
    await snapshot();

    const { runId, found, end } = await walk("app-overwrite", { known: "yes", cut: "yes", quiet: "yes", when: at(damage), scope: what({ what: "namespace", namespace: "health_intake" }), edits: "no", left: "no" });
    expect(found["apps"]).toMatchObject({ outcome: "some", facts: { "app:Synthetic Labs": 1 } });
    expect(found["changed"]!.outcome).toBe("changed");
    expect(found["changed"]!.facts["changed:Metafield"]).toBe(report.mangled);
    expect(found["changed"]!.facts["removed"]).toBe(0);
    expect(found["snapshot"]).toMatchObject({ outcome: "good", facts: { snapshot: good.snapshotId, records: good.records, check: "vault.sound" } });
    expect(found["holds"]!.outcome).toBe("not-held");
    expect(end).toBe("plan");
    expect(await assistantOutcome(ports(), { shop: SHOP, runId })).toMatchObject({ scenario: "app-overwrite", selection: { scope: "namespace", namespace: "health_intake" }, at: before(damage), snapshotId: good.snapshotId, conflicts: "restore" });
    // What the plan goes back to has the values from before: the snapshot it names was committed before the first of them was overwritten.
    expect(good.takenAt.getTime()).toBeLessThan(damage.getTime());
  }, 120_000);
});

describe("somebody deleted data on purpose", () => {
  it("counts who is gone, and ends in a plan for these people from the snapshot that still has them", async () => {
    const good = await snapshot();
    await verify();
    const damage = tick();
    const report = await sandbox.corrupt({ seed: 2, deleteCustomers: 7 });
    expect(report.deleted).toHaveLength(7);
    await snapshot();
    const ids = report.deleted.map((id) => (id.startsWith("gid://") ? id : `gid://shopify/Customer/${id}`));
    await shop.process.responseTeam.save(SHOP, ["42", "77"].map((id) => ({ actor: `staff:${id}`, label: id, roles: ["responder", "approver"] as const, changedAt: tick(), changedBy: "staff:42" })));
    const { runId, found, end } = await walk("staff-deletion", { who: "yes", "left-behind": "no", when: at(damage), scope: what({ what: "records", ids }), edits: "unsure", left: "no" });
    expect(found["backups"]!.outcome).toBe("sound");
    expect(found["changed"]).toMatchObject({ outcome: "removed", facts: { "removed:Customer": 7 } });
    expect(found["team"]).toMatchObject({ outcome: "two", facts: { responders: 2, approvers: 2 } });
    expect(end).toBe("plan");
    expect(await assistantOutcome(ports(), { shop: SHOP, runId })).toMatchObject({ selection: { scope: "person", ids }, at: before(damage), snapshotId: good.snapshotId, conflicts: "review" });
    // The snapshot that was found has every one of them.
    const hostKeys = [...shop.process.hostKeys.values()][0]!;
    const vault = await openVault({ store: shop.store, hostKeys, clock: shop.process.clock, random: shop.process.random, scratchDirectory: "/nowhere" });
    const reader = vault.read(await vault.resolve(good.snapshotId), contentKeys(shop.store, shop.identity.opener));
    const there = new Set<string>();
    for await (const batch of reader.records()) for (const { id } of batch) there.add(id);
    expect(ids.filter((id) => !there.has(id))).toEqual([]);
  }, 120_000);
});

describe("ransomware", () => {
  it("sees that the storage was tampered with, and stops where there is no other copy", async () => {
    await snapshot();
    const pack = [...shop.store.objects.keys()].find((key) => key.startsWith("packs/") && !key.endsWith(".key"))!;
    const bytes = Buffer.from(shop.store.objects.get(pack)!);
    bytes[bytes.length - 1]! ^= 1;
    shop.store.objects.set(pack, bytes);
    await verify();
    const { found, end, runId } = await walk("ransomware", { "what-is-hit": "storage", "intact-copy": "cannot" });
    expect(found["storage"]).toMatchObject({ outcome: "damaged", facts: { check: "vault.findings" } });
    expect(end).toBe("nothing-before");
    expect(await assistantOutcome(ports(), { shop: SHOP, runId })).toBeNull();
  }, 120_000);
});

describe("a key may be known to others", () => {
  it("ends in rotated keys, with a hold that is seen, and never in a restore", async () => {
    await snapshot();
    await verify();
    const hostKeys = [...shop.process.hostKeys.values()][0]!;
    const vault = await openVault({ store: shop.store, hostKeys, clock: shop.process.clock, random: shop.process.random, scratchDirectory: "/nowhere" });
    const ledger = await vaultLedger(shop.process, hostKeys.vaultId, shop.store);
    expect((await holdSnapshots({ store: shop.store, vault, hostKeys, ledger, clock: shop.process.clock, random: shop.process.random, actor: "staff:42" }, { name: "incident 7", reason: "a key is lost", snapshots: "all" })).kind).toBe("held");
    const { found, end, runId } = await walk("key-compromise", { which: "storage", reach: "no", kind: "opens", destroy: "yes" });
    expect(found["holds"]).toMatchObject({ outcome: "held", facts: { holds: 1, ofAll: 1 } });
    expect(found["storage"]!.outcome).toBe("sound");
    expect(end).toBe("end-destroy");
    expect(await assistantOutcome(ports(), { shop: SHOP, runId })).toBeNull();
  }, 120_000);
});

describe("Shopify is down", () => {
  it("finds it away, and after it is back fills what is missing before anything is switched over", async () => {
    await snapshot();
    const damage = tick();
    network = () => Promise.reject(new TypeError("fetch failed"));
    const away = await walk("platform-outage", { care: "no", long: "yes", back: "no" });
    expect(away.found["platform"]!.outcome).toBe("away");
    expect(away.end).toBe("end-wait");
    const { run } = (await readRun(shop.process.assistantRuns, SHOP, away.runId))!;
    expect(await takeStep(ports(), { shop: SHOP, actor: STAFF, runId: away.runId, after: run.steps, step: { what: "recorded", act: "failover", waiver: null } })).toMatchObject({ kind: "refused", code: "assistant.out_of_order" });
    network = (input, init) => fetch(input, init);
    await sandbox.corrupt({ seed: 3, deleteCustomers: 2 });
    await snapshot();
    const back = await walk("platform-outage", { lost: "yes", when: at(damage), scope: what({ what: "kinds", kinds: ["Customer"] }), edits: "yes" });
    expect(back.found["platform"]!.outcome).toBe("answers");
    expect(back.found["changed"]).toMatchObject({ outcome: "removed", facts: { "removed:Customer": 2 } });
    // Nobody has had the storage checked since: the assistant has it proven first.
    expect(back.found["snapshot"]!.outcome).toBe("unproven");
    expect(await assistantOutcome(ports(), { shop: SHOP, runId: back.runId })).toMatchObject({ selection: { scope: "kinds", kinds: ["Customer"] }, at: before(damage), conflicts: "review" });
  }, 120_000);
});

describe("a snapshot is not complete", () => {
  it("names the stream with the gap, and goes back to the snapshot before it", async () => {
    const good = await snapshot();
    sandbox.setFaults({ failBulk: { afterObjects: 20, times: 1, errorCode: "TIMEOUT" } });
    const gapped = await snapshot();
    expect(gapped.complete).toBe(false);
    sandbox.setFaults({});
    const { found, runId, end } = await walk("extraction-gap", { cause: "temporary", "source-right": "no", moment: at(gapped.takenAt), scope: what({ what: "kinds", kinds: ["Customer"] }) });
    expect(found["coverage"]!.outcome).toBe("gaps");
    expect(Object.keys(found["coverage"]!.facts).filter((name) => name.startsWith("gap:"))).toContain("gap:customers");
    expect(found["snapshot"]!.facts["snapshot"]).toBe(good.snapshotId);
    expect(end).toBe("plan");
    expect(await assistantOutcome(ports(), { shop: SHOP, runId })).toMatchObject({ at: before(gapped.takenAt), snapshotId: good.snapshotId });
  }, 120_000);
});

describe("a customer was erased by mistake", () => {
  it("finds the request that waits, and ends in a plan for that one person, or in none when the keys are gone", async () => {
    await snapshot();
    await verify();
    const erased = tick();
    await recordRequest(shop.process, { shop: SHOP, actor: { kind: "platform", shop: SHOP }, deliveryId: "delivery-1", topic: "customers/redact", customerId: "7", orderIds: [] } as Parameters<typeof recordRequest>[1]);
    const person = "gid://shopify/Customer/7";
    const { found, runId } = await walk("erroneous-redaction", { source: "shopify", person: "wrong", state: "not-yet", live: "no", instruct: "yes", when: at(erased), scope: what({ what: "records", ids: [person] }) });
    expect(found["requests"]).toMatchObject({ outcome: "waiting", facts: { waiting: 1 } });
    expect(await assistantOutcome(ports(), { shop: SHOP, runId })).toMatchObject({ selection: { scope: "person", ids: [person] }, at: before(erased) });
    expect((await walk("erroneous-redaction", { source: "staff", person: "wrong", state: "done" })).end).toBe("end-gone");
    await expect(walk("erroneous-redaction", { source: "staff", person: "wrong", state: "not-yet", live: "no", instruct: "yes", when: at(erased), scope: what({ what: "everything" }) })).rejects.toThrow("assistant.bad_answer");
  }, 120_000);
});

describe("an update broke the copying", () => {
  it("sees that the platform has changed since it was proven, and what the update did to the store", async () => {
    await snapshot();
    const known = around.platforms.records.get(SHOP)!;
    around.platforms.records.set(SHOP, { ...known, extractor: "0000000000000000" });
    await checkPlatform(ports(), { shop: SHOP, signal: new AbortController().signal, actor: "staff:42" });
    const damage = tick();
    const report = await sandbox.corrupt({ seed: 5, metafields: 0.1 });
    await snapshot();
    const { found, runId, end } = await walk("broken-extraction", { whose: "platform", wrote: "yes", moment: at(damage), scope: what({ what: "kinds", kinds: ["Customer"] }), "edits-since": "yes" });
    expect(found["coverage"]).toMatchObject({ outcome: "changed", facts: { why: "revalidation.extractor" } });
    expect(found["changed"]!.facts["changed:Metafield"]).toBe(report.metafields);
    expect(end).toBe("plan");
    expect(await assistantOutcome(ports(), { shop: SHOP, runId })).toMatchObject({ selection: { scope: "kinds", kinds: ["Customer"] }, at: before(damage), conflicts: "review" });
    expect((await walk("broken-extraction", { whose: "ours", wrote: "no", silent: "no" })).end).toBe("end-proven");
  }, 120_000);
});
