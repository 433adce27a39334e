/** Steps of workflows: who is believed, what is begun, how often, and what Flow is answered. */
import { createHmac } from "node:crypto";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { flowInbox, MOST_FLOW_BYTES, type FlowInbox } from "#app/platform/flow/receive.ts";
import { ACTION_CLAIM_MS, advanceActions, GIVE_UP_MS, runIdOf, type AdvancePorts } from "#app/workflows/flow/advance.ts";
import { forgetEnded } from "#app/workflows/shared/each-due.ts";
import { releaseFlowHolds } from "#app/workflows/flow/hold.ts";
import { runEmergency } from "#app/workflows/capture/emergency.ts";
import { runVerify } from "#app/workflows/verify/run-verify.ts";
import { readHolds, openVault, StoreError } from "#app/vault/index.ts";
import type { CatalogDrill } from "#app/workflows/ports.ts";
import { adminLink } from "#app/platform/shopify/admin-link.ts";
import { linkedShop, type LinkedShop, SHOP, snapshot } from "#tests/workflows/support/linked-shop.ts";
import { useDatabase } from "#tests/support/database/index.ts";
import { fakeCapture } from "#tests/support/fakes-capture.ts";
import { empty, told } from "./support.ts";

const database = useDatabase();
const SECRET = "synthetic secret of the app";
const OLD_SECRET = "synthetic secret before";
const CANARY = "CANARY-synthetic patient@example.org";

let shop: LinkedShop;
let inbox: FlowInbox;
let ports: AdvancePorts;
let installed = true;
let wakes = 0;
const logged: string[] = [];

beforeEach(async () => {
  await empty(database().pool);
  shop = await linkedShop();
  installed = true;
  wakes = 0;
  logged.length = 0;
  const { actions, listeners } = told(database().pool).ports;
  const { process } = shop;
  const capture = fakeCapture();
  ports = { ...process, ...capture, actions, link: adminLink("key-synthetic") };
  inbox = flowInbox({
    ports: { ...process, actions, listeners, wake: () => wakes++ },
    shops: { get: (domain) => Promise.resolve(domain === SHOP ? { domain, installedAt: new Date(0), uninstalledAt: installed ? null : new Date(1), scopes: [] } : null) },
    secrets: () => [SECRET, OLD_SECRET],
    log: { failure: (event) => void logged.push(event) },
  });
});

const step = (handle: string, actionRunId: string, properties: object = {}, more: object = {}): object => ({ shop_id: 1, shopify_domain: SHOP, action_run_id: actionRunId, handle, step_reference: "step", action_definition_id: handle, properties, ...more });

function request(body: object | string, o: { secret?: string | null; method?: string; header?: string } = {}): Request {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const signature = createHmac("sha256", o.secret ?? SECRET).update(text).digest("base64");
  return new Request("https://app.example.org/flow/actions/take-snapshot", { method: o.method ?? "POST", ...(o.method === "GET" ? {} : { body: text }), headers: { "Content-Type": "application/json", ...(o.secret === null ? {} : { [o.header ?? "X-Shopify-Hmac-Sha256"]: signature }) } });
}

const ask = async (handle: string, id: string, properties: object = {}): Promise<Response> => await inbox.action(request(step(handle, id, properties)), handle);
const runs = (): number => shop.process.runs.runs.size;

describe("who is believed", () => {
  test.each([
    ["the app's secret", {}, 202],
    ["the secret before it, while a rotation lasts", { secret: OLD_SECRET }, 202],
    ["another secret", { secret: "guessed" }, 401],
    ["no signature", { secret: null }, 401],
    ["a signature under another name", { header: "X-Shopify-Signature" }, 401],
    ["not a POST", { method: "GET" }, 405],
  ])("%s", async (_name, o, status) => {
    expect((await inbox.action(request(step("take-snapshot", "a-1"), o), "take-snapshot")).status).toBe(status);
    expect(await ports.actions.list(SHOP)).toHaveLength(status === 202 ? 1 : 0);
  });

  test("a body that was changed after it was signed is not, nor one that is larger than any of ours", async () => {
    const signed = request(step("take-snapshot", "a-1"));
    const changed = new Request(signed.url, { method: "POST", body: JSON.stringify(step("take-snapshot", "a-2")), headers: signed.headers });
    expect((await inbox.action(changed, "take-snapshot")).status).toBe(401);
    expect((await inbox.action(request(step("take-snapshot", "a-1", { note: "x".repeat(MOST_FLOW_BYTES) })), "take-snapshot")).status).toBe(413);
    expect(await ports.actions.list(SHOP)).toEqual([]);
  });

  test.each([
    ["no JSON", "nonsense", /could not read/],
    ["a webhook of another kind", { id: 1, email: CANARY }, /could not read/],
    ["a shop that is none", step("take-snapshot", "a-1", {}, { shopify_domain: "evil.example.com" }), /could not read/],
    ["an id that is a sentence", step("take-snapshot", `a ${CANARY}`), /could not read/],
    ["a shop that we do not know", step("take-snapshot", "a-1", {}, { shopify_domain: "other-synthetic.myshopify.com" }), /not installed/],
  ])("%s is told so in words, finally, without what it said", async (_name, body, words) => {
    const response = await inbox.action(request(body), "take-snapshot");
    const text = await response.text();
    expect([response.status, text]).toEqual([422, expect.stringMatching(words)]);
    expect(text).not.toContain("CANARY");
    expect(await ports.actions.list(SHOP)).toEqual([]);
  });

  test("a shop that has removed the app, and an action that there is not", async () => {
    expect((await ask("open-incident", "a-1")).status).toBe(404);
    installed = false;
    expect((await ask("take-snapshot", "a-2")).status).toBe(422);
  });

  test("the signed body says what is asked for, not the address", async () => {
    expect((await inbox.action(request(step("verify-vault", "a-1")), "take-snapshot")).status).toBe(202);
    expect(await ports.actions.list(SHOP)).toMatchObject([{ action: "verify-vault" }]);
  });

  test("a database that is away is nobody's final answer", async () => {
    const away = flowInbox({ ports: { ...shop.process, actions: { get: () => Promise.reject(new Error("away")), ask: () => Promise.reject(new Error("away")) }, listeners: ports.actions as never }, shops: { get: (domain) => Promise.resolve({ domain, installedAt: new Date(0), uninstalledAt: null, scopes: [] }) }, secrets: () => [SECRET], log: { failure: (event) => void logged.push(event) } });
    const response = await away.action(request(step("take-snapshot", "a-1")), "take-snapshot");
    expect([response.status, response.headers.get("retry-after"), logged]).toEqual([503, "30", ["flow.not_answered"]]);
  });
});

describe("what a field may say", () => {
  test.each([
    ["take-snapshot", {}, { reason: "other", holdHours: 72, incident: "" }],
    ["take-snapshot", { reason: " Attack ", "hold hours": "24" }, { reason: "attack", holdHours: 24, incident: "" }],
    ["take-snapshot", { "incident number": " 2026-014 " }, { reason: "other", holdHours: 72, incident: "2026-014" }],
    ["verify-vault", { "read everything": "false" }, { readEverything: false }],
    ["run-drill", { "real snapshots too": null }, { realSnapshots: false }],
    ["hold-snapshots", { "hold days": 30, "which snapshots": "" }, { which: "all", holdDays: 30 }],
  ])("%s %j", async (handle, properties, input) => {
    expect((await ask(handle, "a-1", properties)).status).toBe(202);
    expect((await ports.actions.get(SHOP, "a-1"))?.input).toEqual(input);
  });

  test.each([
    ["take-snapshot", { reason: CANARY }],
    ["take-snapshot", { "hold hours": 9000 }],
    ["take-snapshot", { "hold hours": "1.5" }],
    ["take-snapshot", { "incident number": CANARY }],
    ["hold-snapshots", {}],
    ["hold-snapshots", { "hold days": 0 }],
    ["run-drill", { "real snapshots too": "maybe" }],
    ["verify-vault", { "read everything": { a: CANARY } }],
  ])("%s %j is refused, named and not kept", async (handle, properties) => {
    const response = await ask(handle, "a-1", properties);
    const text = await response.text();
    expect([response.status, text]).toEqual([422, expect.stringMatching(/^"[A-Z][a-z ]+" does not say what it may\. /)]);
    expect(text).not.toContain("CANARY");
    expect(await ports.actions.list(SHOP)).toEqual([]);
  });

  test("what nobody asked for is not kept", async () => {
    await ask("take-snapshot", "a-1", { note: CANARY, reason: "attack" });
    const { rows } = await database().pool.query<{ row: string }>(`SELECT "FlowAction"::text AS row FROM "FlowAction"`);
    expect(rows.map(({ row }) => row).join()).not.toContain("CANARY");
  });
});

describe("take snapshot", () => {
  test("202 until it is taken, then 200 with the snapshot, for ever", async () => {
    const first = await ask("take-snapshot", "a-1", { reason: "attack" });
    expect([first.status, first.headers.get("retry-after"), wakes, runs()]).toEqual([202, "5", 1, 0]);
    await advanceActions(ports);
    expect((await ask("take-snapshot", "a-1")).status).toBe(202);
    const run = await shop.process.runs.get(runIdOf({ shop: SHOP, actionRunId: "a-1" }));
    expect(run).toMatchObject({ kind: "emergency", requestedBy: "platform", input: { why: "attack" } });
    await runEmergency(ports as never, { runId: run?.id ?? "" });
    shop.process.time.advance(3000);
    expect(await advanceActions(ports)).toBe(1);
    const last = await ask("take-snapshot", "a-1");
    const taken = (await shop.process.catalog.snapshots(SHOP))[0];
    expect([last.status, await last.json()]).toEqual([200, { return_value: { snapshotId: taken?.snapshotId, takenAt: taken?.takenAt.toISOString(), complete: true, records: taken?.records, gaps: 0, page: `https://${SHOP}/admin/apps/key-synthetic/app/snapshots/${taken?.snapshotId}` } }]);
    expect([(await ask("take-snapshot", "a-1")).status, runs()]).toEqual([200, 1]);
  });

  test("the same step a hundred times at once, from two processes, is one row and one run", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask("take-snapshot", "a-1")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    await Promise.all([advanceActions(ports), advanceActions(ports), advanceActions(ports)]);
    expect([wakes, runs(), (await ports.actions.list(SHOP)).length]).toEqual([1, 1, 1]);
  });

  test("a process that dies after it began the run leaves one run, which the next follows", async () => {
    await ask("take-snapshot", "a-1");
    const dying = { ...ports, actions: { ...ports.actions, update: () => Promise.reject(new Error("dead")) } };
    await expect(advanceActions(dying)).rejects.toThrow("dead");
    expect([runs(), (await ports.actions.get(SHOP, "a-1"))?.state]).toEqual([1, "waiting"]);
    shop.process.time.advance(ACTION_CLAIM_MS);
    await advanceActions(ports);
    expect([runs(), (await ports.actions.get(SHOP, "a-1"))?.state]).toEqual([1, "working"]);
  });

  test("two hundred steps at once: each answered, each carried to its end, one snapshot under way at a time", async () => {
    const ids = Array.from({ length: 200 }, (_, n) => `a-${n}`);
    const began = performance.now();
    const answers = await Promise.all(ids.map((id) => ask("take-snapshot", id)));
    const took = performance.now() - began;
    expect(answers.every(({ status }) => status === 202)).toBe(true);
    // Ten seconds each is what Flow waits; all of them together stay below.
    expect(took).toBeLessThan(10_000);
    for (let n = 0; n < 10; n++) await advanceActions(ports);
    expect([runs(), (await ports.actions.list(SHOP, { limit: 300 })).filter(({ state }) => state === "working").length]).toEqual([1, 200]);
    for (const run of shop.process.runs.runs.values()) await runEmergency(ports as never, { runId: run.id });
    for (let n = 0; n < 10; n++) {
      shop.process.time.advance(3000);
      await advanceActions(ports);
    }
    const last = await Promise.all(ids.map((id) => ask("take-snapshot", id)));
    expect(last.filter(({ status }) => status === 200)).toHaveLength(200);
  }, 60_000);

  test("a snapshot that fails is a final answer in the words of our screens", async () => {
    await ask("take-snapshot", "a-1");
    await advanceActions(ports);
    shop.process.sources.set(SHOP, () => { throw new StoreError("store.no_space", CANARY); });
    await runEmergency(ports as never, { runId: runIdOf({ shop: SHOP, actionRunId: "a-1" }) }).catch(() => undefined);
    shop.process.time.advance(3000);
    await advanceActions(ports);
    const response = await ask("take-snapshot", "a-1");
    const text = await response.text();
    expect([response.status, text]).toEqual([422, "The storage refused the last write: it is full. Free space or raise the limit, then press Try again."]);
    expect(text).not.toContain("CANARY");
  });

  test("a shop without storage is told to finish its set-up", async () => {
    shop.process.linked.clear();
    await ask("take-snapshot", "a-1");
    await advanceActions(ports);
    const response = await ask("take-snapshot", "a-1");
    expect([response.status, await response.text()]).toEqual([422, "No storage is connected to this store yet. Finish set-up first."]);
  });

  test("the same step as another action is answered so, and not begun", async () => {
    await ask("take-snapshot", "a-1");
    const response = await ask("verify-vault", "a-1");
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining("asked for before, as another action")]);
  });
});

describe("verify vault", () => {
  test("damage that is found is a result; the page says more", async () => {
    await snapshot(shop);
    await ask("verify-vault", "a-1");
    await advanceActions(ports);
    await runVerify(shop.process, { runId: runIdOf({ shop: SHOP, actionRunId: "a-1" }) });
    shop.process.time.advance(3000);
    await advanceActions(ports);
    expect(await (await ask("verify-vault", "a-1")).json()).toMatchObject({ return_value: { sound: true, page: expect.stringContaining("/app/runs?run=flow_") } });

    const pack = [...shop.store.objects.keys()].find((key) => key.startsWith("packs/") && !key.endsWith(".key"));
    shop.store.objects.delete(pack ?? "");
    await ask("verify-vault", "a-2");
    await advanceActions(ports);
    await runVerify(shop.process, { runId: runIdOf({ shop: SHOP, actionRunId: "a-2" }) });
    shop.process.time.advance(3000);
    await advanceActions(ports);
    const found = await ask("verify-vault", "a-2");
    expect([found.status, await found.json()]).toMatchObject([200, { return_value: { sound: false } }]);
  });
});

describe("run drill", () => {
  beforeEach(() => snapshot(shop));

  test("made-up data takes no keys; real snapshots take a key service", async () => {
    await ask("run-drill", "a-1");
    await advanceActions(ports);
    expect(await shop.process.runs.get(runIdOf({ shop: SHOP, actionRunId: "a-1" }))).toMatchObject({ kind: "drill", input: { lane: "synthetic", unattended: false }, requestedBy: "platform" });
    await ask("run-drill", "a-2", { "real snapshots too": true });
    await advanceActions(ports);
    expect(await (await ask("run-drill", "a-2")).text()).toMatch(/^No key service is set up/);
    shop.process.catalog.rows.clear();
    await ask("run-drill", "a-3");
    await advanceActions(ports);
    expect(await (await ask("run-drill", "a-3")).text()).toBe("There is no snapshot yet. Take a snapshot first.");
  });

  test("its result is given back, passed or not; one that could not begin is a final answer", async () => {
    const drill = (drillId: string, passed: boolean): CatalogDrill => ({ shop: SHOP, vaultId: "v", drillId, snapshotId: "0123456789abcdef", startedAt: new Date(0), finishedAt: new Date(1), passed, code: passed ? "drill.passed" : "drill.differs", rtoMs: 6_240, rpoMs: 0, compared: 9, restored: 9, refused: 0, steps: [], differences: [], losses: [], costPoints: 0, plusEstimateMs: 0, requestedBy: "platform" });
    for (const [id, passed] of [["a-1", true], ["a-2", false], ["a-3", null]] as const) {
      await ask("run-drill", id);
      await advanceActions(ports);
      const runId = runIdOf({ shop: SHOP, actionRunId: id });
      if (passed !== null) await shop.process.catalog.putDrill(drill(runId, passed));
      const lease = await shop.process.runs.claim(runId);
      await lease?.finish({ state: passed === true ? "succeeded" : "failed", code: passed === null ? "vault.not_found" : passed ? "drill.passed" : "drill.differs", ...(passed === null ? {} : { result: runId }) });
      shop.process.time.advance(3000);
      await advanceActions(ports);
    }
    expect([await (await ask("run-drill", "a-1")).json(), await (await ask("run-drill", "a-2")).json()]).toMatchObject([{ return_value: { passed: true, code: "drill.passed", compared: 9, restoreSeconds: 6.2 } }, { return_value: { passed: false, code: "drill.differs" } }]);
    expect((await ask("run-drill", "a-3")).status).toBe(422);
  });
});

describe("hold snapshots", () => {
  const inForce = async (): Promise<readonly { name: string; legal?: unknown; snapshots: unknown }[]> => {
    const hostKeys = [...shop.process.hostKeys.values()][0];
    if (hostKeys === undefined) throw new Error("no keys");
    const vault = await openVault({ store: shop.store, hostKeys, clock: shop.process.clock, random: shop.process.random, scratchDirectory: "" });
    return (await readHolds(shop.store, vault.description)).inForce as never;
  };

  test("are placed once under the request's name, never as a legal hold, and end by themselves", async () => {
    await snapshot(shop);
    await ask("hold-snapshots", "a-1", { "hold days": 2, "which snapshots": "newest" });
    await advanceActions(ports);
    const response = await ask("hold-snapshots", "a-1");
    expect([response.status, await response.json()]).toMatchObject([200, { return_value: { holdId: expect.any(String), page: expect.stringContaining("/app/retention") } }]);
    const [hold] = await inForce();
    expect(hold).toMatchObject({ name: runIdOf({ shop: SHOP, actionRunId: "a-1" }).replace("_", " "), reason: expect.stringMatching(/^flow: /), by: "platform", snapshots: [expect.any(String)] });
    expect(hold).not.toHaveProperty("legal");
    expect(await releaseFlowHolds(ports)).toBe(0);
    shop.process.time.advance(2 * 24 * 3_600_000 + 60_000);
    expect(await forgetEnded(ports.clock, ports.actions)).toBe(0);
    expect([await releaseFlowHolds(ports), await releaseFlowHolds(ports), await inForce()]).toEqual([1, 0, []]);
  });

  test("a process that dies after it placed the hold leaves one hold", async () => {
    await snapshot(shop);
    await ask("hold-snapshots", "a-1", { "hold days": 2 });
    const dying = { ...ports, actions: { ...ports.actions, update: () => Promise.reject(new Error("dead")) } };
    await expect(advanceActions(dying)).rejects.toThrow("dead");
    shop.process.time.advance(ACTION_CLAIM_MS);
    await advanceActions(ports);
    expect([(await inForce()).length, (await ask("hold-snapshots", "a-1")).status]).toEqual([1, 200]);
  });

  test("a storage that is away for a while is waited for; one that is away for 36 hours is told of", async () => {
    await snapshot(shop);
    const { open } = shop.process.stores;
    const away = { ...ports, stores: { open: () => Promise.reject(new StoreError("store.unreachable", "away", { retry: "later" })) } };
    await ask("hold-snapshots", "a-1", { "hold days": 2 });
    await advanceActions(away);
    expect((await ports.actions.get(SHOP, "a-1"))).toMatchObject({ state: "waiting", code: "store.unreachable" });
    shop.process.time.advance(5000);
    await advanceActions({ ...ports, stores: { open } });
    expect((await ask("hold-snapshots", "a-1")).status).toBe(200);
    await ask("hold-snapshots", "a-2", { "hold days": 2 });
    shop.process.time.advance(GIVE_UP_MS + 1);
    await advanceActions(away);
    const response = await ask("hold-snapshots", "a-2");
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining("could not be begun for 36 hours")]);
  });
});

describe("the callback", () => {
  const callback = { flow_trigger_definition_id: "drill-failed", has_enabled_flow: true, shop_id: "1", shopify_domain: SHOP, timestamp: "2026-11-22T08:00:00.000Z" };
  test.each([
    ["signed", callback, {}, 200],
    ["signed with the secret before", callback, { secret: OLD_SECRET }, 200],
    ["signed by nobody", callback, { secret: null }, 401],
    ["signed with another secret", callback, { secret: "guessed" }, 401],
    ["a GET", callback, { method: "GET" }, 405],
    ["no callback", { hello: 1 }, {}, 400],
    ["a trigger that is not ours", { ...callback, flow_trigger_definition_id: "auction-won" }, {}, 200],
  ])("%s", async (_name, body, o, status) => {
    expect((await inbox.lifecycle(request(body, o))).status).toBe(status);
    const { rows } = await database().pool.query(`SELECT "event" FROM "FlowListener"`);
    expect(rows).toEqual(status === 200 && body === callback ? [{ event: "drill.failed" }] : []);
  });
});
