/** Chosen records: no snapshot of the shop is taken before, so what it has of them is sealed into the journal before the first of them is written. */
import { afterEach, describe, expect, it } from "@jest/globals";
import type { RestoreTarget } from "#app/sources/port.ts";
import { contentKeys, stateAt } from "#app/vault/index.ts";
import { applyRestore } from "#app/workflows/restore/apply.ts";
import { decidePlan, startApply, submitPlan } from "#app/workflows/restore/approve.ts";
import type { RestoreSelection } from "#app/workflows/ports.ts";
import { smallShop } from "#tests/support/fakes-source.ts";
import { fakeRevision, type FakeRevision } from "#tests/support/fakes-revision.ts";
import { SCRATCH } from "#tests/support/vault-kit.ts";
import { SHOP, snapshot } from "../support/linked-shop.ts";
import { ANA, BEN, familyOf, keysFor, plan, planWorld, vaultOf, type PlanWorld } from "./support/world.ts";

const id = (n: number): string => `gid://shopify/Customer/${1000 + n}`;
let world: PlanWorld;
let target: FakeRevision;
/** How many journal segments there were when a record was first written. */
let sealedAtFirstWrite: number | null;
afterEach(() => {
  expect(world.ports.leftovers()).toEqual([]);
});

async function segments(): Promise<number> {
  let found = 0;
  for await (const { key } of world.store.list("journal/")) if (/\/\d{10}$/.test(key)) found++;
  return found;
}

async function damaged(): Promise<Date> {
  world = await planWorld(smallShop(4).map((one) => (one.parentId === null ? { ...one, bytes: Buffer.from(JSON.stringify({ id: one.id, note: "SYNTHETIC right", tags: [] })) } : one)));
  await snapshot(world);
  world.ports.time.advance(1000);
  const at = world.ports.clock.now();
  world.ports.time.advance(60_000);
  world.source.records = world.source.records.map((one) => (one.parentId === null ? { ...one, bytes: Buffer.from(JSON.stringify({ id: one.id, note: "SYNTHETIC mangled", tags: ["SYNTHETIC new"] })) } : one));
  sealedAtFirstWrite = null;
  target = fakeRevision({ onRoot: async () => void (sealedAtFirstWrite ??= await segments()) });
  for (const { kind, id: root, parentId } of world.source.records) if (parentId === null) target.shop.set(root, familyOf(world.source.records, kind, root)!);
  const whole = { ...target, description: world.source.description } as unknown as RestoreTarget;
  Object.assign(world.ports, { restoreTargets: { open: () => Promise.resolve({ target: whole, pointsPerSecond: 1000 }) } });
  return at;
}

async function putBack(at: Date, selection: RestoreSelection): Promise<unknown> {
  const { planId, row } = await plan(world, { at, selection, rule: "overwrite" });
  expect(row).toMatchObject({ state: "draft", before: null });
  const asked = await submitPlan(world.ports, { shop: SHOP, actor: ANA, planId });
  if (asked.kind !== "changed") throw new Error(JSON.stringify(asked));
  await decidePlan(world.ports, { shop: SHOP, actor: BEN, planId, approve: true, digest: asked.row.digest!, remark: "" });
  const started = await startApply(world.ports, { shop: SHOP, actor: ANA, planId, keys: await keysFor(world, planId, "restore.apply") });
  if (started.kind !== "started") throw new Error(JSON.stringify(started));
  return applyRestore(world.ports, { runId: started.run.id, pauseMs: 1 });
}

const rootOf = (n: number): unknown => JSON.parse(Buffer.from(target.shop.get(id(n))![0]!.bytes).toString("utf8"));

describe.each<[string, RestoreSelection, object]>([
  ["single records", { scope: "records", ids: [id(1)] }, { note: "SYNTHETIC right", tags: [] }],
  ["one person", { scope: "person", ids: [id(1)] }, { note: "SYNTHETIC right", tags: [] }],
  ["one field", { scope: "field", ids: [id(1)], field: "note" }, { note: "SYNTHETIC right", tags: ["SYNTHETIC new"] }],
])("a restore of %s", (_what, selection, expected) => {
  it("puts back what was chosen and nothing else, after what the shop had of it was sealed", async () => {
    const at = await damaged();
    const before = await segments();
    expect(await putBack(at, selection)).toMatchObject({ kind: "applied", counts: { restored: 1, refused: 0, differing: 0 } });
    expect(rootOf(1)).toMatchObject(expected);
    expect(rootOf(2)).toMatchObject({ note: "SYNTHETIC mangled", tags: ["SYNTHETIC new"] });
    expect(sealedAtFirstWrite).toBe(before + 1);
    // It can be undone like anything else: the second before the write is in the journal.
    world.ports.time.advance(1000);
    const vault = await vaultOf(world);
    const state = await stateAt({ store: world.store, description: vault.description, indexKey: vault.indexKey, keys: contentKeys(world.store, world.identity.opener), at: world.ports.clock.now(), scratchDirectory: SCRATCH });
    const [kept] = await state.tree(id(1));
    expect(JSON.parse(Buffer.from(kept!.bytes).toString("utf8"))).toMatchObject({ note: "SYNTHETIC mangled", tags: ["SYNTHETIC new"] });
  });
});
