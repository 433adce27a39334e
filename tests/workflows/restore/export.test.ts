/** An export for a named recipient: planned, approved and written like a restore, and read by nobody else. */
import { afterEach, describe, expect, it } from "@jest/globals";
import { newIdentity } from "#app/keys/index.ts";
import { generalDecrypt, importJWK } from "jose";
import type { GeneralJWE } from "jose";
import type { ExportDestination } from "#app/workflows/ports.ts";
import { vaultLedger } from "#app/workflows/index.ts";
import { applyRestore } from "#app/workflows/restore/apply.ts";
import { decidePlan, startApply, submitPlan } from "#app/workflows/restore/approve.ts";
import { requestPlan } from "#app/workflows/restore/plan-request.ts";
import { partOfExport, wholeReport } from "#app/workflows/restore/show.ts";
import { CANARY, holds } from "#tests/support/canary.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { SHOP, snapshot } from "../support/linked-shop.ts";
import { ANA, BEN, familyOf, keysFor, planWorld, workOut, type PlanWorld } from "./support/world.ts";

let world: PlanWorld;
let planId: string;
const o = (actor: typeof ANA | typeof BEN) => ({ shop: SHOP, actor, planId });
afterEach(() => {
  expect(world.ports.leftovers()).toEqual([]);
});
const id = (n: number): string => `gid://shopify/Customer/${1000 + n}`;

async function somebody(): Promise<{ readonly target: ExportDestination; readonly privateJwk: Record<string, unknown> }> {
  const identity = await newIdentity("P-256");
  const { kty, crv, x, y } = identity.recipient.jwk as { kty: "EC"; crv: "P-256"; x: string; y: string };
  return { target: { kind: "export", name: "Dr. Weiss", recipient: { keyId: identity.recipient.keyId, jwk: { kty, crv, x, y } } }, privateJwk: identity.jwk as unknown as Record<string, unknown> };
}

async function begin(): Promise<Date> {
  world = await planWorld(smallShop(6).map((one) => (one.id === id(1) ? { ...one, bytes: Buffer.from(JSON.stringify({ id: id(1), note: CANARY })) } : one)));
  await snapshot(world);
  world.ports.time.advance(1000);
  const at = world.ports.clock.now();
  world.ports.time.advance(60_000);
  // A target that would write to the shop must not be asked for.
  Object.assign(world.ports, { restoreTargets: { open: () => Promise.reject(new Error("no shop is written to")) } });
  return at;
}

async function approved(at: Date, target: ExportDestination, ids: readonly string[]): Promise<void> {
  const asked = await requestPlan(world.ports, { shop: SHOP, actor: ANA, at, selection: { scope: "records", ids }, rule: "overwrite", extras: "keep", target, assistantRun: null });
  if (asked.kind !== "requested") throw new Error(JSON.stringify(asked));
  ({ planId } = asked);
  const outcome = await workOut(world, planId);
  if (outcome.kind !== "planned") throw new Error(JSON.stringify(outcome));
  expect(outcome.plan).toMatchObject({ target, totals: { create: ids.length, update: 0, remove: 0, losses: [] } });
  const submitted = await submitPlan(world.ports, o(ANA));
  if (submitted.kind !== "changed") throw new Error(JSON.stringify(submitted));
  expect(await decidePlan(world.ports, { ...o(ANA), approve: true, digest: submitted.row.digest!, remark: "" })).toMatchObject({ kind: "refused" });
  await decidePlan(world.ports, { ...o(BEN), approve: true, digest: submitted.row.digest!, remark: "" });
}

async function apply() {
  const started = await startApply(world.ports, { ...o(ANA), keys: await keysFor(world, planId, "restore.apply") });
  if (started.kind !== "started") throw new Error(JSON.stringify(started));
  return applyRestore(world.ports, { runId: started.run.id });
}

async function opened(jwk: Record<string, unknown>, part = 1): Promise<string> {
  const found = await partOfExport(world.ports, { shop: SHOP, actor: ANA, planId, part });
  if (found.kind !== "part") throw new Error(JSON.stringify(found));
  expect(holds(Buffer.from(found.text))).toBe(false);
  const { plaintext } = await generalDecrypt(JSON.parse(found.text) as GeneralJWE, await importJWK(jwk, "ECDH-ES+A256KW"));
  return Buffer.from(plaintext).toString("utf8");
}

describe("an export for a named recipient", () => {
  it("holds the records as they were, byte for byte, for the recipient and nobody else", async () => {
    const at = await begin();
    const { target, privateJwk } = await somebody();
    const ids = [id(1), id(2)];
    await approved(at, target, ids);
    expect(await partOfExport(world.ports, { shop: SHOP, actor: ANA, planId, part: 1 })).toEqual({ kind: "not-found" });
    expect(await apply()).toMatchObject({ kind: "applied", code: "restore.done", counts: { restored: 2, differing: 0 } });
    const lines = (await opened(privateJwk)).trimEnd().split("\n");
    expect(lines.sort()).toEqual(ids.flatMap((one) => familyOf(world.source.records, "Customer", one)!.map(({ bytes }) => Buffer.from(bytes).toString("utf8"))).sort());
    expect(lines.join()).toContain(CANARY);
    const other = await somebody();
    await expect(opened(other.privateJwk)).rejects.toThrow();
    expect(await partOfExport(world.ports, { shop: SHOP, actor: ANA, planId, part: 2 })).toEqual({ kind: "not-found" });
    const report = await wholeReport(world.ports, { shop: SHOP, actor: ANA, format: "json", planId });
    expect(report.kind === "report" ? report.lines.map((line) => [line.id, line.outcome, line.differs]) : report).toEqual(ids.map((one) => [one, "restored", null]));
    for await (const { key } of world.store.list("restores/")) expect([key, holds(Buffer.from((await world.store.get(key))!))]).toEqual([key, false]);
  });

  it("names its recipient's key in the ledger", async () => {
    const at = await begin();
    const { target } = await somebody();
    await approved(at, target, [id(3)]);
    const ledger = await vaultLedger(world.ports, [...world.ports.hostKeys.keys()][0]!, world.store);
    const subjects: unknown[] = [];
    for await (const { action, subject } of ledger.entries()) if (action === "restore.planned") subjects.push(subject);
    expect(subjects).toEqual([expect.objectContaining({ recipient: target.recipient.keyId })]);
    world.ports.held.clear();
  });

  it("is not planned for a key whose id is another's", async () => {
    const at = await begin();
    const [one, other] = [await somebody(), await somebody()];
    const asked = await requestPlan(world.ports, { shop: SHOP, actor: ANA, at, selection: { scope: "everything" }, rule: "ask", extras: "keep", target: { ...one.target, recipient: { ...one.target.recipient, keyId: other.target.recipient.keyId } }, assistantRun: null });
    expect(asked).toEqual({ kind: "failed", code: "vault.bad_recipient" });
  });

  it("of a life that died has no end, and is not handed out; the next life writes it whole", async () => {
    const at = await begin();
    const { target, privateJwk } = await somebody();
    await approved(at, target, [id(1), id(2)]);
    const { putIfAbsent } = world.store;
    let failing = true;
    world.store.putIfAbsent = (key, ...rest) => (failing && key.includes("export-0001-end") ? Promise.reject(new Error("power cut")) : putIfAbsent.call(world.store, key, ...rest));
    await apply().catch(() => undefined);
    expect(await partOfExport(world.ports, { shop: SHOP, actor: ANA, planId, part: 1 })).toEqual({ kind: "not-found" });
    failing = false;
    expect(await apply()).toMatchObject({ kind: "applied", counts: { restored: 2 } });
    expect((await opened(privateJwk)).trimEnd().split("\n").length).toBeGreaterThanOrEqual(2);
    expect(await partOfExport(world.ports, { shop: SHOP, actor: ANA, planId, part: 2 })).toEqual({ kind: "not-found" });
  });
});
