/** Carrying an approved plan out: it ends, holds on, stops and goes on as it was asked to, and nothing of a record is told anywhere. */
import { afterEach, describe, expect, it } from "@jest/globals";
import type { RestoreTarget } from "#app/sources/port.ts";
import type { RestorePlanRow } from "#app/workflows/ports.ts";
import { vaultLedger } from "#app/workflows/index.ts";
import { watchRestores } from "#app/workflows/alerts/watchers/restores.ts";
import { applyRestore, type ApplyOutcome } from "#app/workflows/restore/apply.ts";
import { cancelPlan, decidePlan, pauseApply, startApply, submitPlan } from "#app/workflows/restore/approve.ts";
import { wholeReport } from "#app/workflows/restore/show.ts";
import { CANARY, holds } from "#tests/support/canary.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { fakeRevision, type FakeRevision, type FakeRevisionOptions } from "#tests/support/fakes-revision.ts";
import { SHOP, snapshot } from "../support/linked-shop.ts";
import { ANA, BEN, familyOf, keysFor, plan, planWorld, type PlanWorld } from "./support/world.ts";

const id = (n: number): string => `gid://shopify/Customer/${1000 + n}`;
let world: PlanWorld;
let target: FakeRevision;
let planId: string;
const o = (actor: typeof ANA | typeof BEN) => ({ shop: SHOP, actor, planId });
const row = async (): Promise<RestorePlanRow> => (await world.ports.restorePlans.get(SHOP, planId))!;
afterEach(() => {
  expect(world.ports.leftovers()).toEqual([]);
});

/** Three records mangled, one deleted; planned and approved. */
async function approved(options: FakeRevisionOptions = {}): Promise<void> {
  world = await planWorld(smallShop(6).map((one) => (one.id === id(1) ? { ...one, bytes: Buffer.from(JSON.stringify({ id: id(1), note: CANARY })) } : one)));
  await snapshot(world);
  world.ports.time.advance(1000);
  const at = world.ports.clock.now();
  world.ports.time.advance(60_000);
  world.source.records = world.source.records
    .filter((one) => one.id !== id(4) && one.parentId !== id(4))
    .map((one) => ([1, 2, 3].some((n) => one.id === id(n)) ? { ...one, bytes: Buffer.from(JSON.stringify({ id: one.id, note: `SYNTHETIC mangled ${CANARY}` })) } : one));
  target = fakeRevision(options);
  for (const { kind, id: root, parentId } of world.source.records) if (parentId === null) target.shop.set(root, familyOf(world.source.records, kind, root)!);
  const whole = { ...target, description: world.source.description } as unknown as RestoreTarget;
  Object.assign(world.ports, { restoreTargets: { open: () => Promise.resolve({ target: whole, pointsPerSecond: 1000 }) } });
  planId = (await plan(world, { at })).planId;
  const asked = await submitPlan(world.ports, o(ANA));
  if (asked.kind !== "changed") throw new Error(JSON.stringify(asked));
  await decidePlan(world.ports, { ...o(BEN), approve: true, digest: asked.row.digest!, remark: "" });
}

async function apply(): Promise<ApplyOutcome> {
  const started = await startApply(world.ports, { ...o(ANA), keys: await keysFor(world, planId, "restore.apply") });
  if (started.kind !== "started") throw new Error(JSON.stringify(started));
  return applyRestore(world.ports, { runId: started.run.id, pauseMs: 1 });
}

async function entries(): Promise<string[]> {
  const ledger = await vaultLedger(world.ports, [...world.ports.hostKeys.keys()][0]!, world.store);
  const found: string[] = [];
  for await (const { action, outcome } of ledger.entries()) if (action.startsWith("restore.")) found.push(`${action} ${outcome}`);
  return found;
}
const alarmed = async (): Promise<unknown[]> => ((await watchRestores(world.ports, { shop: SHOP }))?.findings ?? []).map(({ facts }) => facts?.["cause"]);
const noteOf = (n: number): unknown => (JSON.parse(Buffer.from(target.shop.get(id(n))![0]!.bytes).toString("utf8")) as { note?: unknown }).note;

describe("a restore that is carried out", () => {
  it("ends with a line for every record, in the ledger, and without an alert", async () => {
    await approved();
    expect(await apply()).toMatchObject({ kind: "applied", counts: { restored: 4, refused: 0, differing: 0 } });
    expect(noteOf(1)).toBe(CANARY);
    expect((await entries()).at(-1)).toBe("restore.finished done");
    const report = await wholeReport(world.ports, { shop: SHOP, actor: ANA, format: "json", planId });
    expect(report.kind === "report" ? report.lines.map((line) => [line.id, line.outcome]) : report).toEqual([1, 2, 3, 4].map((n) => [id(n), "restored"]));
    expect((await entries()).at(-1)).toBe("restore.report_fetched done");
    expect(await alarmed()).toEqual([]);
  });

  it("tells nobody a value: not its log, its progress, its row, its report's objects, nor what is kept in the vault", async () => {
    await approved();
    const logged: unknown[] = [];
    const keep = (...line: unknown[]): void => void logged.push(line);
    Object.assign(world.ports, { log: { info: keep, warn: keep, error: keep, debug: keep } });
    await apply();
    expect(logged.length).toBeGreaterThan(1);
    const told = Buffer.from(JSON.stringify([world.ports.runs.progress, await row(), await entries(), [...world.ports.runs.runs.values()], logged]));
    expect(holds(told)).toBe(false);
    let searched = 0;
    for await (const { key } of world.store.list("")) {
      searched++;
      expect([key, holds(Buffer.from((await world.store.get(key))!))]).toEqual([key, false]);
    }
    expect(searched).toBeGreaterThan(10);
    const report = await wholeReport(world.ports, { shop: SHOP, actor: ANA, format: "json", planId });
    expect(holds(Buffer.from(JSON.stringify(report)))).toBe(false);
  });

  it("holds on between two records as long as it is asked to, and then goes on", async () => {
    let asked = 0;
    await approved({ onRoot: async () => void ((await row()).pauseAsked || asked > 0 ? 0 : await pauseApply(world.ports, { ...o(ANA), pause: true })) });
    const { restorePlans } = world.ports;
    const get = restorePlans.get;
    const seen: string[] = [];
    restorePlans.get = async (shop, plan_) => {
      const found = await get(shop, plan_);
      if (found?.pauseAsked === true) {
        seen.push(`${found.state} ${[1, 2, 3].filter((n) => !String(noteOf(n)).includes("mangled")).length}`);
        if (++asked >= 4) restorePlans.rows.set(plan_, { ...found, pauseAsked: false });
      }
      return found;
    };
    expect(await apply()).toMatchObject({ kind: "applied", counts: { restored: 4 } });
    // Paused after one record, and not one more was written while it was.
    expect(new Set(seen.map((one) => one.split(" ")[1]))).toEqual(new Set(["1"]));
    expect(seen).toContain("paused 1");
    restorePlans.get = get;
    expect(await row()).toMatchObject({ state: "done", pauseAsked: false });
  });

  it("stops where a person gives it up: what was put back stays, and the ledger has it", async () => {
    await approved({
      onRoot: async (root) => {
        if (root === id(2)) await cancelPlan(world.ports, o(BEN));
        // The next beat of the lease says so, and is answered within a turn or two.
        world.ports.time.advance(3_000);
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      },
    });
    expect(await apply()).toEqual({ kind: "cancelled" });
    expect(noteOf(1)).toBe(CANARY);
    expect(String(noteOf(3))).toContain("mangled");
    expect(target.shop.has("gid://shopify/Customer/901004")).toBe(false);
    expect(await row()).toMatchObject({ state: "cancelled", runId: null });
    expect((await entries()).at(-1)).toBe("restore.cancelled done");
    expect(await alarmed()).toEqual([]);
  });

  it("that dies goes on where it was, creates nothing twice, and raises an alert in between", async () => {
    let lives = 0;
    await approved({ onRoot: (root) => { if (root === id(4) && lives++ === 0) throw Object.assign(new Error("power cut"), { code: "source.unreachable" }); } });
    const died = await apply().catch((error: unknown) => error);
    expect(died).not.toMatchObject({ kind: "applied" });
    expect(await alarmed()).toHaveLength(1);
    expect((await entries()).at(-1)).toBe("restore.stopped failed");
    expect(await apply()).toMatchObject({ kind: "applied", counts: { restored: 4 } });
    expect([...target.shop.keys()].filter((one) => Number(one.split("/").at(-1)) > 900_000)).toHaveLength(1);
    expect(await alarmed()).toEqual([]);
  });

  it("raises an alert where a record is not what it was to be", async () => {
    await approved();
    const { read } = target;
    const whole = { ...target, description: world.source.description, async *read(...asked: Parameters<typeof read>) { for await (const one of read(...asked)) yield one.id === id(1) ? { ...one, records: familyOf(world.source.records, "Customer", id(1)) } : one; } } as unknown as RestoreTarget;
    Object.assign(world.ports, { restoreTargets: { open: () => Promise.resolve({ target: whole, pointsPerSecond: 1000 }) } });
    expect(await apply()).toMatchObject({ kind: "applied", code: "restore.differs", counts: { differing: 1 } });
    expect(await row()).toMatchObject({ state: "failed" });
    expect(await alarmed()).toEqual(["restore.differs"]);
    expect((await entries()).at(-1)).toBe("restore.finished failed");
  });
});
