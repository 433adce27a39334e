/** The routes of restores: what is taken away is what it says and cannot run in a spreadsheet, bodies are what they must be, and nobody outside the team is shown anything. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { newIdentity } from "#app/keys/index.ts";
import type { HoldfastApp } from "#app/platform/app.ts";
import { createLog } from "#app/platform/log.ts";
import { loader as exportPart } from "#app/routes/app.restore.$id_.export.ts";
import { loader as report } from "#app/routes/app.restore.$id_.report.ts";
import { action as act, loader as page } from "#app/routes/app.restore.$id.tsx";
import { loader as list } from "#app/routes/app.restore._index.tsx";
import { action as plan, loader as wizard } from "#app/routes/app.restore.new.tsx";
import { vaultLedger } from "#app/workflows/index.ts";
import { applyRestore } from "#app/workflows/restore/apply.ts";
import { ReportWriter } from "#app/workflows/restore/apply-report.ts";
import { decidePlan, startApply, submitPlan } from "#app/workflows/restore/approve.ts";
import { requestPlan } from "#app/workflows/restore/plan-request.ts";
import { SHOP, snapshot } from "../workflows/support/linked-shop.ts";
import { ANA, BEN, keysFor, planWorld, vaultOf, workOut, type PlanWorld } from "../workflows/restore/support/world.ts";

let world: PlanWorld;
let id: string;
const STRANGER = "9";

/** An export of one record, planned, approved and written, with a report whose lines try to be formulas. */
beforeAll(async () => {
  world = await planWorld();
  await snapshot(world);
  const at = world.ports.clock.now();
  world.ports.time.advance(60_000);
  const { recipient } = await newIdentity("P-256");
  const { kty, crv, x, y } = recipient.jwk as { kty: "EC"; crv: "P-256"; x: string; y: string };
  const asked = await requestPlan(world.ports, { shop: SHOP, actor: ANA, at, selection: { scope: "records", ids: ["gid://shopify/Customer/1001"] }, rule: "overwrite", extras: "keep", target: { kind: "export", name: "Dr. Weiss", recipient: { keyId: recipient.keyId, jwk: { kty, crv, x, y } } }, assistantRun: null });
  if (asked.kind !== "requested") throw new Error(JSON.stringify(asked));
  id = asked.planId;
  await workOut(world, id);
  const submitted = await submitPlan(world.ports, { shop: SHOP, actor: ANA, planId: id });
  if (submitted.kind !== "changed") throw new Error(JSON.stringify(submitted));
  await decidePlan(world.ports, { shop: SHOP, actor: BEN, planId: id, approve: true, digest: submitted.row.digest!, remark: "" });
  const started = await startApply(world.ports, { shop: SHOP, actor: ANA, planId: id, keys: await keysFor(world, id, "restore.apply") });
  if (started.kind !== "started") throw new Error(JSON.stringify(started));
  await applyRestore(world.ports, { runId: started.run.id });
  const { description, indexKey } = await vaultOf(world);
  const writer = await ReportWriter.open({ store: world.store, description, indexKey, signingKey: [...world.ports.hostKeys.values()][0]!.signingKey, random: world.ports.random }, id);
  await writer.add({ kind: "=HYPERLINK(\"http://x.example\")", id: "gid://shopify/Customer/1001", newId: "+1+1", outcome: "refused", code: "@SUM(A1)", losses: [], differs: null });
  await writer.add({ kind: "Customer", id: "gid://shopify/Customer/1002", outcome: "restored-with-losses", losses: [{ kind: "Customer", field: "createdAt", reason: "platform.assigns" }], differs: [{ kind: "Metafield", fields: ["value", "type"] }] });
  const now = world.ports.clock.now().toISOString();
  const name = await writer.finish({ planDigest: "0".repeat(64), target: "t", startedAt: now, finishedAt: now, code: "restore.differs", costPoints: 0 });
  await world.ports.restorePlans.change(SHOP, id, ["done"], { report: name });
}, 60_000);
beforeEach(() => { world.ports.responseTeam.teams.clear(); });
afterEach(() => { expect(world.ports.leftovers()).toEqual([]); });

const as = (staff: string, path: string, o: { readonly params?: Record<string, string>; readonly body?: unknown; readonly shop?: string } = {}) => {
  const request = new Request(`https://app.example.org${path}`, o.body === undefined ? {} : { method: "POST", body: JSON.stringify(o.body), headers: { "Content-Type": "application/json" } });
  const redirect = (to: string) => new Response(null, { status: 302, headers: { Location: to } });
  const app = { log: createLog({ level: "info", destination: { write: () => undefined } }), ports: world.ports, shopify: { authenticate: () => Promise.resolve({ shop: o.shop ?? SHOP, staff: { id: staff }, redirect }) } } as unknown as HoldfastApp;
  return { request, params: o.params ?? {}, context: { app } } as unknown as LoaderFunctionArgs;
};
/** What was answered or thrown. */
async function read<T = unknown>(answer: Promise<unknown>): Promise<{ status: number; body: T }> {
  const response = (await answer.catch((error: unknown) => error)) as Response;
  if (!(response instanceof Response)) throw response as Error;
  return { status: response.status, body: (response.status === 302 ? response.headers.get("Location") : await response.json()) as T };
}
async function entries(from = 0): Promise<unknown[]> {
  const ledger = await vaultLedger(world.ports, [...world.ports.hostKeys.keys()][0]!, world.store);
  const found: unknown[] = [];
  for await (const { actor, action, subject } of ledger.entries()) found.push([actor, action, subject]);
  return found.slice(from);
}

describe("the report", () => {
  test("as a table has a line for every record, and no cell that a spreadsheet would run", async () => {
    const { status, body } = await read<{ text: string }>(report(as("1", "/x?format=csv", { params: { id } })));
    expect(status).toBe(200);
    const [head, first, second] = body.text.split("\n");
    expect(head).toBe("kind,id,newId,outcome,code,losses,differs");
    expect(first).toBe(`"'=HYPERLINK(""http://x.example"")",gid://shopify/Customer/1001,'+1+1,refused,'@SUM(A1),,not read again`);
    expect(second).toBe("Customer,gid://shopify/Customer/1002,,restored-with-losses,,Customer.createdAt (platform.assigns),Metafield: value type");
    for (const cell of body.text.split(/[\n,]/)) expect(cell).not.toMatch(/^"?[=+@-]/);
  });

  test("as JSON has the same lines, and names no object of the storage", async () => {
    const { body } = await read<{ text: string }>(report(as("1", "/x", { params: { id } })));
    const whole = JSON.parse(body.text) as { records: unknown[]; code: string };
    expect(whole).toMatchObject({ planId: id, code: "restore.differs", counts: { refused: 1, restoredWithLosses: 1, differing: 1 } });
    expect(whole.records).toHaveLength(2);
    expect(whole).not.toHaveProperty("chunks");
  });

  test("and who took it, and in which form, is in the ledger", async () => {
    const before = (await entries()).length;
    await read(report(as("1", "/x?format=csv", { params: { id } })));
    expect(await entries(before)).toEqual([["staff:1", "restore.report_fetched", expect.objectContaining({ plan: id, records: 2, format: "csv" })]]);
  });
});

describe("a part of an export", () => {
  test("is handed out sealed, and who took which part for which key is in the ledger first", async () => {
    const before = (await entries()).length;
    const { status, body } = await read<{ text: string }>(exportPart(as("1", "/x?part=1", { params: { id } })));
    expect([status, Object.keys(JSON.parse(body.text) as object).sort()]).toEqual([200, expect.arrayContaining(["ciphertext", "recipients"])]);
    const row = (await world.ports.restorePlans.get(SHOP, id))!;
    const recipient = row.target.kind === "export" ? row.target.recipient.keyId : "";
    expect(await entries(before)).toEqual([["staff:1", "restore.export_fetched", { vault: row.vaultId, shop: SHOP, plan: id, part: 1, parts: 1, object: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown, recipient }]]);
    // The end of the restore names it, too.
    expect((await entries()).find((entry) => (entry as unknown[])[1] === "restore.finished")).toEqual(["staff:1", "restore.finished", expect.objectContaining({ recipient })]);
  });

  test.each(["0", "-1", "x", "1.5", "1000001"])("%s is answered 422", async (part) => {
    expect((await read(exportPart(as("1", `/x?part=${part}`, { params: { id } })))).status).toBe(422);
  });

  test("that is not there, or another shop's, is answered 404 and enters nothing", async () => {
    const before = (await entries()).length;
    expect((await read(exportPart(as("1", "/x?part=2", { params: { id } })))).status).toBe(404);
    expect((await read(exportPart(as("1", "/x?part=1", { params: { id }, shop: "other.myshopify.com" })))).status).toBe(404);
    expect((await read(exportPart(as("1", "/x?part=1", { params: { id: "../vault" } })))).status).toBe(404);
    expect(await entries(before)).toEqual([]);
  });
});

describe("whoever is not of the team", () => {
  beforeEach(() => { world.ports.responseTeam.name(SHOP, "staff:1", ["responder", "approver"]); });

  test.each([
    ["the list", "restore.list", () => list(as(STRANGER, "/app/restore"))],
    ["a plan's page", "restore.view", () => page(as(STRANGER, "/x", { params: { id } }))],
    ["the report", "restore.report", () => report(as(STRANGER, "/x?format=csv", { params: { id } }))],
    ["a part of an export", "restore.fetch", () => exportPart(as(STRANGER, "/x?part=1", { params: { id } }))],
  ] as const)("is answered 403 for %s, with a code and nothing else, and it is entered", async (_what, asked, ask) => {
    const before = (await entries()).length;
    expect(await read(ask())).toEqual({ status: 403, body: { code: "access.not_a_responder", fields: {} } });
    expect(await entries(before)).toEqual([["staff:9", "request.refused", { shop: SHOP, asked, code: "access.not_a_responder", ...(asked === "restore.list" ? {} : { plan: id }) }]]);
  });

  test.each([
    ["plan", { intent: "plan", keys: null }], ["decide", { intent: "decide", rule: "keep", decisions: [] }], ["submit", { intent: "submit" }], ["approve", { intent: "approve", digest: "0".repeat(64), remark: "" }],
    ["apply", { intent: "apply", keys: null }], ["pause", { intent: "pause" }], ["cancel", { intent: "cancel" }], ["give back", { intent: "give-back" }],
  ])("is answered 403 when they would %s, in the shape of every answer", async (_what, body) => {
    const answer = await read<{ ok: boolean; data: { kind: string; code: string } }>(act(as(STRANGER, "/x", { params: { id }, body })));
    expect([answer.status, answer.body.ok, answer.body.data.kind, answer.body.data.code]).toEqual([403, true, "refused", expect.stringMatching(/^access\.not_an?_/)]);
  });

  test("sees in the wizard that they may not, and is answered 403 when they ask for a plan", async () => {
    expect((await read(wizard(as(STRANGER, "/app/restore/new")))).body).toMatchObject({ mayPlan: false });
    const body = { at: world.ports.clock.now().toISOString(), selection: { scope: "everything" }, rule: "ask", extras: "keep", sandbox: false, from: null };
    expect(await read(plan(as(STRANGER, "/x", { body })))).toMatchObject({ status: 403, body: { ok: true, data: { kind: "refused", code: "access.not_a_responder" } } });
  });
});

describe("a body", () => {
  const good = { at: "2026-11-20T10:00:00.000Z", selection: { scope: "everything" }, rule: "ask", extras: "keep", sandbox: false, from: null };

  test.each([
    ["a moment that is none", { ...good, at: "yesterday" }],
    ["a selection of nothing", { ...good, selection: { scope: "records", ids: [] } }],
    ["more records than a person chooses", { ...good, selection: { scope: "records", ids: Array.from({ length: 1001 }, (_, n) => `gid://shopify/Customer/${n}`) } }],
    ["a selection with more in it", { ...good, selection: { scope: "everything", ids: ["x"] } }],
    ["a rule that there is not", { ...good, rule: "ask-nobody" }],
    ["an export to a private key", { ...good, export: { kind: "export", name: "x", recipient: { keyId: "A".repeat(43), jwk: { kty: "EC", crv: "P-256", x: "a", y: "b", d: "c" } } } }],
    ["an export to an address", { ...good, export: { kind: "export", name: "a@b.example", recipient: { keyId: "A".repeat(43), jwk: { kty: "EC", crv: "P-256", x: "a", y: "b" } } } }],
    ["a run that is no id", { ...good, from: "../x" }],
  ])("of the wizard with %s is answered 422, and no plan is made", async (_what, body) => {
    const before = world.ports.restorePlans.rows.size;
    expect((await read(plan(as("1", "/x", { body })))).status).toBe(422);
    expect(world.ports.restorePlans.rows.size).toBe(before);
  });

  test.each([
    ["keys that are none", { intent: "apply", keys: { k: "short" } }],
    ["an intent that there is not", { intent: "erase" }],
    ["a digest that is none", { intent: "approve", digest: "x", remark: "" }],
    ["a remark without end", { intent: "refuse", digest: "0".repeat(64), remark: "x".repeat(1001) }],
    ["a decision of no kind", { intent: "decide", rule: "keep", decisions: [{ kind: "", id: "x", decision: "keep" }] }],
    ["rights that are not spelt as such", { intent: "granted", rights: ["write customers"] }],
  ])("of a plan's page with %s is answered 422", async (_what, body) => {
    expect((await read(act(as("1", "/x", { params: { id }, body })))).status).toBe(422);
  });

  test("that is good makes a plan, and leads to its page", async () => {
    const { status, body } = await read<string>(plan(as("1", "/x", { body: { ...good, at: world.ports.clock.now().toISOString(), selection: { scope: "records", ids: ["gid://shopify/Customer/1001"] } } })));
    expect([status, body]).toEqual([302, expect.stringMatching(/^\/app\/restore\/[\w-]+$/)]);
    expect(await world.ports.restorePlans.get(SHOP, body.split("/").at(-1)!)).toMatchObject({ state: "planning", createdBy: "staff:1" });
  });
});
